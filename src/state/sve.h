/* SPDX-License-Identifier: MIT */
/*
 * The memory for a vCPU's SVE registers: Z0 to Z31, then P0 to P15 and FFR, which have a bit for
 * each byte of a vector. Its size depends on the VM's longest vectors. Pure.
 */
#ifndef VCPU_STATE_SVE_H
#define VCPU_STATE_SVE_H

#include "state/state.h"

#define SVE_MAX_VQ 16u /* quadwords: 2048 bits */

/*
 * Quadwords of the longest vectors in `lengths` (vcpu_features) with at most `most` quadwords; 0:
 * no limit.
 */
unsigned vcpu_sve_vq(uint16_t lengths, unsigned most);

/* Are the two sets of lengths the same, for vectors of up to vq quadwords? */
bool vcpu_sve_same_lengths(uint16_t these, uint16_t those, unsigned vq);

/*
 * Takes pages from the host for a vCPU of the VM; none if it has no SVE. VCPU_OK,
 * VCPU_ERR_NO_MEMORY.
 */
int vcpu_sve_create(const struct vcpu_vm *vm, struct sve_area *sve);
void vcpu_sve_destroy(const struct vcpu_vm *vm, const struct sve_area *sve);

/* Sets the reset state: all 0. */
void vcpu_sve_reset(const struct vcpu_vm *vm, const struct sve_area *sve);

#endif
