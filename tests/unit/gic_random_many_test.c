/* SPDX-License-Identifier: MIT */
/* As many SPIs as the architecture has, in random order, against the model. */
#include "gic_random.h"

static void all_spis_of_the_architecture_are_delivered(void **state)
{
    (void)state;
    play(3, 5, 4, false, true, false, 1);
    play(3, 2, 16, false, true, false, 2);
    play(3, 1, 1, true, true, false, 3);
    play(2, 4, 4, false, false, false, 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_spis_of_the_architecture_are_delivered),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
