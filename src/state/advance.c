/* SPDX-License-Identifier: MIT */
#include "state/advance.h"

#include "arm/esr.h"
#include "decode/complete.h"

void vcpu_advance(struct vcpu_state *v)
{
    complete_advance(&v->pub.regs.pc, &v->pub.regs.pstate, v->pub.exit.esr_el2 & ESR_IL);
    v->pub.exit.reason = VCPU_EXIT_NONE;
}
