/* SPDX-License-Identifier: MIT */
/*
 * The general registers of the world switch: the vectors, the exits, and the entry to the guest.
 * A slot of the vectors leads to the code of its kind of exit. That is behind them, or in slots that
 * exceptions of EL2 itself do not fill.
 *
 * While the guest is entered, SP_EL2 stays on the host's stack. It points to a frame with the
 * values that the exit gives back to the host. So an exception at any moment, from the guest or in
 * this code, has a stack; and no EL2 register is needed to find the vCPU.
 *
 * The vectors are in VBAR_EL2 from just before an ERET to the guest until the guest's registers are
 * saved, and DAIF is masked in all that time. A CPU that needs more at an exit has the vectors of
 * asm/guard.S there, which lead to these.
 */
#include "layout.h"
#include "object.h"

/*
 * The first instructions of an exit; they fit into a slot of the vectors. After them the guest's
 * x0-x29 are saved, and VBAR_EL2 has the host's vectors. x0 is ESR_EL2, x1 the vCPU, x3 PC, x4
 * PSTATE, x5 SP_EL0, x6 TPIDR_EL0, x7 the host's HCR_EL2, x8 the guest's x0, x9 short_exits.
 */
.macro save_general
    stp     x0, x1, [sp, #FRAME_SCRATCH]
    ldp     x1, x0, [sp, #FRAME_VCPU_VBAR]
    stp     x2, x3, [x1, #LAYOUT_X(2)]
    stp     x4, x5, [x1, #LAYOUT_X(4)]
    stp     x6, x7, [x1, #LAYOUT_X(6)]
    stp     x8, x9, [x1, #LAYOUT_X(8)]
    stp     x10, x11, [x1, #LAYOUT_X(10)]
    stp     x12, x13, [x1, #LAYOUT_X(12)]
    stp     x14, x15, [x1, #LAYOUT_X(14)]
    stp     x16, x17, [x1, #LAYOUT_X(16)]
    stp     x18, x19, [x1, #LAYOUT_X(18)]
    stp     x20, x21, [x1, #LAYOUT_X(20)]
    stp     x22, x23, [x1, #LAYOUT_X(22)]
    stp     x24, x25, [x1, #LAYOUT_X(24)]
    stp     x26, x27, [x1, #LAYOUT_X(26)]
    stp     x28, x29, [x1, #LAYOUT_X(28)]
    msr     vbar_el2, x0
    ldp     x8, x9, [sp, #FRAME_SCRATCH]
    stp     x8, x9, [x1, #LAYOUT_X(0)]
    mrs     x3, elr_el2
    mrs     x4, spsr_el2
    mrs     x5, sp_el0
    mrs     x6, tpidr_el0
    mrs     x0, esr_el2
    ldp     x7, x9, [x1, #LAYOUT_HOST_HCR]
.endm

/*
 * Saves the rest, and gives the host its HCR_EL2: its routing of interrupts, and TGE of a VHE host.
 * HCR_EL2 and the host's vectors must be in effect (by an ISB, or the ERET to the host)
 *  - before C code does anything that can fault, because only code in this file has SP at the
 *    frame;
 *  - before the host unmasks anything.
 */
.macro save_special esr=x0
    stp     x30, x3, [x1, #LAYOUT_X(30)]
    stp     x4, x5, [x1, #LAYOUT_PSTATE]
    stp     x6, \esr, [x1, #LAYOUT_TPIDR_EL0]
    msr     hcr_el2, x7
.endm

/* Saves HCR_EL2, because the CPU clears VSE when the guest takes a virtual SError. */
.macro save_hcr
    mrs     x10, hcr_el2
    str     x10, [x1, #LAYOUT_HCR_EL2]
.endm

/*
 * Gives the host the other registers that it shares with the guest. This must be before any C code:
 * a hook can use x18, or find its own data by SP_EL0 or TPIDR_EL0. \pstate gets the PSTATE for the
 * return to the host.
 */
.macro restore_shared pstate
    ldp     x5, x6, [sp, #FRAME_SP_EL0_TPIDR_EL0]
    msr     sp_el0, x5
    msr     tpidr_el0, x6
    ldp     x18, \pstate, [sp, #FRAME_X18_DAIF]
    orr     \pstate, \pstate, x9, lsr #SHORT_PSTATE_SHIFT
.endm

/*
 * The end of vcpu_run. An ERET gives the host all of PSTATE at once: DAIF, and PAN and others,
 * which a VHE host would otherwise have as the guest left them. (The caller does not rely on NZCV.)
 */
.macro return_to_host pstate
    msr     spsr_el2, \pstate
    ldp     x19, x20, [sp, #FRAME_X19_X20]
    ldp     x29, x30, [sp], #FRAME_SIZE
    msr     elr_el2, x30
    eret
    dsb     nsh
    isb
.endm

/* Restores the callee-saved registers, except x19, x20, x29 and x30. */
.macro restore_callee
    ldp     x21, x22, [sp, #FRAME_X21_X22]
    ldp     x23, x24, [sp, #FRAME_X23_X24]
    ldp     x25, x26, [sp, #FRAME_X25_X26]
    ldp     x27, x28, [sp, #FRAME_X27_X28]
.endm

/* Gives the host its vectors, and after that its HCR_EL2. */
.macro to_host
    str     x0, [sp, #FRAME_REFAULT]
    ldr     x0, [sp, #FRAME_VCPU_VBAR + 8]
    msr     vbar_el2, x0
    isb
    ldr     x0, [sp, #FRAME_VCPU_VBAR]
    ldr     x0, [x0, #LAYOUT_HOST_HCR]
    msr     hcr_el2, x0
.endm

/*
 * A synchronous exception in this code itself, between the write of VBAR_EL2 and the ERET, or at an
 * exit before VBAR_EL2 is the host's: a bug, or a bad vCPU pointer. It puts the host's vectors back
 * and repeats the instruction. So the host sees the fault as if the library had no vectors.
 *
 * Or one of vcpu_at (asm/at.S). Its frame has in the place of DAIF the address where it goes on.
 */
.macro refault
    to_host
    ldr     x0, [sp, #FRAME_X18_DAIF + 8]
    tst     x0, #~FRAME_DAIF_BITS
    b.eq    1f
    msr     elr_el2, x0
1:  ldr     x0, [sp, #FRAME_REFAULT]
    eret
    dsb     nsh
    isb
.endm

/*
 * An interrupt or SError in the same window. DAIF masks them there, so only one that cannot be
 * masked comes here, and the host cannot return from it. It goes on at the same slot of the host's
 * vectors; the old x0 is in the frame. (By RET, because no landing pad is there.)
 */
.macro to_host_vector offset
    to_host
    isb
    ldr     x0, [sp, #FRAME_VCPU_VBAR + 8]
    add     x0, x0, #\offset
    ret     x0
    dsb     nsh
    isb
.endm

/*
 * W9 is the exception class of a hypercall if an exit may take a short path now. Otherwise it
 * matches none, and no exit here takes one.
 */
.macro guest_sync
    save_general
    eor     w2, w9, w0, lsr #ESR_EC_SHIFT
    cbz     w2, exit_hypercall
    cmp     w2, #(ESR_EC_HVC64 ^ ESR_EC_DABT)
    b.eq    exit_mmio
    b       exit_sync
.endm

/* kind: 1 IRQ, 2 FIQ, 3 SError. */
.macro guest_async kind, path
    save_general
    mov     w2, #\kind
    b       \path
.endm

/* A slot has room for 32 instructions. The assembler refuses .org if the slot before has more. */
.macro slot n, name
    .org    vcpu_vectors + 0x80 * \n
    shared  \name /* asm/guard.S branches to it */
.endm

    text_section vcpu_switch
    .balign 0x800
    shared  vcpu_vectors
    /* From EL2 with SP_EL0: the library uses SP_EL2 only. */
    slot    0, vcpu_vector_0
    refault

    inner   exit_sync
    save_hcr
    save_special
    isb
    restore_shared x19
    lsr     w2, w0, #ESR_EC_SHIFT
    bl      vcpu_exit_sync
    cbz     w0, go_on
    b       come_back
    end_of  exit_sync

    slot    1, vcpu_vector_1
    to_host_vector 0x080

    inner   exit_watched
    tbz     x9, #SHORT_LONG_BIT, 1f /* no virtual SError was pending */
    save_hcr
1:  save_special
    isb
    restore_shared x19
    bl      vcpu_exit_watched
    cbz     w0, go_on
    b       come_back
    end_of  exit_watched

    slot    2, vcpu_vector_2
    to_host_vector 0x100

    slot    3, vcpu_vector_3
    to_host_vector 0x180

    /*
     * The library has answered the exit. The frame is still there; SP_EL0 and TPIDR_EL0 are loaded
     * again.
     */
    inner   go_on
    ldr     x1, [sp, #FRAME_VCPU_VBAR]
    b       vcpu_reenter
    end_of  go_on

    /* From EL2 with SP_EL2. */
    slot    4, vcpu_vector_4
    refault
    slot    5, vcpu_vector_5
    to_host_vector 0x280

    inner   exit_call
    isb
    restore_shared x19
    mov     x0, x1
    bl      vcpu_exit_call
    cbz     w0, go_on
    b       come_back
    end_of  exit_call

    slot    6, vcpu_vector_6
    to_host_vector 0x300
    slot    7, vcpu_vector_7
    to_host_vector 0x380
    /* From the guest. */
    slot    8, vcpu_vector_8
    guest_sync
    slot    9, vcpu_vector_9
    guest_async 1, exit_interrupt
    slot    10, vcpu_vector_10
    guest_async 2, exit_interrupt
    slot    11, vcpu_vector_11
    guest_async 3, exit_watched
    /*
     * With HCR_EL2.RW = 1 the level below EL2 is AArch64, whatever EL0 uses. So the last four slots
     * are never used, and there is code in their place.
     */
    .org    vcpu_vectors + 0x80 * 12
    end_of  vcpu_vectors

    /*
     * A hypercall needs nothing of the library, unless bit 31 of W0 is set: then it can be a call
     * of SMCCC or PSCI. Otherwise this is the end of vcpu_run. ELR_EL2 is after the HVC, but the PC of an
     * exit is that of its instruction. A guest that steps itself never comes here, so PSTATE.SS is
     * as before the HVC: see vcpu_debug_back_to_hvc.
     */
    inner   exit_hypercall
    sub     x3, x3, #4
    save_special
    stp     xzr, xzr, [x1, #LAYOUT_EXIT_FAR_EL2]
    mov     w0, #LAYOUT_EXIT_OF_HVC
    str     x0, [x1, #LAYOUT_EXIT_REASON]
    tbnz    w8, #SMCCC_FAST_BIT, exit_call
    restore_shared x7
    restore_callee
    return_to_host x7
    end_of  exit_hypercall

    /*
     * An interrupt is the host's, and needs nothing of the library; it has no syndrome. The token is
     * looked at for the kick, or the notice, whose interrupt this may be. x2 is the kind.
     */
    inner   exit_interrupt
    tbnz    x9, #SHORT_LONG_BIT, exit_watched
    ldr     x8, [x1, #LAYOUT_TOKEN]
    tst     x8, #LAYOUT_TOKEN_CALLS
    b.ne    exit_watched
    save_special esr=xzr
    stp     xzr, xzr, [x1, #LAYOUT_EXIT_FAR_EL2]
    add     w0, w2, #(LAYOUT_EXIT_OF_IRQ - 1)
    str     x0, [x1, #LAYOUT_EXIT_REASON]
    restore_shared x7
    restore_callee
    return_to_host x7
    end_of  exit_interrupt

    inner   exit_mmio
    tbnz    x9, #SHORT_NO_MMIO_BIT, exit_sync
    save_special
    restore_shared x19
    bl      vcpu_exit_mmio
    cbz     w0, go_on
come_back: /* x19 is PSTATE */
    restore_callee
    return_to_host x19
    end_of  exit_mmio

/*
 * int vcpu_enter(struct percpu_state *cpu, struct vcpu_state *vcpu, uint64_t daif)
 *
 * The vCPU is resident here and DAIF is masked. When it returns, DAIF is the argument.
 */
    function vcpu_enter
    /* The host's callee-saved registers, x18, and the registers that it shares with the guest. */
    stp     x29, x30, [sp, #-FRAME_SIZE]!
    stp     x27, x28, [sp, #FRAME_X27_X28]
    stp     x25, x26, [sp, #FRAME_X25_X26]
    stp     x23, x24, [sp, #FRAME_X23_X24]
    stp     x21, x22, [sp, #FRAME_X21_X22]
    stp     x19, x20, [sp, #FRAME_X19_X20]
    mrs     x3, vbar_el2
    stp     x1, x3, [sp, #FRAME_VCPU_VBAR]
    stp     x18, x2, [sp, #FRAME_X18_DAIF]
    mrs     x4, sp_el0
    mrs     x5, tpidr_el0
    stp     x4, x5, [sp, #FRAME_SP_EL0_TPIDR_EL0]

    /* An exit that does not return to the host enters again from here; x1 is the vCPU. */
    shared  vcpu_reenter
    ldr     x2, [x1, #LAYOUT_VECTORS]
    msr     vbar_el2, x2
    ldp     x30, x2, [x1, #LAYOUT_X(30)]
    ldp     x3, x4, [x1, #LAYOUT_PSTATE]
    ldp     x5, x6, [x1, #LAYOUT_HCR_EL2]
    msr     elr_el2, x2
    msr     spsr_el2, x3
    msr     sp_el0, x4
    msr     hcr_el2, x5
    msr     tpidr_el0, x6
    ldp     x2, x3, [x1, #LAYOUT_X(2)]
    ldp     x4, x5, [x1, #LAYOUT_X(4)]
    ldp     x6, x7, [x1, #LAYOUT_X(6)]
    ldp     x8, x9, [x1, #LAYOUT_X(8)]
    ldp     x10, x11, [x1, #LAYOUT_X(10)]
    ldp     x12, x13, [x1, #LAYOUT_X(12)]
    ldp     x14, x15, [x1, #LAYOUT_X(14)]
    ldp     x16, x17, [x1, #LAYOUT_X(16)]
    ldp     x18, x19, [x1, #LAYOUT_X(18)]
    ldp     x20, x21, [x1, #LAYOUT_X(20)]
    ldp     x22, x23, [x1, #LAYOUT_X(22)]
    ldp     x24, x25, [x1, #LAYOUT_X(24)]
    ldp     x26, x27, [x1, #LAYOUT_X(26)]
    ldp     x28, x29, [x1, #LAYOUT_X(28)]
    ldp     x0, x1, [x1, #LAYOUT_X(0)]
    /* ERET is a context synchronization event: the writes above need no ISB. */
    eret
    /* No speculation past the ERET with the guest's registers. */
    dsb     nsh
    isb
    end_of  vcpu_enter
