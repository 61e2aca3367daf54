/* SPDX-License-Identifier: MIT */
/* Is a physical interrupt of the virtual timer this vCPU's? Not pure. */
#ifndef VCPU_TIMER_ASSERTS_H
#define VCPU_TIMER_ASSERTS_H

#include "hw/count.h"
#include "hw/el1.h"
#include "timer/state.h"

/* Does the virtual timer in this CPU assert its interrupt? An ISB, because no exception may be before. */
static inline bool timer_asserts(void)
{
    isb();
    return count_asserts(read_cntv_ctl_el0());
}

/*
 * The vCPU is resident on this CPU, and its virtual timer asserts its interrupt.
 *
 * It can have been the timer of the vCPU that was resident before: the interrupt controller may be
 * slow to notice that a level fell. A host that polls takes no exception between its acknowledge and
 * this.
 */
static inline bool timer_asserts_here(const struct timer_vcpu *t)
{
    if (!timer_asserts())
        return false;
    return atomic_load_explicit(&t->resident, memory_order_relaxed) == READ_SYSREG(mpidr_el1);
}

#endif
