/* SPDX-License-Identifier: MIT */
/*
 * What is whose, and the answers that need nothing of the VM's vCPUs. These are compiled for speed:
 * guests that are booted, and their mitigations, make such calls often.
 */
#include "psci/psci.h"

#include "arm/smccc.h"

/* Versions: major in bits 31:16. */
#define VERSION_PSCI  0x10003 /* 1.3 */
#define VERSION_SMCCC 0x10002 /* 1.2: x4 to x17 are kept */

/* MIGRATE_INFO_TYPE: there is no Trusted OS that would have to migrate. */
#define MIGRATE_NOT_REQUIRED 2

/* The functions that the VM has, by their numbers, as bits. Those that need only an answer: */
#define ANSWERS                                                                                    \
    (BIT(PSCI_FN(VCPU_PSCI_VERSION)) | BIT(PSCI_FN(VCPU_PSCI_MIGRATE_INFO_TYPE)) |                 \
     BIT(PSCI_FN(VCPU_PSCI_FEATURES)))
/* Those that act, and have no 64-bit form; and those that have one. */
#define ONLY_32BIT                                                                                 \
    (BIT(PSCI_FN(VCPU_PSCI_CPU_OFF)) | BIT(PSCI_FN(VCPU_PSCI_SYSTEM_OFF)) |                        \
     BIT(PSCI_FN(VCPU_PSCI_SYSTEM_RESET)))
#define BOTH_FORMS                                                                                 \
    (BIT(PSCI_FN(VCPU_PSCI_CPU_ON)) | BIT(PSCI_FN(VCPU_PSCI_CPU_SUSPEND)) |                        \
     BIT(PSCI_FN(VCPU_PSCI_CPU_DEFAULT_SUSPEND)) | BIT(PSCI_FN(VCPU_PSCI_AFFINITY_INFO)) |         \
     BIT(PSCI_FN(VCPU_PSCI_SYSTEM_RESET2)))
/* And those of them that the host has to want: the VM's flag is the function's bit. */
#define OPTIONAL (BIT(PSCI_FN(VCPU_PSCI_SYSTEM_SUSPEND)) | BIT(PSCI_FN(VCPU_PSCI_SYSTEM_OFF2)))

_Static_assert(((uint32_t)VCPU_VM_SYSTEM_SUSPEND | (uint32_t)VCPU_VM_SYSTEM_OFF2) == OPTIONAL,
               "the flags are the bits");

static bool is_there(uint32_t vm_flags, uint32_t id, uint32_t only_32bit)
{
    uint32_t fn = PSCI_FN(id & ~(uint32_t)SMCCC_64);
    uint32_t functions = BOTH_FORMS | (vm_flags & OPTIONAL);

    if (!(id & SMCCC_64))
        functions |= only_32bit;
    return fn <= PSCI_FN_LAST && (functions >> fn & 1);
}

/* Some VM has it in some form, and it is more than an answer. */
static inline bool acts(uint32_t id)
{
    uint32_t fn = PSCI_FN(id & ~(uint32_t)SMCCC_64);

    return fn <= PSCI_FN_LAST && ((ONLY_32BIT | BOTH_FORMS | OPTIONAL) >> fn & 1);
}

/* PSCI and the Arm architecture: the library answers all of their calls. */
static bool is_owned(uint32_t id)
{
    uint32_t owner = (uint32_t)FIELD_GET(SMCCC_OWNER, id);

    return (id & SMCCC_FAST) &&
           (owner == SMCCC_OWNER_STANDARD ? FIELD_GET(SMCCC_FN, id) <= PSCI_FN_LAST
                                          : owner == SMCCC_OWNER_ARCH);
}

/* Of a function that is there: the flags that PSCI_FEATURES has for it. */
static int64_t features_of(uint32_t vm_flags, uint32_t id)
{
    if (!is_there(vm_flags, id, ONLY_32BIT | ANSWERS) && id != VCPU_SMCCC_VERSION)
        return VCPU_PSCI_NOT_SUPPORTED;
    return (id & ~(uint32_t)SMCCC_64) == VCPU_PSCI_SYSTEM_OFF2 ? VCPU_PSCI_HIBERNATE_OFF : 0;
}

static int64_t answer(uint32_t vm_flags, uint32_t id, uint32_t asked)
{
    switch (id) {
    case VCPU_PSCI_VERSION:
        return VERSION_PSCI;
    case VCPU_PSCI_MIGRATE_INFO_TYPE:
        return MIGRATE_NOT_REQUIRED;
    case VCPU_PSCI_FEATURES:
        return features_of(vm_flags, asked);
    case VCPU_SMCCC_VERSION:
        return VERSION_SMCCC;
    case VCPU_SMCCC_ARCH_FEATURES:
        if (asked == VCPU_SMCCC_VERSION || asked == VCPU_SMCCC_ARCH_FEATURES)
            return VCPU_PSCI_SUCCESS;
        break;
    default:
        break;
    }
    return VCPU_PSCI_NOT_SUPPORTED;
}

enum outcome vcpu_psci_call(struct vcpu_state *v)
{
    uint64_t *x = v->pub.regs.x;
    uint32_t id = (uint32_t)x[0], flags = v->vm->flags;

    if (acts(id) && is_there(flags, id, ONLY_32BIT))
        return vcpu_psci_act(v);
    if (!is_owned(id))
        return OUTCOME_HOST;
    x[0] = (uint64_t)answer(flags, id, (uint32_t)x[1]);
    return OUTCOME_DONE;
}
