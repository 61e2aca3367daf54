/* SPDX-License-Identifier: MIT */
/*
 * Two guests that go through all system registers: one writes them, one reads them. Their
 * instructions are made by the host, one a register, or two with the store; the vectors step over
 * those that fault. Of the general registers x0 is the value, x1 where the next value goes.
 */
    .section .rodata, "a"
    .balign 4096
    .global snippets_start, snippets_end
snippets_start:

.macro step_over
    .balign 0x80
    mrs     x2, elr_el1
    add     x2, x2, #4
    msr     elr_el1, x2
    eret
.endm

/* Synchronous exceptions of EL1 with SP_EL0 and with SP_EL1: the write of SPSel goes by. */
    .balign 0x800
    .global scribble_vectors
scribble_vectors:
    step_over
    .balign 0x200
    step_over

snippets_end:
