/* SPDX-License-Identifier: MIT */
/* CPUs, locks, time. */
#ifndef KIT_CPU_H
#define KIT_CPU_H

#include <stdint.h>

#include <kit/config.h>

/* A CPU's affinity in MPIDR_EL1: Aff3 and Aff2..Aff0. */
#define KIT_MPIDR_AFFINITY UINT64_C(0xff00ffffff)

/*
 * Starts the CPU with this affinity: MMU, caches and vectors as on the first, a stack of its own,
 * then fn(arg). When fn returns the CPU goes off, and can be started again. Returns 0, a PSCI error
 * (kit/smccc.h), or KIT_CPU_NO_SLOT if KIT_MAX_CPUS different ones have been started.
 */
#define KIT_CPU_NO_SLOT (-100)
int64_t kit_cpu_start(uint64_t mpidr, void (*fn)(uint64_t arg), uint64_t arg);

/* Puts this CPU off, as when its fn returns. Not for the CPU that runs guest_main. */
_Noreturn void kit_cpu_off(void);

/* 0 for the CPU that runs guest_main, the others from 1 in the order of their first start. */
unsigned int kit_cpu_id(void);

/* The affinity of a CPU by its number, KIT_CPU_NONE if there is no such. */
#define KIT_CPU_NONE UINT64_MAX
uint64_t kit_cpu_affinity(unsigned int id);

/* A lock between CPUs; all zero is free. A handler that takes it needs IRQs masked elsewhere. */
struct kit_lock {
    uint32_t taken;
};

void kit_lock(struct kit_lock *lock);
void kit_unlock(struct kit_lock *lock);

/* The virtual counter (after all instructions before), and its ticks in a second. */
uint64_t kit_counter(void);
uint64_t kit_counter_frequency(void);
void kit_delay_us(uint64_t microseconds);

/*
 * This CPU's virtual timer, which raises KIT_IRQ_VIRTUAL_TIMER from `ticks` from now until stopped.
 */
void kit_timer_start(uint64_t ticks);
void kit_timer_stop(void);

#endif
