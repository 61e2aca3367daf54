/* SPDX-License-Identifier: MIT */
/*
 * Writing the per-CPU block, at enable. Pure.
 *
 * A vcpu_kick reads the block of the CPU that the vCPU's token names, without a lock. It can be
 * interrupted between the two. Meanwhile the vCPU is put, and this CPU is disabled and enabled
 * again. So what it reads is written only if it changes, and never in between is something else
 * there.
 */
#ifndef VCPU_CPU_BLOCK_H
#define VCPU_CPU_BLOCK_H

#include "state/state.h"

void vcpu_block_fill(struct percpu_state *cpu, const struct vcpu_percpu_config *config,
                     uint64_t mpidr, const struct vcpu_features *features);

#endif
