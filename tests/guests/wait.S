/* SPDX-License-Identifier: MIT */
#include "snippets.inc"

    snippets_begin

    /* WFIT x1, WFET x2, WFIT xzr: as numbers, for assemblers that do not know FEAT_WFxT. */
snippet wait_interrupt
    .inst   0xd5031021
    hvc     #1

snippet wait_event
    .inst   0xd5031002
    hvc     #1

snippet wait_zero
    .inst   0xd503103f
    hvc     #1

snippet wait_plain
    wfi
    hvc     #1

snippets_end:
