/* SPDX-License-Identifier: MIT */
/* Pure: which cache maintenance guest memory needs on a CPU. */
#ifndef VCPU_CACHE_RULES_H
#define VCPU_CACHE_RULES_H

#include <stdbool.h>
#include <stdint.h>

/* What is done to each line of data. */
enum cache_data {
    CACHE_DATA_NOTHING,
    CACHE_DATA_TO_UNIFICATION, /* DC CVAU */
    CACHE_DATA_TO_COHERENCY,   /* DC CIVAC */
};

struct cache_rules {
    uint32_t line; /* bytes: no data cache has shorter lines */
    enum cache_data data;
    bool drops_code; /* IC IALLUIS */
};

/* fwb: each guest of the memory has HCR_EL2.FWB = 1. */
struct cache_rules vcpu_cache_rules(uint64_t ctr_el0, bool fwb);

/* [start, start + size) as whole lines: from *first to before *end. False: it wraps around. */
bool vcpu_cache_lines(uint64_t start, uint64_t size, uint32_t line, uint64_t *first, uint64_t *end);

#endif
