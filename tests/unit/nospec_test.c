/* SPDX-License-Identifier: MIT */
/* Clamped indices. That the CPU does it without a branch is the check of the archive's. */
#include "cmocka_all.h"

#include <stdint.h>

#include "hw/nospec.h"

static void what_passed_the_check_is_itself(void **state)
{
    (void)state;
    for (uint64_t size = 1; size < 70; size++)
        for (uint64_t index = 0; index < size; index++)
            assert_int_equal(NOSPEC_INDEX(index, size), index);
    for (uint32_t index = 0; index < 32; index++)
        assert_int_equal(NOSPEC_INDEX(index, 32), index);
}

static void what_did_not_is_below_the_size(void **state)
{
    static const uint64_t wrong[] = {0, 1, 31, 0x1f00, 0x80000000, 0xffffffff, 0x7fffffffffffffff};

    (void)state;
    for (uint64_t size = 1; size < 70; size++)
        for (unsigned i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
            assert_int_equal(NOSPEC_INDEX(size + wrong[i], size), 0);
            assert_true(NOSPEC_INDEX(size + wrong[i], 32) < 32);
        }
    assert_int_equal(NOSPEC_INDEX(0x123, 0x100), 0x23);
    /* An array of none. */
    assert_int_equal(NOSPEC_INDEX(UINT64_C(5), (uint64_t)(wrong[0])), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_passed_the_check_is_itself),
        cmocka_unit_test(what_did_not_is_below_the_size),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
