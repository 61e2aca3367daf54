/* SPDX-License-Identifier: MIT */
#include "snippets.inc"

    snippets_begin

snippet call
1:  hvc     #1
    b       1b

snippets_end:
