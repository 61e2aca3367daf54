/* SPDX-License-Identifier: MIT */
#include "snippets.inc"

    snippets_begin

/* One call, and word that it is over, again and again. */
    .global smc_call
smc_call:
    smc     #0
1:  hvc     #1
    b       1b

    .global hvc_call
hvc_call:
    hvc     #0
1:  hvc     #1
    b       1b

snippets_end:
