/* SPDX-License-Identifier: MIT */
/*
 * Debugging a guest from outside: single steps, breakpoints and watchpoints of the host's own, and
 * BRK as an exit. The guest does not see them, and uses its own meanwhile: what its debug exceptions
 * are it takes at its EL1 as ever.
 *
 * Debug registers are shared out by number. Of the CPU's breakpoints the guest has all but two, but
 * no fewer than two, and so it is for watchpoints: of six breakpoints it reads of four in
 * ID_AA64DFR0_EL1, of four watchpoints it reads of two. What the VM's ID registers leave of the
 * CPU's is the host's, up to VCPU_DEBUG_MAX of each.
 *
 * While a guest's debugging or the host's own is on, the debug registers change hands at each entry
 * and exit: outside vcpu_run MDSCR_EL1, breakpoints, watchpoints and OS lock are the host's.
 *
 * What a debug exception to EL2 cannot hide: exclusives (LDXR, STXR) never succeed in a guest that is
 * stepped, so a loop of them is left by a breakpoint behind it, not by steps; and the guest's clock
 * goes on. While a guest steps itself (MDSCR_EL1.SS) under a host's debugging, its EL1 is stepped as
 * well, unseen; but a loop of exclusives there, as a lock's, does not end then.
 *
 * All calls: for a vCPU that does not run, on any CPU. What they set holds from its next run on and
 * outlives vcpu_reset. VCPU_ERR_INVALID: NULL, or as said with each.
 */
#ifndef VCPU_DEBUG_H
#define VCPU_DEBUG_H

#include <stdint.h>

#include <vcpu/vcpu.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
    /*
     * Each run executes one instruction and comes back with VCPU_DEBUG_KIND_STEP, PC being that of
     * the next one. An exception that the guest takes at its EL1 is a step, of whose handler nothing
     * is executed yet. If the instruction exits itself (MMIO, a hypercall, WFI), the step comes back
     * in the run after its completion; if an interrupt exits first, in the run after that.
     */
    VCPU_DEBUG_STEP = 1u << 0,
    /* BRK, and BKPT of AArch32, come back with VCPU_DEBUG_KIND_BRK. VCPU_VM_TRAP_DEBUG sets it. */
    VCPU_DEBUG_BRK = 1u << 1,
};

/* How many breakpoints, and how many watchpoints, a host has for a vCPU at most. */
#define VCPU_DEBUG_MAX 4u

/* Sets VCPU_DEBUG_ flags, and clears those not given. VCPU_ERR_INVALID: an unknown flag. */
int vcpu_debug_set(struct vcpu *vcpu, uint32_t flags);

/*
 * A breakpoint on the instruction at a virtual address of the guest, at EL0 and EL1; length: 4 bytes,
 * or 2 for T32 code. Returns its number (0 or above), as in VCPU_EXIT_DEBUG.
 *
 *  VCPU_ERR_INVALID    another length, or an address that is no multiple of it
 *  VCPU_ERR_EXISTS     there is one
 *  VCPU_ERR_NO_MEMORY  the VM's ID registers leave the host no more breakpoints
 */
int vcpu_debug_add_breakpoint(struct vcpu *vcpu, uint64_t address, unsigned length);

/* Accesses that a watchpoint is for. */
enum {
    VCPU_DEBUG_LOAD = 1,
    VCPU_DEBUG_STORE = 2,
};

/*
 * A watchpoint on accesses of EL0 and EL1 to bytes of the guest's virtual addresses. 1 to 8 bytes
 * that are in one aligned doubleword, or a power of two from 8 on up to 2 GiB at a multiple of it.
 * Returns its number.
 *
 *  VCPU_ERR_INVALID    other bytes, or accesses
 *  VCPU_ERR_EXISTS     there is one
 *  VCPU_ERR_NO_MEMORY  the VM's ID registers leave the host no more watchpoints
 */
int vcpu_debug_add_watchpoint(struct vcpu *vcpu, uint64_t address, uint64_t length,
                              unsigned access);

/* Takes away one that was added with these very arguments. VCPU_ERR_NOT_FOUND: there is none. */
int vcpu_debug_remove_breakpoint(struct vcpu *vcpu, uint64_t address, unsigned length);
int vcpu_debug_remove_watchpoint(struct vcpu *vcpu, uint64_t address, uint64_t length,
                                 unsigned access);

/*
 * Answers a VCPU_EXIT_DEBUG: the guest goes on. The instruction of a breakpoint or watchpoint is
 * executed without those of the host (unless the guest takes an interrupt first: then they hit again
 * when it is back); a BRK is skipped. Without an answer the next run comes to the same breakpoint,
 * watchpoint or BRK again. VCPU_ERR_STATE: the last exit is no VCPU_EXIT_DEBUG.
 */
int vcpu_complete_debug(struct vcpu *vcpu);

#ifdef __cplusplus
}
#endif

#endif
