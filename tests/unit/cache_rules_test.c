/* SPDX-License-Identifier: MIT */
/* CTR_EL0 by bit numbers: DminLine 19:16, IDC 28, DIC 29. */
#include "cmocka_all.h"

#include "cache/rules.h"

#define IDC (UINT64_C(1) << 28)
#define DIC (UINT64_C(1) << 29)

static void lines_are_as_long_as_the_shortest_of_data(void **state)
{
    (void)state;
    for (unsigned n = 0; n < 16; n++) {
        /* IminLine, ERG and CWG are other lengths. */
        uint64_t ctr = UINT64_C(0x8440c00f) | (uint64_t)n << 16;

        assert_int_equal(vcpu_cache_rules(ctr, false).line, 4u << n);
        assert_int_equal(vcpu_cache_rules(ctr, true).line, 4u << n);
    }
}

static void without_fwb_data_goes_to_memory_on_every_cpu(void **state)
{
    (void)state;
    assert_int_equal(vcpu_cache_rules(0, false).data, CACHE_DATA_TO_COHERENCY);
    assert_int_equal(vcpu_cache_rules(IDC, false).data, CACHE_DATA_TO_COHERENCY);
    assert_int_equal(vcpu_cache_rules(DIC, false).data, CACHE_DATA_TO_COHERENCY);
    assert_int_equal(vcpu_cache_rules(IDC | DIC, false).data, CACHE_DATA_TO_COHERENCY);
}

static void with_fwb_only_instruction_fetches_need_anything(void **state)
{
    (void)state;
    assert_int_equal(vcpu_cache_rules(0, true).data, CACHE_DATA_TO_UNIFICATION);
    assert_int_equal(vcpu_cache_rules(DIC, true).data, CACHE_DATA_TO_UNIFICATION);
    assert_int_equal(vcpu_cache_rules(IDC, true).data, CACHE_DATA_NOTHING);
    assert_int_equal(vcpu_cache_rules(IDC | DIC, true).data, CACHE_DATA_NOTHING);
}

static void instruction_caches_are_emptied_unless_they_follow(void **state)
{
    (void)state;
    for (unsigned fwb = 0; fwb < 2; fwb++) {
        assert_true(vcpu_cache_rules(0, fwb).drops_code);
        assert_true(vcpu_cache_rules(IDC, fwb).drops_code);
        assert_false(vcpu_cache_rules(DIC, fwb).drops_code);
        assert_false(vcpu_cache_rules(IDC | DIC, fwb).drops_code);
    }
}

static void a_range_is_whole_lines(void **state)
{
    static const struct {
        uint64_t start, size, first, end;
    } ranges[] = {
        {0x1000, 0x1000, 0x1000, 0x2000},
        {0x1001, 1, 0x1000, 0x1040},
        {0x103f, 1, 0x1000, 0x1040},
        {0x103f, 2, 0x1000, 0x1080},
        {0x1040, 0x40, 0x1040, 0x1080},
        {0x1008, 0, 0x1000, 0x1000},
        {0, 0, 0, 0},
        {~UINT64_C(0xff), 0x80, ~UINT64_C(0xff), ~UINT64_C(0x7f)},
    };
    uint64_t first, end;

    (void)state;
    for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
        assert_true(vcpu_cache_lines(ranges[i].start, ranges[i].size, 64, &first, &end));
        assert_int_equal(first, ranges[i].first);
        assert_int_equal(end, ranges[i].end);
    }
    assert_false(vcpu_cache_lines(0x1000, UINT64_MAX, 64, &first, &end));
    assert_false(vcpu_cache_lines(~UINT64_C(0xf), 0x20, 64, &first, &end));
    assert_false(vcpu_cache_lines(~UINT64_C(0xf), 8, 64, &first, &end)); /* its line is the last */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_are_as_long_as_the_shortest_of_data),
        cmocka_unit_test(without_fwb_data_goes_to_memory_on_every_cpu),
        cmocka_unit_test(with_fwb_only_instruction_fetches_need_anything),
        cmocka_unit_test(instruction_caches_are_emptied_unless_they_follow),
        cmocka_unit_test(a_range_is_whole_lines),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
