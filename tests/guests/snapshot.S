/* SPDX-License-Identifier: MIT */
/*
 * A guest in the middle of a computation, with everything in use that a guest has. In two halves,
 * and between them a load from a device. The host gives:
 *   x19 = where it leaves its results
 *   x20 = what it has (snapshot.h)
 *   x21 = the device
 *   x22 = the GICv2 CPU interface, or 0 for GICv3
 *   x23 = how far off its timers are
 *   x24 = rounds of each half
 * HVC #1 and #2, so that no x0 makes it a call of PSCI.
 */
#include "snapshot.h"
#include "snippets.inc"

    .arch armv8.3-a+sve+pauth

#define ZCR_EL1     S3_0_C1_C2_0
#define SCXTNUM_EL1 S3_0_C13_C0_7
#define SCXTNUM_EL0 S3_3_C13_C0_7

#define ICC_PMR_EL1     S3_0_C4_C6_0
#define ICC_IAR1_EL1    S3_0_C12_C12_0
#define ICC_EOIR1_EL1   S3_0_C12_C12_1
#define ICC_SGI1R_EL1   S3_0_C12_C11_5
#define ICC_IGRPEN1_EL1 S3_0_C12_C12_7

    snippets_begin

    .balign 2048
vectors:
    .org    vectors + 0x200
    b       exception
    .org    vectors + 0x280
    b       interrupt
    .org    vectors + 0x800

/* The breakpoint is for once. */
exception:
    stp     x0, x1, [sp, #-16]!
    mrs     x0, esr_el1
    lsr     x0, x0, #26
    cmp     x0, #0x31               /* a breakpoint at EL1 */
    b.ne    lost
    mrs     x0, elr_el1
    str     x0, [x19, #RESULT_BROKE_AT]
    ldr     x0, [x19, #RESULT_BREAKPOINTS]
    add     x0, x0, #1
    str     x0, [x19, #RESULT_BREAKPOINTS]
    msr     dbgbcr0_el1, xzr
    ldp     x0, x1, [sp], #16
    eret
lost:
    mrs     x1, esr_el1
    mrs     x2, elr_el1
    hvc     #SAY_LOST
    b       .

/* x0 = IAR */
.macro acknowledge
    cbnz    x22, 1f
    mrs     x0, ICC_IAR1_EL1
    b       2f
1:  ldr     w0, [x22, #0x0c]
2:  dsb     sy
.endm

interrupt:
    stp     x0, x1, [sp, #-16]!
    acknowledge
    cmp     w0, #27
    b.ne    1f
    mov     x1, #3
    msr     cntv_ctl_el0, x1
1:  cmp     w0, #30
    b.ne    1f
    mov     x1, #3
    msr     cntp_ctl_el0, x1
1:  and     x1, x0, #31
    add     x1, x19, x1, lsl #3
    str     x2, [sp, #-16]!
    ldr     x2, [x1]
    add     x2, x2, #1
    str     x2, [x1]
    ldr     x2, [sp], #16
    isb
    cbnz    x22, 1f
    msr     ICC_EOIR1_EL1, x0
    b       2f
1:  str     w0, [x22, #0x10]
2:  ldp     x0, x1, [sp], #16
    eret

/* x24 rounds of something that needs all vectors, and x25. */
compute:
    mov     x0, x24
1:  ror     x25, x25, #7
    add     x25, x25, x24
    eor     x25, x25, x0
    tbnz    x20, #USE_SVE, 2f
    .irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30
    add     v\n\().2d, v\n\().2d, v31.2d
    .endr
    eor     v31.16b, v31.16b, v7.16b
    b       3f
2:  .irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30
    add     z\n\().d, z\n\().d, z31.d
    .endr
    eor     z31.d, z31.d, z7.d
3:  subs    x0, x0, #1
    b.ne    1b
    ret

begin_vectors:
    mov     x0, #(3 << 20)
    tbz     x20, #USE_SVE, 1f
    orr     x0, x0, #(3 << 16)
1:  msr     cpacr_el1, x0
    isb
    mov     x0, #FPCR_ROUND
    msr     fpcr, x0
    mov     x0, #1
    msr     fpsr, x0
    mov     x1, #0x9e37
    tbnz    x20, #USE_SVE, 2f
    .irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
    madd    x1, x1, x1, x1
    add     x1, x1, #\n
    dup     v\n\().2d, x1
    mov     v\n\().d[1], x19
    .endr
    ret
2:  mov     x0, #15
    msr     ZCR_EL1, x0
    isb
    .irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
    madd    x1, x1, x1, x1
    add     x1, x1, #\n
    index   z\n\().d, x1, #3
    .endr
    .irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15
    mov     x0, #\n
    mov     x2, #(\n * 16 + 9)
    whilelo p\n\().b, x0, x2
    .endr
    wrffr   p5.b
    ret

begin_interrupts:
    movz    x1, #0x0800, lsl #16    /* GICD */
    mov     w3, #-1
    ldr     w5, =PRIORITIES_SGI
    ldr     w6, =PRIORITIES_PPI
    cbnz    x22, 1f
    mov     w2, #2
    movz    x4, #0x080b, lsl #16    /* the redistributor's frame of SGIs and PPIs */
    str     w3, [x4, #0x80]
    b       2f
1:  mov     w2, #1
    mov     x4, x1
2:  str     w2, [x1]
    str     w5, [x4, #0x400]
    str     w6, [x4, #0x418]
    str     w6, [x4, #0x41c]
    str     w3, [x4, #0x100]
    mov     w2, #0xf0
    cbnz    x22, 3f
    msr     ICC_PMR_EL1, x2
    mov     x2, #1
    msr     ICC_IGRPEN1_EL1, x2
    isb
    ldr     x2, =(SGI_ACTIVE << 24 | 1)
    msr     ICC_SGI1R_EL1, x2
    b       4f
3:  str     w2, [x22, #4]
    mov     w2, #1
    str     w2, [x22]
    ldr     w2, =(2 << 24 | SGI_ACTIVE)
    str     w2, [x1, #0xf00]
4:  isb
    acknowledge
    mov     x27, x0
    cbnz    x22, 5f
    ldr     x2, =(SGI_PENDING << 24 | 1)
    msr     ICC_SGI1R_EL1, x2
    ret
5:  ldr     w2, =(2 << 24 | SGI_PENDING)
    str     w2, [x1, #0xf00]
    ret

begin_debug:
    msr     oslar_el1, xzr
    adr     x0, stops_here
    msr     dbgbvr0_el1, x0
    mov     x0, #(0xf << 5 | 1 << 1 | 1)
    msr     dbgbcr0_el1, x0
    ldr     x0, =WATCHPOINT
    msr     dbgwvr1_el1, x0
    mov     x0, #(0xff << 5 | 3 << 3 | 1 << 1)
    msr     dbgwcr1_el1, x0
    mov     x0, #(1 << 15 | 1 << 13) /* MDE, KDE */
    msr     mdscr_el1, x0
    isb
    msr     daifclr, #8
    ret

begin_pauth:
    tbz     x20, #USE_PAUTH, 1f
    .irp op2, 0,1
    mov     x0, #(0x1234 + \op2)
    msr     S3_0_C2_C1_\op2, x0     /* APIAKey */
    .endr
    mrs     x0, sctlr_el1
    orr     x0, x0, #(1 << 31)      /* EnIA */
    msr     sctlr_el1, x0
    isb
    pacia   x26, x24
1:  ret

begin_scxtnum:
    tbz     x20, #USE_SCXTNUM, 1f
    ldr     x0, =THREAD
    add     x0, x0, #4
    msr     SCXTNUM_EL1, x0
    add     x0, x0, #1
    msr     SCXTNUM_EL0, x0
1:  ret

begin_pmu:
    tbz     x20, #USE_PMU, 1f
    mov     x0, #0x08
    msr     pmevtyper0_el0, x0
    mov     x0, #0x77
    msr     pmevcntr0_el0, x0
    mov     x0, #1
    msr     pmuserenr_el0, x0
    mov     x0, #(1 << 31)
    msr     pmintenset_el1, x0
    msr     pmcntenset_el0, x0
    mov     x0, #(1 << 6 | 1)       /* LC, E */
    msr     pmcr_el0, x0
    isb
1:  ret

begin_timers:
    isb
    mrs     x0, cntvct_el0
    add     x0, x0, x23
    msr     cntv_cval_el0, x0
    add     x0, x0, x23
    msr     cntp_cval_el0, x0
    mov     x0, #1
    msr     cntv_ctl_el0, x0
    msr     cntp_ctl_el0, x0
    isb
    ret

    .balign 64
    .global snapshot_guest
snapshot_guest:
    adr     x0, vectors
    msr     vbar_el1, x0
    isb
    add     x0, x19, #STACK_TOP
    mov     sp, x0
    mov     x25, x19
    adr     x26, snapshot_guest
    ldr     x0, =THREAD
    msr     tpidr_el0, x0
    add     x0, x0, #1
    msr     tpidr_el1, x0
    add     x0, x0, #1
    msr     tpidrro_el0, x0
    add     x0, x0, #1
    msr     sp_el0, x0
    mov     x0, #CONTEXT
    msr     contextidr_el1, x0
    bl      begin_vectors
    bl      begin_interrupts
    bl      begin_debug
    bl      begin_pauth
    bl      begin_scxtnum
    bl      begin_pmu
    bl      begin_timers
    bl      compute
    tbz     x20, #USE_PMU, 1f
    mrs     x0, pmccntr_el0
    str     x0, [x19, #RESULT_CYCLES]
1:
    ldr     x28, [x21]              /* here it is read out */
    bl      compute
    str     x28, [x19, #RESULT_MMIO]
    .global stops_here
stops_here:
    nop
    msr     daifclr, #2 /* SGI_PENDING is of higher priority than the active one */
    isb
    cbnz    x22, 1f
    msr     ICC_EOIR1_EL1, x27
    b       2f
1:  str     w27, [x22, #0x10]
2:  msr     daifset, #2
    ldr     x0, [x19, #RESULT_TAKEN + 8 * 27]
    ldr     x1, [x19, #RESULT_TAKEN + 8 * 30]
    cbz     x0, 3f
    cbnz    x1, finish
3:  wfi
    msr     daifclr, #2
    b       2b

finish:
    str     x25, [x19, #RESULT_SUM]
    tbz     x20, #USE_PAUTH, 1f
    autia   x26, x24
1:  str     x26, [x19, #RESULT_POINTER]
    add     x1, x19, #RESULT_REGISTERS
    .irp reg, fpcr, fpsr, tpidr_el0, tpidr_el1, tpidrro_el0, sp_el0, contextidr_el1, vbar_el1, \
         cpacr_el1, sctlr_el1, dbgbvr0_el1, dbgbcr0_el1, dbgwvr1_el1, dbgwcr1_el1, mdscr_el1, \
         oslsr_el1, midr_el1, mpidr_el1, id_aa64pfr0_el1
    mrs     x0, \reg
    str     x0, [x1], #8
    .endr
    tbz     x20, #USE_PMU, 1f
    .irp reg, pmcr_el0, pmcntenset_el0, pmintenset_el1, pmevtyper0_el0
    mrs     x0, \reg
    str     x0, [x1], #8
    .endr
    mrs     x0, pmccntr_el0
    str     x0, [x19, #RESULT_CYCLES + 8]
1:  tbz     x20, #USE_SCXTNUM, 1f
    mrs     x0, SCXTNUM_EL1
    str     x0, [x1], #8
    mrs     x0, SCXTNUM_EL0
    str     x0, [x1], #8
1:  add     x1, x19, #RESULT_VECTORS
    tbnz    x20, #USE_SVE, 2f
    .irp n, 0,2,4,6,8,10,12,14,16,18,20,22,24,26,28,30
    str     q\n, [x1], #16
    .endr
    .irp n, 1,3,5,7,9,11,13,15,17,19,21,23,25,27,29,31
    str     q\n, [x1], #16
    .endr
    b       3f
2:  .irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
    str     z\n, [x1, #\n, mul vl]
    .endr
    addvl   x1, x1, #16
    addvl   x1, x1, #16
    .irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15
    str     p\n, [x1, #\n, mul vl]
    .endr
    rdffr   p0.b
    str     p0, [x1, #16, mul vl]
3:  dsb     sy
    hvc     #SAY_DONE
    b       .

    .ltorg

/* Gives way, for one that only has to be in a CPU. */
    .balign 16
    .global idle_guest
idle_guest:
    hvc     #SAY_DONE
    b       idle_guest

snippets_end:

    .section .note.GNU-stack, "", %progbits
