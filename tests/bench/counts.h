/* SPDX-License-Identifier: MIT */
/* What the measured guests of both hosts have in common: that of bench.c, and the mini-host. */
#ifndef BENCH_COUNTS_H
#define BENCH_COUNTS_H

/* Operations a measurement: the counter's 16 ns and the two readings vanish in it. */
#define BENCH_COUNT 4096

/* The SGI that is sent, and the instructions of a guest's handler of interrupts. */
#define BENCH_SGI     1
#define BENCH_HANDLER 5

#endif
