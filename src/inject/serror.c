/* SPDX-License-Identifier: MIT */
/*
 * SErrors. A virtual SError is HCR_EL2.VSE while the vCPU is resident. The CPU clears it when the
 * guest takes or defers it, and the exits read it back (asm/switch.S). Before that it is in
 * `lines`.
 */
#include <vcpu/inject.h>

#include "arm/esr.h"
#include "arm/pstate.h"
#include "hw/sysreg.h"
#include "inject/inject.h"
#include "kick/kick.h"
#include "state/hold.h"
#include "switch/el1.h"

int vcpu_inject_serror(struct vcpu *vcpu, uint32_t iss)
{
    struct vcpu_state *v = state_of(vcpu);
    uint64_t daif;

    if (!vcpu || (iss & ~ESR_ISS))
        return VCPU_ERR_INVALID;
    if (iss && !state_has_row(v, EL1_RAS))
        return VCPU_ERR_UNSUPPORTED;
    if (!vcpu_hold(v, &daif))
        return VCPU_ERR_BUSY;
    vcpu_el1_fetch(v);
    v->el1[EL1_VSESR_EL2] = iss;
    vcpu_el1_store(v);
    atomic_fetch_or_explicit(&v->lines, HCR_EL2_VSE, memory_order_relaxed);
    vcpu_call_out(v, TOKEN_CHANGED);
    daif_restore(daif);
    return VCPU_OK;
}

int vcpu_inject_serror_now(struct vcpu *vcpu, uint32_t iss)
{
    if (!vcpu || (iss & ~ESR_ISS))
        return VCPU_ERR_INVALID;
    if (vcpu->regs.pstate & PSTATE_A)
        return VCPU_ERR_STATE;
    return vcpu_inject_apply(state_of(vcpu), FIELD_PREP(ESR_EC, EC_SERROR) | ESR_IL | iss, 0,
                             INJECT_SERROR);
}
