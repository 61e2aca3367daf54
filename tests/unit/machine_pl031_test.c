/* SPDX-License-Identifier: MIT */
/* What the PL031's Technical Reference Manual says, as far as a guest's driver can see it. */
#include "cmocka_all.h"

#include <string.h>

#include "machine/pl031.h"

#define DR   0x000
#define MR   0x004
#define LR   0x008
#define CR   0x00c
#define IMSC 0x010
#define RIS  0x014
#define MIS  0x018
#define ICR  0x01c

#define NOW 1700000000u

static struct pl031 rtc;
static uint32_t now;
static struct {
    unsigned edges;
    bool level;
} outside;

static void on_interrupt(void *ctx, bool level)
{
    assert_ptr_equal(ctx, &outside);
    assert_int_not_equal(level, outside.level); /* told only when it changes */
    outside.level = level;
    outside.edges++;
}

static int reset(void **state)
{
    (void)state;
    memset(&outside, 0, sizeof(outside));
    now = NOW;
    pl031_init(&rtc, now, on_interrupt, &outside);
    return 0;
}

static uint32_t get(uint32_t offset)
{
    return (uint32_t)pl031_read(&rtc, now, offset, 4);
}

static void put(uint32_t offset, uint32_t value)
{
    pl031_write(&rtc, now, offset, 4, value);
}

static void pass(uint32_t seconds)
{
    now += seconds;
    pl031_advance(&rtc, now);
}

static void registers_are_as_out_of_reset(void **state)
{
    (void)state;
    assert_int_equal(get(DR), NOW);
    assert_int_equal(get(MR), 0);
    assert_int_equal(get(LR), 0);
    assert_int_equal(get(CR), 1); /* it runs */
    assert_int_equal(get(IMSC), 0);
    assert_int_equal(get(RIS), 0);
    assert_int_equal(get(MIS), 0);
    assert_int_equal(get(ICR), 0);
    assert_int_equal(outside.edges, 0);
}

static void it_says_what_it_is(void **state)
{
    /* PartNumber 0x031, DesignerID 0x41 ("A"), Revision 0, Configuration 0. */
    uint32_t peripheral = 0, cell = 0;

    (void)state;
    for (uint32_t i = 0; i < 4; i++) {
        peripheral |= get(0xfe0 + 4 * i) << (8 * i);
        cell |= get(0xff0 + 4 * i) << (8 * i);
    }
    assert_int_equal(peripheral, 0x00041031);
    assert_int_equal(cell, 0xb105f00d); /* PrimeCell */
}

static void it_counts_seconds(void **state)
{
    (void)state;
    pass(1);
    assert_int_equal(get(DR), NOW + 1);
    pass(86400);
    assert_int_equal(get(DR), NOW + 86401);
}

static void a_written_time_counts_on(void **state)
{
    (void)state;
    put(LR, 1000);
    assert_int_equal(get(DR), 1000);
    assert_int_equal(get(LR), 1000);
    pass(7);
    assert_int_equal(get(DR), 1007);
    assert_int_equal(get(LR), 1000); /* as it was written */
    put(LR, UINT32_MAX);
    pass(2);
    assert_int_equal(get(DR), 1); /* of 32 bits */
}

static void a_match_raises_the_interrupt(void **state)
{
    (void)state;
    put(IMSC, 1);
    put(MR, NOW + 10);
    assert_int_equal(pl031_alarm(&rtc, now), 10);
    pass(9);
    assert_int_equal(pl031_alarm(&rtc, now), 1);
    assert_int_equal(get(RIS), 0);
    assert_false(outside.level);
    pass(1);
    assert_true(outside.level);
    assert_int_equal(get(RIS), 1);
    assert_int_equal(get(MIS), 1);
    assert_int_equal(pl031_alarm(&rtc, now), 0);
    /* It stays until it is cleared, and is then over, though the second is still the same. */
    put(ICR, 0);
    assert_true(outside.level);
    put(ICR, 1);
    assert_false(outside.level);
    assert_int_equal(get(RIS), 0);
    pass(0);
    assert_int_equal(get(RIS), 0);
    pass(100);
    assert_int_equal(get(RIS), 0);
    assert_int_equal(outside.edges, 2);
    /* Until the counter has been everywhere. */
    assert_int_equal(pl031_alarm(&rtc, now), UINT32_MAX - 99);
}

/* A host that is late has missed no match. */
static void a_match_in_between_is_one(void **state)
{
    (void)state;
    put(IMSC, 1);
    put(MR, NOW + 10);
    pass(1000);
    assert_true(outside.level);
    /* A driver that looks before the host does sees it as well. */
    put(ICR, 1);
    put(MR, NOW + 2000);
    now = NOW + 2005;
    assert_int_equal(get(RIS), 1);
    assert_true(outside.level);
}

static void a_match_is_with_the_guests_time(void **state)
{
    (void)state;
    put(IMSC, 1);
    put(LR, 500);
    put(MR, 503);
    assert_int_equal(pl031_alarm(&rtc, now), 3);
    pass(2);
    assert_false(outside.level);
    pass(1);
    assert_true(outside.level);
}

/* Whether the match or the time is written. */
static void what_is_equal_when_written_matches(void **state)
{
    (void)state;
    put(MR, NOW);
    assert_int_equal(get(RIS), 1);
    put(ICR, 1);
    put(MR, 77);
    assert_int_equal(get(RIS), 0);
    put(LR, 77);
    assert_int_equal(get(RIS), 1);
}

static void the_past_does_not_match(void **state)
{
    (void)state;
    put(IMSC, 1);
    put(MR, NOW - 1);
    pass(1000000);
    assert_int_equal(get(RIS), 0);
    assert_false(outside.level);
}

static void a_masked_match_is_seen_in_ris_alone(void **state)
{
    (void)state;
    put(MR, NOW + 1);
    assert_int_equal(pl031_alarm(&rtc, now), 0);
    pass(1);
    assert_int_equal(get(RIS), 1);
    assert_int_equal(get(MIS), 0);
    assert_false(outside.level);
    put(IMSC, 1);
    assert_true(outside.level);
    assert_int_equal(get(MIS), 1);
    put(IMSC, 0);
    assert_false(outside.level);
    assert_int_equal(get(RIS), 1);
}

static void registers_keep_their_bits_and_no_others(void **state)
{
    (void)state;
    put(IMSC, UINT32_MAX);
    assert_int_equal(get(IMSC), 1);
    put(IMSC, UINT32_MAX - 1);
    assert_int_equal(get(IMSC), 0);
    put(MR, UINT32_MAX);
    assert_int_equal(get(MR), UINT32_MAX);
    put(CR, 0);
    assert_int_equal(get(CR), 1); /* it cannot be stopped once it runs */
    pass(5);
    assert_int_equal(get(DR), NOW + 5);
}

static void what_is_not_there_reads_as_zero(void **state)
{
    static const uint32_t offsets[] = {0x020, 0x080, 0xfdc};

    (void)state;
    for (size_t i = 0; i < sizeof(offsets) / sizeof(offsets[0]); i++) {
        put(offsets[i], UINT32_MAX);
        assert_int_equal(get(offsets[i]), 0);
    }
    put(DR, 5);
    put(RIS, 1);
    put(MIS, 1);
    put(0xfe0, 0);
    assert_int_equal(get(DR), NOW);
    assert_int_equal(get(RIS), 0);
    assert_int_equal(get(0xfe0), 0x31);
}

static void narrow_and_wide_accesses(void **state)
{
    (void)state;
    put(MR, 0x12345678);
    assert_int_equal(pl031_read(&rtc, now, MR, 1), 0x78);
    assert_int_equal(pl031_read(&rtc, now, MR, 2), 0x5678);
    assert_int_equal(pl031_read(&rtc, now, MR + 1, 1), 0);
    pl031_write(&rtc, now, MR + 2, 2, 0xffff);
    assert_int_equal(get(MR), 0x12345678);
    pl031_write(&rtc, now, MR, 8, UINT64_C(0x2200000011));
    assert_int_equal(get(MR), 0x11);
    assert_int_equal(get(LR), 0x22);
    assert_true(pl031_read(&rtc, now, MR, 8) == UINT64_C(0x2200000011));
    /* The last byte of all, and the last word. */
    assert_int_equal(pl031_read(&rtc, now, 0xfff, 1), 0);
    assert_int_equal(pl031_read(&rtc, now, 0xffc, 8), 0xb1);
    pl031_write(&rtc, now, 0xffc, 8, UINT64_MAX);
}

#define TEST(name) cmocka_unit_test_setup(name, reset)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(registers_are_as_out_of_reset),
        TEST(it_says_what_it_is),
        TEST(it_counts_seconds),
        TEST(a_written_time_counts_on),
        TEST(a_match_raises_the_interrupt),
        TEST(a_match_in_between_is_one),
        TEST(a_match_is_with_the_guests_time),
        TEST(what_is_equal_when_written_matches),
        TEST(the_past_does_not_match),
        TEST(a_masked_match_is_seen_in_ris_alone),
        TEST(registers_keep_their_bits_and_no_others),
        TEST(what_is_not_there_reads_as_zero),
        TEST(narrow_and_wide_accesses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
