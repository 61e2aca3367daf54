/* SPDX-License-Identifier: MIT */
/* The one place where PC moves behind an instruction. */
#ifndef VCPU_CORE_ADVANCE_H
#define VCPU_CORE_ADVANCE_H

#include "arm/esr.h"
#include "core/state.h"
#include "decode/complete.h"

/* Ends the last exit: behind its instruction, and nothing left to complete. */
static inline void advance(struct vcpu_state *v)
{
    complete_advance(&v->pub.regs.pc, &v->pub.regs.pstate, v->pub.exit.esr_el2 & ESR_IL);
    v->pub.exit.reason = VCPU_EXIT_NONE;
}

#endif
