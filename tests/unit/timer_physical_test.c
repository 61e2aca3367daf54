/* SPDX-License-Identifier: MIT */
/* The registers of the emulated physical timer, by their encodings. */
#include "cmocka_all.h"

#include <vcpu/sysreg.h>

#include "timer/physical.h"

#define CNTPCT   VCPU_SYSREG(3, 3, 14, 0, 1)
#define CNTPCTSS VCPU_SYSREG(3, 3, 14, 0, 5)
#define TVAL     VCPU_SYSREG(3, 3, 14, 2, 0)
#define CTL      VCPU_SYSREG(3, 3, 14, 2, 1)
#define CVAL     VCPU_SYSREG(3, 3, 14, 2, 2)

/* CNTP_CTL_EL0 */
#define ENABLE  1u
#define IMASK   2u
#define ISTATUS 4u

static struct timer_physical timer;

static uint64_t get(uint64_t count, uint32_t encoding)
{
    const struct timer_physical before = timer;
    uint64_t value = 0x5a5a5a5a5a5a5a5a;

    assert_int_equal(vcpu_timer_physical_access(&timer, count, encoding, false, &value),
                     TIMER_READ);
    assert_int_equal(timer.cval, before.cval);
    assert_int_equal(timer.ctl, before.ctl);
    return value;
}

static void put(uint64_t count, uint32_t encoding, uint64_t value)
{
    const uint64_t written = value;

    assert_int_equal(vcpu_timer_physical_access(&timer, count, encoding, true, &value),
                     TIMER_WRITTEN);
    assert_int_equal(value, written);
}

static int clear(void **state)
{
    (void)state;
    timer = (struct timer_physical){0};
    return 0;
}

static void the_counter_reads_as_the_guests_count(void **state)
{
    (void)state;
    assert_int_equal(get(0x123456789abcdef0, CNTPCT), 0x123456789abcdef0);
    assert_int_equal(get(UINT64_MAX, CNTPCT), UINT64_MAX);
    assert_int_equal(get(0x123456789abcdef0, CNTPCTSS), 0x123456789abcdef0);
}

static void the_compare_value_is_kept(void **state)
{
    (void)state;
    assert_int_equal(get(10, CVAL), 0);
    put(10, CVAL, 0xfedcba9876543210);
    assert_int_equal(get(20, CVAL), 0xfedcba9876543210);
    assert_int_equal(get(20, CTL), 0);
}

static void control_keeps_two_bits(void **state)
{
    (void)state;
    timer.cval = 100;
    put(0, CTL, UINT64_MAX);
    assert_int_equal(get(0, CTL), ENABLE | IMASK);
    put(0, CTL, ~(uint64_t)IMASK);
    assert_int_equal(get(0, CTL), ENABLE);
    put(0, CTL, ISTATUS);
    assert_int_equal(get(0, CTL), 0);
    assert_int_equal(get(0, CVAL), 100);
}

static void status_is_the_condition_of_an_enabled_timer(void **state)
{
    (void)state;
    put(0, CVAL, 100);
    put(0, CTL, ENABLE);
    assert_int_equal(get(99, CTL), ENABLE);
    assert_int_equal(get(100, CTL), ENABLE | ISTATUS);
    assert_int_equal(get(UINT64_MAX, CTL), ENABLE | ISTATUS);
    put(0, CTL, ENABLE | IMASK);
    assert_int_equal(get(99, CTL), ENABLE | IMASK);
    assert_int_equal(get(100, CTL), ENABLE | IMASK | ISTATUS);
    put(0, CTL, IMASK);
    assert_int_equal(get(100, CTL), IMASK);
    put(0, CTL, 0);
    assert_int_equal(get(100, CTL), 0);
}

static void the_timer_value_is_another_view_of_the_compare_value(void **state)
{
    (void)state;
    put(1000, TVAL, 50);
    assert_int_equal(get(1000, CVAL), 1050);
    assert_int_equal(get(1020, TVAL), 30);
    assert_int_equal(get(1051, TVAL), 0xffffffff);
    put(1000, TVAL, 0xffffffff);
    assert_int_equal(get(1000, CVAL), 999);
    put(1000, CTL, ENABLE);
    assert_int_equal(get(1000, CTL), ENABLE | ISTATUS);
    put(5, TVAL, 0x80000000);
    assert_int_equal(get(5, CVAL), UINT64_C(5) - 0x80000000);
    put(5, CVAL, 0x123456789);
    assert_int_equal(get(0x89, TVAL), 0x23456700);
}

/* The accesses that are another's: the host can say that they are UNDEFINED. */
static void what_is_none_of_its_registers_stays_so(void **state)
{
    unsigned reads = 0, writes = 0;

    (void)state;
    for (uint32_t encoding = 0; encoding < 1u << 16; encoding++) {
        bool mine = encoding == TVAL || encoding == CTL || encoding == CVAL;
        bool read_only = encoding == CNTPCT || encoding == CNTPCTSS;
        uint64_t value = 0;

        reads += vcpu_timer_physical_access(&timer, 1, encoding, false, &value) != TIMER_NOT_MINE;
        writes += vcpu_timer_physical_access(&timer, 1, encoding, true, &value) != TIMER_NOT_MINE;
        if (!mine && !read_only)
            assert_int_equal(reads + writes, 0);
        else
            assert_int_equal(reads, 1);
        assert_int_equal(writes, mine);
        reads = writes = 0;
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, clear)
    const struct CMUnitTest tests[] = {
        TEST(the_counter_reads_as_the_guests_count),
        TEST(the_compare_value_is_kept),
        TEST(control_keeps_two_bits),
        TEST(status_is_the_condition_of_an_enabled_timer),
        TEST(the_timer_value_is_another_view_of_the_compare_value),
        TEST(what_is_none_of_its_registers_stays_so),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
