/* SPDX-License-Identifier: MIT */
/* Most waits have no deadline, and are asked for one often. */
#ifndef VCPU_KICK_WAIT_H
#define VCPU_KICK_WAIT_H

#include "state/state.h"

/* False: the last exit is not a WFIT or WFET. Where it is no wait at all, this is any of its bytes. */
static inline bool wait_may_end(const struct vcpu *vcpu)
{
    return __atomic_load_n(&vcpu->exit.wait.timed, __ATOMIC_RELAXED);
}

#endif
