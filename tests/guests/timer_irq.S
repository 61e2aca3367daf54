/* SPDX-License-Identifier: MIT */
/*
 * A guest that takes its timers' interrupts. The host gives, and the snippets keep:
 *   x24 = the GICv2 CPU interface, or 0 for GICv3
 *   x26 = what is added to CVAL in the handler; 0: the timer is masked there
 *   x23 = how many interrupts of a timer there are at the most: it is masked at this one
 *   x27 = how many interrupts it takes before it does either
 *   x28 = 1: a hypercall (#2) in the handler, before the timer is touched; 2: behind; 3: after the
 *         end of interrupt as well
 * The handler counts in x20 (virtual), x21 (physical) and x22 (any other, and those of a timer that
 * is not due), leaves the virtual count in x25, and needs x10 to x12. HVC #1, so that no x0 makes it a call of PSCI.
 */
#include "snippets.inc"

    snippets_begin

    .balign 2048
vectors:
    .org    vectors + 0x280
    b       interrupt
    .org    vectors + 0x800

.macro stop_if number
    cmp     x28, #\number
    b.ne    9f
    hvc     #2
9:
.endm

/* Masks the timer, or moves its compare value, unless the interrupt is to come again as it is. */
.macro answer timer, count
    isb
    mrs     x25, cntvct_el0
    mrs     x11, cnt\timer\()_ctl_el0
    and     x11, x11, #7
    cmp     x11, #5                 /* ENABLE and ISTATUS */
    cinc    x22, x22, ne
    subs    x27, x27, #1
    b.gt    3f
    cbz     x26, 1f
    cmp     \count, x23
    b.lo    2f
1:  mov     x11, #3
    msr     cnt\timer\()_ctl_el0, x11
    b       3f
2:  mrs     x11, cnt\timer\()_cval_el0
    add     x11, x11, x26
    msr     cnt\timer\()_cval_el0, x11
3:
.endm

interrupt:
    cbnz    x24, 1f
    mrs     x10, s3_0_c12_c12_0     /* ICC_IAR1_EL1 */
    b       2f
1:  ldr     w10, [x24, #0x00c]      /* GICC_IAR */
2:  dsb     sy
    stop_if 1
    cmp     x10, #27
    b.eq    virtual
    cmp     x10, #30
    b.eq    physical
    add     x22, x22, #1
    b       done
virtual:
    add     x20, x20, #1
    answer  v, x20
    b       done
physical:
    add     x21, x21, #1
    answer  p, x21
done:
    isb
    stop_if 2
    cbnz    x24, 1f
    msr     s3_0_c12_c12_1, x10     /* ICC_EOIR1_EL1 */
    isb
    b       2f
1:  str     w10, [x24, #0x010]      /* GICC_EOIR */
    dsb     sy
2:  stop_if 3
    eret

    /* Everything enabled, and interrupts unmasked. x2 = the distributor, x3 = the redistributor. */
snippet set_up
    adr     x5, vectors
    msr     vbar_el1, x5
    mov     w5, #-1
    cbnz    x24, 1f
    str     w5, [x3, #0x080]        /* GICR_IGROUPR0: Group 1 */
    str     w5, [x3, #0x100]        /* GICR_ISENABLER0 */
    mov     w5, #0x12
    str     w5, [x2]                /* GICD_CTLR: ARE, EnableGrp1 */
    mov     x5, #1
    msr     s3_0_c12_c12_5, x5      /* ICC_SRE_EL1 */
    isb
    msr     s3_0_c12_c12_7, x5      /* ICC_IGRPEN1_EL1 */
    mov     x5, #0xff
    msr     s3_0_c4_c6_0, x5        /* ICC_PMR_EL1 */
    b       2f
1:  str     w5, [x2, #0x100]        /* GICD_ISENABLER0 */
    mov     w5, #1
    str     w5, [x2]                /* GICD_CTLR */
    str     w5, [x24]               /* GICC_CTLR */
    mov     w5, #0xff
    str     w5, [x24, #0x004]       /* GICC_PMR */
    dsb     sy
2:  isb
    msr     daifclr, #2
    isb
    hvc     #1

    /* x1 = CVAL, x2 = CTL. */
.macro timer name, which
snippet set_\name
    msr     cnt\which\()_cval_el0, x1
    msr     cnt\which\()_ctl_el0, x2
    isb
    hvc     #1
.endm
    timer   virtual, v
    timer   physical, p

snippet mask_interrupts
    msr     daifset, #2
    hvc     #1

snippet unmask_interrupts
    msr     daifclr, #2
    isb
    hvc     #1

    /* ISR_EL1 in x1. */
snippet look
    isb
    mrs     x1, isr_el1
    hvc     #1

    /* Until the virtual count is x1. */
snippet spin
    isb
    mrs     x4, cntvct_el0
    cmp     x4, x1
    b.lo    spin
    hvc     #1

    /* Until there were x1 interrupts of the timers; at each one that has come, a look at the host. */
snippet idle_until
    msr     daifset, #2
    add     x4, x20, x21
    cmp     x4, x1
    b.hs    1f
    wfi
    msr     daifclr, #2
    isb
    b       idle_until
1:  msr     daifclr, #2
    hvc     #1

    /* The same without a wait. */
snippet spin_until
    yield
    add     x4, x20, x21
    cmp     x4, x1
    b.lo    spin_until
    hvc     #1

snippets_end:
