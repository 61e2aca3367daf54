/* SPDX-License-Identifier: MIT */
/* cmocka, with what it wants included before it. */
#ifndef VCPU_TESTS_CMOCKA_ALL_H
#define VCPU_TESTS_CMOCKA_ALL_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* Fails with a text of its own: (format, ...) as of fail_msg. */
#define assert_that(condition, ...)                                                                \
    do {                                                                                           \
        bool that_holds = (condition);                                                             \
        if (!that_holds)                                                                           \
            fail_msg(__VA_ARGS__);                                                                 \
        assert_true(that_holds);                                                                   \
    } while (0)

#endif
