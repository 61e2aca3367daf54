/* SPDX-License-Identifier: MIT */
/*
 * The SVE switch. Only this file and asm/simd.S name SIMD or SVE registers. Z0 to Z31 are
 * contiguous in memory, each as long as a vector; then P0 to P15 and FFR, each an eighth of that.
 */
#include "layout.h"
#include "object.h"

    .arch armv8.2-a+sve

/* Moves x0 from Z0 to P0: ADDVL takes -32 to 31. */
.macro to_predicates
    addvl   x0, x0, #16
    addvl   x0, x0, #16
.endm

#define FFR 16 /* its place after P0 to P15 */

/* void vcpu_sve_save(void *z, struct simd_state *state) */
    text_section vcpu_sve_save
    function vcpu_sve_save
    .irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
    str     z\n, [x0, #\n, mul vl]
    .endr
    to_predicates
    .irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15
    str     p\n, [x0, #\n, mul vl]
    .endr
    rdffr   p0.b
    str     p0, [x0, #FFR, mul vl]
    ldr     p0, [x0]
    mrs     x2, fpsr
    mrs     x3, fpcr
    stp     x2, x3, [x1, #LAYOUT_SIMD_FPSR]
    ret
    end_of  vcpu_sve_save

/* void vcpu_sve_restore(const void *z, const struct simd_state *state) */
    text_section vcpu_sve_restore
    function vcpu_sve_restore
    ldp     x2, x3, [x1, #LAYOUT_SIMD_FPSR]
    msr     fpsr, x2
    msr     fpcr, x3
    .irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
    ldr     z\n, [x0, #\n, mul vl]
    .endr
    to_predicates
    ldr     p0, [x0, #FFR, mul vl]
    wrffr   p0.b
    .irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15
    ldr     p\n, [x0, #\n, mul vl]
    .endr
    ret
    end_of  vcpu_sve_restore

/* uint64_t vcpu_sve_vector_bytes(void) */
    text_section vcpu_sve_vector_bytes
    function vcpu_sve_vector_bytes
    rdvl    x0, #1
    ret
    end_of  vcpu_sve_vector_bytes
