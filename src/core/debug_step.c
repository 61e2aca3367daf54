/* SPDX-License-Identifier: MIT */
/*
 * A step: PSTATE.SS = 1 lets the CPU execute one instruction, which clears it, and with MDSCR_EL1.SS
 * = 1 and PSTATE.SS = 0 it takes a step exception. An instruction that is emulated has PSTATE.SS
 * cleared by its completion, and so is a step like any other.
 */
#include "core/debug.h"

bool vcpu_debug_step_is_pending(const struct vcpu_state *v)
{
    uint64_t pstate = v->pub.regs.pstate;

    return (debug_guest_mdscr(&v->debug) & MDSCR_EL1_SS) && !(pstate & PSTATE_SS) &&
           debug_guest_takes(&v->debug, pstate);
}

void vcpu_debug_arm(struct vcpu_state *v)
{
    struct debug_host *host = &v->debugger;
    struct vcpu_regs *regs = &v->pub.regs;

    if (!vcpu_debug_is_stepping(v)) {
        host->step = DEBUG_STEP_NONE;
        return;
    }
    if (host->step == DEBUG_STEP_OPEN && regs->pc != host->before_pc)
        host->step = DEBUG_STEP_DONE; /* completed, or answered with an exception */
    host->before_pc = regs->pc;
    host->before_pstate = regs->pstate;
    host->armed = host->step != DEBUG_STEP_DONE && !vcpu_debug_step_is_pending(v);
    host->borrowed = true;
    regs->pstate = (regs->pstate & ~PSTATE_SS) | (host->armed ? PSTATE_SS : 0);
}

/*
 * The guest's own PSTATE.SS after an instruction that cleared the CPU's. An instruction clears it,
 * and so does taking an exception, whose SPSR_EL1 gets what it was: the guest's, not the host's. An
 * ERET sets it from SPSR_EL1.SS, if it is what enables step exceptions.
 */
static uint64_t after_instruction(const struct vcpu_state *v, uint64_t *spsr)
{
    const struct debug_host *host = &v->debugger;
    const struct vcpu_regs *regs = &v->pub.regs;
    uint64_t before = host->before_pstate, elr = v->el1[EL1_ELR_EL1];

    if (debug_at_el1(regs->pstate) && elr == host->before_pc && *spsr == (before | PSTATE_SS)) {
        *spsr = before;
        return 0;
    }
    if (debug_at_el1(before) && !debug_guest_takes(&v->debug, before) &&
        debug_guest_takes(&v->debug, regs->pstate) && regs->pc == elr &&
        !((regs->pstate ^ *spsr) & (PSTATE_DAIF | PSTATE_M)))
        return *spsr & PSTATE_SS;
    return 0;
}

bool vcpu_debug_settle(struct vcpu_state *v)
{
    struct debug_host *host = &v->debugger;
    struct vcpu_regs *regs = &v->pub.regs;
    uint64_t spsr = v->el1[EL1_SPSR_EL1], ss = host->before_pstate & PSTATE_SS;
    bool changed = false;

    if (!host->borrowed)
        return false;
    host->borrowed = false;
    if (host->armed) {
        host->step = regs->pc == host->before_pc ? DEBUG_STEP_OPEN : DEBUG_STEP_DONE;
        if (!(regs->pstate & PSTATE_SS)) {
            ss = after_instruction(v, &spsr);
            changed = spsr != v->el1[EL1_SPSR_EL1];
            v->el1[EL1_SPSR_EL1] = spsr;
        }
    }
    regs->pstate = (regs->pstate & ~PSTATE_SS) | ss;
    return changed;
}
