/* SPDX-License-Identifier: MIT */
#include "id.h"
#include "snippets.inc"

    snippets_begin

.macro keep register, offset
    mrs     x0, \register
    str     x0, [x19, #(\offset)]
.endm

    vectors_that_say id_vectors, SAY_VECTOR

    /*
     * Reads all registers into memory at x19: CCSIDR_EL1 for each CSSELR_EL1 whose bit in x20 is
     * set. Then, in x1 to x3, those that EL0 may read.
     */
snippet id_guest
    adr     x0, id_vectors
    msr     vbar_el1, x0
    mov     x0, #(3 << 16 | 3 << 20) /* ZEN, FPEN: EL1 traps neither SVE nor FP */
    msr     cpacr_el1, x0
    isb
    .set    number, 0
    .irp    crm, 1, 2, 3, 4, 5, 6, 7
    .irp    op2, 0, 1, 2, 3, 4, 5, 6, 7
    keep    S3_0_C0_C\crm\()_\op2, READ_GROUP + 8 * number
    .set    number, number + 1
    .endr
    .endr
    keep    midr_el1, READ_MIDR
    keep    ctr_el0, READ_CTR
    keep    clidr_el1, READ_CLIDR
    keep    dczid_el0, READ_DCZID
    keep    cntfrq_el0, READ_CNTFRQ
    keep    revidr_el1, READ_REVIDR
    keep    aidr_el1, READ_AIDR
    keep    mpidr_el1, READ_MPIDR
    mov     x1, #0
    add     x2, x19, #READ_CCSIDR
1:  lsr     x3, x20, x1
    tbz     x3, #0, 2f
    msr     csselr_el1, x1
    isb
    mrs     x0, ccsidr_el1
    str     x0, [x2, x1, lsl #3]
2:  add     x1, x1, #1
    cmp     x1, #14
    b.ne    1b
    keep    csselr_el1, READ_CSSELR
    hvc     #SAY_READ

    mrs     x0, sctlr_el1
    orr     x0, x0, #(1 << 14)      /* DZE: EL0 may use DC ZVA */
    orr     x0, x0, #(1 << 15)      /* UCT: and read CTR_EL0 */
    msr     sctlr_el1, x0
    mov     x0, #2                  /* EL0VCTEN: and CNTFRQ_EL0 */
    msr     cntkctl_el1, x0
    adr     x0, 3f
    msr     elr_el1, x0
    mov     x0, #0x3c0              /* EL0t */
    msr     spsr_el1, x0
    isb
    eret
3:  mrs     x1, ctr_el0
    mrs     x2, dczid_el0
    mrs     x3, cntfrq_el0
    svc     #SAY_READ_EL0

snippets_end:
