/* SPDX-License-Identifier: MIT */
/* The exception vectors: make a frame, call kit_exception, put the frame back. */
#include <kit/exception.h>

#include "bare-metal/registers.inc"

/* In the order of enum kit_exception, which exception.c asserts. */
#define SYNC_CURRENT 0
#define SYNC_LOWER   4

    .macro vector kind
    .balign 0x80
    sub     sp, sp, #KIT_FRAME_SIZE
    stp     x0, x1, [sp]
    mov     x1, #(\kind)
    b       enter
    .endm

    .macro four_vectors sync
    vector  \sync + 0
    vector  \sync + 1
    vector  \sync + 2
    vector  \sync + 3
    .endm

    .text
    .balign 0x800
    .global kit_vectors
kit_vectors:
    four_vectors SYNC_CURRENT           /* SP_EL0 */
    four_vectors SYNC_CURRENT           /* SP_EL1 */
    four_vectors SYNC_LOWER             /* AArch64 */
    four_vectors SYNC_LOWER             /* AArch32 */

/* SP: the frame, with x0 and x1 in it; x1: the kind. */
    .balign 0x80
enter:
    x2_to_x29 stp, sp
    str     x30, [sp, #240]
    mrs     x2, elr_el1
    mrs     x3, spsr_el1
    mrs     x4, esr_el1
    mrs     x5, far_el1
    mrs     x6, sp_el0
    add     x7, sp, #KIT_FRAME_SIZE
    tst     x3, #1                      /* SPSR_EL1.M[0]: SP_ELx was in use, and this EL is EL1 */
    csel    x6, x7, x6, ne
    str     x6, [sp, #KIT_FRAME_SP]
    stp     x2, x3, [sp, #KIT_FRAME_ELR]
    stp     x4, x5, [sp, #KIT_FRAME_ESR]
    mov     x0, sp
    bl      kit_exception

    /* An exception between the writes of ELR_EL1, SPSR_EL1 and SP, and ERET would lose them. */
    msr     daifset, #0xf
    mov     x0, sp
    ldr     x6, [x0, #KIT_FRAME_SP]
    ldp     x2, x3, [x0, #KIT_FRAME_ELR]
    msr     elr_el1, x2
    msr     spsr_el1, x3
    add     sp, sp, #KIT_FRAME_SIZE
    tbnz    x3, #0, 1f
    msr     sp_el0, x6
    b       2f
1:  mov     sp, x6
2:  x2_to_x29 ldp, x0
    ldr     x30, [x0, #240]
    ldp     x0, x1, [x0]
    eret

/*
 * kit_el0_run(entry, stack_top, arg): leaves what the caller's registers hold on the stack and goes
 * to EL0. The next exception's frame lies right below, which is how kit_el0_leave finds the way
 * back to kit_el0_resume.
 */
#define EL0_FRAME_SIZE      112
#define EL0_FRAME_DAIF_SP   96

    .global kit_el0_run
kit_el0_run:
    enter_frame EL0_FRAME_SIZE
    mrs     x3, daif
    mrs     x4, sp_el0
    stp     x3, x4, [sp, #EL0_FRAME_DAIF_SP]
    msr     daifset, #0xf
    msr     spsr_el1, x3                /* EL0t is 0 in M, and DAIF is where it is in SPSR */
    msr     elr_el1, x0
    msr     sp_el0, x1
    mov     x0, x2
    eret

    .global kit_el0_resume
kit_el0_resume:
    ldp     x3, x4, [sp, #EL0_FRAME_DAIF_SP]
    msr     sp_el0, x4
    msr     daif, x3
    leave_frame EL0_FRAME_SIZE
    ret
