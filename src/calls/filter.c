/* SPDX-License-Identifier: MIT */
#include "calls/calls.h"

enum vcpu_call_action vcpu_calls_action(const struct vcpu_calls *calls, uint32_t function)
{
    for (size_t i = 0; i < calls->range_count; i++) {
        const struct vcpu_call_range *range = &calls->ranges[i];

        if (function >= range->first && function <= range->last)
            return range->action;
    }
    return VCPU_CALL_LIBRARY;
}
