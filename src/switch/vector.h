/* SPDX-License-Identifier: MIT */
/*
 * The SIMD&FP registers of a vCPU that does not run, for access to single ones: taken to memory,
 * and given back to the CPU if they came from it. Between vcpu_hold and daif_restore.
 */
#ifndef VCPU_SWITCH_VECTOR_H
#define VCPU_SWITCH_VECTOR_H

#include "state/state.h"

/* V0 of a vCPU in memory; the next one begins *stride words behind, for they may be parts of Z. */
uint64_t *vcpu_vector_take(struct vcpu_state *v, unsigned *stride);

/* After each take. */
void vcpu_vector_give_back(struct vcpu_state *v);

#endif
