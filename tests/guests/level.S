/* SPDX-License-Identifier: MIT */
/* What a guest does that the host leads step by step, and its virtual timer. */
#include "snippets.inc"

    snippets_begin

#include "gic_accesses.inc"

    /* x0 = CVAL, x1 = CTL. */
snippet set_timer
    msr     cntv_cval_el0, x0
    msr     cntv_ctl_el0, x1
    isb
    hvc     #1

snippets_end:
