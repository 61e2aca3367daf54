/* SPDX-License-Identifier: MIT */
/* HVC and SMC: the library answers PSCI's and SMCCC's own calls, the host all others. */
#include "hw/smc.h"
#include "psci/psci.h"
#include "run/decide.h"

static bool is_allowed(const struct vcpu_vm *vm, struct vcpu *vcpu)
{
    return vcpu->exit.smc && vm->allow_smc && vcpu_exit_imm(&vcpu->exit) == 0 &&
           vm->allow_smc(vm->allow_smc_ctx, vcpu, (uint32_t)vcpu->regs.x[0]);
}

/* Only W0 names the function. No other bit of x0 passes the host's policy. */
static enum outcome call_firmware(uint64_t x[31])
{
    x[0] = (uint32_t)x[0];
    vcpu_smc(x);
    return OUTCOME_DONE;
}

/* A call that is neither the library's nor one of vcpu/calls.h. */
static enum outcome nobodys(struct vcpu_state *v)
{
    return is_allowed(v->vm, &v->pub) ? call_firmware(v->pub.regs.x) : OUTCOME_HOST;
}

enum outcome vcpu_decide_call(struct vcpu_state *v)
{
    const struct vcpu_vm *vm = v->vm;
    enum outcome outcome;

    if ((vm->flags & VCPU_VM_RAW_CALLS) || vcpu_exit_imm(&v->pub.exit) != 0)
        return nobodys(v);
    if (vm->decide_call)
        switch (vm->decide_call(v)) {
        case CALL_LIBRARY:
            break;
        case CALL_ANSWERED:
            return OUTCOME_DONE;
        case CALL_EXIT:
            return OUTCOME_HOST;
        }
    outcome = vcpu_psci_call(v);
    if (outcome == OUTCOME_HOST && v->pub.exit.reason == VCPU_EXIT_HYPERCALL)
        return nobodys(v);
    return outcome;
}
