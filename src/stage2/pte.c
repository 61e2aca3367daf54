/* SPDX-License-Identifier: MIT */
#include "stage2/pte.h"

#include <vcpu/stage2.h>

#include "arm/stage2.h"

static unsigned level_shift(int level)
{
    return S2_PAGE_SHIFT + S2_STRIDE * (unsigned)(S2_LEVEL_PAGE - level);
}

uint64_t vcpu_pte_size(int level)
{
    return BIT(level_shift(level));
}

unsigned vcpu_pte_index(uint64_t ipa, int level)
{
    return (unsigned)(ipa >> level_shift(level)) % S2_ENTRIES;
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

static uint64_t permissions(uint32_t flags)
{
    return (flags & VCPU_S2_READ ? S2_S2AP_READ : 0) | (flags & VCPU_S2_WRITE ? S2_S2AP_WRITE : 0) |
           (flags & VCPU_S2_EXECUTE ? 0 : S2_XN);
}

uint64_t vcpu_pte_leaf(uint64_t pa, int level, uint32_t flags)
{
    /* The walker treats Device memory as Outer Shareable, whatever SH says. */
    uint64_t memory = flags & VCPU_S2_DEVICE ? FIELD_PREP(S2_MEMATTR, S2_MEMATTR_DEVICE_nGnRE)
                                             : FIELD_PREP(S2_MEMATTR, S2_MEMATTR_NORMAL_WB) |
                                                   FIELD_PREP(S2_SH, SH_INNER);

    /* AF is set from the start: the library does not count accesses. */
    return (pa & S2_ADDRESS) | memory | permissions(flags) | S2_AF | S2_VALID |
           (level == S2_LEVEL_PAGE ? S2_TABLE_OR_PAGE : 0);
}

uint64_t vcpu_pte_table(vcpu_pa_t table)
{
    return (table.value & S2_ADDRESS) | S2_TABLE_OR_PAGE | S2_VALID;
}

bool vcpu_pte_is_valid(uint64_t pte)
{
    return pte & S2_VALID;
}

bool vcpu_pte_is_table(uint64_t pte, int level)
{
    return level < S2_LEVEL_PAGE &&
           (pte & (S2_VALID | S2_TABLE_OR_PAGE)) == (S2_VALID | S2_TABLE_OR_PAGE);
}

uint64_t vcpu_pte_address(uint64_t pte)
{
    return pte & S2_ADDRESS;
}

uint32_t vcpu_pte_flags(uint64_t pte)
{
    return (pte & S2_S2AP_READ ? VCPU_S2_READ : 0) | (pte & S2_S2AP_WRITE ? VCPU_S2_WRITE : 0) |
           (pte & S2_XN ? 0 : VCPU_S2_EXECUTE) |
           (FIELD_GET(S2_MEMATTR, pte) == S2_MEMATTR_DEVICE_nGnRE ? VCPU_S2_DEVICE : 0);
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
