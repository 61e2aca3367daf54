/* SPDX-License-Identifier: MIT */
/*
 * The measured guests: each does an operation BENCH_COUNT times between two readings of the virtual
 * counter, and hands the difference to the host in x1 of a PSCI SYSTEM_OFF. `bench_nothing` is the same loop without
 * the operation.
 */
#include "bench.h"
#include "snippets.inc"

    snippets_begin

.macro measured name
    .balignl 64, 0xd503201f /* nop, for what comes before may run into it */
    .global \name
\name:
    mov     x20, #BENCH_COUNT
    isb
    mrs     x21, cntvct_el0
1:
.endm

.macro measured_end
    subs    x20, x20, #1
    b.ne    1b
    isb
    mrs     x22, cntvct_el0
    sub     x1, x22, x21
    mov     x2, x11             /* how many interrupts were taken */
    movz    w0, #0x8400, lsl #16
    movk    w0, #0x0008
    hvc     #0
    b       .
.endm

measured bench_nothing
measured_end

measured bench_hypercall
    hvc     #0
measured_end

measured bench_mmio_read
    ldr     w3, [x2]
measured_end

measured bench_mmio_write
    str     w3, [x2]
measured_end

measured bench_unknown
    movz    w0, #0x8600, lsl #16 /* of the hypervisor's service, for the host */
    movk    w0, #0x0123
    hvc     #0
measured_end

measured bench_workaround
    movz    w0, #0x8000, lsl #16 /* ARCH_WORKAROUND_1 */
    movk    w0, #0x8000
    hvc     #0
measured_end

measured bench_psci
    movz    w0, #0x8400, lsl #16 /* PSCI_VERSION, answered in the library */
    hvc     #0
measured_end

/*
 * With an interrupt controller. The host gives x2 = the distributor, x3 = the redistributor's frame
 * of SGIs and PPIs (version 3) or the CPU interface (version 2), x12 = two words in memory.
 */
#include "handlers.inc"

.macro set_up_v3
    adr     x5, vectors_v3
    msr     vbar_el1, x5
    mov     w5, #-1
    str     w5, [x3, #0x080]        /* GICR_IGROUPR0: Group 1 */
    str     w5, [x3, #0x100]        /* GICR_ISENABLER0 */
    mov     w5, #0x12
    str     w5, [x2]                /* GICD_CTLR: ARE, EnableGrp1 */
    mov     x5, #1
    msr     s3_0_c12_c12_5, x5      /* ICC_SRE_EL1 */
    isb
    msr     s3_0_c12_c12_7, x5      /* ICC_IGRPEN1_EL1 */
    mov     x5, #0xff
    msr     s3_0_c4_c6_0, x5        /* ICC_PMR_EL1 */
    isb
    mov     x11, #0
    msr     daifclr, #2
.endm

.macro set_up_v2
    adr     x5, vectors_v2
    msr     vbar_el1, x5
    mov     w5, #-1
    str     w5, [x2, #0x100]        /* GICD_ISENABLER0 */
    mov     w5, #1
    str     w5, [x2]                /* GICD_CTLR */
    str     w5, [x3]                /* GICC_CTLR */
    mov     w5, #0xff
    str     w5, [x3, #0x004]        /* GICC_PMR */
    isb
    mov     x11, #0
    msr     daifclr, #2
.endm

measured bench_distributor_type
    ldr     w5, [x2, #0x004]
measured_end

measured bench_distributor_enabled
    ldr     w5, [x2, #0x104]
measured_end

measured bench_distributor_priority
    ldr     w5, [x2, #0x420]
measured_end

measured bench_distributor_pending
    ldr     w5, [x2, #0x204]
measured_end

measured bench_distributor_write
    str     wzr, [x2, #0x104]
measured_end

/* SPI 32, edge-triggered, for vCPU 1. */
.macro set_up_spi_v3
    mov     w5, #-1
    str     w5, [x2, #0x084]        /* GICD_IGROUPR1 */
    mov     w5, #2
    str     w5, [x2, #0xc08]        /* GICD_ICFGR2 */
    mov     w5, #1
    add     x6, x2, #0x6000
    str     x5, [x6, #0x100]        /* GICD_IROUTER32 */
    str     w5, [x2, #0x104]        /* GICD_ISENABLER1 */
.endm

.macro set_up_spi_v2
    mov     w5, #2
    str     w5, [x2, #0xc08]        /* GICD_ICFGR2 */
    strb    w5, [x2, #0x820]        /* GICD_ITARGETSR8 */
    mov     w5, #1
    str     w5, [x2, #0x104]        /* GICD_ISENABLER1 */
.endm

/*
 * Notes in memory how many interrupts it has taken, and when, BENCH_NOTE instructions after its
 * handler. In the beginning there is something in the place of that time: it is ready.
 */
.macro noter name, version, wait
    .balign 64
    .global \name\()_v\version
\name\()_v\version:
    set_up_v\version
    set_up_spi_v\version
    mov     x14, #0
    str     x12, [x12, #8]
7:  \wait
    cmp     x11, x14
    b.eq    7b
    mov     x14, x11
    isb
    mrs     x13, cntvct_el0
    str     x13, [x12, #8]
    str     x11, [x12]
    b       7b
.endm

/* Counts where it stands, for whoever wants to take it from there. */
    .balign 64
    .global bench_runner
bench_runner:
    mov     x11, #0
8:  add     x11, x11, #1
    str     x11, [x12, #8]
    yield
    b       8b

noter bench_running, 3, wfe
noter bench_running, 2, wfe
noter bench_waiting, 3, wfi
noter bench_waiting, 2, wfi

.macro guests_with_version version, self, other
    .balign 64
    .global bench_self_v\version
bench_self_v\version:
    set_up_v\version
    ldr     x6, =\self
    measured bench_self_loop_v\version
    send_v\version
    measured_end

    .balign 64
    .global bench_timer_v\version
bench_timer_v\version:
    set_up_v\version
    msr     cntv_cval_el0, xzr
    mov     x6, #1
    measured bench_timer_loop_v\version
    msr     cntv_ctl_el0, x6
    measured_end

    /* Waits until the receiver is ready, and then until it has handled each. */
    .balign 64
    .global bench_sender_v\version
bench_sender_v\version:
    set_up_v\version
    ldr     x6, =\other
    mov     x14, #0
4:  yield
    ldr     x13, [x12, #8]
    cbz     x13, 4b
    measured bench_sender_loop_v\version
    send_v\version
    add     x14, x14, #1
5:  yield
    ldr     x13, [x12]
    cmp     x13, x14
    b.ne    5b
    measured_end

    .balign 64
    .global bench_receiver_v\version
bench_receiver_v\version:
    set_up_v\version
    mov     x5, #1
    str     x5, [x12, #8]
6:  wfe
    str     x11, [x12]
    b       6b
    .ltorg
.endm

guests_with_version 3, BENCH_SGI << 24 | 1, BENCH_SGI << 24 | 2
guests_with_version 2, 2 << 24 | BENCH_SGI, 2 << 16 | BENCH_SGI

snippets_end:
