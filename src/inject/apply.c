/* SPDX-License-Identifier: MIT */
#include <vcpu/inject.h>

#include "arm/esr.h"
#include "hw/sysreg.h"
#include "inject/inject.h"
#include "state/hold.h"
#include "switch/el1.h"
#include "vm/power.h"

int vcpu_inject_apply(struct vcpu_state *v, uint64_t esr, uint64_t far, enum inject_vector vector)
{
    uint64_t daif;

    if (!vcpu_hold(v, &daif))
        return VCPU_ERR_BUSY;
    vcpu_el1_fetch(v);
    vcpu_inject_take(v, esr, far, vector);
    vcpu_el1_store(v);
    vcpu_power_cancel(v);
    v->pub.exit.reason = VCPU_EXIT_NONE;
    daif_restore(daif);
    return VCPU_OK;
}

int vcpu_inject_sync(struct vcpu *vcpu, uint64_t esr, uint64_t far)
{
    if (!vcpu || !vcpu_inject_syndrome(vcpu->regs.pstate, &esr))
        return VCPU_ERR_INVALID;
    return vcpu_inject_apply(state_of(vcpu), esr, far, INJECT_SYNC);
}

int vcpu_inject_undefined(struct vcpu *vcpu)
{
    return vcpu_inject_sync(vcpu, FIELD_PREP(ESR_EC, EC_UNKNOWN) | ESR_IL, 0);
}

/* The ISS if the exit is about a data abort, whatever its reason; else 0. */
static uint64_t data_access(const struct vcpu_exit *exit)
{
    bool is_data = FIELD_GET(ESR_EC, exit->esr_el2) == EC_DATA_ABORT_LOWER;

    return is_data && exit->reason != VCPU_EXIT_NONE ? exit->esr_el2 & ESR_ISS : 0;
}

int vcpu_inject_abort(struct vcpu *vcpu, enum vcpu_access access, uint8_t fsc, const uint64_t *far)
{
    uint64_t esr;

    if (!vcpu || !vcpu_inject_abort_syndrome(access, fsc, far, &esr))
        return VCPU_ERR_INVALID;
    /* Only the exit knows about cache maintenance, which always counts as a write. */
    if (access == VCPU_ACCESS_WRITE)
        esr |= data_access(&vcpu->exit) & ISS_ABORT_CM;
    return vcpu_inject_sync(vcpu, esr, far ? *far : 0);
}

int vcpu_inject_data_abort(struct vcpu *vcpu, uint64_t far)
{
    bool store = vcpu && (data_access(&vcpu->exit) & ISS_ABORT_WNR);

    return vcpu_inject_abort(vcpu, store ? VCPU_ACCESS_WRITE : VCPU_ACCESS_READ, VCPU_FSC_EXTERNAL,
                             &far);
}

int vcpu_inject_instruction_abort(struct vcpu *vcpu, uint64_t far)
{
    return vcpu_inject_abort(vcpu, VCPU_ACCESS_EXECUTE, VCPU_FSC_EXTERNAL, &far);
}
