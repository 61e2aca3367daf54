/* SPDX-License-Identifier: MIT */
/*
 * Self-hosted debug of a vCPU: the guest's own, and the host's debugging of the guest.
 *
 * The guest's debug registers are in memory. If the vCPU uses them, they are in the CPU from an
 * entry to the next exit, and only then: MDSCR_EL1 also has effect at EL2 if debug exceptions go to
 * EL2 (MDCR_EL2.TDE, or HCR_EL2.TGE of a VHE host), and a guest's value must never have effect
 * there.
 *
 * If the host does not debug the guest, the guest's debug exceptions go to its EL1, without an
 * exit. If it does, they are routed to EL2 (MDCR_EL2.TDE), and owner.c decides whose they are. The
 * routing changes three things for the guest, and the library corrects them:
 *  - MDSCR_EL1.KDE and PSTATE.D no longer suppress debug exceptions at EL1. One that they would
 *    have suppressed is dropped: the instruction is executed without the guest's comparators.
 *  - ERET at EL1 does not copy SPSR_EL1.SS, because step exceptions are enabled at EL1 already. So
 *    a guest that steps itself is stepped through EL1 too, to see its ERET.
 *  - PSTATE.SS is that of the host's step, and an exception to EL1 saves it in SPSR_EL1. The
 *    guest's own value is kept separately.
 */
#ifndef VCPU_DEBUG_DEBUG_H
#define VCPU_DEBUG_DEBUG_H

#include "arm/debug.h"
#include "arm/pstate.h"
#include "decode/outcome.h"
#include "state/state.h"

/* debug_host.over */
#define DEBUG_OVER_GUEST 1u
#define DEBUG_OVER_HOST  2u

/* debug_host.step: the state of the step that the last entry began. */
enum debug_step {
    DEBUG_STEP_NONE, /* the next entry begins a step */
    DEBUG_STEP_OPEN, /* it exited before its instruction was executed; a completion moves PC */
    DEBUG_STEP_DONE, /* the instruction is executed, and the step exception is still to come */
};

/* ---- debug.c: what is in the CPU's registers. Pure. ---- */

/* The debug fields of ID_AA64DFR0_EL1 that a guest can be shown on a CPU with this value. */
uint64_t vcpu_debug_id(uint64_t id_aa64dfr0);

/* The number of the guest's comparators of this kind. */
unsigned vcpu_debug_guest_count(const uint64_t id[ID_REG_COUNT], enum debug_kind kind);

/*
 * The number of the CPU's comparators below the guest's, which the host can use. The VM fits the
 * CPU.
 */
unsigned vcpu_debug_host_count(const struct vcpu_features *features,
                               const uint64_t id[ID_REG_COUNT], enum debug_kind kind);

/* The value for comparator n of the CPU. */
struct debug_comparator vcpu_debug_comparator(const struct vcpu_state *v,
                                              const struct vcpu_features *features,
                                              enum debug_kind kind, unsigned n);

/* The value for MDSCR_EL1. */
uint64_t vcpu_debug_mdscr(const struct vcpu_state *v);

/* Does the host debug the guest? Then its debug exceptions go to EL2. */
bool vcpu_debug_is_routed(const struct vcpu_state *v);

/* Does each instruction end in a step exception to EL2? */
bool vcpu_debug_is_stepping(const struct vcpu_state *v);

/* The bits of the guest's MDSCR_EL1 that have effect: none while its OS lock is set. */
static inline uint64_t debug_guest_mdscr(const struct debug_state *debug)
{
    return debug->os_lock ? 0 : debug->mdscr & (MDSCR_EL1_SS | MDSCR_EL1_KDE | MDSCR_EL1_MDE);
}

/*
 * Does the vCPU use debug registers, so that they must change hands at each run? Once more if
 * `over` is left from a host that has stopped debugging: the run then executes the instruction that
 * it was for.
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

/* ---- step.c: PSTATE.SS, the CPU's and the guest's. Pure. ---- */

/* Before an entry: sets PSTATE.SS in regs to the value for the CPU. */
void vcpu_debug_arm(struct vcpu_state *v);

/*
 * After an exit: sets it to the guest's own value. SPSR_EL1 and ELR_EL1 in el1[] are as in the CPU.
 * true: SPSR_EL1 changed.
 */
bool vcpu_debug_settle(struct vcpu_state *v);

/*
 * An HVC has exited, and PC is moved back to it. Executing it was a step, which cleared the CPU's
 * PSTATE.SS; the exit can be retried or answered with an exception, so it is set again. The
 * completion clears it. The vCPU's debug registers are in the CPU.
 */
void vcpu_debug_back_to_hvc(struct vcpu_state *v);

/* Must the guest take a step exception of its own before the next instruction? */
bool vcpu_debug_step_is_pending(const struct vcpu_state *v);

/* ---- owner.c: whose a debug exception is. Pure. ---- */

enum debug_owner {
    DEBUG_NOBODYS, /* the guest goes on */
    DEBUG_GUESTS,  /* the guest takes it, with exit.esr_el2 as its syndrome */
    DEBUG_HOSTS,   /* exit.debug is complete */
};

/* exit is decoded, and vcpu_debug_settle was called. */
enum debug_owner vcpu_debug_owner(struct vcpu_state *v);

/* ---- regs.c: the guest's registers, trapped. Pure. ---- */

/* op0 = 2 */
enum outcome vcpu_debug_sysreg(const uint64_t id[ID_REG_COUNT], struct debug_state *debug,
                               struct vcpu_sysreg_access *access);

/* Does the guest's MDSCR_EL1 trap this register at EL0 to its EL1? */
bool vcpu_debug_traps(const struct vcpu_state *v, uint32_t encoding);

#endif
