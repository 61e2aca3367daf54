/* SPDX-License-Identifier: MIT */
#include "cmocka_all.h"

#include <stdio.h>
#include <string.h>

#include "text.h"

/* The C library's printf is the reference for all that the small one knows. */
#define ASSERT_AS_PRINTF(...)                                                                      \
    do {                                                                                           \
        char expected[80], actual[80];                                                             \
        snprintf(expected, sizeof(expected), __VA_ARGS__);                                         \
        text_format(actual, sizeof(actual), __VA_ARGS__);                                          \
        assert_string_equal(actual, expected);                                                     \
    } while (0)

static void numbers(void **state)
{
    (void)state;
    ASSERT_AS_PRINTF("%d %d %d", 0, -1, 42);
    ASSERT_AS_PRINTF("%d %u %x", INT32_MIN, UINT32_MAX, UINT32_MAX);
    ASSERT_AS_PRINTF("%ld %lu %lx", INT64_MIN, UINT64_MAX, UINT64_MAX);
    ASSERT_AS_PRINTF("%zu %llx %i", (size_t)-1, 0xdeadbeefull, 7);
    ASSERT_AS_PRINTF("%p", (void *)0x1234);
}

static void widths(void **state)
{
    (void)state;
    ASSERT_AS_PRINTF("[%5d][%-5d][%05d][%1d]", 42, 42, 42, 4242);
    ASSERT_AS_PRINTF("[%6d][%-6d][%06d]", -42, -42, -42);
    ASSERT_AS_PRINTF("[%016lx][%*u]", UINT64_C(0xabc), 9, 17u);
    ASSERT_AS_PRINTF("[%8s][%-8s][%2s][%-3c][%3c]", "text", "text", "text", 'a', 'b');
}

static void percent_and_plain_text(void **state)
{
    (void)state;
    ASSERT_AS_PRINTF("plain");
    ASSERT_AS_PRINTF("100%% of %s", "it");
    ASSERT_AS_PRINTF("%s", "");
}

static void a_small_buffer_cuts_and_ends(void **state)
{
    char buffer[8];

    (void)state;
    memset(buffer, '!', sizeof(buffer));
    text_format(buffer, 5, "%s", "abcdefgh");
    assert_string_equal(buffer, "abcd");
    assert_int_equal(buffer[5], '!');
    text_format(buffer, 1, "%d", 12345);
    assert_string_equal(buffer, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers),
        cmocka_unit_test(widths),
        cmocka_unit_test(percent_and_plain_text),
        cmocka_unit_test(a_small_buffer_cuts_and_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
