/* SPDX-License-Identifier: MIT */
#include <vcpu/inject.h>

#include "arm/esr.h"
#include "core/inject.h"
#include "core/power.h"
#include "core/switch.h"
#include "hw/sysreg.h"

/* A synchronous exception, to EL1; far is NULL if FAR_EL1 is not written. */
static int inject(struct vcpu *vcpu, uint64_t esr, const uint64_t *far)
{
    struct vcpu_state *v = state_of(vcpu);
    struct vcpu_regs *regs = &vcpu->regs;
    const struct inject_features features = {
        .pan = FIELD_GET(ID_AA64MMFR1_PAN, v->vm->id[ID_AA64MMFR1_EL1]) != 0,
        .ssbs = FIELD_GET(ID_AA64PFR1_SSBS, v->vm->id[ID_AA64PFR1_EL1]) != 0,
    };
    struct inject_state state = {.pc = regs->pc, .pstate = regs->pstate};
    uint64_t daif;

    if (!vcpu_switch_hold(v, &daif))
        return VCPU_ERR_BUSY;
    vcpu_switch_fetch(v);
    state.vbar = v->el1[EL1_VBAR_EL1];
    state.sctlr = v->el1[EL1_SCTLR_EL1];
    v->el1[EL1_ELR_EL1] = state.pc;
    v->el1[EL1_SPSR_EL1] = state.pstate;
    v->el1[EL1_ESR_EL1] = esr;
    if (far)
        v->el1[EL1_FAR_EL1] = *far;
    vcpu_inject_take(&state, &features, INJECT_SYNC);
    regs->pc = state.pc;
    regs->pstate = state.pstate;
    vcpu_switch_store(v);
    vcpu_power_cancel(v);
    vcpu->exit.reason = VCPU_EXIT_NONE;
    daif_restore(daif);
    return VCPU_OK;
}

/* Was it a store that the exit is about? */
static bool is_store(const struct vcpu_exit *exit)
{
    return exit->reason == VCPU_EXIT_MMIO_WRITE ||
           (exit->reason == VCPU_EXIT_STAGE2_FAULT && exit->fault.access == VCPU_ACCESS_WRITE);
}

int vcpu_inject_undefined(struct vcpu *vcpu)
{
    return vcpu ? inject(vcpu, vcpu_inject_esr_undefined(), NULL) : VCPU_ERR_INVALID;
}

static int inject_abort(struct vcpu *vcpu, uint64_t far, bool instruction)
{
    uint64_t esr;

    if (!vcpu)
        return VCPU_ERR_INVALID;
    esr = vcpu_inject_esr_abort(vcpu->regs.pstate, instruction);
    if (!instruction && is_store(&vcpu->exit))
        esr |= ISS_ABORT_WNR;
    return inject(vcpu, esr, &far);
}

int vcpu_inject_data_abort(struct vcpu *vcpu, uint64_t far)
{
    return inject_abort(vcpu, far, false);
}

int vcpu_inject_instruction_abort(struct vcpu *vcpu, uint64_t far)
{
    return inject_abort(vcpu, far, true);
}
