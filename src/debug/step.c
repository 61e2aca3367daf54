/* SPDX-License-Identifier: MIT */
/*
 * A step. With PSTATE.SS = 1 the CPU executes one instruction, which clears SS. With MDSCR_EL1.SS =
 * 1 and PSTATE.SS = 0 it takes a step exception. An emulated instruction is a step too: its
 * completion clears PSTATE.SS.
 */
#include "arm/el2.h"
#include "debug/debug.h"

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

/* Did an exception to EL1 take the place of the instruction? SPSR_EL1 has the PSTATE before it. */
static bool took_exception(const struct vcpu_state *v)
{
    const struct debug_host *host = &v->debugger;
    uint64_t offset = v->pub.regs.pc - (v->el1[EL1_VBAR_EL1] & VBAR_EL1_BASE);
    uint64_t pstate = (host->before_pstate & ~PSTATE_SS) | (host->armed ? PSTATE_SS : 0);

    return debug_at_el1(v->pub.regs.pstate) && !(offset & ~VECTOR_OFFSETS) &&
           v->el1[EL1_ELR_EL1] == host->before_pc && v->el1[EL1_SPSR_EL1] == pstate;
}

/*
 * The guest's own PSTATE.SS after an instruction that cleared the CPU's. It is 0, except after an
 * ERET that enables the guest's step exceptions: then it comes from SPSR_EL1.
 */
static uint64_t after_instruction(const struct vcpu_state *v)
{
    const struct vcpu_regs *regs = &v->pub.regs;
    uint64_t before = v->debugger.before_pstate, spsr = v->el1[EL1_SPSR_EL1];

    if (debug_at_el1(before) && !debug_guest_takes(&v->debug, before) &&
        debug_guest_takes(&v->debug, regs->pstate) && regs->pc == v->el1[EL1_ELR_EL1] &&
        !((regs->pstate ^ spsr) & (PSTATE_DAIF | PSTATE_M)))
        return spsr & PSTATE_SS;
    return 0;
}

void vcpu_debug_back_to_hvc(struct vcpu_state *v)
{
    struct vcpu_regs *regs = &v->pub.regs;
    /* If the guest steps itself, it was set: a step exception would have come before the HVC. */
    bool own =
        (debug_guest_mdscr(&v->debug) & MDSCR_EL1_SS) && debug_guest_takes(&v->debug, regs->pstate);

    if (v->debugger.borrowed ? v->debugger.armed : own)
        regs->pstate |= PSTATE_SS;
}

bool vcpu_debug_settle(struct vcpu_state *v)
{
    struct debug_host *host = &v->debugger;
    struct vcpu_regs *regs = &v->pub.regs;
    uint64_t ss = host->before_pstate & PSTATE_SS, spsr = v->el1[EL1_SPSR_EL1];

    if (!host->borrowed)
        return false;
    host->borrowed = false;
    if (host->armed)
        host->step = regs->pc == host->before_pc ? DEBUG_STEP_OPEN : DEBUG_STEP_DONE;
    if (took_exception(v)) {
        v->el1[EL1_SPSR_EL1] = host->before_pstate;
        ss = 0;
    } else if (host->armed && !(regs->pstate & PSTATE_SS)) {
        ss = after_instruction(v);
    }
    regs->pstate = (regs->pstate & ~PSTATE_SS) | ss;
    return spsr != v->el1[EL1_SPSR_EL1];
}
