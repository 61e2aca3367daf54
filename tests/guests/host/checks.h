/* SPDX-License-Identifier: MIT */
/*
 * The checks of a test host, on any CPU. A program is a row of subjects, and a subject is the checks
 * between its test_begin and the next one. A subject passes if it ran at least one check and all of
 * them held. A failed check outside of every subject fails the program as well.
 */
#ifndef TESTHOST_CHECKS_H
#define TESTHOST_CHECKS_H

#include <stdbool.h>
#include <stdint.h>

/* Ends the last subject and begins one. The name says what holds. */
void test_begin(const char *name);

void test_check(bool ok, const char *what, const char *file, int line);
void test_check_eq(uint64_t got, uint64_t want, const char *what, const char *file, int line);

/* Counts a check and returns ok. The caller says what failed, in a line of its own. */
bool test_holds(bool ok);

/*
 * For a call on the way to what a test looks at: fails like a check if the call returns an error
 * (below 0), and is not counted as a check.
 */
void test_must(int error, const char *what, const char *file, int line);

/* A check that failed. */
void test_fail(const char *why);

/*
 * Prints "N passed, N failed" and ends the machine: a success if at least one subject passed and
 * nothing failed.
 */
_Noreturn void test_end(void);

#define CHECK(condition) test_check((condition), #condition, __FILE__, __LINE__)
#define CHECK_EQ(got, want)                                                                        \
    test_check_eq((uint64_t)(got), (uint64_t)(want), #got, __FILE__, __LINE__)
#define MUST(call) test_must((call), #call, __FILE__, __LINE__)

#endif
