/* SPDX-License-Identifier: MIT */
#include "arm/smccc.h"
#include "calls/calls.h"

static bool has(const struct vcpu_call_range *range, uint32_t function)
{
    return function >= range->first && function <= range->last;
}

/* Firmware of SMCCC 1.3 takes an id with the hint for the function without it: so does the filter. */
enum vcpu_call_action vcpu_calls_action(const struct vcpu_calls *calls, uint32_t function)
{
    const struct vcpu_call_range *range = calls->ranges;

    for (size_t left = calls->range_count; left; left--, range++)
        if (has(range, function) || has(range, function & ~(uint32_t)SMCCC_SVE_HINT))
            return range->action;
    return VCPU_CALL_LIBRARY;
}
