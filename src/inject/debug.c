/* SPDX-License-Identifier: MIT */
/* The syndromes of debug exceptions. Pure. */
#include <vcpu/inject.h>

#include "arm/esr.h"
#include "arm/pstate.h"

static int inject(struct vcpu *vcpu, uint64_t ec, uint64_t iss, uint64_t far)
{
    return vcpu_inject_sync(vcpu, FIELD_PREP(ESR_EC, ec) | ESR_IL | iss, far);
}

int vcpu_inject_brk(struct vcpu *vcpu, uint16_t imm)
{
    uint64_t pstate = vcpu ? vcpu->regs.pstate : 0;

    /* T32's BKPT has 16 bits: the only debug exception that can have IL = 0. */
    if ((pstate & PSTATE_NRW) && (pstate & PSTATE32_T))
        return vcpu_inject_sync(vcpu, FIELD_PREP(ESR_EC, EC_BKPT32) | imm, 0);
    return inject(vcpu, pstate & PSTATE_NRW ? EC_BKPT32 : EC_BRK64, imm, 0);
}

int vcpu_inject_breakpoint(struct vcpu *vcpu)
{
    return inject(vcpu, EC_BREAKPOINT_LOWER, FSC_DEBUG, 0);
}

int vcpu_inject_watchpoint(struct vcpu *vcpu, bool write, uint64_t far)
{
    return inject(vcpu, EC_WATCHPOINT_LOWER, FSC_DEBUG | (write ? ISS_ABORT_WNR : 0), far);
}

int vcpu_inject_step(struct vcpu *vcpu, bool exclusive)
{
    return inject(vcpu, EC_STEP_LOWER, ISS_STEP_ISV | FSC_DEBUG | (exclusive ? ISS_STEP_EX : 0), 0);
}
