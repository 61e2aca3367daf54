/* SPDX-License-Identifier: MIT */
#include "switch/translate.h"

#include <vcpu/emulate.h>

#include "arm/esr.h"
#include "arm/pstate.h"
#include "hw/sysreg.h"
#include "state/hold.h"

uint64_t vcpu_translate_par(const struct vcpu_state *v, uint64_t va, enum vcpu_access access,
                            enum translate_as as)
{
    /* EL1 can read everything that can be executed, at either level. */
    if (access == VCPU_ACCESS_EXECUTE)
        return vcpu_at(va, TRANSLATE_EL1, v);
    return vcpu_at(va, (unsigned)as | (access == VCPU_ACCESS_WRITE), v);
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
