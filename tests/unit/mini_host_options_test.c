/* SPDX-License-Identifier: MIT */
#include "cmocka_all.h"

#include <string.h>

#include "options.h"

static struct options options;
static char error[160];

static bool parse(const char *text)
{
    memset(error, 0, sizeof(error));
    return options_parse(text, &options, error, sizeof(error));
}

static void assert_refused(const char *text, const char *part_of_line)
{
    assert_false(parse(text));
    assert_non_null(strstr(error, part_of_line));
    assert_null(strchr(error, '\n'));
}

static void no_words_give_the_defaults(void **state)
{
    (void)state;
    assert_true(parse(""));
    assert_int_equal(options.cpus, 1);
    assert_int_equal(options.memory, 256);
    assert_int_equal(options.mode, OPTIONS_DIRECT);
    assert_true(parse("   "));
}

static void each_word_sets_its_option(void **state)
{
    (void)state;
    assert_true(parse("cpus=4 memory=512 mode=direct"));
    assert_int_equal(options.cpus, 4);
    assert_int_equal(options.memory, 512);
    assert_true(parse("  memory=64   cpus=2 "));
    assert_int_equal(options.cpus, 2);
    assert_int_equal(options.memory, 64);
}

static void the_last_of_two_counts(void **state)
{
    (void)state;
    assert_true(parse("cpus=4 cpus=3"));
    assert_int_equal(options.cpus, 3);
}

static void limits_are_inclusive(void **state)
{
    (void)state;
    assert_true(parse("cpus=8 memory=65536"));
    assert_int_equal(options.cpus, 8);
    assert_int_equal(options.memory, 65536);
    assert_true(parse("cpus=1 memory=8"));
    assert_refused("cpus=9", "cpus takes a number from 1 to 8, not \"9\"");
    assert_refused("cpus=0", "not \"0\"");
    assert_refused("memory=7", "memory takes a number from 8 to 65536");
    assert_refused("memory=65537", "not \"65537\"");
}

static void what_is_no_number_is_refused(void **state)
{
    (void)state;
    assert_refused("cpus=", "cpus takes");
    assert_refused("cpus=-1", "cpus takes");
    assert_refused("cpus=2x", "cpus takes");
    assert_refused("cpus=0x2", "cpus takes");
    /* 2^32 + 2: must not come out as 2. */
    assert_refused("cpus=4294967298", "cpus takes");
}

static void unknown_words_are_named(void **state)
{
    (void)state;
    assert_refused("cpus=2 colour=red", "no option \"colour\"");
    assert_refused("cpus", "no option \"cpus\"");
    assert_refused("mode=fast", "mode takes \"direct\", not \"fast\"");
    assert_refused("=", "no option \"\"");
}

static void a_word_beyond_the_buffer_is_refused(void **state)
{
    char longest[64];

    (void)state;
    memset(longest, 'x', sizeof(longest) - 1);
    longest[sizeof(longest) - 1] = '\0';
    assert_refused(longest, "longer than 40 characters");
    longest[40] = '\0';
    assert_refused(longest, "no option");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_words_give_the_defaults),
        cmocka_unit_test(each_word_sets_its_option),
        cmocka_unit_test(the_last_of_two_counts),
        cmocka_unit_test(limits_are_inclusive),
        cmocka_unit_test(what_is_no_number_is_refused),
        cmocka_unit_test(unknown_words_are_named),
        cmocka_unit_test(a_word_beyond_the_buffer_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
