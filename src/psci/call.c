/* SPDX-License-Identifier: MIT */
/* The effects of PSCI's calls on the vCPUs of a VM. Pure. */
#include "arm/el2.h"
#include "arm/smccc.h"
#include "hw/cpu.h"
#include "psci/psci.h"
#include "vm/power.h"

/* CPU_SUSPEND's power_state in the original format: StateType, and fields that must be 0. */
#define POWER_STATE_DOWN     BIT(16)
#define POWER_STATE_RESERVED (GENMASK(31, 26) | GENMASK(23, 17))

/* AFFINITY_INFO: the highest level, that of Aff3. */
#define AFFINITY_LEVEL_LAST 3u

/* SYSTEM_RESET2's types: the architectural one, and the bit of the vendor's. */
#define RESET_TYPE_WARM   0u
#define RESET_TYPE_VENDOR BIT(31)

/* A call's arguments, x1 to x3. Those of a 32-bit call are W1 to W3, whatever the upper halves are. */
struct args {
    uint64_t first, second, third;
};

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

/* A vCPU starts in AArch64 state, where instructions are aligned. */
static bool is_entry(const struct vcpu_state *v, uint64_t entry)
{
    return !(entry & 3) && !(entry >> v->vm->shape.ipa_bits);
}

static enum outcome cpu_on(struct vcpu_state *v, const struct args *args)
{
    struct vcpu *target = vcpu_vm_find(v->vm, args->first);
    uint32_t power;

    if (!target)
        return answer(v, VCPU_PSCI_INVALID_PARAMETERS);
    if (!is_entry(v, args->second))
        return answer(v, VCPU_PSCI_INVALID_ADDRESS);
    if (!vcpu_power_take(v, state_of(target), &power))
        return answer(v, power == VCPU_POWER_ON ? VCPU_PSCI_ALREADY_ON : VCPU_PSCI_ON_PENDING);

    v->pub.exit.cpu_up =
        (struct vcpu_cpu_up){.target = target, .entry = args->second, .context = args->third};
    return leave(v, VCPU_EXIT_CPU_UP);
}

/* So many bytes of pointers, of 64 vCPUs, at some 20 instructions each, with interrupts masked. */
#define PIECE 512u

/* power_of has not come to its end: the guest makes its call again, after an interrupt. */
#define INTERRUPTED 16

/*
 * ON if one of the vCPUs is on whose affinity matches the target's in these fields, OFF if all of
 * them are off. `but` does not count. INVALID_PARAMETERS: there is none. The guest goes on only after
 * the interrupt for which the look ends, so it comes to the end unless one comes in each look.
 */
static int64_t power_of(const struct vcpu_vm *vm, uint64_t target, uint64_t fields,
                        const struct vcpu_state *but)
{
    const _Atomic(struct vcpu_state *) *at = vm->vcpu, *end = at + vm->max_vcpus;
    int64_t power = VCPU_PSCI_INVALID_PARAMETERS;

    do {
        if ((uintptr_t)at % PIECE == 0 && !(vm->flags & VCPU_VM_DIRECT_IRQ) &&
            vcpu_cpu_is_interrupted())
            return INTERRUPTED;

        const struct vcpu_state *v = atomic_load_explicit(at, memory_order_acquire);
        int64_t its;

        if (!v || ((v->mpidr ^ target) & fields) || v == but)
            continue;
        its = atomic_load_explicit(&v->power, memory_order_acquire);
        if (its == VCPU_POWER_ON)
            return its;
        /* ON_PENDING is more than OFF, and that more than no vCPU. */
        if (its > power)
            power = its;
    } while (++at != end);
    return power;
}

static enum outcome affinity_info(struct vcpu_state *v, const struct args *args)
{
    uint32_t level = (uint32_t)args->second; /* 32 bits in either form */
    int64_t power;

    if ((args->first & ~MPIDR_AFFINITY) || level > AFFINITY_LEVEL_LAST)
        return answer(v, VCPU_PSCI_INVALID_PARAMETERS);
    /* Level n: the fields from Aff<n> up count. */
    power = power_of(v->vm, args->first, MPIDR_AFFINITY & (UINT64_MAX << (8 * level)), NULL);
    return power == INTERRUPTED ? OUTCOME_AGAIN : answer(v, power);
}

/* CPU_DEFAULT_SUSPEND and SYSTEM_SUSPEND leave out the power state: it is one to power down. */
static enum outcome suspend(struct vcpu_state *v, uint32_t fn, const struct args *args)
{
    struct vcpu_suspend *exit = &v->pub.exit.suspend;
    uint32_t state = (uint32_t)args->first; /* 32 bits in either form */
    uint64_t entry = args->second, context = args->third;
    int64_t others = VCPU_POWER_OFF;

    if (fn != PSCI_FN(VCPU_PSCI_CPU_SUSPEND)) {
        state = POWER_STATE_DOWN;
        entry = args->first;
        context = args->second;
    }
    if (state & POWER_STATE_RESERVED)
        return answer(v, VCPU_PSCI_INVALID_PARAMETERS);
    /* A standby state has no entry point: the arguments have no meaning then. */
    if (!(state & POWER_STATE_DOWN))
        entry = context = 0;
    if (!is_entry(v, entry))
        return answer(v, VCPU_PSCI_INVALID_ADDRESS);
    /* The system's is for the last vCPU that is on. */
    if (fn == PSCI_FN(VCPU_PSCI_SYSTEM_SUSPEND))
        others = power_of(v->vm, 0, 0, v);
    if (others == INTERRUPTED)
        return OUTCOME_AGAIN;
    if (others == VCPU_POWER_ON || others == VCPU_POWER_ON_PENDING)
        return answer(v, VCPU_PSCI_DENIED);
    *exit = (struct vcpu_suspend){.entry = entry,
                                  .context = context,
                                  .power_state = state,
                                  .power_down = state & POWER_STATE_DOWN};
    return leave(v, fn == PSCI_FN(VCPU_PSCI_SYSTEM_SUSPEND) ? VCPU_EXIT_SYSTEM_SUSPEND
                                                            : VCPU_EXIT_CPU_SUSPEND);
}

static enum outcome system_off(struct vcpu_state *v, uint32_t type)
{
    v->pub.exit.system_off = (struct vcpu_system_off){.type = type};
    return leave(v, VCPU_EXIT_SYSTEM_OFF);
}

/* There is one type, and 0 means that one. */
static enum outcome system_off2(struct vcpu_state *v, const struct args *args)
{
    uint32_t type = (uint32_t)args->first; /* 32 bits in either form */

    if (type > VCPU_PSCI_HIBERNATE_OFF || args->second)
        return answer(v, VCPU_PSCI_INVALID_PARAMETERS);
    return system_off(v, VCPU_PSCI_HIBERNATE_OFF);
}

static enum outcome system_reset(struct vcpu_state *v, uint32_t type, uint64_t cookie,
                                 bool extended)
{
    v->pub.exit.system_reset =
        (struct vcpu_system_reset){.cookie = cookie, .type = type, .extended = extended};
    return leave(v, VCPU_EXIT_SYSTEM_RESET);
}

static enum outcome system_reset2(struct vcpu_state *v, const struct args *args)
{
    uint32_t type = (uint32_t)args->first; /* 32 bits in either form */

    if (type != RESET_TYPE_WARM && !(type & RESET_TYPE_VENDOR))
        return answer(v, VCPU_PSCI_INVALID_PARAMETERS);
    return system_reset(v, type, args->second, true);
}

enum outcome vcpu_psci_act(struct vcpu_state *v)
{
    const uint64_t *x = v->pub.regs.x;
    uint64_t width = x[0] & SMCCC_64 ? UINT64_MAX : UINT32_MAX;
    const struct args args = {x[1] & width, x[2] & width, x[3] & width};
    uint32_t fn = PSCI_FN((uint32_t)x[0] & ~(uint32_t)SMCCC_64);

    switch (fn) {
    case PSCI_FN(VCPU_PSCI_CPU_ON):
        return cpu_on(v, &args);
    case PSCI_FN(VCPU_PSCI_CPU_OFF):
        leave(v, VCPU_EXIT_CPU_DOWN);
        return OUTCOME_OFF;
    case PSCI_FN(VCPU_PSCI_AFFINITY_INFO):
        return affinity_info(v, &args);
    case PSCI_FN(VCPU_PSCI_SYSTEM_OFF):
        return system_off(v, 0);
    case PSCI_FN(VCPU_PSCI_SYSTEM_OFF2):
        return system_off2(v, &args);
    case PSCI_FN(VCPU_PSCI_SYSTEM_RESET):
        return system_reset(v, RESET_TYPE_WARM, 0, false);
    case PSCI_FN(VCPU_PSCI_SYSTEM_RESET2):
        return system_reset2(v, &args);
    default: /* CPU_SUSPEND, CPU_DEFAULT_SUSPEND, SYSTEM_SUSPEND */
        return suspend(v, fn, &args);
    }
}
