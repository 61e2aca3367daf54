/* SPDX-License-Identifier: MIT */
/*
 * Pure: the arithmetic of counts. All of it wraps at 64 bits as the architecture's does: an offset
 * greater than the machine's count is a guest's count that is about to become 0.
 */
#ifndef VCPU_TIMER_COUNT_H
#define VCPU_TIMER_COUNT_H

#include <stdbool.h>
#include <stdint.h>

#include <vcpu/timer.h>

#include "arm/timer.h"

/* What the guest counts when the machine counts now. */
static inline uint64_t count_of_guest(uint64_t now, uint64_t offset)
{
    return now - offset;
}

/* The condition of a timer: its comparison is without a sign. */
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
 * The count of the guest from which on a timer asserts its interrupt; NEVER if it does not. (One
 * that waits for the last count of all is taken for one that waits for ever.)
 */
static inline uint64_t count_compare(uint64_t ctl, uint64_t cval)
{
    return (ctl & (CNT_CTL_ENABLE | CNT_CTL_IMASK)) == CNT_CTL_ENABLE ? cval : VCPU_TIMER_NEVER;
}

/*
 * The machine's count when the guest's will be compare: 0 if it is that or beyond, NEVER if the
 * machine's ends before.
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
