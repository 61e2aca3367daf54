/* SPDX-License-Identifier: MIT */
#include "bare-metal/registers.inc"
#include "layout.h" /* the library's own: where its vectors find the host's */
#include "vectors.h"
#include "snippets.inc"

    .bss
    .balign 16
kept:
    .skip   32 /* struct attempt, the VBAR_EL2, SP_EL0 and HCR_EL2 before it */

    /* What the world switch's frame says is the vCPU. */
    .balign 16
vcpu:
    .skip   LAYOUT_HOST_HCR + 8

    /* What the host's vectors saw last, how often, and where to go on if not at ELR_EL2. */
    .global vectors_seen, vectors_seen_count, vectors_resume
    .balign 16
vectors_seen:
    .skip   LAYOUT_FAULT_SIZE
vectors_seen_count:
    .skip   8
vectors_resume:
    .skip   8

/*
 * Vectors of a host of its own: they write down what they saw and go on, behind the instruction if
 * the exception is synchronous. An interrupt is the EL2 timer's, which is turned off.
 */
.macro record slot
    .balign 0x80
    stp     x0, x1, [sp, #-16]!
    mov     x1, #\slot
    b       record_entry
.endm

    .section .text.vectors_host, "ax"
    .balign 0x800
    .global vectors_host
vectors_host:
    .irp    slot, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15
    record  \slot
    .endr

record_entry:
    adrp    x0, vectors_seen
    add     x0, x0, :lo12:vectors_seen
    x2_to_x29 stp, x0, LAYOUT_X(0)
    ldp     x2, x3, [sp], #16
    stp     x2, x3, [x0, #LAYOUT_X(0)]
    mov     x2, sp
    stp     x30, x2, [x0, #LAYOUT_X(30)]
    mrs     x2, elr_el2
    mrs     x3, spsr_el2
    stp     x2, x3, [x0, #LAYOUT_FAULT_PC]
    mrs     x3, esr_el2
    mrs     x4, far_el2
    stp     x3, x4, [x0, #LAYOUT_FAULT_ESR]
    str     x1, [x0, #LAYOUT_FAULT_VECTOR]
    ldr     x3, [x0, #LAYOUT_FAULT_SIZE]
    add     x3, x3, #1
    str     x3, [x0, #LAYOUT_FAULT_SIZE]
    and     x1, x1, #3
    cbnz    x1, 1f
    add     x2, x2, #4
    msr     elr_el2, x2
1:  cbz     x1, 2f
    msr     cnthp_ctl_el2, xzr
    isb
2:  ldr     x2, [x0, #LAYOUT_FAULT_SIZE + 8]
    cbz     x2, 3f
    msr     elr_el2, x2
3:  ldp     x2, x3, [x0, #LAYOUT_X(2)]
    ldr     x4, [x0, #LAYOUT_X(4)]
    ldp     x0, x1, [x0, #LAYOUT_X(0)]
    eret

/*
 * void vectors_try(struct attempt *attempt, const void *code)
 *
 * Goes to the code with all general registers, flags and VBAR_EL2 as the attempt says, and SP at a
 * frame like that of the world switch. At vectors_back it writes down what they are then.
 */
    .section .text.vectors_try, "ax"
    .global vectors_try, vectors_back
    .type vectors_try, %function
vectors_try:
    enter_frame 112
    str     x18, [sp, #96]
    sub     sp, sp, #FRAME_SIZE
    adrp    x9, kept
    add     x9, x9, :lo12:kept
    mrs     x10, vbar_el2
    stp     x0, x10, [x9]
    mrs     x10, sp_el0
    str     x10, [x9, #16]
    mrs     x10, hcr_el2
    str     x10, [x9, #24]
    ldr     x10, [x0, #ATTEMPT_SP_EL0]
    msr     sp_el0, x10
    adrp    x9, vcpu
    add     x9, x9, :lo12:vcpu
    str     x9, [sp, #FRAME_VCPU_VBAR]
    ldr     x10, [x0, #ATTEMPT_HOST_HCR]
    str     x10, [x9, #LAYOUT_HOST_HCR]
    ldr     x10, [x0, #ATTEMPT_HCR]
    msr     hcr_el2, x10
    mov     x10, sp
    str     x10, [x0, #ATTEMPT_SP]
    ldp     x10, x11, [x0, #ATTEMPT_VBAR]
    str     x11, [sp, #FRAME_VCPU_VBAR + 8]
    mov     x11, #FRAME_DAIF_BITS       /* no address, which would be where vcpu_at goes on */
    str     x11, [sp, #FRAME_X18_DAIF + 8]
    msr     vbar_el2, x10
    isb
    ldr     x10, [x0, #ATTEMPT_SPSR]
    msr     spsr_el2, x10
    msr     elr_el2, x1
    x2_to_x29 ldp, x0, ATTEMPT_X(0)
    ldr     x30, [x0, #ATTEMPT_X(30)]
    ldp     x0, x1, [x0, #ATTEMPT_X(0)]
    eret

vectors_back:
    stp     x0, x1, [sp, #-16]!
    adrp    x0, kept
    ldr     x0, [x0, #:lo12:kept]
    x2_to_x17 stp, x0, ATTEMPT_OUT_X(0)
    stp     x18, x19, [x0, #ATTEMPT_OUT_X(18)]
    stp     x20, x21, [x0, #ATTEMPT_OUT_X(20)]
    stp     x22, x23, [x0, #ATTEMPT_OUT_X(22)]
    stp     x24, x25, [x0, #ATTEMPT_OUT_X(24)]
    stp     x26, x27, [x0, #ATTEMPT_OUT_X(26)]
    add     x1, x0, #ATTEMPT_OUT_X(28) /* out of STP's reach */
    stp     x28, x29, [x1]
    str     x30, [x1, #16]
    ldp     x2, x3, [sp], #16
    stp     x2, x3, [x0, #ATTEMPT_OUT_X(0)]
    mrs     x2, nzcv
    mrs     x3, daif
    mrs     x4, vbar_el2
    mrs     x6, hcr_el2
    mov     x5, sp
    str     x6, [x0, #ATTEMPT_OUT_HCR]
    str     x2, [x0, #ATTEMPT_OUT_NZCV]
    str     x3, [x0, #ATTEMPT_OUT_DAIF]
    str     x4, [x0, #ATTEMPT_OUT_VBAR]
    str     x5, [x0, #ATTEMPT_OUT_SP]
    ldr     x5, [x0, #ATTEMPT_SP]
    mov     sp, x5
    ldr     x2, [sp, #FRAME_REFAULT]
    str     x2, [x0, #ATTEMPT_REFAULT]
    msr     daifset, #15
    adrp    x9, kept
    add     x9, x9, :lo12:kept
    ldr     x10, [x9, #8]
    msr     vbar_el2, x10
    ldr     x10, [x9, #24]
    msr     hcr_el2, x10
    isb
    ldr     x10, [x9, #16]
    msr     sp_el0, x10
    add     sp, sp, #FRAME_SIZE
    ldr     x18, [sp, #96]
    leave_frame 112
    ret
    .size vectors_try, . - vectors_try

/* ---- Code that is tried ---- */

.macro code name
    .global \name
\name:
.endm

code try_brk
    .global try_brk_at
try_brk_at:
    brk     #VECTORS_BRK
    b       vectors_back

code try_brk_sp0
    msr     spsel, #0
    .global try_brk_sp0_at
try_brk_sp0_at:
    brk     #VECTORS_BRK
    msr     spsel, #1
    b       vectors_back

/* x8 is an address where nothing is. */
code try_load
    .global try_load_at
try_load_at:
    ldr     x7, [x8]
    b       vectors_back

code try_load_sp0
    msr     spsel, #0
    .global try_load_sp0_at
try_load_sp0_at:
    ldr     x7, [x8]
    msr     spsel, #1
    b       vectors_back

/* An interrupt is pending. */
code try_irq
    msr     daifclr, #2
    nop
    nop
    msr     daifset, #2
    b       vectors_back

code try_fiq
    msr     daifclr, #1
    nop
    nop
    msr     daifset, #1
    b       vectors_back

code try_irq_sp0
    msr     spsel, #0
    msr     daifclr, #2
    nop
    nop
    msr     daifset, #2
    msr     spsel, #1
    b       vectors_back

/*
 * int vectors_run_then_irq(struct vcpu_percpu *cpu, struct vcpu *vcpu)
 * int vectors_run_then_brk(struct vcpu_percpu *cpu, struct vcpu *vcpu)
 *
 * Nothing is between vcpu_run and the host's own exception.
 */
    .global vectors_run_then_irq, vectors_run_then_irq_at
vectors_run_then_irq:
    stp     x29, x30, [sp, #-16]!
    bl      vcpu_run
    msr     daifclr, #2
vectors_run_then_irq_at:
    nop
    msr     daifset, #2
    ldp     x29, x30, [sp], #16
    ret

    .global vectors_run_then_brk, vectors_run_then_brk_at
vectors_run_then_brk:
    stp     x29, x30, [sp, #-16]!
    bl      vcpu_run
vectors_run_then_brk_at:
    brk     #VECTORS_BRK_AFTER
    ldp     x29, x30, [sp], #16
    ret

/* int vectors_call_on_sp0(int (*f)(void *, const void *), void *a, const void *b) */
    .global vectors_call_on_sp0
vectors_call_on_sp0:
    stp     x29, x30, [sp, #-32]!
    mrs     x9, sp_el0
    str     x9, [sp, #16]
    mov     x10, sp
    msr     sp_el0, x10     /* the same stack: SP_EL2 is not used meanwhile */
    msr     spsel, #0
    mov     x9, x0
    mov     x0, x1
    mov     x1, x2
    blr     x9
    msr     spsel, #1
    ldr     x9, [sp, #16]
    msr     sp_el0, x9
    ldp     x29, x30, [sp], #32
    ret

/*
 * int vectors_call_with_e2h_alone(int (*f)(void *, const void *), void *a, const void *b)
 *
 * The call with HCR_EL2.E2H set and TGE clear. If it is no VHE host otherwise, the tables and SCTLR_EL2 of a host without them do for it:
 * TCR_EL2's bits 31 and 23, RES1 before, are a 4 KiB granule and EPD1, its PS is T1SZ, and IPS = 0
 * reaches 4 GiB. EL2's pages have AP[1] set, which now lets EL0 have them, but nothing is there.
 */
#define HCR_TGE_SHIFT 27
#define HCR_E2H_SHIFT 34

    .global vectors_call_with_e2h_alone
vectors_call_with_e2h_alone:
    stp     x29, x30, [sp, #-32]!
    mrs     x9, hcr_el2
    str     x9, [sp, #16]
    bic     x9, x9, #(1 << HCR_TGE_SHIFT)
    orr     x9, x9, #(1 << HCR_E2H_SHIFT)
    msr     hcr_el2, x9
    isb
    tlbi    alle2
    dsb     nsh
    isb
    mov     x9, x0
    mov     x0, x1
    mov     x1, x2
    blr     x9
    ldr     x9, [sp, #16]
    msr     hcr_el2, x9
    isb
    tlbi    alle2
    dsb     nsh
    isb
    ldp     x29, x30, [sp], #32
    ret

/* ---- Guests ---- */

    snippets_begin

    .global guest_call
guest_call:
    hvc     #VECTORS_CALL
    b       .

    .global guest_load
guest_load:
    ldr     w1, [x0]
    b       .

    .global guest_spin
guest_spin:
1:  yield
    b       1b

    /* The same two in A32, for EL0. */
    .global guest_load32
guest_load32:
    .inst   0xe5901000      /* ldr r1, [r0] */
    .inst   0xeafffffe      /* b . */

    .global guest_spin32
guest_spin32:
    .inst   0xeafffffe      /* b . */

snippets_end:
