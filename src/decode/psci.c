/* SPDX-License-Identifier: MIT */
#include "decode/psci.h"

#include <vcpu/psci.h>

#include "arm/el2.h"

/* Fields of a function id. */
#define SMCCC_64    BIT(30)
#define SMCCC_OWNER GENMASK(29, 24)
#define SMCCC_FN    GENMASK(15, 0)

#define OWNER_ARCH     0u
#define OWNER_STANDARD 4u
/* PSCI's part of the standard service's functions. */
#define PSCI_LAST_FN 0x1fu

/* Versions: major in bits 31:16. */
#define VERSION_PSCI  0x10001 /* 1.1 */
#define VERSION_SMCCC 0x10002 /* 1.2: x4 to x17 are kept */

/* MIGRATE_INFO_TYPE: there is no Trusted OS that would have to be migrated. */
#define MIGRATE_NOT_REQUIRED 2

/* CPU_SUSPEND's power_state in the original format: StateType, and fields that must be 0. */
#define POWER_STATE_TYPE     BIT(16)
#define POWER_STATE_RESERVED (GENMASK(31, 26) | GENMASK(23, 17))

/* AFFINITY_INFO: the level of Aff3. */
#define AFFINITY_LEVEL_LAST 3u

/* SYSTEM_RESET2's type: the one that the architecture has, and whose the others with bit 31 are. */
#define RESET_TYPE_WARM   0u
#define RESET_TYPE_VENDOR BIT(31)

/* Functions that have a 64-bit form. */
static bool has_64bit_form(uint32_t id)
{
    return id == VCPU_PSCI_CPU_ON || id == VCPU_PSCI_CPU_SUSPEND || id == VCPU_PSCI_AFFINITY_INFO ||
           id == VCPU_PSCI_SYSTEM_RESET2;
}

/* PSCI_FEATURES and SMCCC_ARCH_FEATURES: is the function there? Its flags are all 0. */
static int64_t features(uint32_t id)
{
    uint32_t base = id & ~(uint32_t)SMCCC_64;

    if ((id & SMCCC_64) && !has_64bit_form(base))
        return VCPU_PSCI_NOT_SUPPORTED;
    switch (base) {
    case VCPU_PSCI_VERSION:
    case VCPU_PSCI_CPU_SUSPEND:
    case VCPU_PSCI_CPU_OFF:
    case VCPU_PSCI_CPU_ON:
    case VCPU_PSCI_AFFINITY_INFO:
    case VCPU_PSCI_MIGRATE_INFO_TYPE:
    case VCPU_PSCI_SYSTEM_OFF:
    case VCPU_PSCI_SYSTEM_RESET:
    case VCPU_PSCI_FEATURES:
    case VCPU_PSCI_SYSTEM_RESET2:
    case VCPU_SMCCC_VERSION:
        return VCPU_PSCI_SUCCESS;
    default:
        return VCPU_PSCI_NOT_SUPPORTED;
    }
}

static int64_t arch_features(uint32_t id)
{
    bool there = id == VCPU_SMCCC_VERSION || id == VCPU_SMCCC_ARCH_FEATURES;

    return there ? VCPU_PSCI_SUCCESS : VCPU_PSCI_NOT_SUPPORTED;
}

static struct psci_call answer(int64_t value)
{
    return (struct psci_call){.kind = PSCI_ANSWER, .answer = value};
}

static struct psci_call cpu_on(const uint64_t arg[4])
{
    if (arg[1] & ~MPIDR_AFFINITY)
        return answer(VCPU_PSCI_INVALID_PARAMETERS);
    /* The vCPU starts in AArch64 state, whose instructions are aligned. */
    if (arg[2] & 3)
        return answer(VCPU_PSCI_INVALID_ADDRESS);
    return (struct psci_call){
        .kind = PSCI_CPU_ON, .target = arg[1], .entry = arg[2], .context = arg[3]};
}

static struct psci_call cpu_suspend(const uint64_t arg[4])
{
    uint32_t state = (uint32_t)arg[1];
    bool power_down = state & POWER_STATE_TYPE;

    if (state & POWER_STATE_RESERVED)
        return answer(VCPU_PSCI_INVALID_PARAMETERS);
    if (power_down && (arg[2] & 3))
        return answer(VCPU_PSCI_INVALID_ADDRESS);
    /* A standby state has no entry point: the arguments say nothing then. */
    return (struct psci_call){
        .kind = PSCI_CPU_SUSPEND,
        .power_state = state,
        .power_down = power_down,
        .entry = power_down ? arg[2] : 0,
        .context = power_down ? arg[3] : 0,
    };
}

static struct psci_call affinity_info(const uint64_t arg[4])
{
    uint32_t level = (uint32_t)arg[2]; /* 32 bits in either form */

    if ((arg[1] & ~MPIDR_AFFINITY) || level > AFFINITY_LEVEL_LAST)
        return answer(VCPU_PSCI_INVALID_PARAMETERS);
    return (struct psci_call){
        .kind = PSCI_AFFINITY_INFO, .level = (uint8_t)level, .target = arg[1]};
}

static struct psci_call system_reset2(const uint64_t arg[4])
{
    uint32_t type = (uint32_t)arg[1]; /* 32 bits in either form */

    if (type != RESET_TYPE_WARM && !(type & RESET_TYPE_VENDOR))
        return answer(VCPU_PSCI_INVALID_PARAMETERS);
    return (struct psci_call){.kind = PSCI_SYSTEM_RESET2, .reset_type = type, .cookie = arg[2]};
}

static struct psci_call psci(uint32_t id, const uint64_t arg[4])
{
    uint32_t base = id & ~(uint32_t)SMCCC_64;

    if ((id & SMCCC_64) && !has_64bit_form(base))
        return answer(VCPU_PSCI_NOT_SUPPORTED);
    switch (base) {
    case VCPU_PSCI_VERSION:
        return answer(VERSION_PSCI);
    case VCPU_PSCI_FEATURES:
        return answer(features((uint32_t)arg[1]));
    case VCPU_PSCI_MIGRATE_INFO_TYPE:
        return answer(MIGRATE_NOT_REQUIRED);
    case VCPU_PSCI_CPU_ON:
        return cpu_on(arg);
    case VCPU_PSCI_CPU_OFF:
        return (struct psci_call){.kind = PSCI_CPU_OFF};
    case VCPU_PSCI_CPU_SUSPEND:
        return cpu_suspend(arg);
    case VCPU_PSCI_AFFINITY_INFO:
        return affinity_info(arg);
    case VCPU_PSCI_SYSTEM_OFF:
        return (struct psci_call){.kind = PSCI_SYSTEM_OFF};
    case VCPU_PSCI_SYSTEM_RESET:
        return (struct psci_call){.kind = PSCI_SYSTEM_RESET};
    case VCPU_PSCI_SYSTEM_RESET2:
        return system_reset2(arg);
    default:
        return answer(VCPU_PSCI_NOT_SUPPORTED);
    }
}

static struct psci_call arch(uint32_t id, const uint64_t arg[4])
{
    switch (id) {
    case VCPU_SMCCC_VERSION:
        return answer(VERSION_SMCCC);
    case VCPU_SMCCC_ARCH_FEATURES:
        return answer(arch_features((uint32_t)arg[1]));
    default:
        return answer(VCPU_PSCI_NOT_SUPPORTED);
    }
}

struct psci_call vcpu_psci_decode(const uint64_t x[4])
{
    uint32_t id = (uint32_t)x[0];
    uint64_t width = id & SMCCC_64 ? UINT64_MAX : UINT32_MAX;
    const uint64_t arg[4] = {id, x[1] & width, x[2] & width, x[3] & width};

    if (id & SMCCC_FAST) {
        if (FIELD_GET(SMCCC_OWNER, id) == OWNER_ARCH)
            return arch(id, arg);
        if (FIELD_GET(SMCCC_OWNER, id) == OWNER_STANDARD && FIELD_GET(SMCCC_FN, id) <= PSCI_LAST_FN)
            return psci(id, arg);
    }
    return (struct psci_call){.kind = PSCI_NONE};
}
