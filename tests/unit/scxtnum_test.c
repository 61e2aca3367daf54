/* SPDX-License-Identifier: MIT */
/* Where the library uses SCXTNUM_ELx. What a CPU without them shows is in id_test.c. */
#include "cmocka_all.h"

#include "cpu/probe.h"

/* EL3 15:12: without EL3 nobody has to allow it. */
static void scxtnum_is_used_where_el3_allows_it(void **state)
{
    (void)state;
    for (uint64_t el3 = 0; el3 < 16; el3++) {
        const uint64_t pfr0 = ~UINT64_C(0xf000) | el3 << 12;

        assert_int_equal(probe_may_use_scxtnum(pfr0, ~(uint32_t)VCPU_PERCPU_SCXTNUM), el3 == 0);
        assert_true(probe_may_use_scxtnum(pfr0, VCPU_PERCPU_SCXTNUM));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scxtnum_is_used_where_el3_allows_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
