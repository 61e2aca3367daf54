/* SPDX-License-Identifier: MIT */
/* Telling a vCPU something from any CPU. */
#ifndef VCPU_KICK_KICK_H
#define VCPU_KICK_KICK_H

#include "state/state.h"

/*
 * Sets a bit of the token and makes the CPU that the vCPU is on, if any, look at it: the bit is
 * there before the interrupt is, so who takes the one sees the other. Called on that very CPU, the
 * vCPU is not in the guest.
 *
 * What the caller wrote is seen with the bit; and what it reads afterwards is read after the bit
 * was set, as a caller needs that looks whether the vCPU sleeps.
 */
void vcpu_call_out(struct vcpu_state *v, uint64_t bit);

#endif
