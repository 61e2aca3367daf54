/* SPDX-License-Identifier: MIT */
#include <vcpu/inject.h>

#include "arm/esr.h"
#include "core/inject.h"
#include "core/power.h"
#include "core/switch.h"
#include "hw/sysreg.h"

/* v->el1 is what the registers are; the caller stores it. */
static void inject(struct vcpu_state *v, enum inject_vector vector, uint64_t esr)
{
    struct vcpu_regs *regs = &v->pub.regs;
    const struct inject_features features = {
        .pan = FIELD_GET(ID_AA64MMFR1_PAN, v->vm->id[ID_AA64MMFR1_EL1]) != 0,
        .ssbs = FIELD_GET(ID_AA64PFR1_SSBS, v->vm->id[ID_AA64PFR1_EL1]) != 0,
    };
    struct inject_state state = {
        .pc = regs->pc,
        .pstate = regs->pstate,
        .vbar = v->el1[EL1_VBAR_EL1],
        .sctlr = v->el1[EL1_SCTLR_EL1],
    };

    v->el1[EL1_ELR_EL1] = state.pc;
    v->el1[EL1_SPSR_EL1] = state.pstate;
    v->el1[EL1_ESR_EL1] = esr;
    vcpu_inject_take(&state, &features, vector);
    regs->pc = state.pc;
    regs->pstate = state.pstate;
    vcpu_power_cancel(v);
    v->pub.exit.reason = VCPU_EXIT_NONE;
}

/* Was it a store that the exit is about? */
static bool is_store(const struct vcpu_exit *exit)
{
    return exit->reason == VCPU_EXIT_MMIO_WRITE ||
           (exit->reason == VCPU_EXIT_STAGE2_FAULT && exit->fault.access == VCPU_ACCESS_WRITE);
}

int vcpu_inject_undefined(struct vcpu *vcpu)
{
    struct vcpu_state *v = state_of(vcpu);
    uint64_t daif;

    if (!vcpu)
        return VCPU_ERR_INVALID;
    if (!vcpu_switch_hold(v, &daif))
        return VCPU_ERR_BUSY;
    vcpu_switch_fetch(v);
    inject(v, INJECT_SYNC, vcpu_inject_esr_undefined());
    vcpu_switch_store(v);
    daif_restore(daif);
    return VCPU_OK;
}

static int inject_abort(struct vcpu *vcpu, uint64_t far, bool instruction)
{
    struct vcpu_state *v = state_of(vcpu);
    uint64_t esr, daif;

    if (!vcpu)
        return VCPU_ERR_INVALID;
    if (!vcpu_switch_hold(v, &daif))
        return VCPU_ERR_BUSY;
    esr = vcpu_inject_esr_abort(vcpu->regs.pstate, instruction);
    if (!instruction && is_store(&vcpu->exit))
        esr |= ISS_ABORT_WNR;
    vcpu_switch_fetch(v);
    v->el1[EL1_FAR_EL1] = far;
    inject(v, INJECT_SYNC, esr);
    vcpu_switch_store(v);
    daif_restore(daif);
    return VCPU_OK;
}

int vcpu_inject_data_abort(struct vcpu *vcpu, uint64_t far)
{
    return inject_abort(vcpu, far, false);
}

int vcpu_inject_instruction_abort(struct vcpu *vcpu, uint64_t far)
{
    return inject_abort(vcpu, far, true);
}
