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
 * The timers of one vCPU. Atomics can be read anywhere. The rest belongs to the CPU where the vCPU
 * is resident, or to the one that resets it while it is not resident.
 *
 * The compare values are the counts for which a vCPU that waits must be woken. They are counts of
 * the guest, so they stay right when the VM's offset changes. NEVER: the timer will not assert its
 * interrupt, or the interrupt controller has been told. While the vCPU is resident, the hardware
 * has the virtual timer, and its compare value here is NEVER.
 *
 * The size is a power of two, so that finding one is a shift.
 */
#define TIMER_LINE 64
struct timer_vcpu {
    /* MPIDR_EL1 of the CPU where it is resident; 0: not resident. */
    _Alignas(TIMER_LINE) _Atomic uint64_t resident;
    _Atomic uint64_t virtual_compare, physical_compare;
    struct timer_physical physical;
    uint64_t armed;      /* the last deadline that the arm hook got */
    bool physical_level; /* the last level that set_ppi got */
    bool used;           /* loaded since the last reset: the virtual timer may have interrupted */
    bool interrupted;    /* its interrupt was forwarded since the vCPU was loaded */
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
