/* SPDX-License-Identifier: MIT */
/*
 * Guests that go through all system registers. Their programs are made by the host; here are the
 * vectors, which step over what faults, and what opens everything to EL0. x1 to x5 are theirs.
 */
#include "snippets.inc"

    snippets_begin

/*
 * An exception's class, with bit 7 set, goes to a byte for each word of the program: x1 is where the
 * program is, x2 where the bytes are. SVC is the program's end.
 */
.macro step_over
    .balign 0x80
    mrs     x3, esr_el1
    mrs     x4, elr_el1
    lsr     w3, w3, #26
    cmp     w3, #0x15
    b.eq    1f
    sub     x5, x4, x1
    lsr     x5, x5, #2
    orr     w3, w3, #0x80
    strb    w3, [x2, x5]
    add     x4, x4, #4
    msr     elr_el1, x4
    eret
1:  hvc     #1
.endm

/*
 * Synchronous exceptions of EL1 with SP_EL0, for a program may write SPSel, and with SP_EL1; and of
 * EL0.
 */
    .balign 0x800
    .global encodings_vectors
encodings_vectors:
    step_over
    .balign 0x200
    step_over
    .balign 0x200
    step_over

/* SCTLR_EL1, CPACR_EL1, and where there is a PMU, PMUSERENR_EL0 as in x1, x2 and x3. */
    .balign 0x800
    .global encodings_open, encodings_open_pmu
encodings_open:
    msr     sctlr_el1, x1
    msr     cpacr_el1, x2
    hvc     #1
encodings_open_pmu:
    msr     pmuserenr_el0, x3
    hvc     #1

snippets_end:
