/* SPDX-License-Identifier: MIT */
#include "cmocka_all.h"

#include <stdio.h>
#include <string.h>

#include "bare-metal/text.h"

/* The C library's printf is the reference for all that the small one knows. */
#define ASSERT_AS_PRINTF(...)                                                                      \
    do {                                                                                           \
        char expected[80], actual[80];                                                             \
        int length = snprintf(expected, sizeof(expected), __VA_ARGS__);                            \
        assert_int_equal(text_format(actual, sizeof(actual), __VA_ARGS__), length);                \
        assert_string_equal(actual, expected);                                                     \
    } while (0)

static void numbers(void **state)
{
    (void)state;
    ASSERT_AS_PRINTF("%d %d %d", 0, -1, 42);
    ASSERT_AS_PRINTF("%d %u %x", INT32_MIN, UINT32_MAX, UINT32_MAX);
    ASSERT_AS_PRINTF("%ld %lu %lx", INT64_MIN, UINT64_MAX, UINT64_MAX);
    ASSERT_AS_PRINTF("%zu %llx %i", (size_t)-1, 0xdeadbeefull, 7);
    ASSERT_AS_PRINTF("%X %lX", 0xabcdefu, UINT64_C(0xfedcba9876543210));
    ASSERT_AS_PRINTF("%p", (void *)0x1234);
}

/* As printf: of an int, the low part. */
static void lengths_below_int_cut(void **state)
{
    (void)state;
    ASSERT_AS_PRINTF("%hhd %hhu %hhx", (signed char)-1, (unsigned char)255, (unsigned char)0x80);
    ASSERT_AS_PRINTF("%hd %hu %hi", (short)-1, (unsigned short)65535, (short)-32768);
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
    assert_int_equal(text_format(buffer, 5, "%s", "abcdefgh"), 8);
    assert_string_equal(buffer, "abcd");
    assert_int_equal(buffer[5], '!');
    assert_int_equal(text_format(buffer, 1, "%d", 12345), 5);
    assert_string_equal(buffer, "");
    buffer[0] = '!';
    assert_int_equal(text_format(buffer, 0, "%d", 12345), 5);
    assert_int_equal(buffer[0], '!');
}

/* A format that the compiler cannot check. */
static void what_is_unknown_stands_as_it_is(void **state)
{
    static const char format[] = "%q %5y", cut[] = "ab%";
    const char *const formats[] = {format, cut};
    char buffer[20];

    (void)state;
    text_format(buffer, sizeof(buffer), formats[0], 1);
    assert_string_equal(buffer, "%q %y");
    text_format(buffer, sizeof(buffer), formats[1], 1);
    assert_string_equal(buffer, "ab");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers),
        cmocka_unit_test(lengths_below_int_cut),
        cmocka_unit_test(widths),
        cmocka_unit_test(percent_and_plain_text),
        cmocka_unit_test(a_small_buffer_cuts_and_ends),
        cmocka_unit_test(what_is_unknown_stands_as_it_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
