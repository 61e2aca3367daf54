/* SPDX-License-Identifier: MIT */
#include "switch/translate.h"

#include <vcpu/emulate.h>

#include "arm/esr.h"
#include "arm/pstate.h"
#include "hw/el2.h"
#include "hw/sysreg.h"
#include "state/hold.h"

uint64_t vcpu_translate_par(const struct vcpu_state *v, uint64_t va, enum vcpu_access access,
                            enum translate_as as)
{
    uint64_t guest_par = read_par_el1(), pan = 0, par;
    unsigned operation = (unsigned)as | (access == VCPU_ACCESS_WRITE);

    /* AT S1E1RP and WP look at PSTATE.PAN of the CPU. */
    if (as == TRANSLATE_EL1_PAN) {
        pan = READ_PAN();
        WRITE_PAN(PSTATE_PAN);
    }
    /* EL1 can read everything that can be executed, at either level. */
    par = vcpu_at(va, access == VCPU_ACCESS_EXECUTE ? TRANSLATE_EL1 : operation, v);
    if (as == TRANSLATE_EL1_PAN)
        WRITE_PAN(pan);
    WRITE_SYSREG(par_el1, guest_par);
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
        par = vcpu_translate_par(v, va, access,
                                 vcpu->regs.pstate & PSTATE_EL ? TRANSLATE_EL1 : TRANSLATE_EL0);
        *ipa = vcpu_ipa((par & PAR_PA) | (va & GENMASK(11, 0)));
        error = par & PAR_F ? VCPU_ERR_NOT_FOUND : VCPU_OK;
    }
    daif_restore(daif);
    return error;
}
