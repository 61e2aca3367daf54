/* SPDX-License-Identifier: MIT */
/* Kicks and notices to a vCPU, from any CPU. */
#ifndef VCPU_KICK_KICK_H
#define VCPU_KICK_KICK_H

#include "state/state.h"

/*
 * Sets a bit of the token, and makes the CPU where the vCPU is resident, if any, look at it. The
 * bit is set before the interrupt is sent, so who takes the interrupt sees the bit. If this is that
 * CPU, the vCPU is not entered.
 *
 * The caller's earlier writes are visible with the bit. Its later reads come after the bit was set,
 * which a caller needs that looks whether the vCPU sleeps.
 */
void vcpu_call_out(struct vcpu_state *v, uint64_t bit);

#endif
