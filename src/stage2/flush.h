/* SPDX-License-Identifier: MIT */
/* Pure: which TLB maintenance a change of the tables needs, and its order. */
#ifndef VCPU_STAGE2_FLUSH_H
#define VCPU_STAGE2_FLUSH_H

#include <stdbool.h>
#include <stdint.h>

#include <vcpu/stage2.h>

/* Whose entries. */
struct vcpu_flush_target {
    uint16_t vmid;
    bool wide; /* VMIDs have 16 bits */
};

/* The guest that the tables serve. */
struct vcpu_flush_target vcpu_flush_target(const struct vcpu_stage2 *s2);

/*
 * From so many changed entries on, all of the VMID goes at once. It costs the guest little more:
 * one entry already takes all that is combined with stage 1 along (see vcpu_flush_run), and what a
 * flush by address saves is only the stage-2 walks to come.
 */
#define VCPU_FLUSH_MAX_ENTRIES 32u

/* The entries of one change. Starts as zero. */
struct vcpu_flush {
    uint64_t operands[VCPU_FLUSH_MAX_ENTRIES];
    uint64_t count;
};

/* A valid entry, which holds ipa, was changed or made invalid. */
void vcpu_flush_add(struct vcpu_flush *flush, uint64_t ipa);

/*
 * Removes what any CPU holds of the entries added, after the stores that changed them. Nothing was
 * added: nothing is done.
 */
void vcpu_flush_run(const struct vcpu_flush *flush, struct vcpu_flush_target target);

/* Removes all of the target. */
void vcpu_flush_all(struct vcpu_flush_target target);

#endif
