/* SPDX-License-Identifier: MIT */
/* What the guest of many.c does. */
#include "snippets.inc"

    snippets_begin

#include "gic_accesses.inc"

snippet many_call
    hvc     #0
    hvc     #1

snippets_end:
