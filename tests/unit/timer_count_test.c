/* SPDX-License-Identifier: MIT */
/* The arithmetic of counts, at the wraps and anywhere. What is expected is said by its definition. */
#include "cmocka_all.h"

#include "hw/count.h"
#include "random.h"

#define NEVER VCPU_TIMER_NEVER

static const uint64_t edges[] = {
    0,
    1,
    2,
    UINT64_C(0x7ffffffe),
    UINT64_C(0x7fffffff),
    UINT64_C(0x80000000),
    UINT64_C(0x80000001),
    UINT64_C(0xfffffffe),
    UINT64_C(0xffffffff),
    UINT64_C(0x100000000),
    UINT64_C(0x7fffffffffffffff),
    UINT64_C(0x8000000000000000),
    UINT64_C(0x8000000000000001),
    UINT64_C(0xfffffffffffffffd),
    UINT64_C(0xfffffffffffffffe),
    UINT64_C(0xffffffffffffffff),
};

#define EDGES (sizeof(edges) / sizeof(edges[0]))

/* An edge, something near one, or anything. */
static uint64_t choose(uint64_t *seed)
{
    uint64_t n = random64(seed);

    switch (n % 3) {
    case 0:
        return edges[n / 3 % EDGES];
    case 1:
        return edges[n / 3 % EDGES] + random64(seed) % 9 - 4;
    default:
        return random64(seed);
    }
}

/* Written, CVAL = count + SignExtend(TVAL). */
static void tval_is_a_signed_distance(void **state)
{
    static const struct {
        uint64_t count, tval, cval;
    } rows[] = {
        {1000, 0, 1000},
        {1000, 24, 1024},
        {1000, 0xffffffff, 999},
        {0, 0xffffffff, UINT64_MAX},
        {UINT64_MAX, 1, 0},
        {UINT64_MAX, 0x7fffffff, 0x7ffffffe},
        {0, 0x80000000, UINT64_C(0xffffffff80000000)},
        {UINT64_C(0x80000000), 0x80000000, 0},
        {UINT64_C(0xffffffff), 1, UINT64_C(0x100000000)},
        /* Its upper half is RES0: no part of it. */
        {1000, UINT64_C(0xffffffff00000001), 1001},
        {1000, UINT64_C(0x00000001ffffffff), 999},
    };

    (void)state;
    for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        assert_int_equal(count_cval(rows[i].count, rows[i].tval), rows[i].cval);
}

/* Read, it is the low half of CVAL - count: how it counts down, through 0 and below. */
static void tval_counts_down_and_wraps(void **state)
{
    static const struct {
        uint64_t count, cval, tval;
    } rows[] = {
        {1000, 1000, 0},
        {1000, 1001, 1},
        {1001, 1000, 0xffffffff},
        {UINT64_MAX, 0, 1},
        {0, UINT64_MAX, 0xffffffff},
        {0, UINT64_C(0x180000000), 0x80000000},
        {0, UINT64_C(0x7fffffff), 0x7fffffff},
        {UINT64_C(0x100000000), UINT64_C(0xffffffff), 0xffffffff},
    };

    (void)state;
    for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        assert_int_equal(count_tval(rows[i].count, rows[i].cval), rows[i].tval);
}

static void tval_reads_as_written(void **state)
{
    uint64_t seed = 1;

    (void)state;
    for (unsigned i = 0; i < 100000; i++) {
        uint64_t count = choose(&seed), tval = choose(&seed) & 0xffffffff;
        uint64_t later = choose(&seed) & 0xffffffff;
        uint64_t cval = count_cval(count, tval);

        assert_int_equal(count_tval(count, cval), tval);
        assert_int_equal(count_tval(count + later, cval), (tval - later) & 0xffffffff);
        /* Not more than 2^31 ticks ahead, nor behind. */
        assert_true(cval - count <= 0x7fffffff || count - cval <= 0x80000000);
    }
}

static void a_timer_is_due_without_a_sign(void **state)
{
    (void)state;
    for (unsigned i = 0; i < EDGES; i++)
        for (unsigned j = 0; j < EDGES; j++)
            assert_int_equal(count_is_due(edges[i], edges[j]), i >= j);
}

static void only_an_enabled_timer_that_is_not_masked_compares(void **state)
{
    (void)state;
    assert_int_equal(count_compare(0, 55), NEVER);
    assert_int_equal(count_compare(1, 55), 55); /* ENABLE */
    assert_int_equal(count_compare(2, 55), NEVER);
    assert_int_equal(count_compare(3, 55), NEVER);
    assert_int_equal(count_compare(5, 55), 55); /* and ISTATUS */
    /* It asserts its interrupt with ISTATUS as well; what is above is RES0. */
    for (unsigned ctl = 0; ctl < 16; ctl++)
        assert_int_equal(count_asserts(ctl), (ctl & 7) == 5);
    assert_int_equal(count_compare(7, 55), NEVER);
    assert_int_equal(count_compare(4, 55), NEVER);
}

static void some_deadlines(void **state)
{
    (void)state;
    assert_int_equal(count_deadline(1000, 0, 1001), 1001);
    assert_int_equal(count_deadline(1000, 0, 1000), 0);
    assert_int_equal(count_deadline(1000, 0, 999), 0);
    assert_int_equal(count_deadline(1000, 0, 0), 0);
    assert_int_equal(count_deadline(1000, 0, NEVER), NEVER);
    assert_int_equal(count_deadline(1000, 400, 600), 0);
    assert_int_equal(count_deadline(1000, 400, 601), 1001);
    assert_int_equal(count_deadline(1000, 1000, 0), 0);
    assert_int_equal(count_deadline(1000, 1000, 1), 1001);
    /* A guest whose count is ahead of the machine's. */
    assert_int_equal(count_deadline(1000, (uint64_t)-500, 1500), 0);
    assert_int_equal(count_deadline(1000, (uint64_t)-500, 1501), 1001);
    /* And one whose count is about to become 0: all is past but the last counts. */
    assert_int_equal(count_deadline(1000, 1010, 5), 0);
    assert_int_equal(count_deadline(1000, 1010, (uint64_t)-11), 0);
    assert_int_equal(count_deadline(1000, 1010, (uint64_t)-9), 1001);
    assert_int_equal(count_deadline(1000, 1010, (uint64_t)-2), 1008);
    /* The machine will not count so far. */
    assert_int_equal(count_deadline(UINT64_MAX - 3, 1000, UINT64_MAX - 1001), UINT64_MAX - 1);
    assert_int_equal(count_deadline(UINT64_MAX - 3, 1000, UINT64_MAX - 999), NEVER);
    assert_int_equal(count_deadline(UINT64_MAX, 1, UINT64_MAX - 1), 0);
}

/* At the deadline the timer is due, and a tick before it is not. */
static void a_deadline_is_the_first_count_that_is_due(void **state)
{
    uint64_t seed = 2;
    unsigned past = 0, future = 0, never = 0;

    (void)state;
    for (unsigned i = 0; i < 200000; i++) {
        uint64_t now = choose(&seed), offset = choose(&seed), compare = choose(&seed);
        uint64_t deadline = count_deadline(now, offset, compare);

        if (compare == NEVER) {
            assert_int_equal(deadline, NEVER);
        } else if (deadline == 0) {
            past++;
            assert_true(count_is_due(now - offset, compare));
        } else if (deadline == NEVER) {
            never++;
            assert_false(count_is_due(now - offset, compare));
            /* All the counts that the machine still has are before it. */
            assert_true(UINT64_MAX - now <= compare - (now - offset));
        } else {
            future++;
            assert_true(deadline > now);
            assert_int_equal(deadline - offset, compare);
            assert_false(count_is_due(now - offset, compare));
            assert_false(count_is_due(deadline - 1 - offset, compare));
        }
    }
    assert_true(past > 1000 && future > 1000 && never > 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tval_is_a_signed_distance),
        cmocka_unit_test(tval_counts_down_and_wraps),
        cmocka_unit_test(tval_reads_as_written),
        cmocka_unit_test(a_timer_is_due_without_a_sign),
        cmocka_unit_test(only_an_enabled_timer_that_is_not_masked_compares),
        cmocka_unit_test(some_deadlines),
        cmocka_unit_test(a_deadline_is_the_first_count_that_is_due),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
