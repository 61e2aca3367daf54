/* SPDX-License-Identifier: MIT */
#include "debug/debug.h"
#include "run/decide.h"
#include "switch/debug.h"

enum outcome vcpu_decide_debug(struct vcpu_state *v)
{
    struct debug_host *host = &v->debugger;

    vcpu_debug_take_step(v);
    switch (vcpu_debug_owner(v)) {
    case DEBUG_HOSTS:
        return OUTCOME_HOST;
    case DEBUG_GUESTS:
        /* Being at the vector is a step too. */
        host->step = host->flags & VCPU_DEBUG_STEP ? DEBUG_STEP_DONE : DEBUG_STEP_NONE;
        host->over = 0;
        return OUTCOME_REFLECT;
    case DEBUG_NOBODYS:
        break;
    }
    return OUTCOME_AGAIN;
}
