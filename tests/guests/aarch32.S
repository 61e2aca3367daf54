/* SPDX-License-Identifier: MIT */
/*
 * The AArch64 part of the guest: EL1's vectors, which say that they were taken and go back. The
 * host writes the AArch32 instructions of EL0, for this assembler has none.
 */
#include "aarch32.h"
#include "snippets.inc"

    snippets_begin

    .global el1_vectors
el1_vectors:
    .set number, 0
    .rept 16
    .balign 0x80
    hvc     #(SAY_VECTOR + number)
    eret
    .set number, number + 1
    .endr

snippets_end:
