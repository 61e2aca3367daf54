/* SPDX-License-Identifier: MIT */
/* Pure: the rules. inject_apply.c puts the outcome into a vCPU. */
#include "core/inject.h"

#include "arm/esr.h"
#include "arm/pstate.h"

/* Where in the vector table, by what was interrupted. */
static uint64_t vector_base(uint64_t pstate)
{
    if (pstate & PSTATE_NRW)
        return 0x600;
    if (!(pstate & PSTATE_EL))
        return 0x400;
    return pstate & PSTATE_SP ? 0x200 : 0x000;
}

void vcpu_inject_take(struct inject_state *state, const struct inject_features *features,
                      enum inject_vector vector)
{
    const uint64_t kept = PSTATE_N | PSTATE_Z | PSTATE_C | PSTATE_V | PSTATE_DIT | PSTATE_PAN;
    uint64_t pstate = (state->pstate & kept) | PSTATE_DAIF | PSTATE_M_EL1H;

    /* SS, IL, BTYPE and UAO become 0. */
    if (features->pan && !(state->sctlr & SCTLR_EL1_SPAN))
        pstate |= PSTATE_PAN;
    if (features->ssbs && (state->sctlr & SCTLR_EL1_DSSBS))
        pstate |= PSTATE_SSBS;

    state->pc = (state->vbar & VBAR_EL1_BASE) + vector_base(state->pstate) + (uint64_t)vector;
    state->pstate = pstate;
}

uint64_t vcpu_inject_esr_undefined(void)
{
    return FIELD_PREP(ESR_EC, EC_UNKNOWN) | ESR_IL;
}

uint64_t vcpu_inject_esr_abort(uint64_t pstate, bool instruction)
{
    bool from_el0 = (pstate & PSTATE_NRW) || !(pstate & PSTATE_EL);
    uint64_t ec;

    if (instruction)
        ec = from_el0 ? EC_INSTRUCTION_ABORT_LOWER : EC_INSTRUCTION_ABORT_SAME;
    else
        ec = from_el0 ? EC_DATA_ABORT_LOWER : EC_DATA_ABORT_SAME;
    return FIELD_PREP(ESR_EC, ec) | ESR_IL | FIELD_PREP(ISS_ABORT_FSC, FSC_EXTERNAL);
}
