/* SPDX-License-Identifier: MIT */
/*
 * The guest's vectors, which touch no register: what the host reads is what the exception left. The
 * host writes the instructions that raise one.
 */
#include "inject.h"

    .section .rodata, "a"
    .balign 4096
    .global snippets_start, snippets_end
snippets_start:

    .global inject_vectors
inject_vectors:
    .set number, 0
    .rept 16
    .balign 0x80
    hvc     #(SAY_VECTOR + number)
    b       .
    .set number, number + 1
    .endr

snippets_end:
