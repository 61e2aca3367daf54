/* SPDX-License-Identifier: MIT */
/* Accesses of a guest to its timers and counters. HVC #1, so that no x0 makes it a call of PSCI. */
#include "snippets.inc"

    snippets_begin

    /* x1 the value. */
.macro register name, sysreg
snippet get_\name
    mrs     x1, \sysreg
    hvc     #1
snippet set_\name
    msr     \sysreg, x1
    isb
    hvc     #1
.endm

    register ptval, cntp_tval_el0
    register pctl, cntp_ctl_el0
    register pcval, cntp_cval_el0
    register vctl, cntv_ctl_el0
    register vcval, cntv_cval_el0

    /* Both counters in turn: x1 to x4. */
snippet counters
    isb
    mrs     x1, cntvct_el0
    isb
    mrs     x2, cntpct_el0
    isb
    mrs     x3, cntvct_el0
    isb
    mrs     x4, cntpct_el0
    hvc     #1

    /* The zero register, as a source. */
snippet set_pctl_zero
    msr     cntp_ctl_el0, xzr
    hvc     #1

    /* Looks x3 times at both counts in turn; x2 counts. x4 is 1 if one of them was behind. */
snippet watch
    mov     x2, #0
    mrs     x1, cntpct_el0
1:  mrs     x4, cntpct_el0
    cmp     x4, x1
    b.lo    2f
    mov     x1, x4
    isb
    mrs     x4, cntvct_el0
    cmp     x4, x1
    b.lo    2f
    mov     x1, x4
    isb
    add     x2, x2, #1
    cmp     x2, x3
    b.lo    1b
    mov     x4, #0
    hvc     #1
2:  mov     x4, #1
    hvc     #1

    /* CPU_OFF. */
snippet turn_off
    movz    x0, #0x8400, lsl #16
    movk    x0, #2
    hvc     #0

    /* CPU_ON of the vCPU x1, which comes to x2. */
snippet turn_on
    movz    x0, #0xc400, lsl #16
    movk    x0, #3
    hvc     #0
    hvc     #1

    /* At EL0 with CNTKCTL_EL1 = x1: x2 = the register, x3 = ESR_EL1 of what brought it back. */
.macro at_el0 name, sysreg
snippet el0_\name
    msr     cntkctl_el1, x1
    adr     x4, el0_vectors
    msr     vbar_el1, x4
    adr     x4, 1f
    msr     elr_el1, x4
    msr     spsr_el1, xzr
    mov     x2, #-1
    eret
1:  mrs     x2, \sysreg
    svc     #0
.endm
    at_el0  pct, cntpct_el0
    at_el0  vct, cntvct_el0
    at_el0  pctl, cntp_ctl_el0
    at_el0  pcval, cntp_cval_el0
    at_el0  ptval, cntp_tval_el0

    .balign 2048
el0_vectors:
    .org    el0_vectors + 0x400
    mrs     x3, esr_el1
    hvc     #1
    .org    el0_vectors + 0x800

snippets_end:
