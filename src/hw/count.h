/* SPDX-License-Identifier: MIT */
/*
 * Pure: the arithmetic of counts. It wraps at 64 bits, as in the architecture: with an offset
 * greater than the machine's count, the guest's count is about to wrap to 0.
 */
#ifndef VCPU_HW_COUNT_H
#define VCPU_HW_COUNT_H

#include <stdbool.h>
#include <stdint.h>

#include <vcpu/timer.h>

#include "arm/timer.h"

/* The guest's count when the machine's count is `now`. */
static inline uint64_t count_of_guest(uint64_t now, uint64_t offset)
{
    return now - offset;
}

/* The condition of a timer: an unsigned comparison. */
static inline bool count_is_due(uint64_t count, uint64_t cval)
{
    return count >= cval;
}

/* TVAL is the signed distance from the count to CVAL. */
static inline uint64_t count_cval(uint64_t count, uint64_t tval)
{
    return count + (((tval & CNT_TVAL_VALUE) ^ CNT_TVAL_SIGN) - CNT_TVAL_SIGN);
}

static inline uint64_t count_tval(uint64_t count, uint64_t cval)
{
    return (cval - count) & CNT_TVAL_VALUE;
}

/*
 * The guest's count from which a timer asserts its interrupt; NEVER if it does not. (A timer for
 * the last count of all counts as one that never asserts.)
 */
static inline uint64_t count_compare(uint64_t ctl, uint64_t cval)
{
    return (ctl & (CNT_CTL_ENABLE | CNT_CTL_IMASK)) == CNT_CTL_ENABLE ? cval : VCPU_TIMER_NEVER;
}

/* Does a timer with this CTL assert its interrupt? */
static inline bool count_asserts(uint64_t ctl)
{
    return (ctl & CNT_CTL_DEFINED) == (CNT_CTL_ENABLE | CNT_CTL_ISTATUS);
}

/*
 * The machine's count when the guest's count reaches compare: 0 if it has, NEVER if the machine's
 * count ends before.
 */
static inline uint64_t count_deadline(uint64_t now, uint64_t offset, uint64_t compare)
{
    uint64_t left = compare - count_of_guest(now, offset);

    if (compare == VCPU_TIMER_NEVER)
        return VCPU_TIMER_NEVER;
    if (count_is_due(count_of_guest(now, offset), compare))
        return 0;
    return left < VCPU_TIMER_NEVER - now ? now + left : VCPU_TIMER_NEVER;
}

#endif
