/* SPDX-License-Identifier: MIT */
/* Guests that use their PMU. HVC #1 and so on, so that no x0 makes it a call of PSCI. */
#include "pmu.h"
#include "snippets.inc"

    snippets_begin

    .balign 2048
    .global pmu_vectors
pmu_vectors:
    .set number, 0
    .rept 16
    .balign 0x80
    hvc     #(SAY_VECTOR + number)
    .set number, number + 1
    .endr

    /* Each register read into x1 and, ACCESS_WRITE further, written from it. At EL1 and at EL0. */
snippet pmu_accesses
#define ACCESS(name, op1, crn, crm, op2)                                                           \
    mrs     x1, s3_##op1##_c##crn##_c##crm##_##op2;                                                \
    svc     #0;                                                                                    \
    msr     s3_##op1##_c##crn##_c##crm##_##op2, x1;                                                \
    svc     #0;
    PMU_REGISTERS(ACCESS)

    /* x4 rounds of x3 turns of a loop, with the host's turn after each. */
snippet pmu_rounds
    mov     x2, x3
1:  subs    x2, x2, #1
    b.ne    1b
    hvc     #1
    subs    x4, x4, #1
    b.ne    pmu_rounds
    svc     #0

snippets_end:
