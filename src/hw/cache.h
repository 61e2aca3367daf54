/* SPDX-License-Identifier: MIT */
/* Maintenance of caches. A DSB completes it. */
#ifndef VCPU_HW_CACHE_H
#define VCPU_HW_CACHE_H

#include <stdint.h>

/* Empties the instruction cache of this CPU. A DSB NSH and an ISB complete it. */
static inline void ic_iallu(void)
{
    __asm__ volatile("ic iallu" : : : "memory");
}

/* Empties the instruction caches of all CPUs. */
static inline void ic_ialluis(void)
{
    __asm__ volatile("ic ialluis" : : : "memory");
}

/* The line that holds the address: cleaned and invalidated to the point of coherency. */
static inline void dc_civac(uint64_t address)
{
    __asm__ volatile("dc civac, %0" : : "r"(address) : "memory");
}

/* Cleaned to the point of unification. */
static inline void dc_cvau(uint64_t address)
{
    __asm__ volatile("dc cvau, %0" : : "r"(address) : "memory");
}

#endif
