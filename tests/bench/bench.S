/* SPDX-License-Identifier: MIT */
/*
 * The measured guests: each does an operation BENCH_COUNT times between two readings of the virtual
 * counter, and hands the difference to the host in x1 of a PSCI SYSTEM_OFF. `bench_nothing` is the same loop without
 * the operation.
 */
#include "bench.h"

    .section .rodata, "a"
    .balign 4096
    .global snippets_start, snippets_end
snippets_start:

.macro measured name
    .balign 64
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

measured bench_psci
    movz    w0, #0x8400, lsl #16 /* PSCI_VERSION, answered in the library */
    hvc     #0
measured_end

snippets_end:
