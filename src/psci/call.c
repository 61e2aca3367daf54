/* SPDX-License-Identifier: MIT */
#include "psci/call.h"

#include "vm/power.h"

static enum outcome answer(struct vcpu_state *v, int64_t value)
{
    v->pub.regs.x[0] = (uint64_t)value;
    return OUTCOME_DONE;
}

static enum outcome leave(struct vcpu_state *v, enum vcpu_exit_reason reason)
{
    v->pub.exit.smc = 0;
    v->pub.exit.reason = reason;
    return OUTCOME_HOST;
}

static enum outcome cpu_on(struct vcpu_state *v, const struct psci_call *call)
{
    struct vcpu *target = vcpu_vm_find(v->vm, call->target);
    uint32_t power;

    if (!target)
        return answer(v, VCPU_PSCI_INVALID_PARAMETERS);
    if (call->entry >> v->vm->shape.ipa_bits)
        return answer(v, VCPU_PSCI_INVALID_ADDRESS);
    if (!vcpu_power_take(v, state_of(target), &power))
        return answer(v, power == VCPU_POWER_ON ? VCPU_PSCI_ALREADY_ON : VCPU_PSCI_ON_PENDING);

    v->pub.exit.cpu_up =
        (struct vcpu_cpu_up){.target = target, .entry = call->entry, .context = call->context};
    return leave(v, VCPU_EXIT_CPU_UP);
}

static enum outcome cpu_off(struct vcpu_state *v)
{
    leave(v, VCPU_EXIT_CPU_DOWN);
    return OUTCOME_OFF;
}

/*
 * For all vCPUs whose affinity matches the target's in the fields that count at this level: ON if
 * one is on, OFF if all are off.
 */
static enum outcome affinity_info(struct vcpu_state *v, const struct psci_call *call)
{
    /* Level n: the fields from Aff<n> up count. */
    uint64_t fields = MPIDR_AFFINITY & (UINT64_MAX << (8 * call->level));
    bool found = false, pending = false;

    for (size_t i = 0; i < v->vm->max_vcpus; i++) {
        const struct vcpu *other = vcpu_vm_vcpu(v->vm, i);

        if (!other || ((vcpu_mpidr(other) ^ call->target) & fields))
            continue;
        found = true;
        switch (vcpu_power(other)) {
        case VCPU_POWER_ON:
            return answer(v, VCPU_POWER_ON);
        case VCPU_POWER_ON_PENDING:
            pending = true;
            break;
        case VCPU_POWER_OFF:
            break;
        }
    }
    if (!found)
        return answer(v, VCPU_PSCI_INVALID_PARAMETERS);
    return answer(v, pending ? VCPU_POWER_ON_PENDING : VCPU_POWER_OFF);
}

static enum outcome cpu_suspend(struct vcpu_state *v, const struct psci_call *call)
{
    if (call->entry >> v->vm->shape.ipa_bits)
        return answer(v, VCPU_PSCI_INVALID_ADDRESS);
    v->pub.exit.suspend = (struct vcpu_suspend){.entry = call->entry,
                                                .context = call->context,
                                                .power_state = call->power_state,
                                                .power_down = call->power_down};
    return leave(v, VCPU_EXIT_CPU_SUSPEND);
}

static enum outcome system_reset(struct vcpu_state *v, const struct psci_call *call)
{
    v->pub.exit.system_reset =
        (struct vcpu_system_reset){.cookie = call->cookie,
                                   .type = call->reset_type,
                                   .extended = call->kind == PSCI_SYSTEM_RESET2};
    return leave(v, VCPU_EXIT_SYSTEM_RESET);
}

enum outcome vcpu_psci_call(struct vcpu_state *v, const struct psci_call *call)
{
    switch ((enum psci_kind)call->kind) {
    case PSCI_CPU_ON:
        return cpu_on(v, call);
    case PSCI_CPU_OFF:
        return cpu_off(v);
    case PSCI_CPU_SUSPEND:
        return cpu_suspend(v, call);
    case PSCI_AFFINITY_INFO:
        return affinity_info(v, call);
    case PSCI_SYSTEM_OFF:
        return leave(v, VCPU_EXIT_SYSTEM_OFF);
    case PSCI_SYSTEM_RESET:
    case PSCI_SYSTEM_RESET2:
        return system_reset(v, call);
    case PSCI_ANSWER:
    case PSCI_NONE:
        break;
    }
    return answer(v, call->answer);
}
