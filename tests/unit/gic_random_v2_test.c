/* SPDX-License-Identifier: MIT */
/* Version 2 in random order, against the model. */
#include "gic_random.h"

static void v2_delivers_what_a_gic_delivers(void **state)
{
    (void)state;
    each(2, false, false, false);
}

static void v2_with_two_halves_of_an_end(void **state)
{
    (void)state;
    each(2, true, true, false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(v2_delivers_what_a_gic_delivers),
        cmocka_unit_test(v2_with_two_halves_of_an_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
