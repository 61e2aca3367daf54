/* SPDX-License-Identifier: MIT */
#include "snippets.inc"

    snippets_begin

/* The call that x0 to x3 hold, and what it answered; for ever. */
snippet power_call
    hvc     #0
    hvc     #1
    b       power_call

/* CPU_ON of x19 at x20, with a context that counts in x21; for ever. */
snippet power_turns_on
    movz    w0, #0xc400, lsl #16
    movk    w0, #3
    mov     x1, x19
    mov     x2, x20
    mov     x3, x21
    hvc     #0
    hvc     #1
    add     x21, x21, #1
    b       power_turns_on

/*
 * What a vCPU finds that was turned on: x0 as it was given, all else as after a reset. It says so,
 * makes it something else, and turns itself off.
 */
snippet power_starts
    mrs     x1, cpacr_el1
    mov     x7, #(3 << 20) /* FPEN */
    msr     cpacr_el1, x7
    isb
    fmov    x8, d8
    mov     x7, #0
    mrs     x2, tpidr_el1
    mrs     x3, vbar_el1
    mrs     x4, sctlr_el1
    mrs     x5, daif
    mrs     x6, cntv_ctl_el0
    hvc     #1
    mov     x7, #0x5a
    msr     tpidr_el1, x7
    msr     vbar_el1, x20
    msr     tpidr_el0, x7
    mov     sp, x7
    fmov    d8, x7
    msr     daifclr, #15
    movz    w0, #0x8400, lsl #16
    movk    w0, #2
    hvc     #0
    b       .

/*
 * Sets its virtual timer to x9, masked, and suspends itself to the power state in x1, with the
 * entry in x2.
 */
snippet power_suspends
    msr     cntv_cval_el0, x9
    mov     x10, #3
    msr     cntv_ctl_el0, x10
    msr     tpidr_el1, x9
    movz    w0, #0xc400, lsl #16
    movk    w0, #1
    hvc     #0
    hvc     #1
    b       .

snippet power_wakes
    mrs     x2, cntv_cval_el0
    mrs     x3, cntv_ctl_el0
    mrs     x4, tpidr_el1
    hvc     #1
    b       .

snippets_end:
