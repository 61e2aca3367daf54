/* SPDX-License-Identifier: MIT */
/*
 * A guest that turns its debugging on in the middle of a run, and leaves the CPU in the way that x20
 * names. MMU off; every exception says SAY_HIT.
 */
#include "debug_ways.h"

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
label way_vectors
    .rept 16
    .balign 0x80
    hvc     #SAY_HIT
    b       . - 4
    .endr

    /* x20: the way out; x21, x22: its address and x0. The first run ends at SAY_READY. */
label way_start
    hvc     #SAY_READY
    msr     oslar_el1, xzr
    adr     x0, way_target
    msr     dbgbvr0_el1, x0
    mov     x1, #AT_EL1
    msr     dbgbcr0_el1, x1
    mov     x1, #(MDE | KDE)
    msr     mdscr_el1, x1
    isb
    mov     x0, x22
    br      x20

label way_hvc
    hvc     #SAY_DONE
label way_call
    hvc     #0
    hvc     #SAY_DONE
label way_smc
    smc     #1
label way_load
    ldr     w1, [x21]
label way_store
    str     w1, [x21]
label way_post_index
    ldr     x1, [x21], #8
label way_fetch
    br      x21
label way_loop
    b       .
label way_second_write
    msr     mdscr_el1, x1
    hvc     #SAY_DONE
label way_off_again
    msr     mdscr_el1, xzr
    hvc     #SAY_DONE

    /* The breakpoint's: reached only by a later run. */
label way_target
    nop
    hvc     #SAY_DONE

snippets_end:
