/* SPDX-License-Identifier: MIT */
#include "snippets.inc"

    snippets_begin

/* One call, and word that it is over. */
    .global smc_call
smc_call:
    smc     #0
    hvc     #1
    b       .

    .global hvc_call
hvc_call:
    hvc     #0
    hvc     #1
    b       .

snippets_end:
