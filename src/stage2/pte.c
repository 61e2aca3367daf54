/* SPDX-License-Identifier: MIT */
#include "stage2/pte.h"

#include <vcpu/stage2.h>

#include "arm/stage2.h"

unsigned vcpu_pte_index(uint64_t ipa, int level)
{
    return (unsigned)(ipa >> pte_shift(level)) % S2_ENTRIES;
}

uint64_t vcpu_pte_next(uint64_t ipa, uint64_t end, int level)
{
    uint64_t next = (ipa | (vcpu_pte_size(level) - 1)) + 1;

    return next < end ? next : end;
}

bool vcpu_pte_fits(uint64_t ipa, uint64_t end, uint64_t pa, int level)
{
    uint64_t size = vcpu_pte_size(level);

    return level >= S2_LEVEL_FIRST_BLOCK && end - ipa == size && (ipa | pa) % size == 0;
}

static bool at_most_one(uint32_t flags)
{
    return (flags & (flags - 1)) == 0;
}

bool vcpu_pte_valid_permissions(uint32_t flags, uint32_t features)
{
    return (flags & ~PTE_PERMISSIONS) == 0 && flags != 0 && at_most_one(flags & PTE_EXECUTE) &&
           (!(flags & PTE_EXECUTE & ~(uint32_t)VCPU_S2_EXECUTE) || (features & VCPU_S2_HAS_XNX));
}

bool vcpu_pte_valid_flags(uint32_t flags, uint32_t features)
{
    return vcpu_pte_valid_permissions(flags & ~PTE_OTHER, features) &&
           at_most_one(flags & PTE_OTHER) && (!(flags & PTE_DEVICE) || !(flags & PTE_EXECUTE));
}

static uint64_t permissions(uint32_t flags)
{
    uint64_t xn = flags & VCPU_S2_EXECUTE       ? 0
                  : flags & VCPU_S2_EXECUTE_EL0 ? S2_XN_EL1
                  : flags & VCPU_S2_EXECUTE_EL1 ? S2_XN_EL0
                                                : S2_XN_ALL;

    return (flags & VCPU_S2_READ ? S2_S2AP_READ : 0) | (flags & VCPU_S2_WRITE ? S2_S2AP_WRITE : 0) |
           FIELD_PREP(S2_XN, xn);
}

/* The walker treats Device and Non-cacheable memory as Outer Shareable, whatever SH says. */
static uint64_t memory(uint32_t flags, uint32_t features)
{
    if (flags & VCPU_S2_DEVICE)
        return FIELD_PREP(S2_MEMATTR, S2_MEMATTR_DEVICE_nGnRE);
    if (flags & VCPU_S2_DEVICE_nGnRnE)
        return FIELD_PREP(S2_MEMATTR, S2_MEMATTR_DEVICE_nGnRnE);
    if (flags & VCPU_S2_NONCACHEABLE)
        return FIELD_PREP(S2_MEMATTR, S2_MEMATTR_NORMAL_NC);
    return FIELD_PREP(S2_MEMATTR, features & VCPU_S2_HAS_FWB ? S2_MEMATTR_FWB_NORMAL_WB
                                                             : S2_MEMATTR_NORMAL_WB) |
           FIELD_PREP(S2_SH, flags & VCPU_S2_OUTER_SHAREABLE ? SH_OUTER : SH_INNER);
}

uint64_t vcpu_pte_leaf(uint64_t pa, int level, uint32_t flags, uint32_t features)
{
    /* AF is set from the start: the library does not count accesses. */
    return (pa & S2_ADDRESS) | memory(flags, features) | permissions(flags) | S2_AF | S2_VALID |
           (level == S2_LEVEL_PAGE ? S2_TABLE_OR_PAGE : 0);
}

uint32_t vcpu_pte_flags(uint64_t pte)
{
    static const uint16_t execute[] = {
        [0] = VCPU_S2_EXECUTE,
        [S2_XN_EL1] = VCPU_S2_EXECUTE_EL0,
        [S2_XN_ALL] = 0,
        [S2_XN_EL0] = VCPU_S2_EXECUTE_EL1,
    };
    uint32_t flags = (pte & S2_S2AP_READ ? VCPU_S2_READ : 0) |
                     (pte & S2_S2AP_WRITE ? VCPU_S2_WRITE : 0) | execute[FIELD_GET(S2_XN, pte)];

    switch (FIELD_GET(S2_MEMATTR, pte)) {
    case S2_MEMATTR_DEVICE_nGnRE:
        return flags | VCPU_S2_DEVICE;
    case S2_MEMATTR_DEVICE_nGnRnE:
        return flags | VCPU_S2_DEVICE_nGnRnE;
    case S2_MEMATTR_NORMAL_NC:
        return flags | VCPU_S2_NONCACHEABLE;
    default: /* Normal Write-Back, with or without FWB */
        return flags | (FIELD_GET(S2_SH, pte) == SH_OUTER ? VCPU_S2_OUTER_SHAREABLE : 0);
    }
}

uint64_t vcpu_pte_with_permissions(uint64_t pte, uint32_t flags)
{
    return (pte & ~(S2_S2AP_READ | S2_S2AP_WRITE | S2_XN)) | permissions(flags);
}

uint64_t vcpu_pte_part(uint64_t pte, int level, unsigned index)
{
    return (pte + index * vcpu_pte_size(level + 1)) |
           (level + 1 == S2_LEVEL_PAGE ? S2_TABLE_OR_PAGE : 0);
}
