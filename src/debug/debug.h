/* SPDX-License-Identifier: MIT */
/*
 * Self-hosted debug of a vCPU: the guest's own, and the host's of the guest.
 *
 * The guest's debug registers are in memory. In the CPU they are from an entry to the exit behind
 * it, and only of a vCPU that uses them: MDSCR_EL1 holds for EL2 as well where EL2 is the level that
 * debug exceptions go to (MDCR_EL2.TDE, or HCR_EL2.TGE of a VHE host), and what a guest wrote must
 * never be in effect there.
 *
 * Without a host that debugs, the guest's debug exceptions go to its EL1, and no exit comes of them.
 * With one they are routed to EL2 (MDCR_EL2.TDE): debug_exit.c says whose they are. Routing changes
 * three things for the guest, which are made good:
 *  - MDSCR_EL1.KDE and PSTATE.D do not hold back debug exceptions at EL1 any more. One that they
 *    would have held back is dropped: the instruction is executed without the guest's comparators.
 *  - ERET at EL1 does not copy SPSR_EL1.SS, for step exceptions are enabled at EL1 already. So a
 *    guest that steps itself is stepped through EL1 as well, to see its ERET.
 *  - PSTATE.SS is the step's of the host, and an exception that the guest takes saves it in
 *    SPSR_EL1. The guest's own is kept beside it.
 */
#ifndef VCPU_DEBUG_DEBUG_H
#define VCPU_DEBUG_DEBUG_H

#include "arm/debug.h"
#include "arm/pstate.h"
#include "guest/sysreg.h"
#include "state/state.h"

/* debug_host.over */
#define DEBUG_OVER_GUEST 1u
#define DEBUG_OVER_HOST  2u

/* debug_host.step: what has become of the step that the last entry began. */
enum debug_step {
    DEBUG_STEP_NONE, /* the next entry begins one */
    DEBUG_STEP_OPEN, /* it exited before its instruction was executed; whoever completes it moves PC */
    DEBUG_STEP_DONE, /* it is executed, and its step exception still to come */
};

/* ---- debug.c: what is in the CPU's registers. Pure. ---- */

/* The debug fields of ID_AA64DFR0_EL1 that a guest may be shown on a CPU with this value. */
uint64_t vcpu_debug_id(uint64_t id_aa64dfr0);

/* How many comparators of this kind the guest has. */
unsigned vcpu_debug_guest_count(const uint64_t id[ID_REG_COUNT], enum debug_kind kind);

/* How many of the CPU's come before the guest's, the host's to use; a CPU that its VM fits. */
unsigned vcpu_debug_host_count(const struct vcpu_features *features,
                               const uint64_t id[ID_REG_COUNT], enum debug_kind kind);

/* What comparator n of the CPU is to hold. */
struct debug_comparator vcpu_debug_comparator(const struct vcpu_state *v,
                                              const struct vcpu_features *features,
                                              enum debug_kind kind, unsigned n);

/* What MDSCR_EL1 is to hold. */
uint64_t vcpu_debug_mdscr(const struct vcpu_state *v);

/* Does the host debug it? Its debug exceptions go to EL2 then. */
bool vcpu_debug_is_routed(const struct vcpu_state *v);

/* Is each instruction to end in a step exception to EL2? */
bool vcpu_debug_is_stepping(const struct vcpu_state *v);

/* The bits of the guest's MDSCR_EL1 that are in effect: none while its OS lock is set. */
static inline uint64_t debug_guest_mdscr(const struct debug_state *debug)
{
    return debug->os_lock ? 0 : debug->mdscr & (MDSCR_EL1_SS | MDSCR_EL1_KDE | MDSCR_EL1_MDE);
}

/*
 * Has it any use of debug registers: must they change hands at each run? With `over` left by a host
 * that has stopped debugging, once more: then what it was for is executed.
 */
static inline bool debug_is_on(const struct vcpu_state *v)
{
    return (debug_guest_mdscr(&v->debug) & (MDSCR_EL1_SS | MDSCR_EL1_MDE)) || v->debugger.over ||
           vcpu_debug_is_routed(v);
}

/* Did the host debug itself when the vCPU was loaded? */
static inline bool debug_machine_is_on(const struct percpu_state *cpu)
{
    return cpu->host_el2.mdscr & (MDSCR_EL1_SS | MDSCR_EL1_MDE);
}

static inline bool debug_at_el1(uint64_t pstate)
{
    return !(pstate & PSTATE_NRW) && (pstate & PSTATE_EL);
}

/* Would the guest take a debug exception in this PSTATE, if it were not routed to EL2? */
static inline bool debug_guest_takes(const struct debug_state *debug, uint64_t pstate)
{
    return !debug_at_el1(pstate) ||
           ((debug_guest_mdscr(debug) & MDSCR_EL1_KDE) && !(pstate & PSTATE_D));
}

/* ---- debug_step.c: PSTATE.SS, the CPU's and the guest's. Pure. ---- */

/* Before an entry: PSTATE.SS in regs becomes what the CPU is to have. */
void vcpu_debug_arm(struct vcpu_state *v);

/*
 * After an exit: it is the guest's own again. SPSR_EL1 and ELR_EL1 in el1[] are as in the CPU; true
 * if SPSR_EL1 changed.
 */
bool vcpu_debug_settle(struct vcpu_state *v);

/* Is the guest to take a step exception of its own before the next instruction? */
bool vcpu_debug_step_is_pending(const struct vcpu_state *v);

/* ---- debug_exit.c: whose a debug exception is. Pure. ---- */

enum debug_owner {
    DEBUG_NOBODYS, /* the guest goes on */
    DEBUG_GUESTS,  /* it is to take it, with exit.esr_el2 as its syndrome */
    DEBUG_HOSTS,   /* exit.debug is complete */
};

/* exit is decoded, and PSTATE.SS settled. */
enum debug_owner vcpu_debug_owner(struct vcpu_state *v);

/* ---- debug_regs.c: the guest's registers, trapped. Pure. ---- */

/* op0 = 2 */
enum sysreg_outcome vcpu_debug_sysreg(const uint64_t id[ID_REG_COUNT], struct debug_state *debug,
                                      struct vcpu_sysreg_access *access);

/* Does the guest's MDSCR_EL1 trap this register at EL0 to its EL1? */
bool vcpu_debug_traps(const struct vcpu_state *v, uint32_t encoding);

/* ---- debug_switch.c: with DAIF masked, for the resident vCPU. ---- */

/* Around each run that is not of the fast path. */
void vcpu_debug_enter(struct percpu_state *cpu, struct vcpu_state *v);
void vcpu_debug_leave(struct percpu_state *cpu, struct vcpu_state *v);

/* The guest wrote one of its registers. This, too, is the end of an exit handler. */
int vcpu_debug_written(struct vcpu_state *v);

/* The exit of a debug exception: an exit handler, as in run/run.h. */
int vcpu_debug_exit(struct vcpu_state *v);

#endif
