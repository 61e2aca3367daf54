/* SPDX-License-Identifier: MIT */
/* Pure: replacing blocks by tables that map the same. */
#ifndef VCPU_STAGE2_SPLIT_H
#define VCPU_STAGE2_SPLIT_H

#include <stdint.h>

#include <vcpu/stage2.h>

/*
 * Splits the blocks that the ends of the range cut, so that every entry lies in it or outside.
 * VCPU_ERR_NO_MEMORY: nothing is changed.
 */
int vcpu_split_ends(struct vcpu_stage2 *s2, uint64_t ipa, uint64_t end);

#endif
