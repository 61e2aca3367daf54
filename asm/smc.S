/* SPDX-License-Identifier: MIT */
/*
 * void vcpu_smc(uint64_t x[31])
 *
 * An SMC to the machine's firmware with x0-x17, which then get the results: SMCCC 1.2 lets a call
 * use them all, both ways. Firmware preserves x18 and up.
 */
#include "object.h"

    text_section vcpu_smc
    function vcpu_smc
    stp     x29, x30, [sp, #-32]!
    str     x0, [sp, #16]
    ldp     x2, x3, [x0, #16]
    ldp     x4, x5, [x0, #32]
    ldp     x6, x7, [x0, #48]
    ldp     x8, x9, [x0, #64]
    ldp     x10, x11, [x0, #80]
    ldp     x12, x13, [x0, #96]
    ldp     x14, x15, [x0, #112]
    ldp     x16, x17, [x0, #128]
    ldp     x0, x1, [x0]
    smc     #0
    ldr     x30, [sp, #16]
    stp     x0, x1, [x30]
    stp     x2, x3, [x30, #16]
    stp     x4, x5, [x30, #32]
    stp     x6, x7, [x30, #48]
    stp     x8, x9, [x30, #64]
    stp     x10, x11, [x30, #80]
    stp     x12, x13, [x30, #96]
    stp     x14, x15, [x30, #112]
    stp     x16, x17, [x30, #128]
    ldp     x29, x30, [sp], #32
    ret
    end_of  vcpu_smc

/*
 * int32_t vcpu_smc_alone(uint32_t function)
 *
 * An SMC without arguments, to firmware of SMCCC 1.1 or later, which preserves x4 and up. What the
 * guest has in its registers does not get there.
 */
    text_section vcpu_smc_alone
    function vcpu_smc_alone
    mov     w0, w0
    mov     x1, #0
    mov     x2, #0
    mov     x3, #0
    smc     #0
    ret
    end_of  vcpu_smc_alone
