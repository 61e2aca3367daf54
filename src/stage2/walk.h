/* SPDX-License-Identifier: MIT */
/* Pure: going over the entries of a range of IPA, in the order of addresses. */
#ifndef VCPU_STAGE2_WALK_H
#define VCPU_STAGE2_WALK_H

#include <stdbool.h>
#include <stdint.h>

#include <vcpu/stage2.h>

/* What to do at the entries. A user puts its own state behind it. */
struct vcpu_walk {
    /*
     * An entry that maps memory or is invalid: pte, of which [ipa, end) lies in the range. What is
     * written to it is not walked. Anything but VCPU_OK ends the walk, which returns it.
     */
    int (*leaf)(struct vcpu_walk *walk, uint64_t *entry, int level, uint64_t ipa, uint64_t end);

    /* A table, after all of the range below it; may be NULL. */
    void (*table)(struct vcpu_walk *walk, uint64_t *entry);
};

int vcpu_walk_range(const struct vcpu_stage2 *s2, struct vcpu_walk *walk, uint64_t ipa,
                    uint64_t end);

/* The table of the root, which may have several, that holds ipa. */
uint64_t *vcpu_walk_root_table(const struct vcpu_stage2 *s2, uint64_t ipa);

/* Is it whole pages, at least one, within the IPA size? */
bool vcpu_walk_valid_range(const struct vcpu_stage2 *s2, uint64_t ipa, uint64_t size);

#endif
