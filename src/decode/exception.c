/* SPDX-License-Identifier: MIT */
#include "decode/exception.h"

#include "arm/esr.h"
#include "decode/abort.h"
#include "decode/sysreg.h"

static void decode_wait(uint64_t esr, struct vcpu_exit *exit)
{
    uint64_t instruction = FIELD_GET(ISS_WFX_TI, esr);

    exit->reason =
        instruction == WFX_WFE || instruction == WFX_WFET ? VCPU_EXIT_WFE : VCPU_EXIT_WFI;
    /* Without RV the deadline is not known, and RN has no meaning. */
    if ((instruction == WFX_WFIT || instruction == WFX_WFET) && (esr & ISS_WFX_RV)) {
        exit->wait.timed = true;
        exit->wait.reg = (uint8_t)FIELD_GET(ISS_WFX_RN, esr);
    }
}

static void decode_call(bool smc, struct vcpu_exit *exit)
{
    exit->reason = VCPU_EXIT_HYPERCALL;
    exit->smc = smc;
}

static void decode_debug(uint64_t esr, uint64_t far, struct vcpu_exit *exit)
{
    uint64_t ec = FIELD_GET(ESR_EC, esr);

    exit->reason = VCPU_EXIT_DEBUG;
    exit->debug.exception_class = (uint8_t)ec;
    if (ec == EC_BRK64 || ec == EC_BKPT32)
        exit->debug.comment = (uint16_t)FIELD_GET(ISS_IMM16, esr);
    /* Only a watchpoint writes FAR_EL2, no other debug exception. */
    if (ec == EC_WATCHPOINT_LOWER && !(esr & ISS_ABORT_FNV))
        exit->far_el2 = far;
}

void vcpu_decode_exception(uint64_t esr, uint64_t far, uint64_t hpfar, const struct vcpu_regs *regs,
                           struct vcpu_exit *exit)
{
    *exit = (struct vcpu_exit){.esr_el2 = esr};

    switch (FIELD_GET(ESR_EC, esr)) {
    case EC_WFX:
        decode_wait(esr, exit);
        break;
    case EC_HVC64:
        decode_call(false, exit);
        break;
    case EC_SMC64:
        decode_call(true, exit);
        break;
    case EC_MSR_MRS:
        decode_sysreg(esr, regs->x, exit);
        break;
    case EC_INSTRUCTION_ABORT_LOWER:
        vcpu_decode_instruction_abort(esr, far, hpfar, exit);
        break;
    case EC_DATA_ABORT_LOWER:
        vcpu_decode_data_abort(esr, far, hpfar, regs->x, exit);
        break;
    case EC_BREAKPOINT_LOWER:
    case EC_STEP_LOWER:
    case EC_WATCHPOINT_LOWER:
    case EC_BKPT32:
    case EC_VECTOR_CATCH32:
    case EC_BRK64:
        decode_debug(esr, far, exit);
        break;
    case EC_PC_ALIGNMENT:
        exit->far_el2 = far;
        exit->reason = VCPU_EXIT_UNHANDLED;
        break;
    default:
        /*
         * Traps of features that the guest does not have (FP, SVE, SME, PAuth, AArch32
         * coprocessors); the guest's own faults that TGE or a fine-grained trap sent here; classes
         * that are not defined yet. None of them has an address.
         */
        exit->reason = VCPU_EXIT_UNHANDLED;
        break;
    }
}

void vcpu_decode_serror(uint64_t esr, struct vcpu_exit *exit)
{
    *exit = (struct vcpu_exit){.esr_el2 = esr, .reason = VCPU_EXIT_SERROR};
}
