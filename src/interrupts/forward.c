/* SPDX-License-Identifier: MIT */
/* vcpu_timer_interrupt for a VM with vcpu/gic.h; compiled for speed, and linked only if it is used. */
#include "gic/again.h"
#include "timer/asserts.h"

/* A vCPU that is resident for one device of its VM is so for the others. */
int vcpu_timer_forward(struct vcpu_timer *timer, struct vcpu_gic *gic, struct vcpu *vcpu)
{
    struct timer_vcpu *t = timer_of(timer, vcpu);
    struct gic_cpu *cpu = gic_cpu_of(gic, vcpu);

    if (!timer_asserts_here(t))
        return VCPU_ERR_STATE;
    t->interrupted = true;
    if (!gic_is_forwarded(cpu, VCPU_TIMER_VIRTUAL_PPI))
        return VCPU_ERR_INVALID;
    gic_forward_here(gic, cpu, VCPU_TIMER_VIRTUAL_PPI);
    return VCPU_OK;
}
