/* SPDX-License-Identifier: MIT */
/* A physical CPU in virtual mode: what cpu.c and interrupts.c know of it. */
#ifndef MINI_HOST_THIS_CPU_H
#define MINI_HOST_THIS_CPU_H

#include <stdbool.h>
#include <stdint.h>

#include <vcpu/percpu.h>

#include "alarm.h"
#include "guest.h"

struct cpu {
    struct vcpu_percpu percpu;
    struct guest_vcpu *resident; /* whose state is in this CPU's registers, or about to be */
    struct alarm alarm;
    bool asked; /* to look who is ready */
    unsigned index;
    uint64_t virtual_timer_intid; /* what each interrupt is compared with first */
};

/* Of the CPU that calls it. */
struct cpu *this_cpu(void);

#endif
