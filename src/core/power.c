/* SPDX-License-Identifier: MIT */
#include "core/power.h"

#include "arm/pstate.h"
#include "core/advance.h"
#include "core/device.h"
#include "core/switch.h"
#include "hw/sysreg.h"

/* What the table gives for a register that a reset leaves unknown is 0. */
static const uint64_t el1_reset[EL1_COUNT] = {
#define RESET(name, op0, op1, crn, crm, op2, when, reset) [EL1_##name] = (reset),
    EL1_TABLE(RESET)
#undef RESET
};

void vcpu_power_reset(struct vcpu_state *v)
{
    v->pub.regs = (struct vcpu_regs){.pstate = PSTATE_DAIF | PSTATE_M_EL1H};
    v->pub.exit = (struct vcpu_exit){.reason = VCPU_EXIT_NONE};
    for (unsigned i = 0; i < EL1_COUNT; i++)
        v->el1[i] = el1_reset[i];
    v->debug = (struct debug_state){.os_lock = true};
    v->simd = (struct simd_state){0};
    vcpu_device_reset(v);
}

static int answer(struct vcpu_state *v, int64_t value)
{
    v->pub.regs.x[0] = (uint64_t)value;
    return 0;
}

/* The CPU_ON that made the target pending is over. Nobody's first: see take_on. */
static void end_on(struct vcpu_state *target, enum vcpu_power power)
{
    atomic_store_explicit(&target->on_by, NULL, memory_order_relaxed);
    atomic_store_explicit(&target->power, power, memory_order_release);
}

void vcpu_power_cancel(struct vcpu_state *v)
{
    if (v->on_target)
        end_on(v->on_target, VCPU_POWER_OFF);
    v->on_target = NULL;
}

/*
 * Of several callers at the same moment one takes the target from off, and acquires what its CPU_OFF
 * left. The one whose CPU_ON is open already (the host runs it again instead of answering) has it
 * still. false: *power is what the target is.
 */
static bool take_on(struct vcpu_state *v, struct vcpu_state *target, uint32_t *power)
{
    /* It has one at a time: what it left open for another is over. */
    if (v->on_target != target)
        vcpu_power_cancel(v);
    *power = VCPU_POWER_OFF;
    if (atomic_compare_exchange_strong_explicit(&target->power, power, VCPU_POWER_ON_PENDING,
                                                memory_order_acquire, memory_order_relaxed)) {
        atomic_store_explicit(&target->on_by, v, memory_order_relaxed);
        v->on_target = target;
        return true;
    }
    return *power == VCPU_POWER_ON_PENDING &&
           atomic_load_explicit(&target->on_by, memory_order_relaxed) == v;
}

static int cpu_on(struct vcpu_state *v, const struct psci_call *call)
{
    struct vcpu *target = vcpu_vm_find(v->vm, call->target);
    uint32_t power;

    if (!target)
        return answer(v, VCPU_PSCI_INVALID_PARAMETERS);
    if (call->entry >> v->vm->shape.ipa_bits)
        return answer(v, VCPU_PSCI_INVALID_ADDRESS);
    if (!take_on(v, state_of(target), &power))
        return answer(v, power == VCPU_POWER_ON ? VCPU_PSCI_ALREADY_ON : VCPU_PSCI_ON_PENDING);

    v->pub.exit.smc = 0;
    v->pub.exit.reason = VCPU_EXIT_CPU_UP;
    v->pub.exit.cpu_up =
        (struct vcpu_cpu_up){.target = target, .entry = call->entry, .context = call->context};
    return VCPU_EXIT_CPU_UP;
}

static int cpu_off(struct vcpu_state *v)
{
    v->pub.exit.smc = 0;
    v->pub.exit.reason = VCPU_EXIT_CPU_DOWN;
    atomic_fetch_or_explicit(&v->token, TOKEN_OFF, memory_order_relaxed);
    /* Nothing of it stays in this CPU: the CPU_ON that ends this resets it, from any CPU. */
    vcpu_switch_put(state_cpu(v), true);
    atomic_store_explicit(&v->power, VCPU_POWER_OFF, memory_order_release);
    return VCPU_EXIT_CPU_DOWN;
}

static int affinity_info(struct vcpu_state *v, const struct psci_call *call)
{
    const struct vcpu *target = vcpu_vm_find(v->vm, call->target);

    return answer(v, target ? (int64_t)vcpu_power(target) : VCPU_PSCI_INVALID_PARAMETERS);
}

static int cpu_suspend(struct vcpu_state *v, const struct psci_call *call)
{
    if (call->entry >> v->vm->shape.ipa_bits)
        return answer(v, VCPU_PSCI_INVALID_ADDRESS);
    v->pub.exit.smc = 0;
    v->pub.exit.reason = VCPU_EXIT_CPU_SUSPEND;
    v->pub.exit.suspend = (struct vcpu_suspend){.entry = call->entry,
                                                .context = call->context,
                                                .power_state = call->power_state,
                                                .power_down = call->power_down};
    return VCPU_EXIT_CPU_SUSPEND;
}

static int system_exit(struct vcpu_state *v, enum vcpu_exit_reason reason)
{
    v->pub.exit.smc = 0;
    v->pub.exit.reason = reason;
    return reason;
}

int vcpu_power_call(struct vcpu_state *v, const struct psci_call *call)
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
        return system_exit(v, VCPU_EXIT_SYSTEM_OFF);
    case PSCI_SYSTEM_RESET:
        return system_exit(v, VCPU_EXIT_SYSTEM_RESET);
    case PSCI_ANSWER:
    case PSCI_NONE:
        break;
    }
    return answer(v, call->answer);
}

enum vcpu_power vcpu_power(const struct vcpu *vcpu)
{
    return (enum vcpu_power)atomic_load_explicit(&state_of_const(vcpu)->power,
                                                 memory_order_acquire);
}

static bool is_status(enum vcpu_psci_status status)
{
    return status <= VCPU_PSCI_SUCCESS && status >= VCPU_PSCI_INVALID_ADDRESS;
}

/* A vCPU that starts, or starts again, at an entry point. It is in no CPU. */
static void start(struct vcpu_state *v, uint64_t entry, uint64_t context)
{
    vcpu_power_reset(v);
    v->pub.regs.pc = entry;
    v->pub.regs.x[0] = context;
    v->has_entry = true;
}

int vcpu_complete_cpu_up(struct vcpu *vcpu, enum vcpu_psci_status status)
{
    struct vcpu_state *v = state_of(vcpu);

    if (!vcpu || !is_status(status))
        return VCPU_ERR_INVALID;
    if (vcpu->exit.reason != VCPU_EXIT_CPU_UP)
        return VCPU_ERR_STATE;

    struct vcpu_state *target = state_of(vcpu->exit.cpu_up.target);

    if (status == VCPU_PSCI_SUCCESS) {
        start(target, vcpu->exit.cpu_up.entry, vcpu->exit.cpu_up.context);
        end_on(target, VCPU_POWER_ON);
        /* Released last: from here on another CPU may run it. */
        atomic_fetch_and_explicit(&target->token, ~TOKEN_OFF, memory_order_release);
    } else {
        end_on(target, VCPU_POWER_OFF);
    }
    v->on_target = NULL;
    vcpu->regs.x[0] = (uint64_t)(int64_t)status;
    advance(v);
    return VCPU_OK;
}

int vcpu_complete_suspend(struct vcpu *vcpu, enum vcpu_psci_status status)
{
    struct vcpu_state *v = state_of(vcpu);

    if (!vcpu || !is_status(status))
        return VCPU_ERR_INVALID;
    if (vcpu->exit.reason != VCPU_EXIT_CPU_SUSPEND)
        return VCPU_ERR_STATE;

    if (status == VCPU_PSCI_SUCCESS && vcpu->exit.suspend.power_down) {
        const struct vcpu_suspend suspend = vcpu->exit.suspend;
        struct percpu_state *cpu;
        uint64_t daif;

        if (!vcpu_switch_hold(v, &daif))
            return VCPU_ERR_BUSY;
        cpu = state_cpu(v);
        if (cpu)
            vcpu_switch_put(cpu, false);
        daif_restore(daif);
        start(v, suspend.entry, suspend.context);
        return VCPU_OK;
    }
    vcpu->regs.x[0] = (uint64_t)(int64_t)status;
    advance(v);
    return VCPU_OK;
}
