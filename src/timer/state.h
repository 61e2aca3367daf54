/* SPDX-License-Identifier: MIT */
/* The timers of a VM. */
#ifndef VCPU_TIMER_STATE_H
#define VCPU_TIMER_STATE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <vcpu/timer.h>

#include "timer/physical.h"

/*
 * The timers of one vCPU. What is atomic may be read anywhere; the rest belongs to the CPU where
 * the vCPU is resident, and to whoever resets it while it is nowhere.
 *
 * The compare values are what a vCPU that waits is to be woken for, as counts of the guest, so that
 * they hold when the VM's offset changes. NEVER: the timer will assert no interrupt, or its
 * interrupt controller has been told. While the vCPU is resident the hardware knows of the virtual
 * timer, and its compare value here is NEVER.
 */
struct timer_vcpu {
    _Atomic uint64_t resident; /* MPIDR_EL1 of the CPU it is in, 0 if in none */
    _Atomic uint64_t virtual_compare, physical_compare;
    struct timer_physical physical;
    uint64_t armed;      /* what the host's arm hook was told last */
    bool physical_level; /* what set_ppi was told last */
    bool used;           /* in a CPU since the last reset: the virtual timer may have interrupted */
    bool interrupted;    /* it has, in the CPU where the vCPU is resident, since it came there */
};

struct vcpu_timer {
    struct vcpu_vm *vm;
    const struct vcpu_host *host;
    void (*set_ppi)(void *ctx, struct vcpu *vcpu, uint32_t intid, bool level);
    void (*arm)(void *ctx, struct vcpu *vcpu, uint64_t deadline);
    void *ctx;
    vcpu_pa_t page;
    uint8_t pages;
    struct timer_vcpu vcpu[];
};

static inline struct timer_vcpu *timer_of(struct vcpu_timer *timer, const struct vcpu *vcpu)
{
    return &timer->vcpu[vcpu_index(vcpu)];
}

#endif
