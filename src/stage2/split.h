/* SPDX-License-Identifier: MIT */
/* Pure: replaces blocks by tables with the same mapping. */
#ifndef VCPU_STAGE2_SPLIT_H
#define VCPU_STAGE2_SPLIT_H

#include <stdint.h>

#include <vcpu/stage2.h>

/*
 * Splits the blocks that an end of the range cuts: then each entry is either in the range or
 * outside. VCPU_ERR_NO_MEMORY: nothing changed.
 */
int vcpu_split_ends(struct vcpu_stage2 *s2, uint64_t ipa, uint64_t end);

#endif
