/* SPDX-License-Identifier: MIT */
#include "psci/psci.h"

#include <vcpu/psci.h>

#include "arm/el2.h"
#include "arm/smccc.h"
#include "hw/nospec.h"

#define OWNER_ARCH     0u
#define OWNER_STANDARD 4u
/* PSCI's range of the standard service's functions. */
#define PSCI_LAST_FN 0x1fu

/* Versions: major in bits 31:16. */
#define VERSION_PSCI  0x10001 /* 1.1 */
#define VERSION_SMCCC 0x10002 /* 1.2: x4 to x17 are kept */

/* MIGRATE_INFO_TYPE: there is no Trusted OS that would have to migrate. */
#define MIGRATE_NOT_REQUIRED 2

/* CPU_SUSPEND's power_state in the original format: StateType, and fields that must be 0. */
#define POWER_STATE_TYPE     BIT(16)
#define POWER_STATE_RESERVED (GENMASK(31, 26) | GENMASK(23, 17))

/* AFFINITY_INFO: the highest level, that of Aff3. */
#define AFFINITY_LEVEL_LAST 3u

/* SYSTEM_RESET2's types: the architectural one, and the bit of the vendor's. */
#define RESET_TYPE_WARM   0u
#define RESET_TYPE_VENDOR BIT(31)

/* The kind of each PSCI function, by its number. */
#define FN(function) (VCPU_PSCI_VERSION ^ (function))

static const uint8_t kinds[PSCI_LAST_FN + 1] = {
    [FN(VCPU_PSCI_VERSION)] = PSCI_ANSWER,
    [FN(VCPU_PSCI_CPU_SUSPEND)] = PSCI_CPU_SUSPEND,
    [FN(VCPU_PSCI_CPU_OFF)] = PSCI_CPU_OFF,
    [FN(VCPU_PSCI_CPU_ON)] = PSCI_CPU_ON,
    [FN(VCPU_PSCI_AFFINITY_INFO)] = PSCI_AFFINITY_INFO,
    [FN(VCPU_PSCI_MIGRATE_INFO_TYPE)] = PSCI_ANSWER,
    [FN(VCPU_PSCI_SYSTEM_OFF)] = PSCI_SYSTEM_OFF,
    [FN(VCPU_PSCI_SYSTEM_RESET)] = PSCI_SYSTEM_RESET,
    [FN(VCPU_PSCI_FEATURES)] = PSCI_ANSWER,
    [FN(VCPU_PSCI_SYSTEM_RESET2)] = PSCI_SYSTEM_RESET2,
};

#define HAS_64BIT_FORM                                                                             \
    (BIT(FN(VCPU_PSCI_CPU_ON)) | BIT(FN(VCPU_PSCI_CPU_SUSPEND)) |                                  \
     BIT(FN(VCPU_PSCI_AFFINITY_INFO)) | BIT(FN(VCPU_PSCI_SYSTEM_RESET2)))

/* PSCI_NONE: there is no such function. */
static uint8_t kind_of(uint32_t id)
{
    uint32_t fn = FN(id & ~(uint32_t)SMCCC_64);

    if (fn > PSCI_LAST_FN || ((id & SMCCC_64) && !(HAS_64BIT_FORM >> fn & 1)))
        return PSCI_NONE;
    return kinds[NOSPEC_INDEX(fn, PSCI_LAST_FN + 1)];
}

/* PSCI_FEATURES and SMCCC_ARCH_FEATURES: all flags of a supported function are 0. */
static int64_t there(bool is)
{
    return is ? VCPU_PSCI_SUCCESS : VCPU_PSCI_NOT_SUPPORTED;
}

/*
 * Each of these checks the arguments of one function and puts them into *call. The result is
 * SUCCESS, or the status with which the call is refused.
 */
static int64_t cpu_on(const uint64_t arg[4], struct psci_call *call)
{
    if (arg[1] & ~MPIDR_AFFINITY)
        return VCPU_PSCI_INVALID_PARAMETERS;
    /* The vCPU starts in AArch64 state, where instructions are aligned. */
    if (arg[2] & 3)
        return VCPU_PSCI_INVALID_ADDRESS;
    call->target = arg[1];
    call->entry = arg[2];
    call->context = arg[3];
    return VCPU_PSCI_SUCCESS;
}

static int64_t cpu_suspend(const uint64_t arg[4], struct psci_call *call)
{
    uint32_t state = (uint32_t)arg[1];
    bool power_down = state & POWER_STATE_TYPE;

    if (state & POWER_STATE_RESERVED)
        return VCPU_PSCI_INVALID_PARAMETERS;
    if (power_down && (arg[2] & 3))
        return VCPU_PSCI_INVALID_ADDRESS;
    call->power_state = state;
    call->power_down = power_down;
    /* A standby state has no entry point: the arguments have no meaning then. */
    if (power_down) {
        call->entry = arg[2];
        call->context = arg[3];
    }
    return VCPU_PSCI_SUCCESS;
}

static int64_t affinity_info(const uint64_t arg[4], struct psci_call *call)
{
    uint32_t level = (uint32_t)arg[2]; /* 32 bits in either form */

    if ((arg[1] & ~MPIDR_AFFINITY) || level > AFFINITY_LEVEL_LAST)
        return VCPU_PSCI_INVALID_PARAMETERS;
    call->level = (uint8_t)level;
    call->target = arg[1];
    return VCPU_PSCI_SUCCESS;
}

static int64_t system_reset2(const uint64_t arg[4], struct psci_call *call)
{
    uint32_t type = (uint32_t)arg[1]; /* 32 bits in either form */

    if (type != RESET_TYPE_WARM && !(type & RESET_TYPE_VENDOR))
        return VCPU_PSCI_INVALID_PARAMETERS;
    call->reset_type = type;
    call->cookie = arg[2];
    return VCPU_PSCI_SUCCESS;
}

/* Functions that need only an answer. */
static int64_t answer_of(uint32_t id, uint32_t asked)
{
    if (id == VCPU_PSCI_VERSION)
        return VERSION_PSCI;
    if (id == VCPU_PSCI_MIGRATE_INFO_TYPE)
        return MIGRATE_NOT_REQUIRED;
    return there(kind_of(asked) != PSCI_NONE || asked == VCPU_SMCCC_VERSION);
}

/* The answer, or why the call is refused. */
static int64_t psci(uint32_t id, const uint64_t arg[4], struct psci_call *call)
{
    switch ((enum psci_kind)call->kind) {
    case PSCI_NONE:
        return VCPU_PSCI_NOT_SUPPORTED;
    case PSCI_ANSWER:
        return answer_of(id, (uint32_t)arg[1]);
    case PSCI_CPU_ON:
        return cpu_on(arg, call);
    case PSCI_CPU_SUSPEND:
        return cpu_suspend(arg, call);
    case PSCI_AFFINITY_INFO:
        return affinity_info(arg, call);
    case PSCI_SYSTEM_RESET2:
        return system_reset2(arg, call);
    default:
        return VCPU_PSCI_SUCCESS;
    }
}

static int64_t arch(uint32_t id, uint32_t asked)
{
    switch (id) {
    case VCPU_SMCCC_VERSION:
        return VERSION_SMCCC;
    case VCPU_SMCCC_ARCH_FEATURES:
        return there(asked == VCPU_SMCCC_VERSION || asked == VCPU_SMCCC_ARCH_FEATURES);
    default:
        return VCPU_PSCI_NOT_SUPPORTED;
    }
}

void vcpu_psci_decode(const uint64_t x[4], struct psci_call *call)
{
    uint32_t id = (uint32_t)x[0];
    uint64_t width = id & SMCCC_64 ? UINT64_MAX : UINT32_MAX, owner = FIELD_GET(SMCCC_OWNER, id);
    const uint64_t arg[4] = {id, x[1] & width, x[2] & width, x[3] & width};
    int64_t answer;

    if (!(id & SMCCC_FAST))
        return;
    if (owner == OWNER_ARCH) {
        answer = arch(id, (uint32_t)arg[1]);
    } else if (owner == OWNER_STANDARD && FIELD_GET(SMCCC_FN, id) <= PSCI_LAST_FN) {
        call->kind = kind_of(id);
        answer = psci(id, arg, call);
    } else {
        return;
    }
    if (answer != VCPU_PSCI_SUCCESS || call->kind <= PSCI_ANSWER) {
        call->kind = PSCI_ANSWER;
        call->answer = answer;
    }
}
