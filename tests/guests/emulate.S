/* SPDX-License-Identifier: MIT */
/*
 * The guest whose loads and stores are tried is written by the host, an instruction at a time. Here
 * are its vectors, which touch no register, and what moves its vector registers.
 */
#include "emulate.h"
#include "snippets.inc"

    snippets_begin

    vectors_that_say guest_vectors, SAY_VECTOR

.macro vectors_at name, op
    .balign 16
    .global \name
\name:
    .irp    n, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30
    vector_pair \op, %\n
    .endr
    hvc     #SAY_MOVED
    b       .
.endm

.macro vector_pair op, n
    .set    second, \n + 1
    vector_pair_numbers \op, \n, %second
.endm

.macro vector_pair_numbers op, n, second
    \op     q\n, q\second, [x0, #16 * \n]
.endm

    .altmacro
    /* All of them from and to the memory at x0. */
    vectors_at load_vectors, ldp
    vectors_at store_vectors, stp

snippets_end:
