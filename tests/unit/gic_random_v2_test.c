/* SPDX-License-Identifier: MIT */
/* Version 2 in random order, against the model. */
#include "gic_random.h"

static void v2_delivers_what_a_gic_delivers(void **state)
{
    (void)state;
    each(2, false, false, false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(v2_delivers_what_a_gic_delivers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
