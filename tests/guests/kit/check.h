/* SPDX-License-Identifier: MIT */
/* Checks in a guest, on any CPU. A guest ends with `return check_end("name")`. */
#ifndef TESTS_GUESTS_CHECK_H
#define TESTS_GUESTS_CHECK_H

#include <stdbool.h>

#include <kit/kit.h>

static unsigned int check_count, check_failures;

#define CHECK(condition) check_one((condition), #condition, __LINE__)

/* Goes on after a failure, so that one run shows all of them. */
static inline void check_one(bool holds, const char *condition, int line)
{
    __atomic_add_fetch(&check_count, 1, __ATOMIC_RELAXED);
    if (holds)
        return;
    __atomic_add_fetch(&check_failures, 1, __ATOMIC_RELAXED);
    kit_printf("FAIL line %d: %s\n", line, condition);
}

static inline int check_end(const char *name)
{
    unsigned int failures = __atomic_load_n(&check_failures, __ATOMIC_RELAXED);

    if (check_count == 0) {
        kit_printf("FAIL %s: no check ran\n", name);
        return 1;
    }
    if (failures == 0)
        kit_printf("%s: %u checks hold\n", name, check_count);
    return (int)failures;
}

#endif
