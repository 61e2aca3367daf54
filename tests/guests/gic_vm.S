/* SPDX-License-Identifier: MIT */
/* What a guest does that the host leads step by step. */
#include "snippets.inc"

    snippets_begin

#include "gic_accesses.inc"

/* Until an interrupt is signalled; x1 counts. */
snippet wait_for_signal
    mov     x1, #0
1:  add     x1, x1, #1
    yield
    mrs     x2, isr_el1
    tbz     x2, #7, 1b
    hvc     #1

snippets_end:
