/* SPDX-License-Identifier: MIT */
/* What the hostile guest of worst.c does, one instruction at a time. */
#include "snippets.inc"

    snippets_begin

#include "gic_accesses.inc"

snippets_end:
