/* SPDX-License-Identifier: MIT */
/* Shared by the measuring host and its guests. */
#ifndef BENCH_H
#define BENCH_H

#include "counts.h"

/* What bench_running and bench_waiting do between the handler and the note of when it was done. */
#define BENCH_NOTE 5

#ifndef __ASSEMBLER__
#include "testhost.h"

/*
 * The budgets are for GCC. Clang makes a jump table of the hosts' chains of ifs, which costs more
 * than the first comparison and is no matter of the library's.
 */
#ifdef __clang__
#define BUDGET(n) ((n) + (n) / 10)
#else
#define BUDGET(n) (n)
#endif

/* A tick of the counter is so many nanoseconds, and each of these an instruction. */
static inline uint64_t bench_all_instructions(uint64_t ticks)
{
    return ticks * 1000 / (timer_frequency() / 1000000);
}

/* Instructions of one operation, rounded up: of BENCH_COUNT the counter has seen so many ticks. */
uint64_t bench_instructions(uint64_t ticks);

/* Prints the row and checks it against its budget, if it is not 0. */
void bench_row(const char *name, uint64_t instructions, uint64_t budget);

/* An exit that the guest should not make: fails, and ends the machine. */
_Noreturn void bench_unexpected(const struct vcpu *vcpu);

/*
 * The rows with a virtual interrupt controller, after bench_vm_init; those of two CPUs; and of how
 * they depend on what exists.
 */
void bench_interrupts(void);
void bench_latency(void);
void bench_scale(void);

/* Rows of these, of a VM with an interrupt controller: bench_vm. */
uint64_t bench_cost_of_hypercall(void);
uint64_t bench_cost_of_mmio(void);
uint64_t bench_cost_of_read(void);
uint64_t bench_cost_of_self(void);
uint64_t bench_cost_of_timer(void);
uint64_t bench_cost_of_other(void);
#endif

#endif
