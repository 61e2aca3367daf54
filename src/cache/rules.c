/* SPDX-License-Identifier: MIT */
#include "cache/rules.h"

#include "arm/id.h"

/*
 * DC CIVAC, not DC CVAC, although nothing has to leave the caches for a guest that only reads: a
 * line that stays would be read later by a guest with caches on, which had written memory past
 * it. (And on Cortex-A53 a clean alone can lose data: 819472, 824069, 826319, 827319.)
 *
 * With FWB guests access data through the caches, so only instruction fetches can differ. They see
 * what is at the point of unification. IDC: data is there at once; DIC: instruction caches follow.
 */
struct cache_rules vcpu_cache_rules(uint64_t ctr_el0, bool fwb)
{
    return (struct cache_rules){
        .line = 4u << FIELD_GET(CTR_EL0_DMINLINE, ctr_el0), /* log2 of the words */
        .data = !fwb                    ? CACHE_DATA_TO_COHERENCY
                : ctr_el0 & CTR_EL0_IDC ? CACHE_DATA_NOTHING
                                        : CACHE_DATA_TO_UNIFICATION,
        .drops_code = !(ctr_el0 & CTR_EL0_DIC),
    };
}

bool vcpu_cache_lines(uint64_t start, uint64_t size, uint32_t line, uint64_t *first, uint64_t *end)
{
    uint64_t mask = line - 1;

    *first = start & ~mask;
    *end = (start + size + mask) & ~mask;
    if (size == 0)
        *end = *first;
    return start + size >= start && *end >= *first;
}
