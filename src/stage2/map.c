/* SPDX-License-Identifier: MIT */
/*
 * Pure: vcpu_stage2_map. It changes only invalid entries. No TLB holds those, so barriers suffice.
 * New tables are linked to each other out of the walkers' reach; then one store links them to the
 * root.
 */
#include "hw/memory.h"

#include <vcpu/error.h>
#include <vcpu/stage2.h>

#include "arm/stage2.h"
#include "stage2/pages.h"
#include "stage2/pte.h"
#include "stage2/tlb.h"
#include "stage2/walk.h"

struct map {
    struct vcpu_walk walk; /* first: the callbacks get it */
    struct vcpu_stage2 *s2;
    uint64_t offset; /* from IPA to PA, modulo 2^64 */
    uint32_t flags;
    struct vcpu_pages pages;
    uint64_t tables;
};

/* The number of tables that are needed to map [ipa, end) at an invalid entry of the level. */
static uint64_t count_tables(const struct map *map, int level, uint64_t ipa, uint64_t end)
{
    uint64_t tables = 1;

    if (vcpu_pte_fits(ipa, end, ipa + map->offset, level))
        return 0;
    if (level + 1 == S2_LEVEL_PAGE)
        return tables;
    for (uint64_t next; ipa < end; ipa = next) {
        next = vcpu_pte_next(ipa, end, level + 1);
        tables += count_tables(map, level + 1, ipa, next);
    }
    return tables;
}

static int count_leaf(struct vcpu_walk *walk, uint64_t *entry, int level, uint64_t ipa,
                      uint64_t end)
{
    struct map *map = (struct map *)walk;

    if (vcpu_pte_is_valid(vcpu_pte_read(entry)))
        return VCPU_ERR_EXISTS;
    map->tables += count_tables(map, level, ipa, end);
    return VCPU_OK;
}

/* The descriptor that maps [ipa, end) at an invalid entry of the level. */
static uint64_t build_entry(struct map *map, int level, uint64_t ipa, uint64_t end)
{
    if (vcpu_pte_fits(ipa, end, ipa + map->offset, level))
        return vcpu_pte_leaf(ipa + map->offset, level, map->flags, map->s2->features);

    vcpu_pa_t page = vcpu_pages_take(map->s2, &map->pages);
    uint64_t *table = vcpu_pages_table(map->s2, page);

    memset(table, 0, VCPU_PAGE_SIZE);
    /* Pages are many: each is the one before with the next address. */
    if (level + 1 == S2_LEVEL_PAGE) {
        uint64_t pte =
            vcpu_pte_leaf(ipa + map->offset, S2_LEVEL_PAGE, map->flags, map->s2->features);

        for (table += vcpu_pte_index(ipa, S2_LEVEL_PAGE); ipa < end; ipa += VCPU_PAGE_SIZE) {
            *table++ = pte;
            pte += VCPU_PAGE_SIZE;
        }
        return vcpu_pte_table(page);
    }
    for (uint64_t next; ipa < end; ipa = next) {
        next = vcpu_pte_next(ipa, end, level + 1);
        table[vcpu_pte_index(ipa, level + 1)] = build_entry(map, level + 1, ipa, next);
    }
    return vcpu_pte_table(page);
}

static int map_leaf(struct vcpu_walk *walk, uint64_t *entry, int level, uint64_t ipa, uint64_t end)
{
    struct map *map = (struct map *)walk;
    uint64_t pte = build_entry(map, level, ipa, end);

    /* No walker may see the link before it sees the tables behind it. */
    if (vcpu_pte_is_table(pte, level))
        vcpu_tlb_dsb_ishst();
    vcpu_pte_write(entry, pte);
    return VCPU_OK;
}

static bool valid_output(const struct vcpu_stage2 *s2, uint64_t pa, uint64_t size)
{
    uint64_t limit = BIT(s2->pa_bits);

    return pa % VCPU_PAGE_SIZE == 0 && pa < limit && size <= limit - pa;
}

int vcpu_stage2_map(struct vcpu_stage2 *s2, vcpu_ipa_t ipa, vcpu_pa_t pa, uint64_t size,
                    uint32_t flags)
{
    if (!s2 || !vcpu_walk_valid_range(s2, ipa.value, size) || !valid_output(s2, pa.value, size) ||
        !vcpu_pte_valid_flags(flags, s2->features))
        return VCPU_ERR_INVALID;

    struct map map = {
        .walk.leaf = count_leaf, .s2 = s2, .offset = pa.value - ipa.value, .flags = flags};
    uint64_t end = ipa.value + size;

    int result = vcpu_walk_range(s2, &map.walk, ipa.value, end);
    if (result == VCPU_OK)
        result = vcpu_pages_reserve(s2, &map.pages, map.tables);
    if (result != VCPU_OK)
        return result;

    map.walk.leaf = map_leaf;
    vcpu_walk_range(s2, &map.walk, ipa.value, end);
    /* When the call returns, the walkers of all CPUs see the new entries, this CPU's too. */
    vcpu_tlb_dsb_ishst();
    vcpu_tlb_isb();
    return VCPU_OK;
}
