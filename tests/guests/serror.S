/* SPDX-License-Identifier: MIT */
/* Guests that take SErrors. Their vectors speak to the host and return. */
#include "serror.h"
#include "snippets.inc"

    snippets_begin

    vectors_that_return serror_vectors, SAY_VECTOR

/*
 * Says what is pending, before and after a load from x2, until the host sets x4; then unmasks
 * SErrors for a moment. For ever.
 */
snippet serror_steps
1:  mrs     x0, isr_el1
    hvc     #SAY_PENDING
    ldr     w3, [x2]
    mrs     x0, isr_el1
    hvc     #SAY_PENDING
    cbz     x4, 1b
    msr     daifclr, #4
    isb
    msr     daifset, #4
    hvc     #SAY_OPEN
    mov     x4, #0
    b       1b

/* The same, for a VM whose device answers the load: the handler, at 0x380, counts in x5. */
    vectors serror_device_vectors
.irp number, 0, 1, 2, 3, 4, 5, 6
    vector_that_returns SAY_VECTOR + \number
.endr
    .balign 0x80
    add     x5, x5, #1
    cmp     x5, #3
    b.hs    1f
    mrs     x6, elr_el1
    mrs     x7, spsr_el1
    ldr     w3, [x2]
    msr     daifclr, #4 /* one that came again would be taken here */
    isb
    ldr     w3, [x2]
    msr     daifset, #4
    msr     elr_el1, x6
    msr     spsr_el1, x7
    eret
1:  hvc     #(SAY_VECTOR + 7) /* too often */

snippet serror_device
    ldr     w3, [x2]
    msr     daifclr, #4
    isb
    ldr     w3, [x2]
    msr     daifset, #4
    hvc     #SAY_OPEN
    b       serror_device

/* ESB with SErrors masked; then what was deferred, and what is left. */
snippet serror_esb
    hint    #16
    mrs     x0, S3_0_C12_C1_1 /* DISR_EL1 */
    hvc     #SAY_DISR
    mrs     x0, isr_el1
    hvc     #SAY_PENDING
    msr     daifclr, #4
    isb
    hvc     #SAY_OPEN
    b       .

snippet serror_wfi
    wfi
    hvc     #SAY_WAITED
    b       serror_wfi

snippet serror_udf
    udf     #0

snippets_end:
