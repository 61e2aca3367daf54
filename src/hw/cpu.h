/* SPDX-License-Identifier: MIT */
/*
 * The CPU operations that devices need, as functions, so that the code that calls them is pure. The
 * unit tests have a simulated CPU in their place.
 */
#ifndef VCPU_HW_CPU_H
#define VCPU_HW_CPU_H

#include <stdbool.h>
#include <stdint.h>

/* MPIDR_EL1 of this CPU: never 0. */
uint64_t vcpu_cpu_id(void);

/* Masks interrupts; returns the value for the restore. */
uint64_t vcpu_cpu_mask(void);
void vcpu_cpu_restore(uint64_t daif);

/*
 * Is an interrupt of the machine pending? A job that is long, with interrupts masked, looks now and
 * then. Never for a guest that has the machine's interrupts itself, and can have them masked.
 */
bool vcpu_cpu_is_interrupted(void);

/* The machine's physical count. */
uint64_t vcpu_cpu_count(void);

/* For each turn of a loop that waits for another CPU. */
void vcpu_cpu_relax(void);

#endif
