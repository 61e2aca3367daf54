/* SPDX-License-Identifier: MIT */
/* The measured loops of the mini-host's guest: see host.h. */
#include "counts.h"

    .text
#include "handlers.inc"

    .global vectors_v2, vectors_v3

/* x0 to x3 are those of host_loop. Calls change them, and the handler x10 and x11. */
.macro measured name
    .balign 64
    .global \name
\name:
    mov     x5, x0
    mov     x6, x1
    adrp    x7, host_received
    add     x7, x7, #:lo12:host_received
    mov     x11, #0
    mov     x12, #BENCH_COUNT
    isb
    mrs     x13, cntvct_el0
1:
.endm

.macro measured_end
    subs    x12, x12, #1
    b.ne    1b
    isb
    mrs     x0, cntvct_el0
    sub     x0, x0, x13
    adrp    x9, host_taken
    str     x11, [x9, #:lo12:host_taken]
    ret
.endm

measured host_nothing
measured_end

measured host_psci
    movz    w0, #0x8400, lsl #16    /* PSCI_VERSION */
    hvc     #0
measured_end

measured host_unknown
    movz    w0, #0x8600, lsl #16    /* of the hypervisor's service, for the host */
    movk    w0, #0x0123
    hvc     #0
measured_end

measured host_read
    ldr     w9, [x5]
measured_end

measured host_read64
    ldr     x9, [x5]
measured_end

measured host_write
    str     w6, [x5]
measured_end

measured host_write8
    strb    w6, [x5]
measured_end

/* GICD_ISENABLER<n>, GICD_ICENABLER<n> */
measured host_toggle
    str     w6, [x5]
    str     w6, [x5, #0x080]
measured_end

measured host_timer
    msr     cntv_cval_el0, xzr
    mov     x9, #1
    msr     cntv_ctl_el0, x9
measured_end

.macro loops_with_version version
    measured host_self_v\version
    send_v\version
    measured_end

    /* Until the other CPU has handled each. */
    measured host_sender_v\version
    ldr     x8, [x7]
    send_v\version
2:  yield
    ldr     x9, [x7]
    cmp     x9, x8
    b.eq    2b
    measured_end

    /* IRQs are masked: what wakes it stays pending. The other CPU is in host_receive. */
    measured host_ping_v\version
    send_v\version
    wfi
    take_v\version
    measured_end

    .global host_send_v\version
host_send_v\version:
    mov     x2, x0
    mov     x6, x1
    isb
    mrs     x0, cntvct_el0
    send_v\version
    ret

    .global host_receive_v\version
host_receive_v\version:
    mov     x6, x1
    adrp    x7, host_received
    add     x7, x7, #:lo12:host_received
    mov     x11, #0
    mov     x12, #BENCH_COUNT
    msr     daifclr, #2
3:  wfi                             /* and the handler, and then BENCH_WOKEN instructions */
    isb
    mrs     x9, cntvct_el0
    str     x9, [x7, #8]
    str     x11, [x7]
    cmp     x11, x12
    b.ne    3b
    msr     daifset, #2
4:  wfi
    take_v\version
    send_v\version
    subs    x12, x12, #1
    b.ne    4b
    msr     daifclr, #2
5:  wfe
    str     x11, [x7]
    b       5b
.endm

loops_with_version 2
loops_with_version 3

    .bss
    .balign 16
    .global host_taken, host_received
host_received:
    .space  16
host_taken:
    .space  8
