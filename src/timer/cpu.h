/* SPDX-License-Identifier: MIT */
/*
 * The CPU operations of the timers, beside hw/cpu.h, as functions, so that the code that calls them
 * is pure. The unit tests have a simulated CPU in their place.
 */
#ifndef VCPU_TIMER_CPU_H
#define VCPU_TIMER_CPU_H

#include <stdint.h>

/* The virtual timer in this CPU, as count_compare has it. */
uint64_t vcpu_timer_cpu_virtual_compare(void);

#endif
