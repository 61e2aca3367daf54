/* SPDX-License-Identifier: MIT */
#include "stage2/split.h"

#include <vcpu/error.h>

#include "arm/stage2.h"
#include "stage2/flush.h"
#include "stage2/pages.h"
#include "stage2/pte.h"
#include "stage2/tlb.h"
#include "stage2/walk.h"

struct split {
    struct vcpu_walk walk; /* first: the callbacks get it */
    struct vcpu_stage2 *s2;
    struct vcpu_pages pages;
    uint64_t tables;
};

/* Does the range, with [ipa, end) in this entry, cut the entry? */
static bool is_cut(int level, uint64_t ipa, uint64_t end)
{
    return end - ipa < vcpu_pte_size(level);
}

/* The number of tables that the block at the level becomes. */
static uint64_t count_tables(int level, uint64_t ipa, uint64_t end)
{
    uint64_t tables = 1;

    if (!is_cut(level, ipa, end))
        return 0;
    for (uint64_t next; ipa < end; ipa = next) {
        next = vcpu_pte_next(ipa, end, level + 1);
        tables += count_tables(level + 1, ipa, next);
    }
    return tables;
}

static int count_leaf(struct vcpu_walk *walk, uint64_t *entry, int level, uint64_t ipa,
                      uint64_t end)
{
    struct split *split = (struct split *)walk;

    if (vcpu_pte_is_valid(vcpu_pte_read(entry)))
        split->tables += count_tables(level, ipa, end);
    return VCPU_OK;
}

/*
 * Builds the tables for the block, not yet reachable for walkers; returns the entry that links
 * them.
 */
static uint64_t build_tables(struct split *split, uint64_t block, int level, uint64_t ipa,
                             uint64_t end)
{
    vcpu_pa_t page = vcpu_pages_take(split->s2, &split->pages);
    uint64_t *table = vcpu_pages_table(split->s2, page);

    for (unsigned i = 0; i < S2_ENTRIES; i++)
        table[i] = vcpu_pte_part(block, level, i);
    for (uint64_t next; ipa < end; ipa = next) {
        uint64_t *entry = &table[vcpu_pte_index(ipa, level + 1)];

        next = vcpu_pte_next(ipa, end, level + 1);
        if (is_cut(level + 1, ipa, next))
            *entry = build_tables(split, *entry, level + 1, ipa, next);
    }
    return vcpu_pte_table(page);
}

/*
 * Break-before-make: a TLB must never hold two sizes for one address. So the block is gone from
 * memory and from all TLBs before the table takes its place. A guest's access in between faults.
 * vcpu_flush_run begins with a DSB, which also makes the new tables visible.
 */
static int split_leaf(struct vcpu_walk *walk, uint64_t *entry, int level, uint64_t ipa,
                      uint64_t end)
{
    struct split *split = (struct split *)walk;
    uint64_t block = vcpu_pte_read(entry);
    struct vcpu_flush flush = {.count = 0};

    if (!vcpu_pte_is_valid(block) || !is_cut(level, ipa, end))
        return VCPU_OK;

    uint64_t tables = build_tables(split, block, level, ipa, end);
    vcpu_pte_write(entry, 0);
    vcpu_flush_add(&flush, ipa);
    vcpu_flush_run(&flush, vcpu_flush_target(split->s2));
    vcpu_pte_write(entry, tables);
    return VCPU_OK;
}

int vcpu_split_ends(struct vcpu_stage2 *s2, uint64_t ipa, uint64_t end)
{
    struct split split = {.walk.leaf = count_leaf, .s2 = s2};

    vcpu_walk_range(s2, &split.walk, ipa, end);
    if (split.tables == 0)
        return VCPU_OK;
    if (vcpu_pages_reserve(s2, &split.pages, split.tables) != VCPU_OK)
        return VCPU_ERR_NO_MEMORY;

    split.walk.leaf = split_leaf;
    vcpu_walk_range(s2, &split.walk, ipa, end);
    vcpu_tlb_dsb_ishst();
    vcpu_tlb_isb();
    return VCPU_OK;
}
