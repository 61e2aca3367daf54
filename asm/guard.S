/* SPDX-License-Identifier: MIT */
/*
 * The vectors of a CPU that has something to do at each exit before anything else, as
 * vcpu_percpu_harden has found. Then they go on in the same slot of asm/switch.S, with all registers
 * as the guest left them. struct guard, which is in the vCPU, says what there is to do:
 *
 *  - Branch predictor. The guest may have trained it, and the branches of its history, so that the
 *    host speculates where the guest wants. A loop of taken branches fills the history with
 *    branches of this code; CLRBHB empties it; or firmware does what the CPU needs. Until then there
 *    is no indirect branch. A conditional branch here can be predicted wrongly too: the ISB at the
 *    end waits for all of them.
 *  - SErrors. One that an access of the guest caused, and that has not been taken yet, becomes the
 *    exit. The guest's own exit is not lost: nothing of it was done, and it happens again.
 *
 * SP_EL2 is at the host's frame, as in asm/switch.S.
 */
#include "layout.h"
#include "object.h"

/* The names of these are new to some assemblers. */
.macro clrbhb
    hint    #22 /* a NOP on a CPU that has no CLRBHB */
.endm
.macro esb
    hint    #16
.endm
#define DISR_EL1       s3_0_c12_c1_1
#define DISR_EL1_A_BIT 31
#define ISR_EL1_A_BIT  8

/* An exception of EL2 itself is the business of asm/switch.S. */
.macro from_el2 slot
    .balign 0x80
    b       vcpu_vector_\slot
.endm

.macro from_guest slot
    .balign 0x80
    stp     x0, x1, [sp, #FRAME_SCRATCH]
    ldr     x1, [sp, #FRAME_VCPU_VBAR]
    clrbhb
    ldrb    w0, [x1, #LAYOUT_GUARD_LOOP]
    cbz     w0, 3f
1:  b       2f
2:  subs    w0, w0, #1
    b.ne    1b
3:  ldr     w0, [x1, #LAYOUT_GUARD_CALL]
    cbz     w0, 4f
    /*
     * The call keeps x4 and up: SMCCC 1.1. ARCH_WORKAROUND_1 and 3 have no arguments, so firmware
     * does not look at x1 to x17. They are the guest's (x1 is the vCPU's address): to write zeros
     * to them and give them back would be some 30 instructions at each exit.
     */
    stp     x2, x3, [x1, #LAYOUT_X(2)]
    smc     #0
    ldr     x1, [sp, #FRAME_VCPU_VBAR]
    ldp     x2, x3, [x1, #LAYOUT_X(2)]
4:  dsb     nsh
    isb
    ldrb    w0, [x1, #LAYOUT_GUARD_SERRORS]
    cbnz    w0, guard_serrors_\slot
    ldp     x0, x1, [sp, #FRAME_SCRATCH]
    b       vcpu_vector_\slot
.endm

/*
 * Behind the table: an SError of the guest that is in flight. x0 is `serrors`, x1 the vCPU.
 *
 * Without FEAT_RAS, DSB makes it pending at least. ISR_EL1.A tells, and the CPU takes it if
 * PSTATE.A lets it: through slot 7 of this table, which PSTATE.A = 0 tells from all else. Meanwhile
 * x0 and x2 hold what ELR_EL2 and SPSR_EL2 get back. With HCR_EL2.AMO = 0 it is the guest's, and EL2 does
 * not take it. With SCR_EL3.EA firmware does, and comes back.
 *
 * \retry sets x0 to the address of the exit's instruction, and SPSR_EL2.SS as it was before that.
 */
.macro serrors_of slot, retry
guard_serrors_\slot:
    tbnz    w0, #GUARD_ISR_BIT, 1f
    esb
    mrs     x0, DISR_EL1
    tbz     x0, #DISR_EL1_A_BIT, 3f
    \retry
    msr     elr_el2, x0
    b       guard_deferred
1:  dsb     sy
    isb
    mrs     x0, isr_el1
    tbz     x0, #ISR_EL1_A_BIT, 3f
    mrs     x0, hcr_el2
    tbz     x0, #HCR_AMO_BIT, 3f
    stp     x2, x3, [x1, #LAYOUT_X(2)]
    \retry
    mrs     x2, spsr_el2
    msr     daifclr, #4
    isb
    msr     daifset, #4
    ldp     x2, x3, [x1, #LAYOUT_X(2)]
3:  ldp     x0, x1, [sp, #FRAME_SCRATCH]
    b       vcpu_vector_\slot
.endm

/*
 * ELR_EL2 is behind an HVC, and at the instruction of all other exits. Executing the HVC has also
 * cleared PSTATE.SS of a guest that is stepped at EL1, by itself or by the host: there SS was set,
 * because the step exception would have come before the HVC. See vcpu_debug_back_to_hvc.
 */
.macro retry_sync
    mrs     x0, esr_el2
    lsr     w0, w0, #ESR_EC_SHIFT
    cmp     w0, #ESR_EC_HVC64
    mrs     x0, elr_el2
    b.ne    5f
    mrs     x0, mdscr_el1
    tbz     x0, #MDSCR_SS_BIT, 4f
    mrs     x1, mdcr_el2
    tbnz    x1, #MDCR_TDE_BIT, 2f
    tbz     x0, #MDSCR_KDE_BIT, 4f
    mrs     x1, spsr_el2
    tbnz    x1, #SPSR_D_BIT, 4f
2:  mrs     x1, spsr_el2
    orr     x1, x1, #SPSR_SS
    msr     spsr_el2, x1
4:  ldr     x1, [sp, #FRAME_VCPU_VBAR]
    mrs     x0, elr_el2
    sub     x0, x0, #4
5:
.endm

/* An interrupt stays pending. */
.macro retry_async
    mrs     x0, elr_el2
.endm

    text_section vcpu_guard
    .balign 0x800
    shared  vcpu_guard_vectors
    from_el2 0
    from_el2 1
    from_el2 2
    from_el2 3
    from_el2 4
    from_el2 5
    from_el2 6
    .balign 0x80
    str     x0, [sp, #FRAME_REFAULT]
    mrs     x0, spsr_el2
    tbz     x0, #SPSR_A_BIT, guard_taken
    ldr     x0, [sp, #FRAME_REFAULT]
    b       vcpu_vector_7
    from_guest 8
    from_guest 9
    from_guest 10
    from_guest 11

    serrors_of 8, retry_sync
    serrors_of 9, retry_async
    serrors_of 10, retry_async

    /* The exit is an SError already. Another one stays pending. */
guard_serrors_11:
    ldp     x0, x1, [sp, #FRAME_SCRATCH]
    b       vcpu_vector_11

    /* An ESB has taken it. ESR_EL2 gets what it would have had. */
guard_deferred:
    stp     x2, x3, [x1, #LAYOUT_X(2)]
    mrs     x0, DISR_EL1
    msr     DISR_EL1, xzr
    and     x0, x0, #ESR_ISS_BITS
    mov     w2, #ESR_OF_SERROR
    orr     x0, x0, x2
    msr     esr_el2, x0
    ldp     x2, x3, [x1, #LAYOUT_X(2)]
    ldp     x0, x1, [sp, #FRAME_SCRATCH]
    b       vcpu_vector_11

    /* The CPU has taken it; PSTATE.A is set again. x1 is the vCPU. */
guard_taken:
    ldr     x0, [sp, #FRAME_REFAULT]
    msr     elr_el2, x0
    msr     spsr_el2, x2
    ldp     x2, x3, [x1, #LAYOUT_X(2)]
    ldp     x0, x1, [sp, #FRAME_SCRATCH]
    b       vcpu_vector_11
    end_of  vcpu_guard_vectors
