/* SPDX-License-Identifier: MIT */
/* vcpu_timer_interrupt for a VM with vcpu/gic.h; compiled for speed, and linked only if it is used. */
#include <vcpu/gic.h>

#include "timer/asserts.h"

int vcpu_timer_forward(struct vcpu_timer *timer, struct vcpu_gic *gic, struct vcpu *vcpu)
{
    struct timer_vcpu *t = timer_of(timer, vcpu);

    if (!timer_asserts_here(t))
        return VCPU_ERR_STATE;
    t->interrupted = true;
    return vcpu_gic_forward(gic, vcpu, VCPU_TIMER_VIRTUAL_PPI);
}
