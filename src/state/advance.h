/* SPDX-License-Identifier: MIT */
/* The one place where PC moves past an instruction. */
#ifndef VCPU_STATE_ADVANCE_H
#define VCPU_STATE_ADVANCE_H

#include "state/state.h"

/* Ends the last exit: PC moves past its instruction, and nothing is left to answer. */
void vcpu_advance(struct vcpu_state *v);

#endif
