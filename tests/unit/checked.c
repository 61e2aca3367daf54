/* SPDX-License-Identifier: MIT */
/*
 * A test that ran no assertion shows nothing, so it fails. The linker (--wrap) puts these functions
 * in the place of cmocka's.
 */
#include "cmocka_all.h"

#include <stdio.h>
#include <stdlib.h>

static size_t assertions;
static const struct CMUnitTest *running; /* the tests as they were given; the present one first */

/* NOLINTBEGIN(bugprone-reserved-identifier): the names are the linker's. */
#define COUNTED(name, parameters, arguments)                                                       \
    void __real_##name parameters;                                                                 \
    void __wrap_##name parameters;                                                                 \
    void __wrap_##name parameters                                                                  \
    {                                                                                              \
        assertions++;                                                                              \
        __real_##name arguments;                                                                   \
    }

typedef LargestIntegralType value_t;
COUNTED(_assert_true, (value_t a, const char *text, const char *file, int line),
        (a, text, file, line))
COUNTED(_assert_int_equal, (value_t a, value_t b, const char *file, int line), (a, b, file, line))
COUNTED(_assert_int_not_equal, (value_t a, value_t b, const char *file, int line),
        (a, b, file, line))
COUNTED(_assert_in_range, (value_t a, value_t low, value_t high, const char *file, int line),
        (a, low, high, file, line))
COUNTED(_assert_string_equal, (const char *a, const char *b, const char *file, int line),
        (a, b, file, line))
COUNTED(_assert_string_not_equal, (const char *a, const char *b, const char *file, int line),
        (a, b, file, line))
COUNTED(_assert_memory_equal,
        (const void *a, const void *b, size_t size, const char *file, int line),
        (a, b, size, file, line))
COUNTED(_assert_memory_not_equal,
        (const void *a, const void *b, size_t size, const char *file, int line),
        (a, b, size, file, line))

static int set_up(void **state)
{
    assertions = 0;
    return running->setup_func ? running->setup_func(state) : 0;
}

static int tear_down(void **state)
{
    const struct CMUnitTest *test = running++;
    int error = test->teardown_func ? test->teardown_func(state) : 0;

    if (assertions == 0)
        print_error("%s: no assertion ran\n", test->name);
    return assertions == 0 ? -1 : error;
}

int __real__cmocka_run_group_tests(const char *name, const struct CMUnitTest *tests, size_t count,
                                   CMFixtureFunction setup, CMFixtureFunction teardown);
int __wrap__cmocka_run_group_tests(const char *name, const struct CMUnitTest *tests, size_t count,
                                   CMFixtureFunction setup, CMFixtureFunction teardown);
int __wrap__cmocka_run_group_tests(const char *name, const struct CMUnitTest *tests, size_t count,
                                   CMFixtureFunction setup, CMFixtureFunction teardown)
{
    struct CMUnitTest *counted = calloc(count, sizeof(*counted));
    int failed;

    if (!counted)
        return -1;
    for (size_t i = 0; i < count; i++) {
        counted[i] = tests[i];
        counted[i].setup_func = set_up;
        counted[i].teardown_func = tear_down;
    }
    running = tests;
    failed = __real__cmocka_run_group_tests(name, counted, count, setup, teardown);
    if (running != tests + count) {
        fprintf(stderr, "%s: %zu tests, but %td ran\n", name, count, running - tests);
        failed++;
    }
    free(counted);
    return failed;
}
/* NOLINTEND(bugprone-reserved-identifier) */
