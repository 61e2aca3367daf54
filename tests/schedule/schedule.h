/* SPDX-License-Identifier: MIT */
/*
 * A deterministic scheduler: simulated CPUs, each a coroutine, and a seed that decides when which
 * of them goes on. The library's files under test are compiled with -fsanitize=thread, and hooks.c
 * has the compiler's callbacks: so the scheduler can change CPUs before each access to memory that
 * another CPU may see, also where interrupts are masked.
 *
 * Each access is seen by all CPUs at once, in the order of the program. What a processor reorders is
 * not seen here: tests/litmus has that.
 */
#ifndef VCPU_TESTS_SCHEDULE_H
#define VCPU_TESTS_SCHEDULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SCHEDULE_CPUS 3u

/*
 * Runs main on each of so many CPUs, until none of them can go on. Returns NULL, or what was wrong:
 * the text of schedule_fail, or that there was no end.
 */
const char *schedule_run(uint64_t seed, unsigned cpus, void (*main)(unsigned cpu));

/* Numbers by chance, the same in each run with the same seed. Also before schedule_run. */
void schedule_seed(uint64_t seed);
unsigned schedule_below(unsigned limit);
bool schedule_chance(unsigned one_in);

/* The CPU that runs now. */
unsigned schedule_cpu(void);

/* Another CPU may go on here. Outside of schedule_run nothing happens. */
void schedule_point(void);

/* This CPU waits for another one in a loop: another one goes on, if any can. */
void schedule_relax(void);

/* This CPU goes on only when ready(cpu) is true. */
void schedule_wait(bool (*ready)(unsigned cpu));

/* The same before an access to memory; not for the running CPU's own stack. */
void schedule_access(const volatile void *address, bool write);

/* Ends the run. */
_Noreturn void schedule_fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* With schedule_traced, prints what happens. */
extern bool schedule_traced;
void schedule_trace(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
