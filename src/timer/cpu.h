/* SPDX-License-Identifier: MIT */
/*
 * What the timers need of the CPU, as functions, so that the code that uses them is pure. The unit
 * tests put a simulated CPU in their place.
 */
#ifndef VCPU_TIMER_CPU_H
#define VCPU_TIMER_CPU_H

#include <stdint.h>

/* MPIDR_EL1 of this CPU: never 0. */
uint64_t vcpu_timer_cpu_id(void);

/* Masks interrupts; gives back what is to be restored. */
uint64_t vcpu_timer_cpu_mask(void);
void vcpu_timer_cpu_restore(uint64_t daif);

/* The machine's physical count. */
uint64_t vcpu_timer_cpu_count(void);

/* The virtual timer in this CPU, as count_compare has it. */
uint64_t vcpu_timer_cpu_virtual_compare(void);

#endif
