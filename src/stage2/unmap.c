/* SPDX-License-Identifier: MIT */
/* Pure: vcpu_stage2_unmap. */
#include <vcpu/error.h>
#include <vcpu/stage2.h>

#include "arm/stage2.h"
#include "stage2/flush.h"
#include "stage2/pages.h"
#include "stage2/pte.h"
#include "stage2/split.h"
#include "stage2/walk.h"

struct unmap {
    struct vcpu_walk walk; /* first: the callbacks get it */
    struct vcpu_stage2 *s2;
    struct vcpu_flush flush;
    struct vcpu_pages emptied;
};

static int clear_leaf(struct vcpu_walk *walk, uint64_t *entry, int level, uint64_t ipa,
                      uint64_t end)
{
    struct unmap *unmap = (struct unmap *)walk;

    (void)level;
    (void)end;
    if (vcpu_pte_is_valid(vcpu_pte_read(entry))) {
        vcpu_pte_write(entry, 0);
        vcpu_flush_add(&unmap->flush, ipa);
    }
    return VCPU_OK;
}

static bool is_empty(const uint64_t *table)
{
    for (unsigned i = 0; i < S2_ENTRIES; i++) {
        if (vcpu_pte_is_valid(table[i]))
            return false;
    }
    return true;
}

/*
 * No table but the root is ever left empty, so an empty one has just lost its last entry. The
 * invalidation for that entry (not the last-level form) also removes the cached links to the table.
 */
static void drop_empty_table(struct vcpu_walk *walk, uint64_t *entry)
{
    struct unmap *unmap = (struct unmap *)walk;
    vcpu_pa_t page = vcpu_pa(vcpu_pte_address(vcpu_pte_read(entry)));

    if (is_empty(vcpu_pages_table(unmap->s2, page))) {
        vcpu_pte_write(entry, 0);
        vcpu_pages_put(unmap->s2, &unmap->emptied, page);
    }
}

int vcpu_stage2_unmap(struct vcpu_stage2 *s2, vcpu_ipa_t ipa, uint64_t size)
{
    if (!s2 || !vcpu_walk_valid_range(s2, ipa.value, size))
        return VCPU_ERR_INVALID;

    uint64_t end = ipa.value + size;
    if (vcpu_split_ends(s2, ipa.value, end) != VCPU_OK)
        return VCPU_ERR_NO_MEMORY;

    struct unmap unmap = {.walk = {.leaf = clear_leaf, .table = drop_empty_table}, .s2 = s2};
    vcpu_walk_range(s2, &unmap.walk, ipa.value, end);
    vcpu_flush_run(&unmap.flush, vcpu_flush_target(s2));
    /* No walker holds a link to these pages any more. */
    vcpu_pages_release(s2, &unmap.emptied);
    return VCPU_OK;
}
