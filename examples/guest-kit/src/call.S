/* SPDX-License-Identifier: MIT */
/* HVC and SMC with x0-x17 from and to a struct kit_call. */
#include "bare-metal/registers.inc"

    .macro call instruction
    stp     x29, x30, [sp, #-32]!
    mov     x29, sp
    str     x19, [sp, #16]
    mov     x19, x0
    x2_to_x17 ldp, x19
    ldp     x0, x1, [x19]
    \instruction #0
    stp     x0, x1, [x19]
    x2_to_x17 stp, x19
    ldr     x19, [sp, #16]
    ldp     x29, x30, [sp], #32
    ret
    .endm

    .text
    .global kit_hvc
kit_hvc:
    call    hvc

    .global kit_smc
kit_smc:
    call    smc
