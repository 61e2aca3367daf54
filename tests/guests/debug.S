/* SPDX-License-Identifier: MIT */
/*
 * Guests that are debugged, and one that debugs itself. MMU off.
 *
 * The vectors write a record of each exception to x20: ESR, ELR, SPSR, and FAR of a watchpoint. Then
 * they see to it that the guest gets on:
 *  - a step goes on, until ELR is x26;
 *  - a breakpoint and a watchpoint, the guest's number 0, are off from then on;
 *  - BRK is skipped, SVC #SVC_TO_EL1 comes back at EL1.
 */
#include "debug.h"
#include "snippets.inc"

    snippets_begin

#define PSTATE_SS (1 << 21)
#define EL1H      0x3c5 /* DAIF masked */
#define EL0T      0x000

.macro label name
    .global \name
\name:
.endm

    .balign 0x800
    .global debug_vectors
debug_vectors:
    .rept 16
    .balign 0x80
    b       record
    .endr
    .balign 0x80
record:
    mrs     x21, esr_el1
    mrs     x22, elr_el1
    mrs     x23, spsr_el1
    lsr     x25, x21, #26
    mov     x24, #0
    and     x27, x25, #0x3e
    cmp     x27, #0x34 /* a watchpoint */
    b.ne    1f
    mrs     x24, far_el1
    msr     dbgwcr0_el1, xzr
1:  stp     x21, x22, [x20], #16
    stp     x23, x24, [x20], #16
    cmp     x27, #0x30 /* a breakpoint */
    b.ne    2f
    msr     dbgbcr0_el1, xzr
2:  cmp     x27, #0x32 /* a step */
    b.ne    3f
    orr     x23, x23, #PSTATE_SS
    cmp     x22, x26
    b.ne    3f
    and     x23, x23, #~PSTATE_SS
    msr     mdscr_el1, xzr
3:  cmp     x25, #0x3c /* BRK */
    b.ne    4f
    add     x22, x22, #4
4:  cmp     x25, #0x15 /* SVC */
    b.ne    5f
    and     x25, x21, #0xffff
    cmp     x25, #SVC_TO_EL1
    b.ne    5f
    mov     x23, #EL1H
5:  msr     elr_el1, x22
    msr     spsr_el1, x23
    isb
    eret

    /* ---- What the host steps through ---- */

snippet step_straight
    add     x0, x0, #1
    add     x1, x1, #1
    b       1f
    hvc     #SAY_MORE
1:  cbz     xzr, 2f
    hvc     #SAY_MORE
2:  bl      3f
    hvc     #SAY_DONE
3:  ret

snippet step_call
    svc     #5
    nop
snippet step_eret /* to step_el0 at EL0 */
    eret
snippet step_el0
    svc     #6
    nop
snippet step_abort /* x1 is misaligned */
    ldr     x0, [x1]
    nop
snippet step_brk
    brk     #9
    nop
snippet step_nops
    nop
    nop
    nop
    b       step_nops

snippet step_mmio /* x1 is a hole; the middle one is the library's own to answer */
    ldr     w0, [x1]
    mrs     x2, id_aa64pfr0_el1
    str     w0, [x1]
    hvc     #SAY_MORE
    smc     #1
    nop

snippet call_psci
    hvc     #0
    b       .

snippet exclusive
1:  ldxr    w0, [x18]
    add     w0, w0, #1
    stxr    w1, w0, [x18]
    cbnz    w1, 1b
label exclusive_end
    hvc     #SAY_DONE

snippet access_loads /* one of each size */
    ldrb    w0, [x1]
    ldrh    w0, [x1]
    ldr     w0, [x1]
    ldr     x0, [x1]
    ldp     x0, x2, [x1]
    hvc     #SAY_DONE
snippet access_stores
    strb    w0, [x1]
    strh    w0, [x1]
    str     w0, [x1]
    str     x0, [x1]
    stp     x0, x2, [x1]
    hvc     #SAY_DONE

    /* x0: all that the guest finds in its comparators and MDSCR_EL1. */
snippet look
    mov     x0, #0
.macro look_at reg
    mrs     x2, \reg
    orr     x0, x0, x2
.endm
.irp reg, dbgbvr0_el1, dbgbcr0_el1, dbgbvr1_el1, dbgbcr1_el1, dbgbvr2_el1, dbgbcr2_el1, \
          dbgbvr3_el1, dbgbcr3_el1, dbgwvr0_el1, dbgwcr0_el1, dbgwvr1_el1, dbgwcr1_el1, mdscr_el1
    look_at \reg
.endr
    hvc     #SAY_DONE

    /*
     * A guest that wants to hit the host: x0 is an address of it, x1 and x2 control values with
     * everything set. Then step exceptions and all else is on, at EL1 with D clear.
     */
snippet attack
    msr     oslar_el1, xzr
    msr     dbgbvr0_el1, x0
    msr     dbgbcr0_el1, x1
    msr     dbgwvr0_el1, x3
    msr     dbgwcr0_el1, x2
    msr     mdscr_el1, x4
    msr     daifclr, #8
    isb
    hvc     #SAY_MORE
    msr     daifset, #8
    msr     mdscr_el1, xzr
    hvc     #SAY_DONE

    /* ---- The guest that debugs itself ---- */

.macro to address, spsr
    adr     x0, \address
    msr     elr_el1, x0
    mov     x0, #((\spsr) & 0xffff)
    movk    x0, #((\spsr) >> 16), lsl #16
    msr     spsr_el1, x0
    eret
.endm

.macro debug_with bits
    mov     x0, #(\bits)
    msr     mdscr_el1, x0
    isb
.endm

.macro breakpoint n, address, control
    adr     x0, \address
    msr     dbgbvr\n\()_el1, x0
    mov     x0, #((\control) & 0xffff)
    movk    x0, #((\control) >> 16), lsl #16
    msr     dbgbcr\n\()_el1, x0
    isb
.endm

.macro watchpoint control
    add     x0, x18, #DATA_WATCHED
    msr     dbgwvr0_el1, x0
    mov     x0, #(\control)
    msr     dbgwcr0_el1, x0
    isb
.endm

#define SS  1
#define KDE (1 << 13)
#define MDE (1 << 15)

#define AT_EL1 (1 << 1)
#define AT_EL0 (2 << 1)
#define BP(at) (0x1e1 | (at))                     /* E, all bytes */
#define BP_LINKED(at, to) (BP(at) | 1 << 20 | (to) << 16)
#define BP_CONTEXT (0x1e1 | 3 << 20)              /* matched for others to link to */
#define WP(at, kinds) (1 | (at) | (kinds) << 3 | 0xf0 << 5) /* bytes 4 to 7 */

    /* x18 data, x19 a hole, x20 the log. */
snippet own
    adr     x0, debug_vectors
    msr     vbar_el1, x0
    /* Locked, nothing happens. */
    debug_with SS | MDE
    breakpoint 0, own_locked, BP(AT_EL0)
    adr     x26, own_locked_end
    to      own_locked, EL0T | PSTATE_SS
own_locked:
    nop
label own_locked_end
    svc     #SVC_TO_EL1
    msr     dbgbcr0_el1, xzr
    msr     mdscr_el1, xzr
    msr     oslar_el1, xzr
    isb

    /* It steps EL0. */
    adr     x26, own_step_end
    debug_with SS
    to      own_step, EL0T | PSTATE_SS
label own_step
    nop
    b       1f
    nop
1:  ldr     w1, [x19] /* the host's to complete */
    str     w1, [x18]
    svc     #0
    brk     #3
    nop
label own_step_end
    nop
    svc     #SVC_TO_EL1

    /* A step that is to come at once: SPSR_EL1.SS is 0. */
    adr     x26, own_pending
    debug_with SS
    to      own_pending, EL0T
label own_pending
    nop
    svc     #SVC_TO_EL1

    /* It steps EL1, where D is clear and KDE set. */
    adr     x26, own_step1_end
    debug_with SS | KDE
    to      own_step1, (EL1H & ~0x200) | PSTATE_SS
label own_step1
    nop
    ldr     w1, [x19]
    mrs     x2, id_aa64pfr0_el1
    hvc     #SAY_MORE /* retried, answered with an exception, and then completed */
    svc     #0
    nop
label own_step1_end
    nop
    msr     daifset, #8
    /* And begins to do so by MSR: the exception is pending with the next instruction. */
    adr     x26, own_daif
    debug_with SS | KDE
    msr     daifclr, #8
label own_daif
    nop
    msr     daifset, #8

    /* Breakpoints: at EL0; at EL1 with each that holds them back, and with nothing. */
    breakpoint 0, own_break0, BP(AT_EL0)
    debug_with MDE
    to      own_break0, EL0T
label own_break0
    nop
    svc     #SVC_TO_EL1
    breakpoint 0, own_break_kde, BP(AT_EL1)
    msr     daifclr, #8
own_break_kde:
    nop
    msr     daifset, #8
    breakpoint 0, own_break_d, BP(AT_EL1)
    debug_with MDE | KDE
own_break_d:
    nop
    breakpoint 0, own_break1, BP(AT_EL1)
    msr     daifclr, #8
label own_break1
    nop
    msr     daifset, #8

    /* Linked to a breakpoint of another context, and of this one. Number 3 is context-aware. */
    mov     x0, #6
    msr     contextidr_el1, x0
    mov     x0, #5
    breakpoint 3, own, BP_CONTEXT
    mov     x0, #5
    msr     dbgbvr3_el1, x0
    breakpoint 0, own_link_other, BP_LINKED(AT_EL1, 3)
    msr     daifclr, #8
own_link_other:
    nop
    msr     daifset, #8
    mov     x0, #5
    msr     contextidr_el1, x0
    breakpoint 0, own_link, BP_LINKED(AT_EL1, 3)
    msr     daifclr, #8
label own_link
    nop
    msr     daifset, #8
    msr     dbgbcr3_el1, xzr

    /* Watchpoints: other bytes, stores only, held back, and then hit at EL1 and EL0. */
    watchpoint WP(AT_EL0 | AT_EL1, 2)
    msr     daifclr, #8
    str     w1, [x18, #DATA_WATCHED]
    ldr     w1, [x18, #DATA_WATCHED + 4]
    msr     daifset, #8
    str     w1, [x18, #DATA_WATCHED + 4]
    msr     daifclr, #8
label own_watch1
    strh    w1, [x18, #DATA_WATCHED + 6]
    msr     daifset, #8
    watchpoint WP(AT_EL0, 1)
    ldr     w1, [x18, #DATA_WATCHED + 4]
    to      own_watch0, EL0T
label own_watch0
    ldr     x1, [x18, #DATA_WATCHED]
    svc     #SVC_TO_EL1

    /* BRK, which nothing holds back. */
    msr     mdscr_el1, xzr
label own_brk
    brk     #7
    hvc     #SAY_DONE
label own_end

snippets_end:
