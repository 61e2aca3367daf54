/* SPDX-License-Identifier: MIT */
#include "cpu/block.h"

#include "hw/memory.h"

#define OTHERS_READ offsetof(struct percpu_state, resident)

_Static_assert(offsetof(struct percpu_state, host) < OTHERS_READ &&
                   offsetof(struct percpu_state, id) < OTHERS_READ &&
                   offsetof(struct percpu_state, mpidr) < OTHERS_READ,
               "other CPUs read what is not kept");

void vcpu_block_fill(struct percpu_state *cpu, const struct vcpu_percpu_config *config,
                     uint64_t mpidr, const struct vcpu_features *features)
{
    if (cpu->host != config->host || cpu->id != config->id || cpu->mpidr != mpidr) {
        cpu->host = config->host;
        cpu->id = config->id;
        cpu->mpidr = mpidr;
    }
    memset((uint8_t *)cpu + OTHERS_READ, 0, sizeof(*cpu) - OTHERS_READ);
    cpu->flags = config->flags;
    cpu->features = *features;
    __atomic_store_n(&cpu->enabled, true, __ATOMIC_RELEASE);
}
