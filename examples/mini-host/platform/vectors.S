/* SPDX-License-Identifier: MIT */
/*
 * The host's exception vectors. IRQs go to C code. Everything else ends the host, on a stack of its
 * own: SP_EL0 always holds this CPU's fault stack, so that a stack overflow can be reported.
 */
#include "bare-metal/registers.inc"
#include "layout.h"

/* x0-x18, x29, x30, ELR_EL2, SPSR_EL2: what C does not keep. */
#define IRQ_FRAME_SIZE 192

.macro slot
    .balign 0x80
.endm

.macro irq
    slot
    sub     sp, sp, #IRQ_FRAME_SIZE
    b       irq_common
.endm

.macro fatal number
    slot
    msr     spsel, #0
    sub     sp, sp, #FAULT_FRAME_SIZE
    stp     x0, x1, [sp]
    mov     x0, #\number
    b       fault_common
.endm

/* With SP_EL0 selected only the fault handler itself runs: nothing is worth keeping. */
.macro nested
    slot
    b       fault_nested
.endm

    .section .text.vectors, "ax"
    .balign 2048
    .global vectors
vectors:
    .rept 4
    nested
    .endr
    fatal   4
    irq
    fatal   6
    fatal   7
    /* From a lower level: the library's vectors take these, none may come here. */
    fatal   8
    fatal   9
    fatal   10
    fatal   11
    fatal   12
    fatal   13
    fatal   14
    fatal   15
    slot

irq_common:
    stp     x0, x1, [sp]
    x2_to_x17 stp, sp
    stp     x18, x29, [sp, #144]
    mrs     x9, elr_el2
    mrs     x10, spsr_el2
    stp     x30, x9, [sp, #160]
    str     x10, [sp, #176]
    bl      irq_handle
    ldr     x10, [sp, #176]
    ldp     x30, x9, [sp, #160]
    msr     elr_el2, x9
    msr     spsr_el2, x10
    ldp     x18, x29, [sp, #144]
    x2_to_x17 ldp, sp
    ldp     x0, x1, [sp]
    add     sp, sp, #IRQ_FRAME_SIZE
    eret

/* x0 = the vector's number; the frame holds x0 and x1. */
fault_common:
    x2_to_x29 stp, sp
    str     x30, [sp, #240]
    msr     spsel, #1
    mov     x1, sp
    msr     spsel, #0
    str     x1, [sp, #FAULT_FRAME_SP]
    mrs     x1, elr_el2
    mrs     x2, spsr_el2
    stp     x1, x2, [sp, #FAULT_FRAME_PC]
    mrs     x1, esr_el2
    mrs     x2, far_el2
    stp     x1, x2, [sp, #FAULT_FRAME_ESR]
    str     x0, [sp, #FAULT_FRAME_VECTOR]
    mov     x0, sp
    bl      fault_report

fault_nested:
    msr     spsel, #1
    adrp    x9, fault_last_stack
    add     x9, x9, #PLATFORM_FAULT_SIZE
    mov     sp, x9
    bl      fault_again
