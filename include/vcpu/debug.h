/* SPDX-License-Identifier: MIT */
/*
 * The host debugs a guest: with single steps, breakpoints and watchpoints of its own, and with BRK
 * as an exit. The guest does not see them. It can use its own debug registers at the same time: its
 * own debug exceptions go to its EL1, as without a debugger.
 *
 * The CPU's breakpoints are divided by number, and so are its watchpoints. The guest has all but
 * two, and at least two. Of six breakpoints ID_AA64DFR0_EL1 shows it four; of four watchpoints,
 * two. The host has those that the VM's ID registers do not show, up to VCPU_DEBUG_MAX of each.
 *
 * The debug registers are the guest's only during vcpu_run, and only if the guest debugs itself or
 * the host debugs it. Outside vcpu_run MDSCR_EL1, breakpoints, watchpoints and OS lock are the
 * host's.
 *
 * A guest can notice these effects:
 *  - An exclusive pair (LDXR, STXR) never succeeds while it is stepped. To leave a loop of them,
 *    use a breakpoint after the loop, not steps.
 *  - Its clock goes on.
 *  - A guest that steps itself (MDSCR_EL1.SS) while the host debugs it is stepped by the library at
 *    EL1 too, without seeing it. So a loop of exclusives at EL1, such as a lock's, does not end
 *    then.
 *
 * All calls: any CPU, for a vCPU that does not run. What they set holds from its next run on, and
 * vcpu_reset keeps it. Errors of all calls:
 *
 *  VCPU_ERR_INVALID  vcpu is NULL
 */
#ifndef VCPU_DEBUG_H
#define VCPU_DEBUG_H

#include <vcpu/types.h>
#include <vcpu/vcpu.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Flags for vcpu_debug_set. */
enum {
    /*
     * Each run executes one instruction and returns VCPU_DEBUG_KIND_STEP, with PC at the next one.
     *  - An exception that the guest takes to its EL1 is a step: PC is at the vector.
     *  - If the instruction itself exits (MMIO, a hypercall, WFI), the run after its completion
     *    returns the step.
     *  - If an interrupt exits first, the run after that one returns the step.
     */
    VCPU_DEBUG_STEP = 1u << 0,
    /* BRK, and BKPT of AArch32, exit: VCPU_DEBUG_KIND_BRK. VCPU_VM_TRAP_DEBUG sets this flag. */
    VCPU_DEBUG_BRK = 1u << 1,
};

/* The most breakpoints, and the most watchpoints, that the host has for a vCPU. */
#define VCPU_DEBUG_MAX 4u

/*
 * Sets the VCPU_DEBUG_ flags, and clears the others.
 *
 *  VCPU_ERR_INVALID  also: flags has an unknown bit
 */
int vcpu_debug_set(struct vcpu *vcpu, uint32_t flags);

/*
 * Adds a breakpoint on the instruction at a virtual address of the guest, at EL0 and EL1. length is
 * 4, or 2 for T32 code. Returns its number (0 or above), as in VCPU_EXIT_DEBUG.
 *
 *  VCPU_ERR_INVALID    also: length is neither 4 nor 2; address is not a multiple of length
 *  VCPU_ERR_EXISTS     this breakpoint is there already
 *  VCPU_ERR_NO_MEMORY  no breakpoint is free: the VM's ID registers leave the host no more
 */
int vcpu_debug_add_breakpoint(struct vcpu *vcpu, uint64_t address, unsigned length);

/* The accesses that a watchpoint matches. */
enum {
    VCPU_DEBUG_LOAD = 1,  /* reads */
    VCPU_DEBUG_STORE = 2, /* writes */
};

/*
 * Adds a watchpoint on accesses of EL0 and EL1 to these bytes of the guest's virtual address space:
 * 1 to 8 bytes in one aligned doubleword; or a power of two from 8 to 2 GiB, at a multiple of it.
 * Returns its number.
 *
 *  VCPU_ERR_INVALID    also: other values of address and length; access is 0 or has an unknown bit
 *  VCPU_ERR_EXISTS     this watchpoint is there already
 *  VCPU_ERR_NO_MEMORY  no watchpoint is free: the VM's ID registers leave the host no more
 */
int vcpu_debug_add_watchpoint(struct vcpu *vcpu, uint64_t address, uint64_t length,
                              unsigned access);

/*
 * Removes the breakpoint or watchpoint that was added with the same arguments.
 *
 *  VCPU_ERR_INVALID    also: arguments with which none can be added
 *  VCPU_ERR_NOT_FOUND  there is none
 */
int vcpu_debug_remove_breakpoint(struct vcpu *vcpu, uint64_t address, unsigned length);
int vcpu_debug_remove_watchpoint(struct vcpu *vcpu, uint64_t address, uint64_t length,
                                 unsigned access);

/*
 * Completes a VCPU_EXIT_DEBUG. Any CPU.
 *  - Breakpoint or watchpoint: the next run executes the instruction without the host's breakpoints
 *    and watchpoints. If the guest takes an interrupt first, they match again when it is back.
 *  - BRK: it is skipped.
 *  - Step: the next run goes on.
 * Without the call the next run comes to the same breakpoint, watchpoint or BRK again.
 *
 *  VCPU_ERR_INVALID  vcpu is NULL
 *  VCPU_ERR_STATE    the last exit is not a VCPU_EXIT_DEBUG
 */
int vcpu_complete_debug(struct vcpu *vcpu);

#ifdef __cplusplus
}
#endif

#endif
