/* SPDX-License-Identifier: MIT */
#include "timer/cpu.h"

#include "hw/count.h"
#include "hw/el1.h"
#include "timer/state.h"

uint64_t vcpu_timer_cpu_virtual_compare(void)
{
    return count_compare(read_cntv_ctl_el0(), read_cntv_cval_el0());
}

/* In this file because it is on the path of each timer interrupt of a guest. */
int vcpu_timer_interrupt(struct vcpu_timer *timer, struct vcpu *vcpu)
{
    struct timer_vcpu *t;

    if (!timer || !vcpu)
        return VCPU_ERR_INVALID;
    t = timer_of(timer, vcpu);
    if (atomic_load_explicit(&t->resident, memory_order_relaxed) != READ_SYSREG(mpidr_el1))
        return VCPU_ERR_STATE;
    /*
     * It can have been the timer of the vCPU that was resident before: the interrupt controller may
     * be slow to notice that a level fell. An ISB, because a host that polls takes no exception
     * between its acknowledge and this read.
     */
    isb();
    if (!count_asserts(read_cntv_ctl_el0()))
        return VCPU_ERR_STATE;
    t->interrupted = true;
    timer->set_ppi(timer->ctx, vcpu, VCPU_TIMER_VIRTUAL_PPI, true);
    return VCPU_OK;
}
