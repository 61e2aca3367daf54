/* SPDX-License-Identifier: MIT */
/*
 * Into an attempt, and back at the next exception of any kind. Nothing is taken for granted then:
 * which vCPU this is MPIDR_EL1 says, and VA is PA.
 */
#include "hostile.h"

#include "bare-metal/registers.inc"

#define EC_STEP 0x19 /* EC >> 1: Software Step, from EL0 or EL1 */

    .text
    .global hostile_enter
hostile_enter:
    enter_frame 96
    mov     x1, sp
    str     x1, [x0, #SELF_STACK]
    ldr     x2, [x0, #SELF_PC]
    msr     elr_el1, x2
    ldr     x2, [x0, #SELF_SPSR]
    msr     spsr_el1, x2
    ldr     x2, [x0, #SELF_SP]
    msr     sp_el0, x2
    mov     sp, x2
    x2_to_x29 ldp, x0
    ldr     x30, [x0, #240]
    ldp     x0, x1, [x0]
    eret

/* A step: goes on, and makes the next one. After some it is enough. */
step:
    msr     tpidrro_el0, x1
    mrs     x1, mpidr_el1
    and     x1, x1, #7
    adrp    x0, hostile_selves
    add     x0, x0, :lo12:hostile_selves
    add     x0, x0, x1, lsl #SELF_SIZE_LOG2
    ldr     x1, [x0, #SELF_STEPS]
    subs    x1, x1, #1
    str     x1, [x0, #SELF_STEPS]
    mov     x0, #3                      /* no vector's number: it is not over */
    b.eq    leave
    mrs     x0, spsr_el1
    orr     x0, x0, #(1 << 21)
    msr     spsr_el1, x0
    mrs     x1, tpidrro_el0
    mrs     x0, tpidr_el1
    eret

    .macro vector number
    .balign 0x80
    msr     tpidr_el1, x0
    .if ((\number) & 3) == 0
    mrs     x0, esr_el1
    lsr     x0, x0, #27
    sub     x0, x0, #EC_STEP
    cbz     x0, step
    .endif
    mov     x0, #(\number)
    b       leave
    .endm

    .balign 0x800
    .global hostile_vectors
hostile_vectors:
    .irp number, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
    vector  \number
    .endr

    .balign 0x80
leave:
    mrs     x1, mpidr_el1
    and     x1, x1, #7
    adrp    x2, hostile_selves
    add     x2, x2, :lo12:hostile_selves
    add     x1, x2, x1, lsl #SELF_SIZE_LOG2
    mrs     x2, esr_el1
    str     x2, [x1, #SELF_ESR]
    mrs     x2, elr_el1
    str     x2, [x1, #SELF_ELR]
    mrs     x2, far_el1
    str     x2, [x1, #SELF_FAR]
    ldr     x2, [x1, #SELF_STACK]
    mov     sp, x2
    leave_frame 96
    ret
