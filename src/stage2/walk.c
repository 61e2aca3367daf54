/* SPDX-License-Identifier: MIT */
#include "stage2/walk.h"

#include <vcpu/error.h>

#include "arm/stage2.h"
#include "stage2/pages.h"
#include "stage2/pte.h"

/* Each call goes down one level, so the recursion is at most four deep. */
static int walk_table(const struct vcpu_stage2 *s2, struct vcpu_walk *walk, uint64_t *table,
                      int level, uint64_t ipa, uint64_t end)
{
    int result = VCPU_OK;

    for (uint64_t next; ipa < end && result == VCPU_OK; ipa = next) {
        uint64_t *entry = &table[vcpu_pte_index(ipa, level)];
        uint64_t pte = vcpu_pte_read(entry);

        next = vcpu_pte_next(ipa, end, level);
        if (vcpu_pte_is_table(pte, level)) {
            vcpu_pa_t below = vcpu_pa(vcpu_pte_address(pte));

            result = walk_table(s2, walk, vcpu_pages_table(s2, below), level + 1, ipa, next);
            if (result == VCPU_OK && walk->table)
                walk->table(walk, entry);
        } else {
            result = walk->leaf(walk, entry, level, ipa, next);
        }
    }
    return result;
}

int vcpu_walk_range(const struct vcpu_stage2 *s2, struct vcpu_walk *walk, uint64_t ipa,
                    uint64_t end)
{
    int level = s2->shape.start_level;
    int result = VCPU_OK;

    for (uint64_t next; ipa < end && result == VCPU_OK; ipa = next) {
        next = vcpu_pte_next(ipa, end, level - 1);
        result = walk_table(s2, walk, vcpu_walk_root_table(s2, ipa), level, ipa, next);
    }
    return result;
}

uint64_t *vcpu_walk_root_table(const struct vcpu_stage2 *s2, uint64_t ipa)
{
    unsigned index = vcpu_pte_index(ipa, s2->shape.start_level - 1);

    return vcpu_pages_table(s2, vcpu_pa(s2->root.value + (uint64_t)index * VCPU_PAGE_SIZE));
}

bool vcpu_walk_valid_range(const struct vcpu_stage2 *s2, uint64_t ipa, uint64_t size)
{
    uint64_t limit = BIT(s2->shape.ipa_bits);

    return size > 0 && (ipa | size) % VCPU_PAGE_SIZE == 0 && ipa < limit && size <= limit - ipa;
}
