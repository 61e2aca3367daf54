/* SPDX-License-Identifier: MIT */
/*
 * The way of a VHE host to its EL0 and back, and what runs there and in the guest beside it.
 */
#include "vhe_el0.h"
#include "bare-metal/registers.inc"
#include "snippets.inc"

    .arch armv8-a+fp+simd

/* The callee-saved registers, SP_EL0 and VBAR_EL2 of the caller, its struct user, x0 and x1. */
#define FRAME_SP_EL0_VBAR 96
#define FRAME_USER        112
#define FRAME_SCRATCH     128
#define FRAME_SIZE        144

/* From EL2: a fault, for the platform to report. */
.macro platform number
    .balign 0x80
    b       vectors + \number * 0x80
.endm

.macro from_el0 number
    .balign 0x80
    stp     x0, x1, [sp, #FRAME_SCRATCH]
    mov     x1, #\number
    b       left
.endm

    .section .text.vhe_el0, "ax"
    .balign 0x800
host_vectors:
    .irp number, 0, 1, 2, 3, 4, 5, 6, 7
    platform \number
    .endr
    .irp number, 8, 9, 10, 11
    from_el0 \number
    .endr
    .irp number, 12, 13, 14, 15
    platform \number
    .endr

/*
 * void vhe_el0_enter(struct user *user)
 *
 * Runs the program at EL0 until its next exception. TPIDR_EL0, TPIDRRO_EL0 and the FP registers are
 * what they are. DAIF is masked.
 */
    .global vhe_el0_enter
vhe_el0_enter:
    enter_frame FRAME_SIZE
    mrs     x9, sp_el0
    mrs     x10, vbar_el2
    stp     x9, x10, [sp, #FRAME_SP_EL0_VBAR]
    str     x0, [sp, #FRAME_USER]
    adrp    x9, host_vectors
    add     x9, x9, :lo12:host_vectors
    msr     vbar_el2, x9
    ldp     x9, x10, [x0, #USER_SP_PC]
    ldr     x11, [x0, #USER_PSTATE]
    msr     sp_el0, x9
    msr     elr_el2, x10
    msr     spsr_el2, x11
    ldp     x6, x7, [x0, #USER_X(6)]
    ldp     x4, x5, [x0, #USER_X(4)]
    ldp     x2, x3, [x0, #USER_X(2)]
    ldp     x0, x1, [x0, #USER_X(0)]
    eret
    dsb     nsh
    isb

left:
    ldr     x8, [sp, #FRAME_USER]
    ldp     x9, x10, [sp, #FRAME_SCRATCH]
    stp     x9, x10, [x8, #USER_X(0)]
    stp     x2, x3, [x8, #USER_X(2)]
    stp     x4, x5, [x8, #USER_X(4)]
    stp     x6, x7, [x8, #USER_X(6)]
    str     x1, [x8, #USER_VECTOR]
    mrs     x9, sp_el0
    mrs     x10, elr_el2
    stp     x9, x10, [x8, #USER_SP_PC]
    mrs     x9, spsr_el2
    mrs     x10, esr_el2
    stp     x9, x10, [x8, #USER_PSTATE]
    ldp     x9, x10, [sp, #FRAME_SP_EL0_VBAR]
    msr     sp_el0, x9
    msr     vbar_el2, x10
    isb
    leave_frame FRAME_SIZE
    ret

#define ALL                                                                                        \
    0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25,  \
        26, 27, 28, 29, 30, 31

/* void vhe_el0_fp_save(struct fp_state *) and void vhe_el0_fp_restore(const struct fp_state *) */
    .global vhe_el0_fp_save
vhe_el0_fp_save:
    .irp n, ALL
    str     q\n, [x0, #16 * \n]
    .endr
    mrs     x1, fpcr
    str     x1, [x0, #FP_STATE_FPCR]
    ret

    .global vhe_el0_fp_restore
vhe_el0_fp_restore:
    .irp n, ALL
    ldr     q\n, [x0, #16 * \n]
    .endr
    ldr     x1, [x0, #FP_STATE_FPCR]
    msr     fpcr, x1
    ret

/* ---- Programs, of the host at EL0 and of the guest at EL1 ---- */

/* x0 in all FP registers, another value in each; x1 in FPCR. */
.macro fill_one n
    add     x9, x0, #\n
    dup     v\n\().2d, x9
.endm

.macro fill
    .irp n, ALL
    fill_one \n
    .endr
    msr     fpcr, x1
    msr     tpidr_el0, x0
.endm

/* How many are not what fill made them goes to x1; x2 is FPCR, x3 TPIDR_EL0, x4 TPIDRRO_EL0. */
.macro check_one n
    add     x9, x0, #\n
    mov     x10, v\n\().d[0]
    mov     x11, v\n\().d[1]
    cmp     x9, x10
    ccmp    x9, x11, #0, eq
    cinc    x1, x1, ne
.endm

.macro check
    mov     x1, #0
    .irp n, ALL
    check_one \n
    .endr
    mrs     x2, fpcr
    mrs     x3, tpidr_el0
    mrs     x4, tpidrro_el0
.endm

    snippets_begin

    .balign 64
    .global user_fill, user_check, user_count, user_load, user_spin
user_fill:
    fill
    svc     #1
user_check:
    check
    mov     x5, sp
    svc     #2
user_count:
    mrs     x0, cntvct_el0
    svc     #3
user_load:
    ldr     x0, [x0]
    svc     #4
user_spin:
    b       .

/* The guest gives its own EL0 nothing, and has its virtual timer due. */
    .balign 64
    .global guest_fill, guest_check
guest_fill:
    mov     x9, #(3 << 20)          /* CPACR_EL1.FPEN: no trap */
    msr     cpacr_el1, x9
    isb
    fill
    msr     tpidrro_el0, x0
    msr     sp_el0, x0
    msr     cntkctl_el1, xzr
    msr     cntv_cval_el0, xzr
    mov     x9, #1
    msr     cntv_ctl_el0, x9
    hvc     #1
guest_check:
    check
    mrs     x5, sp_el0
    hvc     #2
    b       .

    .balign 8
snippets_end:
