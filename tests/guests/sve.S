/* SPDX-License-Identifier: MIT */
/*
 * Guests with and without SVE, and what a host with FP does with the same registers. HVC #1, so
 * that no x0 makes it a call of SMCCC or PSCI.
 */
#include "sve.h"
#include "snippets.inc"

    .arch armv8.2-a+sve

#define ZCR_EL1         S3_0_C1_C2_0
#define ID_AA64ZFR0_EL1 S3_0_C0_C4_4

/* Z, P and FFR from or to memory at x9: behind the 32 vectors 17 predicates. */
.macro sve_load
    .irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
    ldr     z\n, [x9, #\n, mul vl]
    .endr
    addvl   x9, x9, #16
    addvl   x9, x9, #16
    ldr     p0, [x9, #16, mul vl]
    wrffr   p0.b
    .irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15
    ldr     p\n, [x9, #\n, mul vl]
    .endr
.endm

.macro sve_store
    .irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
    str     z\n, [x9, #\n, mul vl]
    .endr
    addvl   x9, x9, #16
    addvl   x9, x9, #16
    .irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15
    str     p\n, [x9, #\n, mul vl]
    .endr
    rdffr   p0.b
    str     p0, [x9, #16, mul vl]
.endm

.macro enable_fp
    mov     x0, #(3 << 20 | 3 << 16) /* CPACR_EL1.FPEN and ZEN: no trap */
    msr     cpacr_el1, x0
    isb
.endm

    snippets_begin

/*
 * With x20 in ZCR_EL1 loads all from x21, FPCR from x23, FPSR from x24; gives way, stores all to
 * x22, FPCR in x3, FPSR in x4. x1 is the bytes of a vector, x2 is ZCR_EL1.
 */
    .balign 64
    .global sve_guest
sve_guest:
    enable_fp
1:  msr     ZCR_EL1, x20
    isb
    mov     x9, x21
    sve_load
    msr     fpcr, x23
    msr     fpsr, x24
    rdvl    x1, #1
    hvc     #SAY_LOADED
    mrs     x3, fpcr
    mrs     x4, fpsr
    mov     x9, x22
    sve_store
    rdvl    x1, #1
    mrs     x2, ZCR_EL1
    hvc     #SAY_STORED
    b       1b

/* What a new vCPU has: x2 is ZCR_EL1, the rest goes to x22, at the longest vectors. */
    .balign 64
    .global fresh_guest
fresh_guest:
    enable_fp
    mrs     x2, ZCR_EL1
    mov     x0, #15
    msr     ZCR_EL1, x0
    isb
    mrs     x3, fpcr
    mrs     x4, fpsr
    mov     x9, x22
    sve_store
    hvc     #SAY_STORED
    b       .

/* x0: bit n for vectors of n + 1 quadwords; x2 and x3 are ID_AA64PFR0_EL1 and ID_AA64ZFR0_EL1. */
    .balign 64
    .global lengths_guest
lengths_guest:
    enable_fp
    mov     x0, #0
    mov     x4, #15
    mov     x6, #1
1:  msr     ZCR_EL1, x4
    isb
    rdvl    x5, #1
    lsr     x5, x5, #4
    sub     x5, x5, #1
    lsl     x5, x6, x5
    orr     x0, x0, x5
    subs    x4, x4, #1
    b.pl    1b
    mrs     x2, id_aa64pfr0_el1
    mrs     x3, ID_AA64ZFR0_EL1
    hvc     #SAY_LENGTHS
    b       .

/* Only V, from x21 and to x22; and in between an attempt at SVE, and one at ZCR_EL1. */
    .balign 64
    .global plain_guest
plain_guest:
    enable_fp
    adr     x0, plain_vectors
    msr     vbar_el1, x0
    isb
1:  .irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
    ldr     q\n, [x21, #(\n * 16)]
    .endr
    hvc     #SAY_LOADED
    mov     x5, #0
    rdvl    x1, #1
    mrs     x1, ZCR_EL1
    ptrue   p0.b
    .irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
    str     q\n, [x22, #(\n * 16)]
    .endr
    hvc     #SAY_STORED
    b       1b

/* SVE opens nothing of SME: x5 counts what is UNDEFINED, with CPACR_EL1.SMEN too. */
    .balign 64
    .global sme_guest
sme_guest:
    mov     x0, #(3 << 24 | 3 << 20)
    orr     x0, x0, #(3 << 16)
    msr     cpacr_el1, x0
    adr     x0, plain_vectors
    msr     vbar_el1, x0
    isb
    mov     x5, #0
    rdvl    x1, #1
    .inst   0xd503477f /* smstart */
    .inst   0xd503437f /* smstart sm */
    .inst   0x04bf5821 /* rdsvl x1, #1 */
    mrs     x1, S3_3_C4_C2_2 /* SVCR */
    mrs     x1, S3_0_C1_C2_6 /* SMCR_EL1 */
    hvc     #SAY_STORED
    b       .

/* Goes on behind an UNDEFINED instruction, and counts them in x5. */
    .balign 0x800
plain_vectors:
    .org    plain_vectors + 0x200
    mrs     x0, esr_el1
    lsr     x0, x0, #26
    cbnz    x0, .
    mrs     x0, elr_el1
    add     x0, x0, #4
    msr     elr_el1, x0
    add     x5, x5, #1
    eret

snippets_end:

/* ---- Of the host ---- */

/* void host_fp_fill(uint64_t value, uint64_t fpcr): all of V, which zeroes the rest of Z. */
    .section .text.host_fp_fill, "ax"
    .global host_fp_fill
    .type host_fp_fill, %function
host_fp_fill:
    .irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
    dup     v\n\().2d, x0
    .endr
    msr     fpcr, x1
    ret
    .size host_fp_fill, . - host_fp_fill

/* unsigned host_fp_lost(uint64_t value, uint64_t fpcr): how many of d8-d15 and FPCR are not so. */
    .section .text.host_fp_lost, "ax"
    .global host_fp_lost
    .type host_fp_lost, %function
host_fp_lost:
    mov     x3, #0
    .irp n, 8,9,10,11,12,13,14,15
    fmov    x2, d\n
    cmp     x2, x0
    cinc    x3, x3, ne
    .endr
    mrs     x2, fpcr
    cmp     x2, x1
    cinc    x3, x3, ne
    msr     fpcr, xzr
    mov     x0, x3
    ret
    .size host_fp_lost, . - host_fp_lost

/* void host_sve_fill(uint64_t value): of Z, P and FFR, as long as the host's vectors are. */
    .section .text.host_sve_fill, "ax"
    .global host_sve_fill
    .type host_sve_fill, %function
host_sve_fill:
    .irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
    dup     z\n\().d, x0
    .endr
    .irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15
    ptrue   p\n\().b
    .endr
    setffr
    ret
    .size host_sve_fill, . - host_sve_fill

/* uint64_t host_vector_bytes(void) */
    .section .text.host_vector_bytes, "ax"
    .global host_vector_bytes
    .type host_vector_bytes, %function
host_vector_bytes:
    rdvl    x0, #1
    ret
    .size host_vector_bytes, . - host_vector_bytes

    .section .note.GNU-stack, "", %progbits
