/* SPDX-License-Identifier: MIT */
/*
 * The SIMD&FP registers of a vCPU that does not run, for accesses to single registers: taken to
 * memory, and given back to the CPU if they were there. Between vcpu_hold and daif_restore.
 */
#ifndef VCPU_SWITCH_VECTOR_H
#define VCPU_SWITCH_VECTOR_H

#include "state/state.h"

/* V0 of a vCPU in memory; *stride words from one to the next, because they can be parts of Z. */
uint64_t *vcpu_vector_take(struct vcpu_state *v, unsigned *stride);

/* After each take. */
void vcpu_vector_give_back(struct vcpu_state *v);

#endif
