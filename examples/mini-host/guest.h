/* SPDX-License-Identifier: MIT */
/* One guest: its memory, its devices, its virtual machine. */
#ifndef MINI_HOST_GUEST_H
#define MINI_HOST_GUEST_H

#include <stdbool.h>
#include <stdint.h>

#include <vcpu/host.h>
#include <vcpu/percpu.h>
#include <vcpu/stage2.h>
#include <vcpu/vcpu.h>

#include "machine.h"
#include "options.h"
#include "stats.h"

/* What the CPU with the same number runs. */
struct guest_cpu {
    struct vcpu *vcpu;
    struct stats stats;
    uint32_t parked; /* 1 while its CPU waits for a CPU_ON; see run.c */
};

struct guest {
    const struct machine *machine;
    struct machine_region ram; /* the guest's addresses */
    uint64_t memory;           /* where that is for the host */
    struct vcpu_stage2 stage2;
    struct vcpu_vm *vm;
    struct guest_cpu cpus[OPTIONS_MAX_VCPUS];
    unsigned cpu_count;
    uint32_t running; /* vCPUs that are on */
    uint32_t ended;
};

/*
 * Makes the guest from the boot modules: memory filled and cleaned, devices of direct mode mapped,
 * vCPU 0 at the kernel's entry with x0 = the device tree, the others off. `cpu` is this CPU's block,
 * enabled. On an error returns false with one line about it in error (size bytes).
 */
bool guest_create(struct guest *guest, const struct machine *machine,
                  const struct options_vm *options, const struct vcpu_host *host,
                  const struct vcpu_percpu *cpu, char *error, size_t size);

#endif
