/* SPDX-License-Identifier: MIT */
/* Pure: what it wants of a CPU or of devices it asks switch/switch.c and device/device.c to do. */
#include "psci/power.h"

#include "arm/pstate.h"
#include "device/device.h"
#include "state/advance.h"
#include "state/sve.h"
#include "switch/switch.h"

/* CNTV_* and CNTP_*: the Generic Timer's registers of EL0. */
#define IS_TIMER(op1, crn) ((op1) == 3 && (crn) == 14)

/*
 * What a CPU without power loses. Its timers and devices are not in it: they go on, and one of them
 * may be what wakes it, or the only thing that ever will.
 */
static void reset_core(struct vcpu_state *v)
{
    v->pub.regs = (struct vcpu_regs){.pstate = PSTATE_DAIF | PSTATE_M_EL1H};
    v->pub.exit = (struct vcpu_exit){.reason = VCPU_EXIT_NONE};
    /* What the table gives for a register that a reset leaves unknown is 0. */
#define RESET(name, op0, op1, crn, crm, op2, vhe, when, reset)                                     \
    if (!IS_TIMER(op1, crn))                                                                       \
        v->el1[EL1_##name] = (reset);
    EL1_TABLE(RESET)
#undef RESET
    v->debug = (struct debug_state){.os_lock = true};
    v->debugger.step = 0; /* what the host debugs it with stays, but no step goes on */
    v->debugger.over = 0;
    v->simd = (struct simd_state){0};
    vcpu_sve_reset(v->vm, &v->sve);
    v->stale_tlb = true;
    /* An SError is not a line: it was on its way in, with VSESR_EL2. */
    atomic_fetch_and_explicit(&v->lines, ~HCR_EL2_VSE, memory_order_relaxed);
}

void vcpu_power_reset(struct vcpu_state *v)
{
    reset_core(v);
#define RESET(name, op0, op1, crn, crm, op2, vhe, when, reset)                                     \
    if (IS_TIMER(op1, crn))                                                                        \
        v->el1[EL1_##name] = (reset);
    EL1_TABLE(RESET)
#undef RESET
    atomic_store_explicit(&v->lines, 0, memory_order_relaxed);
    vcpu_device_reset(v);
}

static int answer(struct vcpu_state *v, int64_t value)
{
    v->pub.regs.x[0] = (uint64_t)value;
    return 0;
}

static int leave(struct vcpu_state *v, enum vcpu_exit_reason reason)
{
    v->pub.exit.smc = 0;
    v->pub.exit.reason = reason;
    return (int)reason;
}

/* The CPU_ON that made the target pending is over. First it is nobody's: see take_on. */
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

void vcpu_power_disown(struct vcpu_state *v)
{
    struct vcpu_state *caller = atomic_load_explicit(&v->on_by, memory_order_relaxed);

    if (caller)
        vcpu_power_cancel(caller);
}

/*
 * Of several callers at the same moment one takes the target from off, and acquires what its
 * CPU_OFF left. The one whose CPU_ON is open already (the host runs it again instead of answering)
 * has it still. false: *power is what the target is.
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

    v->pub.exit.cpu_up =
        (struct vcpu_cpu_up){.target = target, .entry = call->entry, .context = call->context};
    return leave(v, VCPU_EXIT_CPU_UP);
}

static int cpu_off(struct vcpu_state *v)
{
    int reason = leave(v, VCPU_EXIT_CPU_DOWN);

    vcpu_power_cancel(v);
    atomic_fetch_or_explicit(&v->token, TOKEN_OFF, memory_order_relaxed);
    /* Nothing of it stays in this CPU: the CPU_ON that ends this resets it, from any CPU. */
    vcpu_switch_put(state_cpu(v), true);
    /* From here on another CPU may start it: nothing more is done to it here. */
    atomic_store_explicit(&v->power, VCPU_POWER_OFF, memory_order_release);
    return reason;
}

/*
 * Of all vCPUs whose affinity is the target's, as far as it counts at this level: on if one is, off
 * if all are.
 */
static int affinity_info(struct vcpu_state *v, const struct psci_call *call)
{
    /* Level n is the fields from Aff<n> up. */
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

static int cpu_suspend(struct vcpu_state *v, const struct psci_call *call)
{
    if (call->entry >> v->vm->shape.ipa_bits)
        return answer(v, VCPU_PSCI_INVALID_ADDRESS);
    v->pub.exit.suspend = (struct vcpu_suspend){.entry = call->entry,
                                                .context = call->context,
                                                .power_state = call->power_state,
                                                .power_down = call->power_down};
    return leave(v, VCPU_EXIT_CPU_SUSPEND);
}

static int system_reset(struct vcpu_state *v, const struct psci_call *call)
{
    v->pub.exit.system_reset =
        (struct vcpu_system_reset){.cookie = call->cookie,
                                   .type = call->reset_type,
                                   .extended = call->kind == PSCI_SYSTEM_RESET2};
    return leave(v, VCPU_EXIT_SYSTEM_RESET);
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

enum vcpu_power vcpu_power(const struct vcpu *vcpu)
{
    return (enum vcpu_power)atomic_load_explicit(&state_of_const(vcpu)->power,
                                                 memory_order_acquire);
}

static bool is_status(enum vcpu_psci_status status)
{
    return status <= VCPU_PSCI_SUCCESS && status >= VCPU_PSCI_INVALID_ADDRESS;
}

/* A vCPU that was reset starts at an entry point. */
static void start(struct vcpu_state *v, uint64_t entry, uint64_t context)
{
    v->pub.regs.pc = entry;
    v->pub.regs.x[0] = context;
    v->has_entry = true;
}

int vcpu_complete_cpu_up(struct vcpu *vcpu, enum vcpu_psci_status status)
{
    struct vcpu_state *v = state_of(vcpu);

    if (!vcpu || !is_status(status))
        return VCPU_ERR_INVALID;
    /* The exit may be there still, and its call over: see vcpu_power_disown. */
    if (vcpu->exit.reason != VCPU_EXIT_CPU_UP || !v->on_target)
        return VCPU_ERR_STATE;

    struct vcpu_state *target = v->on_target;

    if (status == VCPU_PSCI_SUCCESS) {
        vcpu_power_reset(target);
        start(target, vcpu->exit.cpu_up.entry, vcpu->exit.cpu_up.context);
        end_on(target, VCPU_POWER_ON);
        /* Released last: from here on another CPU may run it. */
        atomic_fetch_and_explicit(&target->token, ~TOKEN_OFF, memory_order_release);
    } else {
        end_on(target, VCPU_POWER_OFF);
    }
    v->on_target = NULL;
    vcpu->regs.x[0] = (uint64_t)(int64_t)status;
    vcpu_advance(v);
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

        if (!vcpu_switch_leave(v))
            return VCPU_ERR_BUSY;
        reset_core(v);
        start(v, suspend.entry, suspend.context);
        return VCPU_OK;
    }
    vcpu->regs.x[0] = (uint64_t)(int64_t)status;
    vcpu_advance(v);
    return VCPU_OK;
}

int vcpu_complete_system_reset(struct vcpu *vcpu, enum vcpu_psci_status status)
{
    if (!vcpu || !is_status(status) || status == VCPU_PSCI_SUCCESS)
        return VCPU_ERR_INVALID;
    if (vcpu->exit.reason != VCPU_EXIT_SYSTEM_RESET || !vcpu->exit.system_reset.extended)
        return VCPU_ERR_STATE;
    vcpu->regs.x[0] = (uint64_t)(int64_t)status;
    vcpu_advance(state_of(vcpu));
    return VCPU_OK;
}
