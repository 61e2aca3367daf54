/* SPDX-License-Identifier: MIT */
#include "switch/translate.h"

#include <vcpu/emulate.h>

#include "arm/esr.h"
#include "arm/pstate.h"
#include "hw/sysreg.h"
#include "state/hold.h"

uint64_t vcpu_translate_par(const struct vcpu_state *v, uint64_t va, enum vcpu_access access,
                            bool el0)
{
    uint64_t guest_par = read_par_el1(), par;

    /* With TGE of a VHE host set, this would translate with the host's tables. */
    WRITE_SYSREG(hcr_el2, v->pub.regs.hcr_el2);
    isb();
    /* EL1 can read everything that can be executed, at either level. */
    if (access == VCPU_ACCESS_EXECUTE || (!el0 && access == VCPU_ACCESS_READ))
        at_s1e1r(va);
    else if (!el0)
        at_s1e1w(va);
    else if (access == VCPU_ACCESS_READ)
        at_s1e0r(va);
    else
        at_s1e0w(va);
    par = read_par_el1();
    WRITE_SYSREG(par_el1, guest_par);
    WRITE_SYSREG(hcr_el2, v->host_hcr);
    isb();
    return par;
}

int vcpu_translate(struct vcpu *vcpu, uint64_t va, enum vcpu_access access, vcpu_ipa_t *ipa)
{
    const struct vcpu_state *v = state_of(vcpu);
    int error = VCPU_ERR_STATE;
    uint64_t daif, par;

    if (!vcpu || !ipa)
        return VCPU_ERR_INVALID;
    if (!vcpu_hold(v, &daif))
        return VCPU_ERR_BUSY;
    if (state_cpu(v)) {
        par = vcpu_translate_par(v, va, access, !(vcpu->regs.pstate & PSTATE_EL));
        *ipa = vcpu_ipa((par & PAR_PA) | (va & GENMASK(11, 0)));
        error = par & PAR_F ? VCPU_ERR_NOT_FOUND : VCPU_OK;
    }
    daif_restore(daif);
    return error;
}
