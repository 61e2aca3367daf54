/* SPDX-License-Identifier: MIT */
/*
 * The memory for a vCPU's SVE registers. Its size follows the longest vectors of the VM: Z0 to Z31,
 * then P0 to P15 and FFR, which have a bit for each byte of a vector. Pure.
 */
#ifndef VCPU_STATE_SVE_H
#define VCPU_STATE_SVE_H

#include "state/state.h"

#define SVE_MAX_VQ 16u /* quadwords: 2048 bits */

/* Quadwords of the longest vectors among `lengths` (vcpu_features) that have no more than `most`,
 * or any number if that is 0. */
unsigned vcpu_sve_vq(uint16_t lengths, unsigned most);

/* Does a CPU with these lengths do as one with those, for vectors of up to vq quadwords? */
bool vcpu_sve_same_lengths(uint16_t these, uint16_t those, unsigned vq);

/* Pages from the host for a vCPU of the VM, none if it has no SVE. VCPU_OK, VCPU_ERR_NO_MEMORY. */
int vcpu_sve_create(const struct vcpu_vm *vm, struct sve_area *sve);
void vcpu_sve_destroy(const struct vcpu_vm *vm, const struct sve_area *sve);

/* As a reset leaves them: all 0. */
void vcpu_sve_reset(const struct vcpu_vm *vm, const struct sve_area *sve);

#endif
