/* SPDX-License-Identifier: MIT */
/*
 * Moves PC past an instruction, for all that is not on a short path. The short paths do it
 * themselves: the inline completions of vcpu/vcpu.h, and the devices' accesses in run/exit.c.
 */
#ifndef VCPU_STATE_ADVANCE_H
#define VCPU_STATE_ADVANCE_H

#include "state/state.h"

/* Ends the last exit: PC moves past its instruction, and nothing is left to answer. */
void vcpu_advance(struct vcpu_state *v);

#endif
