/* SPDX-License-Identifier: MIT */
/* How guests of the test hosts are written: pieces of code in pages that a host copies to a VM. */
#ifndef SNIPPETS_H
#define SNIPPETS_H

/* The first line of a file of them. The last one is the label snippets_end. */
.macro snippets_begin
    .section .rodata, "a"
    .balign 4096
    .global snippets_start, snippets_end
snippets_start:
.endm

.macro snippet name
    .balign 64
    .global \name
\name:
.endm

/* The vectors of a guest follow. */
.macro vectors name
    .balign 0x800
    .global \name
\name:
.endm

/* One that touches no register and says its number; or says it and goes back. */
.macro vector_that_says number
    .balign 0x80
    hvc     #(\number)
    b       .
.endm

.macro vector_that_returns number
    .balign 0x80
    hvc     #(\number)
    eret
.endm

/* All 16 of one kind, from number first on. */
.macro vectors_that_say name, first
    vectors \name
    .irp    slot, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
    vector_that_says \first + \slot
    .endr
.endm

.macro vectors_that_return name, first
    vectors \name
    .irp    slot, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
    vector_that_returns \first + \slot
    .endr
.endm

#endif
