/* SPDX-License-Identifier: MIT */
#include "timer/cpu.h"

#include "hw/count.h"
#include "hw/el1.h"
#include "timer/asserts.h"

uint64_t vcpu_timer_cpu_virtual_compare(void)
{
    uint64_t compare = count_compare(read_cntv_ctl_el0(), 0);

    return compare == VCPU_TIMER_NEVER ? compare : read_cntv_cval_el0();
}

/* There is no exception between a load of the timer and this. */
bool vcpu_timer_asserts(void)
{
    return timer_asserts();
}

/* In this file because it is on the path of each timer interrupt of a guest. */
int vcpu_timer_interrupt(struct vcpu_timer *timer, struct vcpu *vcpu)
{
    struct timer_vcpu *t;

    if (!timer || !vcpu)
        return VCPU_ERR_INVALID;
    t = timer_of(timer, vcpu);
    if (!timer_asserts_here(t))
        return VCPU_ERR_STATE;
    t->interrupted = true;
    timer->set_ppi(timer->ctx, vcpu, VCPU_TIMER_VIRTUAL_PPI, true);
    return VCPU_OK;
}
