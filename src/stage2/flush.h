/* SPDX-License-Identifier: MIT */
/* Pure: which TLB maintenance a change of the tables needs, and its order. */
#ifndef VCPU_STAGE2_FLUSH_H
#define VCPU_STAGE2_FLUSH_H

#include <stdbool.h>
#include <stdint.h>

#include <vcpu/stage2.h>

/* The VMID whose entries are removed. */
struct vcpu_flush_target {
    uint16_t vmid;
    bool wide; /* VMIDs have 16 bits */
};

/* That of the VM that the tables serve. */
struct vcpu_flush_target vcpu_flush_target(const struct vcpu_stage2 *s2);

/*
 * With more changed entries than this, all entries of the VMID are removed. That costs the guest
 * little more: to remove even one entry, all entries that combine both stages go too (see
 * vcpu_flush_run). A flush by address saves only later stage-2 walks.
 */
#define VCPU_FLUSH_MAX_ENTRIES 32u

/* The changed entries of one call. All 0 at first. */
struct vcpu_flush {
    uint64_t operands[VCPU_FLUSH_MAX_ENTRIES];
    uint64_t count;
};

/* Adds a valid entry, which holds ipa, that was changed or made invalid. */
void vcpu_flush_add(struct vcpu_flush *flush, uint64_t ipa);

/*
 * Removes the added entries from the TLBs of all CPUs, after the stores that changed them. Does
 * nothing if none was added.
 */
void vcpu_flush_run(const struct vcpu_flush *flush, struct vcpu_flush_target target);

/* Removes all entries of the target. */
void vcpu_flush_all(struct vcpu_flush_target target);

#endif
