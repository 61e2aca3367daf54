/* SPDX-License-Identifier: MIT */
/* A wiped secret is gone, and nothing beside it. */
#include "cmocka_all.h"

#include <stdint.h>
#include <string.h>

#include "bare-metal/wipe.h"

static void a_wiped_secret_is_gone(void **state)
{
    uint8_t secret[16];

    (void)state;
    memset(secret, 0x77, sizeof(secret));
    wipe(secret + 1, 14);
    assert_int_equal(secret[0], 0x77);
    for (unsigned i = 1; i < 15; i++)
        assert_int_equal(secret[i], 0);
    assert_int_equal(secret[15], 0x77);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_wiped_secret_is_gone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
