/* SPDX-License-Identifier: MIT */
#include "snippets.inc"

    snippets_begin

/* Says in memory at x1 how many waits there were, in x2, and waits again. */
snippet traps_wait
1:  str     x2, [x1]
    wfi
    add     x2, x2, #1
    b       1b

snippet traps_call
1:  hvc     #1
    b       1b

snippets_end:
