/* SPDX-License-Identifier: MIT */
/*
 * What devices need of the CPU they run on, as functions, so that the code that uses them is pure.
 * The unit tests put a simulated CPU in their place.
 */
#ifndef VCPU_HW_CPU_H
#define VCPU_HW_CPU_H

#include <stdint.h>

/* MPIDR_EL1 of this CPU: never 0. */
uint64_t vcpu_cpu_id(void);

/* Masks interrupts; gives back what is to be restored. */
uint64_t vcpu_cpu_mask(void);
void vcpu_cpu_restore(uint64_t daif);

/* In each turn of a loop that waits for another CPU. */
void vcpu_cpu_relax(void);

#endif
