/* SPDX-License-Identifier: MIT */
/*
 * Into the guest: vcpu_run, and vcpu_enter behind it.
 *
 * While the guest runs SP_EL2 stays on the host's stack, at a frame that holds what the exit gives
 * back to the host. So an exception at any moment, be it of the guest or of this code, finds a
 * stack; and no register of EL2 is needed to find the vCPU again.
 */
#include "layout.h"

    .section .text.vcpu_run, "ax"

/*
 * int vcpu_run(struct vcpu_percpu *cpu, struct vcpu *vcpu)
 *
 * Interrupts are masked before the token is read: a kick that comes later finds the CPU in here,
 * and its interrupt stays pending until the guest is entered, and leaves it again at once.
 */
    .global vcpu_run
    .hidden vcpu_run
    .type vcpu_run, %function
vcpu_run:
    mrs     x2, daif
    cbz     x1, 1f
    msr     daifset, #15
    ldr     x3, [x1, #LAYOUT_TOKEN]
    cmp     x3, x0
    b.eq    vcpu_enter
1:  b       vcpu_run_slow
    .size vcpu_run, . - vcpu_run

/*
 * int vcpu_enter(struct percpu_state *cpu, struct vcpu_state *vcpu, uint64_t daif)
 *
 * The vCPU is resident here and DAIF masked. Leaves DAIF as the argument says.
 */
    .section .text.vcpu_enter, "ax"
    .global vcpu_enter
    .hidden vcpu_enter
    .type vcpu_enter, %function
vcpu_enter:
    /* The host's callee-saved registers, x18, and what it shares with the guest. */
    stp     x29, x30, [sp, #-FRAME_SIZE]!
    stp     x27, x28, [sp, #FRAME_X27_X28]
    stp     x25, x26, [sp, #FRAME_X25_X26]
    stp     x23, x24, [sp, #FRAME_X23_X24]
    stp     x21, x22, [sp, #FRAME_X21_X22]
    stp     x19, x20, [sp, #FRAME_X19_X20]
    stp     x1, x18, [sp, #FRAME_VCPU_X18]
    mrs     x3, vbar_el2
    stp     x3, x2, [sp, #FRAME_VBAR_DAIF]
    mrs     x4, sp_el0
    mrs     x5, tpidr_el0
    stp     x4, x5, [sp, #FRAME_SP_EL0_TPIDR_EL0]

    /* Also where an exit that needs nothing of the host goes back in; x1 is the vCPU. */
    .global vcpu_reenter
    .hidden vcpu_reenter
vcpu_reenter:
    adrp    x2, vcpu_vectors /* 2 KiB aligned, so within one page */
    add     x2, x2, :lo12:vcpu_vectors
    msr     vbar_el2, x2
    ldp     x2, x3, [x1, #LAYOUT_PC]
    ldp     x4, x5, [x1, #LAYOUT_SP_EL0]
    msr     elr_el2, x2
    msr     spsr_el2, x3
    msr     sp_el0, x4
    msr     tpidr_el0, x5
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
    ldr     x30, [x1, #LAYOUT_X(30)]
    ldp     x0, x1, [x1, #LAYOUT_X(0)]
    /* ERET is a context synchronization event: the writes above need no ISB. */
    eret
    /* No speculation past it with the guest's registers. */
    dsb     nsh
    isb
    .size vcpu_enter, . - vcpu_enter
