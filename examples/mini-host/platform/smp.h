/* SPDX-License-Identifier: MIT */
/*
 * The machine's CPUs, numbered from 0: first the one that booted, then the others in device-tree
 * order.
 */
#ifndef PLATFORM_SMP_H
#define PLATFORM_SMP_H

#include <stdbool.h>
#include <stdint.h>

#include "layout.h"
#include "machine.h"

struct smp_cpu {
    uint64_t stack; /* tops of its stacks, for boot.S */
    uint64_t fault_stack;
    uint64_t mpidr; /* affinity fields in place */
    unsigned index;
    uint32_t online;
};

/* All stacks, laid out as layout.h says. */
extern uint8_t smp_stacks[PLATFORM_MAX_CPUS][PLATFORM_STACKS_SIZE];

/* Numbers the CPUs. Called once by the platform. */
void smp_init(const struct machine *machine);

unsigned smp_count(void);

/* CPU number index, or NULL. Any CPU. */
const struct smp_cpu *smp_cpu(unsigned index);

/* The CPU it is called on. */
const struct smp_cpu *smp_this(void);

/*
 * Starts every other CPU by PSCI and waits until each has called entry, on its own stack with MMU
 * and caches on and IRQs masked. When entry returns the CPU sleeps for ever. False, after a line
 * that says why, if one does not start.
 */
bool smp_start(void (*entry)(unsigned index));

#endif
