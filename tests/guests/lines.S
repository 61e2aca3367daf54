/* SPDX-License-Identifier: MIT */
/* Guests that take virtual interrupts. Their vectors speak to the host and return. */
#include "lines.h"
#include "snippets.inc"

    snippets_begin

    vectors_that_return lines_vectors, 0

/* Counts in x2, and in memory at x1, with interrupts as they are. */
snippet lines_spin
1:  add     x2, x2, #1
    str     x2, [x1]
    yield
    b       1b

/* What is pending, in x0; and once more when all that is pending has been taken. */
snippet lines_masked
    mrs     x0, isr_el1
    hvc     #LINES_CALL
    msr     daifclr, #3
    isb
    hvc     #LINES_CALL
    b       .

/* Waits, counts, and says so. */
snippet lines_wait
    str     x2, [x1]
    wfi
    add     x2, x2, #1
    hvc     #LINES_CALL
    b       lines_wait

/* Its interrupts are ended by a store to the device at x4, as a model's would be. */
    vectors lines_device_vectors
.irp number, 0, 1, 2, 3, 4
    vector_that_returns \number
.endr
    .balign 0x80 /* IRQ, from EL1h */
    add     x5, x5, #1
    str     wzr, [x4]
    eret
    .balign 0x80
    add     x6, x6, #1
    str     wzr, [x4, #4]
    eret

snippet lines_device
    msr     daifclr, #3
    isb
    hvc     #LINES_CALL
    b       lines_device

snippets_end:
