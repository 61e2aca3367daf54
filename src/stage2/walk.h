/* SPDX-License-Identifier: MIT */
/* Pure: visits the entries of a range of IPA, in the order of addresses. */
#ifndef VCPU_STAGE2_WALK_H
#define VCPU_STAGE2_WALK_H

#include <stdbool.h>
#include <stdint.h>

#include <vcpu/stage2.h>

/* What to do at each entry. A caller puts its own state after this struct. */
struct vcpu_walk {
    /*
     * An entry that maps memory or is invalid; [ipa, end) is its part of the range. What the
     * function writes to it is not walked. A result other than VCPU_OK ends the walk, which returns
     * it.
     */
    int (*leaf)(struct vcpu_walk *walk, uint64_t *entry, int level, uint64_t ipa, uint64_t end);

    /* A table, after all entries of the range below it. Can be NULL. */
    void (*table)(struct vcpu_walk *walk, uint64_t *entry);
};

int vcpu_walk_range(const struct vcpu_stage2 *s2, struct vcpu_walk *walk, uint64_t ipa,
                    uint64_t end);

/* The one of the root's tables that holds ipa. */
uint64_t *vcpu_walk_root_table(const struct vcpu_stage2 *s2, uint64_t ipa);

/* Is the range whole pages, at least one, within the IPA size? */
bool vcpu_walk_valid_range(const struct vcpu_stage2 *s2, uint64_t ipa, uint64_t size);

#endif
