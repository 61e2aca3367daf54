/* SPDX-License-Identifier: MIT */
/* The generic timer at EL2: the physical count, and the EL2 physical timer. */
#ifndef PLATFORM_TIMER_H
#define PLATFORM_TIMER_H

#include <stdbool.h>
#include <stdint.h>

#include "arch.h"

#define TIMER_ENABLE  1u
#define TIMER_ISTATUS 4u

/* Ticks; the ISB orders the read after what comes before it. */
static inline uint64_t timer_now(void)
{
    arch_isb();
    return arch_read(cntpct_el0);
}

/* Ticks a second. */
static inline uint64_t timer_frequency(void)
{
    return arch_read(cntfrq_el0);
}

/* This CPU's EL2 timer interrupt is asserted from that count on. */
static inline void timer_set(uint64_t deadline)
{
    arch_write(cnthp_cval_el2, deadline);
    arch_write(cnthp_ctl_el2, TIMER_ENABLE);
    arch_isb();
}

static inline void timer_clear(void)
{
    arch_write(cnthp_ctl_el2, 0);
    arch_isb();
}

static inline bool timer_expired(void)
{
    return (arch_read(cnthp_ctl_el2) & TIMER_ISTATUS) != 0;
}

#endif
