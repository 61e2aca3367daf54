/* SPDX-License-Identifier: MIT */
/* The exception vectors: make a frame, call kit_exception, put the frame back. */
#include <kit/exception.h>

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
    stp     x2, x3, [sp, #16]
    stp     x4, x5, [sp, #32]
    stp     x6, x7, [sp, #48]
    stp     x8, x9, [sp, #64]
    stp     x10, x11, [sp, #80]
    stp     x12, x13, [sp, #96]
    stp     x14, x15, [sp, #112]
    stp     x16, x17, [sp, #128]
    stp     x18, x19, [sp, #144]
    stp     x20, x21, [sp, #160]
    stp     x22, x23, [sp, #176]
    stp     x24, x25, [sp, #192]
    stp     x26, x27, [sp, #208]
    stp     x28, x29, [sp, #224]
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
2:  ldp     x2, x3, [x0, #16]
    ldp     x4, x5, [x0, #32]
    ldp     x6, x7, [x0, #48]
    ldp     x8, x9, [x0, #64]
    ldp     x10, x11, [x0, #80]
    ldp     x12, x13, [x0, #96]
    ldp     x14, x15, [x0, #112]
    ldp     x16, x17, [x0, #128]
    ldp     x18, x19, [x0, #144]
    ldp     x20, x21, [x0, #160]
    ldp     x22, x23, [x0, #176]
    ldp     x24, x25, [x0, #192]
    ldp     x26, x27, [x0, #208]
    ldp     x28, x29, [x0, #224]
    ldr     x30, [x0, #240]
    ldp     x0, x1, [x0]
    eret

/*
 * kit_el0_run(entry, stack_top, arg): leaves what the caller's registers hold on the stack and goes
 * to EL0. The next exception's frame lies right below, which is how kit_el0_leave finds the way
 * back to kit_el0_resume.
 */
    .global kit_el0_run
kit_el0_run:
    stp     x19, x20, [sp, #-112]!
    stp     x21, x22, [sp, #16]
    stp     x23, x24, [sp, #32]
    stp     x25, x26, [sp, #48]
    stp     x27, x28, [sp, #64]
    stp     x29, x30, [sp, #80]
    mrs     x3, daif
    mrs     x4, sp_el0
    stp     x3, x4, [sp, #96]
    msr     daifset, #0xf
    msr     spsr_el1, x3                /* EL0t is 0 in M, and DAIF is where it is in SPSR */
    msr     elr_el1, x0
    msr     sp_el0, x1
    mov     x0, x2
    eret

    .global kit_el0_resume
kit_el0_resume:
    ldp     x3, x4, [sp, #96]
    msr     sp_el0, x4
    msr     daif, x3
    ldp     x29, x30, [sp, #80]
    ldp     x27, x28, [sp, #64]
    ldp     x25, x26, [sp, #48]
    ldp     x23, x24, [sp, #32]
    ldp     x21, x22, [sp, #16]
    ldp     x19, x20, [sp], #112
    ret
