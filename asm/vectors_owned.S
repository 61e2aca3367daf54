/* SPDX-License-Identifier: MIT */
/*
 * The vectors of a host that has none of its own. They are in VBAR_EL2 from vcpu_percpu_own_vectors to
 * vcpu_percpu_disable, except while a guest is entered: then those of asm/switch.S are. All 16 slots
 * build a struct vcpu_host_fault on SP_EL2. Interrupts go to the irq hook, everything else to the fault
 * hook.
 *
 * A slot has room for 32 instructions. The code that all slots share is in the first three slots.
 */
#include "layout.h"
#include "object.h"

.macro owned slot
    .balign 0x80
    sub     sp, sp, #LAYOUT_FAULT_SIZE
    stp     x0, x1, [sp, #LAYOUT_X(0)]
    mov     x1, #\slot
    b       owned_save
.endm

    text_section vcpu_owned_vectors
    .balign 0x800
    shared  vcpu_owned_vectors
    owned 0
owned_save:
    /* x0 and x1 are already in the struct; x1 is now the slot. */
    stp     x2, x3, [sp, #LAYOUT_X(2)]
    stp     x4, x5, [sp, #LAYOUT_X(4)]
    stp     x6, x7, [sp, #LAYOUT_X(6)]
    stp     x8, x9, [sp, #LAYOUT_X(8)]
    stp     x10, x11, [sp, #LAYOUT_X(10)]
    stp     x12, x13, [sp, #LAYOUT_X(12)]
    stp     x14, x15, [sp, #LAYOUT_X(14)]
    stp     x16, x17, [sp, #LAYOUT_X(16)]
    stp     x18, x19, [sp, #LAYOUT_X(18)]
    stp     x20, x21, [sp, #LAYOUT_X(20)]
    stp     x22, x23, [sp, #LAYOUT_X(22)]
    stp     x24, x25, [sp, #LAYOUT_X(24)]
    stp     x26, x27, [sp, #LAYOUT_X(26)]
    stp     x28, x29, [sp, #LAYOUT_X(28)]
    add     x2, sp, #LAYOUT_FAULT_SIZE
    stp     x30, x2, [sp, #LAYOUT_X(30)] /* and sp */
    mrs     x3, elr_el2
    mrs     x4, spsr_el2
    stp     x3, x4, [sp, #LAYOUT_FAULT_PC]
    mrs     x5, esr_el2
    mrs     x6, far_el2
    stp     x5, x6, [sp, #LAYOUT_FAULT_ESR]
    str     x1, [sp, #LAYOUT_FAULT_VECTOR]
    b       owned_call

    owned 1
owned_call:
    /* In each group of four slots, the second and third are IRQ and FIQ. */
    and     x1, x1, #3
    sub     x1, x1, #1
    cmp     x1, #1
    b.ls    1f
    mov     x0, sp
    bl      vcpu_owned_fault
    b       owned_restore
1:  bl      vcpu_owned_irq
    b       owned_restore

    owned 2
owned_restore:
    ldp     x3, x4, [sp, #LAYOUT_FAULT_PC]
    msr     elr_el2, x3
    msr     spsr_el2, x4
    ldp     x2, x3, [sp, #LAYOUT_X(2)]
    ldp     x4, x5, [sp, #LAYOUT_X(4)]
    ldp     x6, x7, [sp, #LAYOUT_X(6)]
    ldp     x8, x9, [sp, #LAYOUT_X(8)]
    ldp     x10, x11, [sp, #LAYOUT_X(10)]
    ldp     x12, x13, [sp, #LAYOUT_X(12)]
    ldp     x14, x15, [sp, #LAYOUT_X(14)]
    ldp     x16, x17, [sp, #LAYOUT_X(16)]
    ldp     x18, x19, [sp, #LAYOUT_X(18)]
    ldp     x20, x21, [sp, #LAYOUT_X(20)]
    ldp     x22, x23, [sp, #LAYOUT_X(22)]
    ldp     x24, x25, [sp, #LAYOUT_X(24)]
    ldp     x26, x27, [sp, #LAYOUT_X(26)]
    ldp     x28, x29, [sp, #LAYOUT_X(28)]
    ldr     x30, [sp, #LAYOUT_X(30)]
    ldp     x0, x1, [sp, #LAYOUT_X(0)]
    add     sp, sp, #LAYOUT_FAULT_SIZE
    eret
    dsb     nsh
    isb

    owned 3
    owned 4
    owned 5
    owned 6
    owned 7
    owned 8
    owned 9
    owned 10
    owned 11
    owned 12
    owned 13
    owned 14
    owned 15
    end_of  vcpu_owned_vectors
