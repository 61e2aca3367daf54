/* SPDX-License-Identifier: MIT */
/*
 * The guest that tries things is written by the host, an instruction at a time. Here are its
 * vectors, which touch no register: the host reads what the exception left in those of EL1.
 */
#include "hidden.h"

    .section .rodata, "a"
    .balign 4096
    .global snippets_start, snippets_end
snippets_start:

    .global guest_vectors
guest_vectors:
    .set number, 0
    .rept 16
    .balign 0x80
    hvc     #(SAY_VECTOR + number)
    b       .
    .set number, number + 1
    .endr

snippets_end:
