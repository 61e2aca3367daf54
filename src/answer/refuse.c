/* SPDX-License-Identifier: MIT */
/* Pure: it answers by the same calls as a host. */
#include <vcpu/answer.h>

#include <vcpu/debug.h>
#include <vcpu/inject.h>
#include <vcpu/psci.h>

#include "arm/esr.h"
#include "arm/field.h"

/* On a bus where nobody answers. */
static int abort_access(struct vcpu *vcpu, bool fetch)
{
    uint64_t far = vcpu->exit.far_el2;

    return fetch ? vcpu_inject_instruction_abort(vcpu, far) : vcpu_inject_data_abort(vcpu, far);
}

/*
 * An abort that is not stage 2's, or an instruction that nobody knows. What the CPU reports of an
 * access that the memory does not support, the guest gets too; all others are external.
 */
static int answer_unhandled(struct vcpu *vcpu)
{
    uint64_t esr = vcpu->exit.esr_el2, ec = FIELD_GET(ESR_EC, esr);
    uint64_t fsc = FIELD_GET(ISS_ABORT_FSC, esr);
    enum vcpu_access access = esr & ISS_ABORT_WNR ? VCPU_ACCESS_WRITE : VCPU_ACCESS_READ;

    if (ec != EC_DATA_ABORT_LOWER && ec != EC_INSTRUCTION_ABORT_LOWER)
        return vcpu_inject_undefined(vcpu);
    if (ec == EC_DATA_ABORT_LOWER && (fsc == VCPU_FSC_UNSUPPORTED_ATOMIC ||
                                      fsc == VCPU_FSC_LOCKDOWN || fsc == VCPU_FSC_ALIGNMENT))
        return vcpu_inject_abort(vcpu, access, (uint8_t)fsc, &vcpu->exit.far_el2);
    return abort_access(vcpu, ec == EC_INSTRUCTION_ABORT_LOWER);
}

/* A vCPU whose exception goes where it came from has no vector there. */
static int answer_by_exception(struct vcpu *vcpu)
{
    const struct vcpu_exit *exit = &vcpu->exit;
    uint64_t pc = vcpu->regs.pc;
    int error;

    switch (exit->reason) {
    case VCPU_EXIT_MMIO_READ:
    case VCPU_EXIT_MMIO_WRITE:
        error = abort_access(vcpu, false);
        break;
    case VCPU_EXIT_STAGE2_FAULT:
        error = abort_access(vcpu, exit->fault.access == VCPU_ACCESS_EXECUTE);
        break;
    case VCPU_EXIT_DEBUG:
        error = vcpu_inject_brk(vcpu, exit->debug.comment);
        break;
    case VCPU_EXIT_UNHANDLED:
        error = answer_unhandled(vcpu);
        break;
    default:
        error = vcpu_inject_undefined(vcpu);
        break;
    }
    return error || vcpu->regs.pc != pc ? error : VCPU_ERR_STATE;
}

/* A target that was reset meanwhile ended the call: the guest makes it again. */
static int deny_cpu_up(struct vcpu *vcpu)
{
    int error = vcpu_complete_cpu_up(vcpu, VCPU_PSCI_DENIED);

    return error == VCPU_ERR_STATE ? VCPU_OK : error;
}

int vcpu_refuse(struct vcpu *vcpu)
{
    if (!vcpu)
        return VCPU_ERR_INVALID;

    const struct vcpu_exit *exit = &vcpu->exit;

    switch (exit->reason) {
    case VCPU_EXIT_NONE:
    case VCPU_EXIT_IRQ:
    case VCPU_EXIT_FIQ:
    case VCPU_EXIT_KICK:
        return VCPU_OK;
    case VCPU_EXIT_HYPERCALL:
        return vcpu_complete_call(vcpu, (uint64_t)VCPU_PSCI_NOT_SUPPORTED);
    case VCPU_EXIT_WFI:
    case VCPU_EXIT_WFE:
        return vcpu_complete_skip(vcpu);
    case VCPU_EXIT_CPU_SUSPEND:
        return vcpu_complete_suspend(vcpu, VCPU_PSCI_SUCCESS);
    case VCPU_EXIT_SYSTEM_SUSPEND:
        return vcpu_complete_suspend(vcpu, VCPU_PSCI_DENIED);
    case VCPU_EXIT_CPU_UP:
        return deny_cpu_up(vcpu);
    case VCPU_EXIT_SYSTEM_RESET:
        if (exit->system_reset.type == 0)
            return VCPU_ERR_STATE;
        return vcpu_complete_system_reset(vcpu, VCPU_PSCI_INVALID_PARAMETERS);
    case VCPU_EXIT_CPU_DOWN:
    case VCPU_EXIT_SYSTEM_OFF:
    case VCPU_EXIT_SERROR:
        return VCPU_ERR_STATE;
    case VCPU_EXIT_DEBUG:
        if (exit->debug.kind != VCPU_DEBUG_KIND_BRK)
            return vcpu_complete_debug(vcpu);
        return answer_by_exception(vcpu);
    case VCPU_EXIT_STAGE2_FAULT:
        /* An AT, or maintenance, whose walk finds no table was not carried out. */
        if (exit->fault.cache_maintenance && !exit->fault.s1ptw)
            return vcpu_complete_skip(vcpu);
        return answer_by_exception(vcpu);
    default:
        return answer_by_exception(vcpu);
    }
}
