/* SPDX-License-Identifier: MIT */
/* Guests that turn their debugging on and off. MMU off; every exception says SAY_HIT. */
#include "debug_corners.h"

    .section .rodata, "a"
    .balign 4096
    .global snippets_start, snippets_end
snippets_start:

#define KDE (1 << 13)
#define MDE (1 << 15)
#define AT_EL1 0x1e3 /* DBGBCR: E, all bytes of the instruction */

.macro label name
    .global \name
\name:
.endm

    .balign 0x800
label corner_vectors
    .rept 16
    .balign 0x80
    hvc     #SAY_HIT
    b       . - 4
    .endr

    /* A breakpoint of its own, which is on from the MSR on. */
label turns_on
    msr     oslar_el1, xzr
    adr     x0, turned_on
    msr     dbgbvr0_el1, x0
    mov     x0, #AT_EL1
    msr     dbgbcr0_el1, x0
    mov     x0, #(MDE | KDE)
    msr     mdscr_el1, x0
    isb
    msr     daifclr, #8
label turned_on
    nop
    hvc     #SAY_DONE

    /* Debugging with nothing to match, for one run and a half. */
label on_and_off
    msr     oslar_el1, xzr
    mov     x0, #(MDE | KDE)
    msr     mdscr_el1, x0
    hvc     #SAY_MORE
    msr     mdscr_el1, xzr
    hvc     #SAY_MORE
label plain
    msr     daifclr, #8
label plain_target
    nop
    hvc     #SAY_MORE
    msr     daifset, #8
    hvc     #SAY_DONE

    /* ELR_EL1 and SPSR_EL1 as if the `nop` had been interrupted; x0 and x1 are what is left. */
label looks_interrupted
    adr     x0, 1f
    msr     elr_el1, x0
    mov     x0, #0x3c5
    movk    x0, #0x20, lsl #16 /* SS */
    msr     spsr_el1, x0
1:  nop
    mrs     x1, spsr_el1
    hvc     #SAY_DONE

snippets_end:
