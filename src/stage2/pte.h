/* SPDX-License-Identifier: MIT */
/*
 * Pure: stage-2 descriptors and the arithmetic of levels.
 *
 * A level is 0 to 3. The root can be several concatenated tables. It is treated as the entries of a
 * level above the start level, so -1 is a level too.
 */
#ifndef VCPU_STAGE2_PTE_H
#define VCPU_STAGE2_PTE_H

#include <stdbool.h>
#include <stdint.h>

#include <vcpu/addr.h>
#include <vcpu/stage2.h>

#include "arm/stage2.h"

static inline unsigned pte_shift(int level)
{
    return S2_PAGE_SHIFT + S2_STRIDE * (unsigned)(S2_LEVEL_PAGE - level);
}

/* Bytes of IPA under one entry at the level. */
static inline uint64_t vcpu_pte_size(int level)
{
    return BIT(pte_shift(level));
}

/* The index of the entry that holds ipa in its table at the level. */
unsigned vcpu_pte_index(uint64_t ipa, int level);

/* The end of the entry that holds ipa at the level, or `end` if that is lower. */
uint64_t vcpu_pte_next(uint64_t ipa, uint64_t end, int level);

/* Can one entry at the level map exactly [ipa, end) to pa? */
bool vcpu_pte_fits(uint64_t ipa, uint64_t end, uint64_t pa, int level);

/* Groups of VCPU_S2_* flags. Of each of the last three at most one is set. */
#define PTE_PERMISSIONS ((uint32_t)(VCPU_S2_RWX | VCPU_S2_EXECUTE_EL0 | VCPU_S2_EXECUTE_EL1))
#define PTE_EXECUTE     ((uint32_t)(VCPU_S2_EXECUTE | VCPU_S2_EXECUTE_EL0 | VCPU_S2_EXECUTE_EL1))
#define PTE_DEVICE      ((uint32_t)(VCPU_S2_DEVICE | VCPU_S2_DEVICE_nGnRnE))
/* Not Normal Write-Back. Shareability is given only for that: the others are Outer Shareable. */
#define PTE_OTHER (PTE_DEVICE | (uint32_t)(VCPU_S2_NONCACHEABLE | VCPU_S2_OUTER_SHAREABLE))

/* Can a page or block have these permissions, or these flags? features: VCPU_S2_HAS_*. */
bool vcpu_pte_valid_permissions(uint32_t flags, uint32_t features);
bool vcpu_pte_valid_flags(uint32_t flags, uint32_t features);

/* A page or block with valid flags. */
uint64_t vcpu_pte_leaf(uint64_t pa, int level, uint32_t flags, uint32_t features);

static inline uint64_t vcpu_pte_table(vcpu_pa_t table)
{
    return (table.value & S2_ADDRESS) | S2_TABLE_OR_PAGE | S2_VALID;
}

static inline bool vcpu_pte_is_valid(uint64_t pte)
{
    return pte & S2_VALID;
}

static inline bool vcpu_pte_is_table(uint64_t pte, int level)
{
    return level < S2_LEVEL_PAGE && (~pte & (S2_VALID | S2_TABLE_OR_PAGE)) == 0;
}

/* For a table: its address. For a leaf: the output address. */
static inline uint64_t vcpu_pte_address(uint64_t pte)
{
    return pte & S2_ADDRESS;
}

/* For a leaf: its VCPU_S2_* flags, and the same leaf with other permissions. */
uint32_t vcpu_pte_flags(uint64_t pte);
uint64_t vcpu_pte_with_permissions(uint64_t pte, uint32_t flags);

/* For a valid block at the level: the leaf one level down for its part at index. */
uint64_t vcpu_pte_part(uint64_t pte, int level, unsigned index);

/*
 * A walker on another CPU can read the entry at any time, so this is one single-copy atomic access.
 */
static inline uint64_t vcpu_pte_read(const uint64_t *entry)
{
    return *(const volatile uint64_t *)entry;
}

static inline void vcpu_pte_write(uint64_t *entry, uint64_t pte)
{
    *(volatile uint64_t *)entry = pte;
}

#endif
