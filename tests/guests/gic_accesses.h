/* SPDX-License-Identifier: MIT */
/* For assembly: accesses of a guest, one at a time. x0 is the address, x1 the value. */
.macro snippet name
    .balign 16
    .global \name
\name:
.endm

.macro access name, load, store, reg
snippet read_\name
    \load   \reg, [x0]
    hvc     #1
snippet write_\name
    \store  \reg, [x0]
    hvc     #1
.endm

    access  8, ldrb, strb, w1
    access  16, ldrh, strh, w1
    access  32, ldr, str, w1
    access  64, ldr, str, x1

/* The ISB: what a write, or an acknowledge, changes is seen by what is run next. */
.macro register name, sysreg
snippet read_\name
    mrs     x1, \sysreg
    isb
    hvc     #1
snippet write_\name
    msr     \sysreg, x1
    isb
    hvc     #1
.endm

    register pmr, s3_0_c4_c6_0
    register iar0, s3_0_c12_c8_0
    register eoir0, s3_0_c12_c8_1
    register hppir0, s3_0_c12_c8_2
    register bpr0, s3_0_c12_c8_3
    register dir, s3_0_c12_c11_1
    register rpr, s3_0_c12_c11_3
    register sgi1r, s3_0_c12_c11_5
    register asgi1r, s3_0_c12_c11_6
    register sgi0r, s3_0_c12_c11_7
    register iar1, s3_0_c12_c12_0
    register eoir1, s3_0_c12_c12_1
    register hppir1, s3_0_c12_c12_2
    register bpr1, s3_0_c12_c12_3
    register ctlr, s3_0_c12_c12_4
    register sre, s3_0_c12_c12_5
    register igrpen0, s3_0_c12_c12_6
    register igrpen1, s3_0_c12_c12_7
    register cntv_ctl, cntv_ctl_el0
    register cntv_cval, cntv_cval_el0

snippet read_isr
    mrs     x1, isr_el1
    hvc     #1
