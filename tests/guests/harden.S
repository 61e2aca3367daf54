/* SPDX-License-Identifier: MIT */
#include "bare-metal/registers.inc"
#include "layout.h" /* the library's own: the frame of an exit */
#include "snippets.inc"

    snippets_begin

/* An exit of each kind. No register but the one that is loaded changes, and X2 is the address. */
    .global harden_guest
harden_guest:
    hvc     #1
    ldr     w3, [x2]
    hvc     #2
    mrs     x4, midr_el1
    hvc     #3
    mrs     x5, actlr_el1 /* trapped: 0 */
    hvc     #4
    b       .

    .global harden_spin
harden_spin:
    b       .

snippets_end:

/*
 * int harden_taken(struct vcpu *vcpu, const uint64_t x[31], uint64_t pc, uint64_t pstate, uint64_t esr)
 *
 * As if the resident vCPU had exited, and the CPU then took an SError with this syndrome where
 * asm/guard.S lets it, which QEMU's CPUs never do: x0 to x3 are as there, all else is the guest's.
 * Returns what vcpu_run would.
 */
    .section .text.harden_taken, "ax"
    .global harden_taken
    .type harden_taken, %function
harden_taken:
    /* As vcpu_enter. */
    stp     x29, x30, [sp, #-FRAME_SIZE]!
    stp     x27, x28, [sp, #FRAME_X27_X28]
    stp     x25, x26, [sp, #FRAME_X25_X26]
    stp     x23, x24, [sp, #FRAME_X23_X24]
    stp     x21, x22, [sp, #FRAME_X21_X22]
    stp     x19, x20, [sp, #FRAME_X19_X20]
    mrs     x5, vbar_el2
    stp     x0, x5, [sp, #FRAME_VCPU_VBAR]
    mrs     x5, daif
    stp     x18, x5, [sp, #FRAME_X18_DAIF]
    mrs     x5, sp_el0
    mrs     x6, tpidr_el0
    stp     x5, x6, [sp, #FRAME_SP_EL0_TPIDR_EL0]
    msr     daifset, #15
    ldp     x5, x6, [x1, #LAYOUT_X(0)]
    stp     x5, x6, [sp, #FRAME_SCRATCH]
    ldp     x5, x6, [x1, #LAYOUT_X(2)]
    stp     x5, x6, [x0, #LAYOUT_X(2)]
    msr     esr_el2, x4
    mov     x5, #0x2c9 /* EL2h, with PSTATE.A clear */
    msr     spsr_el2, x5
    adr     x5, .
    msr     elr_el2, x5
    mov     x5, x1
    mov     x1, x0
    mov     x0, x2
    mov     x2, x3
    mov     x3, x5
    ldp     x4, x5, [x3, #LAYOUT_X(4)]
    ldp     x6, x7, [x3, #LAYOUT_X(6)]
    ldp     x8, x9, [x3, #LAYOUT_X(8)]
    ldp     x10, x11, [x3, #LAYOUT_X(10)]
    ldp     x12, x13, [x3, #LAYOUT_X(12)]
    ldp     x14, x15, [x3, #LAYOUT_X(14)]
    ldp     x16, x17, [x3, #LAYOUT_X(16)]
    x18_to_x29 ldp, x3
    ldr     x30, [x3, #LAYOUT_X(30)]
    b       vcpu_guard_vectors + 0x380
    .size harden_taken, . - harden_taken
