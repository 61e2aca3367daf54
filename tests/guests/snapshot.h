/* SPDX-License-Identifier: MIT */
/* Shared by the host and the guest of `snapshot`. */
#ifndef SNAPSHOT_H
#define SNAPSHOT_H

/* What the guest uses besides: bits of x20. */
#define USE_SVE     0
#define USE_PAUTH   1
#define USE_PMU     2
#define USE_SCXTNUM 3

/* What it leaves behind, in bytes from x19: how often it took each INTID below 32; and so on. */
#define RESULT_TAKEN       0x000
#define RESULT_BREAKPOINTS 0x100
#define RESULT_BROKE_AT    0x108
#define RESULT_MMIO        0x110
#define RESULT_SUM         0x118
#define RESULT_POINTER     0x120
#define RESULT_REGISTERS   0x128 /* 25 of them */
#define RESULT_VECTORS     0x400
#define RESULT_SIZE        0x3000
/* And what is not the same twice: the cycle counter, before and after. */
#define RESULT_CYCLES 0x3000
#define STACK_TOP     0x4000

/* What the hypercalls say: it is done; and an exception that it has not asked for. */
#define SAY_DONE 1
#define SAY_LOST 2

#define WATCHPOINT  0x40123458
#define CONTEXT     0x1357
#define THREAD      0x2468ace0
#define FPCR_ROUND  0x00c00000
#define SGI_PENDING 1
#define SGI_ACTIVE  2
/* A byte each: the pending SGI is more urgent than the active one, and the timers' PPIs than both. */
#define PRIORITIES_SGI 0x00804000
#define PRIORITIES_PPI 0x20202020

#endif
