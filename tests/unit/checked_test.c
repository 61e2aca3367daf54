/* SPDX-License-Identifier: MIT */
/* Of these two tests the second fails, because it asserts nothing: see checked.c. */
#include "cmocka_all.h"

static void asserts(void **state)
{
    (void)state;
    assert_true(true);
}

static void asserts_nothing(void **state)
{
    (void)state;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(asserts),
        cmocka_unit_test(asserts_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL) == 1 ? 0 : 1;
}
