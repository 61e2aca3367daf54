/* SPDX-License-Identifier: MIT */
/* Guests that are kicked. x1 is a place in their memory; x2 counts, and so does that memory. */
#include "kick.h"
#include "snippets.inc"

    snippets_begin

.macro guest name
    .balign 64
    .global \name
\name:
.endm

.macro count
    add     x2, x2, #1
    str     x2, [x1, #KICK_COUNT]
.endm

guest kick_spin
1:  count
    yield
    b       1b

guest kick_wfi
1:  count
    wfi
    b       1b

/* A device read, and on. */
guest kick_mmio
    ldr     w4, [x3]
    count
    hvc     #KICK_CALL
    b       .

/* Spins until the host says go; then an exit, or a call that the library answers before it. */
guest kick_then_call
1:  count
    yield
    ldr     w4, [x1, #KICK_GO]
    cbz     w4, 1b
    hvc     #KICK_CALL
    b       .

guest kick_then_psci
1:  count
    yield
    ldr     w4, [x1, #KICK_GO]
    cbz     w4, 1b
    movz    w0, #0x8400, lsl #16 /* PSCI_VERSION */
    hvc     #0
    hvc     #KICK_CALL
    b       .

/* Mostly spins, and has exits of its own from time to time. */
guest kick_mixed
1:  count
    yield
    tst     x2, #0x3f
    b.ne    1b
    hvc     #KICK_CALL
    movz    w0, #0x8400, lsl #16
    hvc     #0
    ldr     w4, [x3]
    b       1b

snippets_end:
