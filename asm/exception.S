/* SPDX-License-Identifier: MIT */
/*
 * Out of the guest: the vectors that stand in VBAR_EL2 from just before an ERET to the guest until
 * its registers are saved, with DAIF masked all that time.
 */
#include "layout.h"

/*
 * Saves the guest's registers and gives the host its vectors back. Before: x0 and x1 are in the
 * frame's scratch. After: x0 is the vCPU, x1 ESR_EL2, x2 the PC, x3 the guest's x0.
 */
.macro save_guest
    ldr     x0, [sp, #FRAME_VCPU_X18]
    stp     x2, x3, [x0, #LAYOUT_X(2)]
    stp     x4, x5, [x0, #LAYOUT_X(4)]
    stp     x6, x7, [x0, #LAYOUT_X(6)]
    stp     x8, x9, [x0, #LAYOUT_X(8)]
    stp     x10, x11, [x0, #LAYOUT_X(10)]
    stp     x12, x13, [x0, #LAYOUT_X(12)]
    stp     x14, x15, [x0, #LAYOUT_X(14)]
    stp     x16, x17, [x0, #LAYOUT_X(16)]
    stp     x18, x19, [x0, #LAYOUT_X(18)]
    stp     x20, x21, [x0, #LAYOUT_X(20)]
    stp     x22, x23, [x0, #LAYOUT_X(22)]
    stp     x24, x25, [x0, #LAYOUT_X(24)]
    stp     x26, x27, [x0, #LAYOUT_X(26)]
    stp     x28, x29, [x0, #LAYOUT_X(28)]
    ldp     x3, x4, [sp, #FRAME_SCRATCH]
    stp     x3, x4, [x0, #LAYOUT_X(0)]
    mrs     x2, elr_el2
    mrs     x4, spsr_el2
    mrs     x5, sp_el0
    mrs     x6, tpidr_el0
    mrs     x1, esr_el2
    stp     x30, x2, [x0, #LAYOUT_X(30)]
    stp     x4, x5, [x0, #LAYOUT_PSTATE]
    stp     x6, x1, [x0, #LAYOUT_TPIDR_EL0]
    ldr     x7, [sp, #FRAME_VBAR_DAIF]
    msr     vbar_el2, x7
    /* The host's vectors must be in effect before it unmasks anything. */
    isb
.endm

/* x0 is vcpu_exit_sync's or vcpu_exit_async's answer: 0 to go on in the guest. */
.macro leave_or_reenter
    cbz     w0, 9f
    ldp     x2, x3, [sp, #FRAME_SP_EL0_TPIDR_EL0]
    msr     sp_el0, x2
    msr     tpidr_el0, x3
    ldr     x18, [sp, #FRAME_VCPU_X18 + 8]
    ldr     x4, [sp, #FRAME_VBAR_DAIF + 8]
    ldp     x19, x20, [sp, #FRAME_X19_X20]
    ldp     x21, x22, [sp, #FRAME_X21_X22]
    ldp     x23, x24, [sp, #FRAME_X23_X24]
    ldp     x25, x26, [sp, #FRAME_X25_X26]
    ldp     x27, x28, [sp, #FRAME_X27_X28]
    ldp     x29, x30, [sp], #FRAME_SIZE
    msr     daif, x4
    ret
9:  ldr     x1, [sp, #FRAME_VCPU_X18]
    b       vcpu_reenter
.endm

/*
 * A synchronous exception of this code itself, between the write of VBAR_EL2 and the ERET, or
 * behind it: a bug, or a vCPU pointer that is none. The host's own vectors are put back and the
 * instruction is done again, so that the host sees the fault as if the library had no vectors.
 */
.macro refault
    .balign 0x80
    str     x0, [sp, #FRAME_REFAULT]
    ldr     x0, [sp, #FRAME_VBAR_DAIF]
    msr     vbar_el2, x0
    isb
    ldr     x0, [sp, #FRAME_REFAULT]
    eret
    dsb     nsh
    isb
.endm

/*
 * An interrupt or SError in the same window, where DAIF masks them: only one that cannot be masked
 * comes here. On to the same slot of the host's vectors; what was in x0 is in the frame.
 */
.macro to_host_vector offset
    .balign 0x80
    str     x0, [sp, #FRAME_REFAULT]
    ldr     x0, [sp, #FRAME_VBAR_DAIF]
    msr     vbar_el2, x0
    isb
    add     x0, x0, #\offset
    br      x0
.endm

.macro guest_sync
    .balign 0x80
    stp     x0, x1, [sp, #FRAME_SCRATCH]
    b       exit_sync
.endm

.macro guest_async vector
    .balign 0x80
    stp     x0, x1, [sp, #FRAME_SCRATCH]
    mov     x1, #\vector
    b       exit_async
.endm

    .section .text.vcpu_vectors, "ax"
    .balign 0x800
    .global vcpu_vectors
    .hidden vcpu_vectors
vcpu_vectors:
    /* From EL2 with SP_EL0: the library runs on SP_EL2 only. */
    refault
    to_host_vector 0x080
    to_host_vector 0x100
    to_host_vector 0x180
    /* From EL2 with SP_EL2. */
    refault
    to_host_vector 0x280
    to_host_vector 0x300
    to_host_vector 0x380
    /* From the guest in AArch64 state. */
    guest_sync
    guest_async 9
    guest_async 10
    guest_async 11
    /* From the guest in AArch32 state: EL0 only. */
    guest_sync
    guest_async 13
    guest_async 14
    guest_async 15
    .size vcpu_vectors, . - vcpu_vectors

    .type exit_sync, %function
exit_sync:
    save_guest
    bl      vcpu_exit_sync
    leave_or_reenter
    .size exit_sync, . - exit_sync

    /* The frame's first scratch word holds x0, the second x1; x1 is the vector's number. */
    .type exit_async, %function
exit_async:
    str     x1, [sp, #FRAME_VECTOR]
    save_guest
    ldr     x2, [sp, #FRAME_VECTOR]
    bl      vcpu_exit_async
    leave_or_reenter
    .size exit_async, . - exit_async
