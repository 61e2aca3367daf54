/* SPDX-License-Identifier: MIT */
#include "snippets.inc"

    snippets_begin

/* One exit of each of several kinds, for ever. A device is at x19. */
    .global busy_guest
busy_guest:
    hvc     #1
    ldr     w1, [x19]
    strh    w1, [x19, #2]
    mrs     x2, cntpct_el0
    smc     #1
    ldp     x3, x4, [x19]       /* no syndrome */
    movz    w0, #0x8400, lsl #16
    hvc     #0                  /* PSCI_VERSION, answered in the library */
    mrs     x5, id_aa64pfr0_el1 /* likewise */
    b       busy_guest

/* Sets a flag of PSTATE that is in x1. S-names: not every assembler knows the feature. */
.macro flag_guest name, register
    .global \name
\name:
    msr     \register, x1
    hvc     #1
    b       .
.endm

    flag_guest nzcv_guest, nzcv
    flag_guest daif_guest, daif
    flag_guest pan_guest, S3_0_C4_C2_3
    flag_guest uao_guest, S3_0_C4_C2_4
    flag_guest dit_guest, S3_3_C4_C2_5
    flag_guest ssbs_guest, S3_3_C4_C2_6

snippets_end:
