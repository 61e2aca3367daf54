/* SPDX-License-Identifier: MIT */
/* A vCPU's interrupt lines: HCR_EL2.VI and VF while it is resident, from its next entry on. */
#include <vcpu/inject.h>

#include "arm/el2.h"
#include "kick/kick.h"

static int set_line(struct vcpu *vcpu, uint64_t line, bool level)
{
    struct vcpu_state *v = state_of(vcpu);
    uint64_t before;

    if (!vcpu)
        return VCPU_ERR_INVALID;
    /* With HCR_EL2.IMO and FMO clear there are no virtual interrupts. */
    if (v->vm->flags & VCPU_VM_DIRECT_IRQ)
        return VCPU_ERR_STATE;
    before = level ? atomic_fetch_or_explicit(&v->lines, line, memory_order_relaxed)
                   : atomic_fetch_and_explicit(&v->lines, ~line, memory_order_relaxed);
    if (!(before & line) == level)
        vcpu_call_out(v, TOKEN_CHANGED);
    return VCPU_OK;
}

int vcpu_inject_irq(struct vcpu *vcpu, bool level)
{
    return set_line(vcpu, HCR_EL2_VI, level);
}

int vcpu_inject_fiq(struct vcpu *vcpu, bool level)
{
    return set_line(vcpu, HCR_EL2_VF, level);
}
