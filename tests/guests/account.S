/* SPDX-License-Identifier: MIT */
/*
 * The vectors of a guest whose program, made by the host, names all system registers one after the
 * other. An exception is written down, its class with bit 7 set, a byte for each word of the
 * program, and stepped over. x0 is the value, x1 where the program is, x2 where the bytes go; x3 to
 * x5 are the vectors' own. SVC is the end.
 */
    .section .rodata, "a"
    .balign 4096
    .global snippets_start, snippets_end
snippets_start:

.macro write_down
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

/* Synchronous exceptions of EL1 with SP_EL1, and of EL0. */
    .balign 0x800
    .global account_vectors
account_vectors:
    .balign 0x200
    .skip   0x200
    write_down
    .balign 0x200
    write_down

/* SCTLR_EL1 and CPACR_EL1, or PMUSERENR_EL0, as in x6 and x0. */
    .balign 0x800
    .global account_open, account_open_pmu
account_open:
    msr     sctlr_el1, x6
    msr     cpacr_el1, x0
    hvc     #1
account_open_pmu:
    msr     pmuserenr_el0, x0
    hvc     #1

snippets_end:
