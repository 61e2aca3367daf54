/* SPDX-License-Identifier: MIT */
/* The SIMD switch. Only this file and asm/sve.S name FP or SIMD registers. */
#include "layout.h"
#include "object.h"

    .arch armv8-a+fp+simd

/* void vcpu_simd_save(struct simd_state *state) */
    text_section vcpu_simd_save
    function vcpu_simd_save
    stp     q0, q1, [x0, #LAYOUT_SIMD_Q(0)]
    stp     q2, q3, [x0, #LAYOUT_SIMD_Q(2)]
    stp     q4, q5, [x0, #LAYOUT_SIMD_Q(4)]
    stp     q6, q7, [x0, #LAYOUT_SIMD_Q(6)]
    stp     q8, q9, [x0, #LAYOUT_SIMD_Q(8)]
    stp     q10, q11, [x0, #LAYOUT_SIMD_Q(10)]
    stp     q12, q13, [x0, #LAYOUT_SIMD_Q(12)]
    stp     q14, q15, [x0, #LAYOUT_SIMD_Q(14)]
    stp     q16, q17, [x0, #LAYOUT_SIMD_Q(16)]
    stp     q18, q19, [x0, #LAYOUT_SIMD_Q(18)]
    stp     q20, q21, [x0, #LAYOUT_SIMD_Q(20)]
    stp     q22, q23, [x0, #LAYOUT_SIMD_Q(22)]
    stp     q24, q25, [x0, #LAYOUT_SIMD_Q(24)]
    stp     q26, q27, [x0, #LAYOUT_SIMD_Q(26)]
    stp     q28, q29, [x0, #LAYOUT_SIMD_Q(28)]
    stp     q30, q31, [x0, #LAYOUT_SIMD_Q(30)]
    mrs     x1, fpsr
    mrs     x2, fpcr
    stp     x1, x2, [x0, #LAYOUT_SIMD_FPSR]
    ret
    end_of  vcpu_simd_save

/* void vcpu_simd_restore(const struct simd_state *state) */
    text_section vcpu_simd_restore
    function vcpu_simd_restore
    ldp     x1, x2, [x0, #LAYOUT_SIMD_FPSR]
    msr     fpsr, x1
    msr     fpcr, x2
    ldp     q0, q1, [x0, #LAYOUT_SIMD_Q(0)]
    ldp     q2, q3, [x0, #LAYOUT_SIMD_Q(2)]
    ldp     q4, q5, [x0, #LAYOUT_SIMD_Q(4)]
    ldp     q6, q7, [x0, #LAYOUT_SIMD_Q(6)]
    ldp     q8, q9, [x0, #LAYOUT_SIMD_Q(8)]
    ldp     q10, q11, [x0, #LAYOUT_SIMD_Q(10)]
    ldp     q12, q13, [x0, #LAYOUT_SIMD_Q(12)]
    ldp     q14, q15, [x0, #LAYOUT_SIMD_Q(14)]
    ldp     q16, q17, [x0, #LAYOUT_SIMD_Q(16)]
    ldp     q18, q19, [x0, #LAYOUT_SIMD_Q(18)]
    ldp     q20, q21, [x0, #LAYOUT_SIMD_Q(20)]
    ldp     q22, q23, [x0, #LAYOUT_SIMD_Q(22)]
    ldp     q24, q25, [x0, #LAYOUT_SIMD_Q(24)]
    ldp     q26, q27, [x0, #LAYOUT_SIMD_Q(26)]
    ldp     q28, q29, [x0, #LAYOUT_SIMD_Q(28)]
    ldp     q30, q31, [x0, #LAYOUT_SIMD_Q(30)]
    ret
    end_of  vcpu_simd_restore

/*
 * void vcpu_simd_save_host(uint64_t regs[10])
 * void vcpu_simd_restore_host(const uint64_t regs[10])
 *
 * The registers that the procedure call standard preserves over a call, d8-d15 and FPCR; and FPSR.
 */
    text_section vcpu_simd_save_host
    function vcpu_simd_save_host
    stp     d8, d9, [x0, #0]
    stp     d10, d11, [x0, #16]
    stp     d12, d13, [x0, #32]
    stp     d14, d15, [x0, #48]
    mrs     x1, fpsr
    mrs     x2, fpcr
    stp     x1, x2, [x0, #64]
    ret
    end_of  vcpu_simd_save_host

    text_section vcpu_simd_restore_host
    function vcpu_simd_restore_host
    ldp     d8, d9, [x0, #0]
    ldp     d10, d11, [x0, #16]
    ldp     d12, d13, [x0, #32]
    ldp     d14, d15, [x0, #48]
    ldp     x1, x2, [x0, #64]
    msr     fpsr, x1
    msr     fpcr, x2
    ret
    end_of  vcpu_simd_restore_host
