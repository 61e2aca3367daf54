/* SPDX-License-Identifier: MIT */
/* Where a vCPU's state is: in memory, in this CPU's registers, or in another CPU's. */
#ifndef VCPU_STATE_HOLD_H
#define VCPU_STATE_HOLD_H

#include "state/state.h"

/* Is it the block of this CPU? */
bool vcpu_hold_is_this(const struct percpu_state *cpu);

/* Is it enabled, and the block of this CPU? */
static inline bool hold_is_usable(const struct percpu_state *cpu)
{
    return cpu->enabled && vcpu_hold_is_this(cpu);
}

/*
 * Masks interrupts, so that no other vCPU takes this one's place. true: its state is in memory or
 * in this CPU's registers; the caller ends with daif_restore(*daif). false: it is resident on
 * another CPU, and interrupts are as before.
 */
bool vcpu_hold(const struct vcpu_state *v, uint64_t *daif);

#endif
