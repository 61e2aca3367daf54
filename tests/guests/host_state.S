/* SPDX-License-Identifier: MIT */
#include "host_state.h"
#include "bare-metal/registers.inc"
#include "snippets.inc"

    .arch armv8-a+fp+simd

/*
 * void host_state_run(const struct world *in, struct world *out, struct vcpu_percpu *cpu,
 *                     struct vcpu *vcpu)
 *
 * vcpu_run with the host's registers as `in` says, and what they are afterwards to `out`. What is
 * needed on the way back is in memory at a fixed place: no register and no stack is trusted.
 */
#define HARNESS_FRAME      192
#define HARNESS_SP_EL0_X18 96
#define HARNESS_TPIDR_EL2  112
#define HARNESS_FPCR       128
#define HARNESS_D          136

    .bss
    .balign 16
kept:
    .skip   32 /* SP, out, in */

    .section .text.host_state_run, "ax"
    .global host_state_run
    .type host_state_run, %function
host_state_run:
    enter_frame HARNESS_FRAME
    mrs     x9, sp_el0
    stp     x9, x18, [sp, #HARNESS_SP_EL0_X18]
    mrs     x9, tpidr_el2
    mrs     x10, daif
    stp     x9, x10, [sp, #HARNESS_TPIDR_EL2]
    adrp    x9, kept
    add     x9, x9, :lo12:kept
    mov     x10, sp
    stp     x10, x1, [x9]
    str     x0, [x9, #16]
    str     x10, [x1, #WORLD_SP_BEFORE]

    ldr     x9, [x0, #WORLD_FP]
    cbz     x9, 1f
    mrs     x9, fpcr
    str     x9, [sp, #HARNESS_FPCR]
    ldp     d8, d9, [x0, #WORLD_D(8)]
    ldp     d10, d11, [x0, #WORLD_D(10)]
    ldp     d12, d13, [x0, #WORLD_D(12)]
    ldp     d14, d15, [x0, #WORLD_D(14)]
    ldp     x9, x10, [x0, #WORLD_FPCR]
    msr     fpcr, x9
    msr     fpsr, x10
1:
    ldp     x9, x10, [x0, #WORLD_SP_EL0]
    msr     sp_el0, x9
    msr     tpidr_el0, x10
    ldp     x9, x10, [x0, #WORLD_TPIDR_EL2]
    msr     tpidr_el2, x9
    x18_to_x29 ldp, x0, WORLD_X(0)
    mov     x0, x2
    mov     x1, x3
    msr     daif, x10
    bl      vcpu_run

    mrs     x11, daif
    adrp    x9, kept
    add     x9, x9, :lo12:kept
    ldr     x10, [x9, #8]
    sxtw    x0, w0
    str     x0, [x10, #WORLD_RESULT]
    mrs     x12, spsel
    stp     x11, x12, [x10, #WORLD_DAIF]
    msr     daifset, #15
    x18_to_x29 stp, x10, WORLD_X(0)
    mov     x11, sp
    mrs     x12, sp_el0
    stp     x11, x12, [x10, #WORLD_SP]
    mrs     x11, tpidr_el0
    mrs     x12, tpidr_el2
    stp     x11, x12, [x10, #WORLD_TPIDR_EL0]
    ldr     x11, [x9]
    mov     sp, x11

    ldr     x11, [x9, #16]
    ldr     x11, [x11, #WORLD_FP]
    cbz     x11, 2f
    stp     d8, d9, [x10, #WORLD_D(8)]
    stp     d10, d11, [x10, #WORLD_D(10)]
    stp     d12, d13, [x10, #WORLD_D(12)]
    stp     d14, d15, [x10, #WORLD_D(14)]
    mrs     x11, fpcr
    mrs     x12, fpsr
    stp     x11, x12, [x10, #WORLD_FPCR]
    ldr     x11, [sp, #HARNESS_FPCR]
    msr     fpcr, x11
2:
    ldp     x9, x10, [sp, #HARNESS_TPIDR_EL2]
    msr     tpidr_el2, x9
    ldp     x9, x18, [sp, #HARNESS_SP_EL0_X18]
    msr     sp_el0, x9
    leave_frame HARNESS_FRAME
    msr     daif, x10
    ret
    .size host_state_run, . - host_state_run

/*
 * Hooks that write down what they find of the host: x18, SP_EL0, TPIDR_EL0, TPIDR_EL2. The one for
 * interrupts keeps x18, for what it calls is compiled for a host to which that is scratch. The one
 * for SMCs allows none.
 */
    .bss
    .global host_state_hook
    .balign 16
host_state_hook:
    .skip   32

.macro write_down
    adrp    x9, host_state_hook
    add     x9, x9, :lo12:host_state_hook
    mrs     x10, sp_el0
    stp     x18, x10, [x9]
    mrs     x10, tpidr_el0
    mrs     x11, tpidr_el2
    stp     x10, x11, [x9, #16]
.endm

    .section .text.host_state_irq, "ax"
    .global host_state_irq
    .type host_state_irq, %function
host_state_irq:
    write_down
    stp     x30, x18, [sp, #-16]!
    bl      irq_handle
    ldp     x30, x18, [sp], #16
    ret
    .size host_state_irq, . - host_state_irq

    .section .text.host_state_allow_smc, "ax"
    .global host_state_allow_smc
    .type host_state_allow_smc, %function
host_state_allow_smc:
    write_down
    mov     w0, #0
    ret
    .size host_state_allow_smc, . - host_state_allow_smc

/* void host_state_spoil_fp(void): a host that uses all its FP registers. */
    .section .text.host_state_spoil_fp, "ax"
    .global host_state_spoil_fp
    .type host_state_spoil_fp, %function
host_state_spoil_fp:
    .irp    n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
    movi    v\n\().16b, #(0x80 + \n)
    .endr
    mov     x0, #0x1f
    msr     fpsr, x0
    msr     fpcr, xzr
    ret
    .size host_state_spoil_fp, . - host_state_spoil_fp

/* ---- Guests ---- */

    snippets_begin

/* Gives a register a value that no host has in it. */
.macro spoil name
    add     x9, x9, #1
    msr     \name, x9
.endm

.macro spoil_vector n
    dup     v\n\().2d, x9
.endm

/* Writes all that a guest can reach. With GUEST_HAS_CNTP in x0 the physical timer, too. */
.macro trash
    msr     spsel, #1
    msr     daifset, #15
    mov     x9, #(3 << 20)          /* CPACR_EL1.FPEN: no trap of FP */
    msr     cpacr_el1, x9
    isb
    mov     x9, #1
    msr     cntv_cval_el0, xzr      /* due */
    msr     cntv_ctl_el0, x9
    tbz     x0, #0, 1f
    msr     cntp_cval_el0, xzr
    msr     cntp_ctl_el0, x9
1:
    mrs     x9, sctlr_el1
    orr     x9, x9, #(1 << 2)       /* C */
    orr     x9, x9, #(1 << 12)      /* I */
    msr     sctlr_el1, x9
    mov     x9, #0xf7               /* EVNTI, EVNTEN, access from EL0 */
    msr     cntkctl_el1, x9
    msr     csselr_el1, xzr
    mov     x9, #GUEST_PATTERN
    movk    x9, #GUEST_PATTERN, lsl #32
    .irp    name, sp_el0, tpidr_el0, tpidr_el1, tpidrro_el0, ttbr0_el1, ttbr1_el1, mair_el1, \
                  amair_el1, afsr0_el1, afsr1_el1, esr_el1, far_el1, elr_el1, spsr_el1, tcr_el1, \
                  par_el1, contextidr_el1, mdscr_el1, mdccint_el1, dbgbvr0_el1, \
                  dbgwvr0_el1, oslar_el1, actlr_el1
    spoil   \name
    .endr
    and     x10, x9, #~0x7ff
    msr     vbar_el1, x10
    and     x10, x9, #~0xf
    mov     sp, x10
    .irp    n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
    spoil_vector \n
    .endr
    mov     x10, #0x03000000        /* FZ, DN */
    msr     fpcr, x10
    mov     x10, #0x15
    msr     fpsr, x10
    .irp    n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30
    mov     x\n, #(GUEST_PATTERN + \n)
    .endr
    msr     spsel, #0
    msr     daifclr, #13            /* D, A and F; I would take the host's interrupts if direct */
    cmp     x0, x0
.endm

.macro guest name
    .balign 64
    .global \name
\name:
    trash
.endm

guest guest_hvc
    hvc     #GUEST_CALL
    b       .

guest guest_smc
    smc     #GUEST_CALL
    b       .

/* One that the host is asked about. */
guest guest_smccc
    movz    w0, #0xc300, lsl #16 /* a fast call of the OEM's */
    smc     #0
    b       .

guest guest_mmio_read
    mov     x1, #GUEST_HOLE
    ldr     w2, [x1]
    b       .

guest guest_mmio_write
    mov     x1, #GUEST_HOLE
    strb    w2, [x1, #1]
    b       .

/* It has no register for its syndrome: an exit by the long way. */
guest guest_mmio_pair
    mov     x1, #GUEST_HOLE
    ldp     x2, x3, [x1]
    b       .

guest guest_fetch
    mov     x1, #GUEST_HOLE
    br      x1

/* These exit unless the physical timer is the guest's. */
guest guest_sysreg_read
    mrs     x2, cntpct_el0
    hvc     #GUEST_CALL
    b       .

guest guest_sysreg_write
    msr     cntp_cval_el0, x2
    hvc     #GUEST_CALL
    b       .

/* Answered inside, several times, before it exits. */
guest guest_inside
    movz    w0, #0x8400, lsl #16    /* PSCI_VERSION */
    hvc     #0
    msr     oslar_el1, xzr
    mrs     x3, id_aa64mmfr0_el1
    movz    w0, #0x8000, lsl #16    /* SMCCC_VERSION */
    smc     #0
    hvc     #GUEST_CALL
    b       .

guest guest_wfi
    wfi
    b       .

guest guest_spin
1:  yield
    b       1b

guest guest_cpu_off
    movz    w0, #0x8400, lsl #16
    movk    w0, #0x0002
    hvc     #0
    b       .

guest guest_system_off
    movz    w0, #0x8400, lsl #16
    movk    w0, #0x0008
    smc     #0
    b       .

/*
 * FP registers that depend on x1, an exit, and a look at what they are then: x0 is how many are not
 * what they were.
 */
    .balign 64
    .global guest_fp
guest_fp:
    mov     x9, #(3 << 20)
    msr     cpacr_el1, x9
    isb
    .irp    n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
    add     x2, x1, #\n
    mvn     x3, x2
    fmov    d\n, x2
    mov     v\n\().d[1], x3
    .endr
    and     x4, x1, #0x01000000     /* FPCR.DN in one guest and not in another; RMode */
    add     x4, x4, x4
    orr     x4, x4, #0x00400000
    msr     fpcr, x4
    and     x5, x1, #0x1f
    msr     fpsr, x5
    hvc     #GUEST_FP_READY
    mov     x0, #0
    .irp    n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
    add     x2, x1, #\n
    mvn     x3, x2
    fmov    x6, d\n
    mov     x7, v\n\().d[1]
    cmp     x6, x2
    ccmp    x7, x3, #0, eq
    cinc    x0, x0, ne
    .endr
    mrs     x6, fpcr
    cmp     x6, x4
    cinc    x0, x0, ne
    mrs     x6, fpsr
    cmp     x6, x5
    cinc    x0, x0, ne
    hvc     #GUEST_FP_DONE
    b       .

snippets_end:
