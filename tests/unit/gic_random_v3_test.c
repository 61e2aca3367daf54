/* SPDX-License-Identifier: MIT */
/* Version 3 in random order, against the model. */
#include "gic_random.h"

static void v3_delivers_what_a_gic_delivers(void **state)
{
    (void)state;
    each(3, false, true, false);
    each(3, false, false, false);
}

static void v3_ends_apart_from_the_priority_drop(void **state)
{
    (void)state;
    each(3, true, true, false);
}

static void late_synchronization_loses_and_repeats_nothing(void **state)
{
    (void)state;
    each(3, false, true, true);
    each(2, false, false, true);
    each(3, true, true, true);
    /* Without the trap of DIR what is active keeps its list register: later, but never lost. */
    each(3, true, false, true);
    each(2, true, false, true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(v3_delivers_what_a_gic_delivers),
        cmocka_unit_test(v3_ends_apart_from_the_priority_drop),
        cmocka_unit_test(late_synchronization_loses_and_repeats_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
