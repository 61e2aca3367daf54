/* SPDX-License-Identifier: MIT */
/* A wiped secret is gone, and nothing beside it. */
#include "cmocka_all.h"

#include <stdint.h>
#include <string.h>

#include "bare-metal/wipe.h"

/* At each alignment, and of each number of words and bytes. */
static void a_wiped_secret_is_gone(void **state)
{
    _Alignas(8) uint8_t secret[40];

    (void)state;
    for (size_t at = 1; at <= 8; at++) {
        for (size_t size = 0; at + size < sizeof(secret); size++) {
            memset(secret, 0x77, sizeof(secret));
            wipe(secret + at, size);
            for (size_t i = 0; i < sizeof(secret); i++)
                assert_int_equal(secret[i], i >= at && i < at + size ? 0 : 0x77);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_wiped_secret_is_gone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
