/* SPDX-License-Identifier: MIT */
#include "snippets.inc"

    snippets_begin

/*
 * A guest that owns the interrupts acknowledges one, ends none, and writes what it can of the CPU
 * interface. X0 is the INTID.
 */
snippet direct_guest
    mrs     x0, icc_iar1_el1
    mov     x1, #7
    msr     icc_bpr1_el1, x1
    mrs     x1, icc_ctlr_el1
    eor     x1, x1, #2 /* EOImode */
    msr     icc_ctlr_el1, x1
    msr     icc_pmr_el1, xzr
    msr     icc_igrpen1_el1, xzr
    isb
    hvc     #1

snippet next_guest
1:  hvc     #2
    b       1b

snippets_end:
