/* SPDX-License-Identifier: MIT */
/* The one place where PC moves behind an instruction. */
#ifndef VCPU_STATE_ADVANCE_H
#define VCPU_STATE_ADVANCE_H

#include "state/state.h"

/* Ends the last exit: behind its instruction, and nothing left to complete. */
void vcpu_advance(struct vcpu_state *v);

#endif
