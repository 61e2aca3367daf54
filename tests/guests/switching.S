/* SPDX-License-Identifier: MIT */
/*
 * Guests that fill registers, give way with a hypercall, and look again. HVC #1, so that no x0
 * makes it a call of SMCCC or PSCI.
 */
#include "switching.h"
#include "snippets.inc"

/* x9 and x10: what register v\n holds of the seed in \seed. */
.macro fp_value seed, n
    add     x9, \seed, #(\n * 3 + 1)
    ror     x10, x9, #(\n + 7)
    mvn     x10, x10
.endm

.macro fp_put seed, n
    fp_value \seed, \n
    fmov    d\n, x9
    mov     v\n\().d[1], x10
.endm

.macro fp_fill seed
    .irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
    fp_put  \seed, \n
    .endr
.endm

    snippets_begin

/* The seed is x19, FPCR x20, FPSR x21. After the second hypercall x1 counts the registers that
 * are not as they were before the first, x2 is FPCR, x3 is FPSR. */
    .balign 64
    .global fp_guest
fp_guest:
    mov     x0, #(3 << 20) /* CPACR_EL1.FPEN: no trap */
    msr     cpacr_el1, x0
    isb
1:  fp_fill x19
    msr     fpcr, x20
    msr     fpsr, x21
    hvc     #1
    mov     x1, #0
    .irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
    fp_value x19, \n
    mov     x11, v\n\().d[0]
    mov     x12, v\n\().d[1]
    cmp     x11, x9
    ccmp    x12, x10, #0, eq
    cinc    x1, x1, ne
    .endr
    mrs     x2, fpcr
    mrs     x3, fpsr
    hvc     #1
    b       1b

/* The first hypercall shows the general registers as they were made; at the second x0 and x1 are
 * all FP registers ORed, x2 is FPCR, x3 is FPSR. */
    .balign 64
    .global fresh_guest
fresh_guest:
    hvc     #1
    mov     x0, #(3 << 20)
    msr     cpacr_el1, x0
    isb
    .irp n, 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
    orr     v0.16b, v0.16b, v\n\().16b
    .endr
    mov     x0, v0.d[0]
    mov     x1, v0.d[1]
    mrs     x2, fpcr
    mrs     x3, fpsr
    hvc     #1
    b       .

/* Reads and writes x0: for each register `mrs; hvc; msr; hvc`. */
    .balign ACCESS_SIZE
    .global guest_sp_access
guest_sp_access:
    mov     x0, sp
    hvc     #1
    mov     sp, x0
    hvc     #1

#define ACCESS(table, name) .balign ACCESS_SIZE; mrs x0, name; hvc #1; msr name, x0; hvc #1;

    .global guest_access
guest_access:
    GUEST_REGISTERS(ACCESS)

/* EL0's own two, and the stack pointer of EL0: x0 to x2 are what they were, x19 and x20 what they
 * become. */
    .balign 64
    .global el0_guest
el0_guest:
    mrs     x0, tpidr_el0
    mrs     x1, sp_el0
    hvc     #1
    msr     tpidr_el0, x19
    msr     sp_el0, x20
    hvc     #1
    b       el0_guest

/* Arms the virtual timer at x19; then x0 is CNTV_CTL_EL0 and x1 CNTV_CVAL_EL0 each time. */
    .balign 64
    .global timer_guest
timer_guest:
    msr     cntv_cval_el0, x19
    mov     x0, #1
    msr     cntv_ctl_el0, x0
1:  isb
    mrs     x0, cntv_ctl_el0
    mrs     x1, cntv_cval_el0
    hvc     #1
    b       1b

/* x0 and x1: what is at x19 and x20. */
    .balign 64
    .global load_guest
load_guest:
    ldr     x0, [x19]
    ldr     x1, [x20]
    hvc     #1
    b       load_guest

/* Counts at x19 until it is taken out. */
    .balign 64
    .global count_guest
count_guest:
    ldr     x0, [x19]
    add     x0, x0, #1
    str     x0, [x19]
    b       count_guest

/* All of x0 to x30 count on from what they are, with a hypercall each time. */
    .balign 64
    .global general_guest
general_guest:
    .irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30
    add     x\n, x\n, #(\n + 1)
    .endr
    hvc     #1
    b       general_guest

snippets_end:

/* ---- Of the host: the registers that a compiler would use ---- */

/* void host_fp_fill(uint64_t seed, uint64_t fpcr, uint64_t fpsr) */
    .section .text.host_fp_fill, "ax"
    .global host_fp_fill
    .type host_fp_fill, %function
host_fp_fill:
    fp_fill x0
    msr     fpcr, x1
    msr     fpsr, x2
    ret
    .size host_fp_fill, . - host_fp_fill

/* unsigned host_fp_lost(uint64_t seed, uint64_t fpcr, uint64_t fpsr): how many of d8-d15, FPCR and
 * FPSR are not as host_fp_fill left them. */
    .section .text.host_fp_lost, "ax"
    .global host_fp_lost
    .type host_fp_lost, %function
host_fp_lost:
    mov     x3, #0
    .irp n, 8,9,10,11,12,13,14,15
    fp_value x0, \n
    fmov    x11, d\n
    cmp     x11, x9
    cinc    x3, x3, ne
    .endr
    mrs     x11, fpcr
    cmp     x11, x1
    cinc    x3, x3, ne
    mrs     x11, fpsr
    cmp     x11, x2
    cinc    x3, x3, ne
    msr     fpcr, xzr
    mov     x0, x3
    ret
    .size host_fp_lost, . - host_fp_lost
