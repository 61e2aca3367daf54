/* SPDX-License-Identifier: MIT */
/*
 * A guest that does everything at once. Its main loop sends SGIs, routes, disables and enables SPIs,
 * gives them other priorities, reads states, and leaves its CPU; its handler counts, and may be
 * preempted by one of higher priority.
 *
 * The host sets: x19 its log, x20 its stack, x21 the first vCPU's log, x22 its index, x23 the bases
 * of the distributor and x24 of its CPU interface if that is version 2's, or 0; x25 where a store of
 * an INTID lets the device with that line lower it; x28 a seed. Elsewhere only x0-x9 are used.
 */
#include "gic_storm.h"
#include "snippets.inc"

    snippets_begin

#include "gic_accesses.inc"

#define ICC_IAR1  s3_0_c12_c12_0
#define ICC_EOIR1 s3_0_c12_c12_1
#define ICC_SGI1R s3_0_c12_c11_5

/* w0: an SPI, w1: a vCPU, of the random number in x9. */
.macro random_spi
    ubfx    x0, x9, #8, #5 /* STORM_SPIS */
    add     w0, w0, #STORM_SPI
.endm
.macro random_vcpu
    ubfx    x1, x9, #16, #2 /* STORM_VCPUS */
.endm

    .balign 64
    .global storm_guest
storm_guest:
    adr     x0, vectors
    msr     vbar_el1, x0
    mov     sp, x20
    isb
    msr     daifclr, #2

main_loop:
    ldr     w0, [x19, #STORM_TURNS]
    add     w0, w0, #1
    str     w0, [x19, #STORM_TURNS]
    /* xorshift */
    eor     x28, x28, x28, lsl #13
    eor     x28, x28, x28, lsr #7
    eor     x28, x28, x28, lsl #17
    lsr     x9, x28, #20
    and     x0, x9, #7
    adr     x1, main_table
    ldrsw   x2, [x1, x0, lsl #2]
    add     x1, x1, x2
    br      x1
main_table:
    .word   route - main_table
    .word   send - main_table
    .word   toggle - main_table
    .word   prioritize - main_table
    .word   look - main_table
    .word   leave - main_table
    .word   wait - main_table
    .word   spin - main_table

route:
    random_spi
    random_vcpu
    cbz     x24, 1f
    mov     w2, #1 /* ITARGETSR */
    lsl     w2, w2, w1
    add     x3, x23, #0x800
    strb    w2, [x3, x0]
    b       main_loop
1:  add     x3, x23, #0x6000 /* IROUTER */
    add     x3, x3, x0, lsl #3
    str     x1, [x3]
    b       main_loop

    /* The SGI with its sender's number, if the one before has been taken: each is one interrupt. */
send:
    random_vcpu
    mov     x2, #STORM_LOG_BYTES
    madd    x2, x1, x2, x21
    add     x3, x19, #STORM_SENT
    ldr     w4, [x3, x1, lsl #2]
    ldr     w5, [x2, x22, lsl #2]
    cmp     w4, w5
    b.ne    main_loop
    add     w4, w4, #1
    str     w4, [x3, x1, lsl #2]
    dsb     sy
    mov     w2, #1
    lsl     w2, w2, w1
    cbz     x24, 1f
    lsl     w2, w2, #16 /* GICD_SGIR */
    orr     w2, w2, w22
    add     x3, x23, #0xf00
    str     w2, [x3]
    b       main_loop
1:  orr     x2, x2, x22, lsl #24
    msr     ICC_SGI1R, x2
    isb
    b       main_loop

toggle:
    random_spi
    mov     w2, #1
    lsl     w2, w2, w0 /* by w0 modulo 32 */
    lsr     w0, w0, #5
    add     x3, x23, x0, lsl #2
    add     x4, x3, #0x180 /* ICENABLER */
    str     w2, [x4]
    add     x4, x3, #0x100 /* ISENABLER */
    str     w2, [x4]
    b       main_loop

prioritize:
    random_spi
    lsr     x2, x9, #24
    and     w2, w2, #0x78
    add     x3, x23, #0x400
    strb    w2, [x3, x0]
    b       main_loop

look:
    ldr     w0, [x23, #0x204] /* ISPENDR */
    ldr     w0, [x23, #0x304] /* ISACTIVER */
    ldr     w0, [x23, #0x104] /* ISENABLER */
    b       main_loop

    /* Not at each turn: a change of vCPUs costs the machine most. */
leave:
    tst     x9, #(7 << 32)
    b.ne    main_loop
    hvc     #1
    b       main_loop

wait:
    tst     x9, #(7 << 32)
    b.ne    main_loop
    wfi
    b       main_loop

spin:
    yield
    b       main_loop

.macro never count
    .rept \count
    .balign 128
    hvc     #2
    .endr
.endm

    .balign 2048
vectors:
    never   5
    .balign 128 /* IRQ from this level, with SP_EL1 */
    stp     x0, x1, [sp, #-80]!
    stp     x2, x3, [sp, #16]
    stp     x4, x5, [sp, #32]
    mrs     x0, elr_el1
    mrs     x1, spsr_el1
    stp     x0, x1, [sp, #48]
    cbz     x24, 1f
    ldr     w0, [x24, #0xc] /* GICC_IAR */
    b       2f
1:  mrs     x0, ICC_IAR1
    isb
2:  str     x0, [sp, #64]
    and     w1, w0, #0x3ff
    cmp     w1, #1020
    b.hs    done
    b       handle
    never   10

handle:
    msr     daifclr, #2
    cmp     w1, #STORM_LEVEL
    b.lo    1f
    str     w1, [x25]
    /*
     * Counted, it may rise again. Only this CPU writes here, and an interrupt's handler is not
     * preempted by its own.
     */
1:  ldr     w2, [x19, x1, lsl #2]
    add     w2, w2, #1
    str     w2, [x19, x1, lsl #2]
    msr     daifset, #2
    ldr     x0, [sp, #64]
    cbz     x24, 2f
    str     w0, [x24, #0x10] /* GICC_EOIR */
    b       done
2:  msr     ICC_EOIR1, x0
    isb
done:
    ldp     x0, x1, [sp, #48]
    msr     elr_el1, x0
    msr     spsr_el1, x1
    ldp     x4, x5, [sp, #32]
    ldp     x2, x3, [sp, #16]
    ldp     x0, x1, [sp], #80
    eret

snippets_end:
