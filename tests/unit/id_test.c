/* SPDX-License-Identifier: MIT */
/* What a guest reads in the identification registers. */
#include "id_lists.h"

static void whatever_the_host_has_nothing_hidden_is_seen(void **state)
{
    uint64_t seed = 3;

    (void)state;
    for (unsigned i = 0; i < 20000; i++) {
        uint64_t host[ID_COUNT], guest[ID_COUNT];

        for (unsigned reg = 0; reg < 56; reg++)
            host[reg] = random64(&seed);
        memset(guest, 0xff, sizeof(guest));
        vcpu_id_for_guest(host, 0, guest);
        check_guest(host, guest);
    }
}

static void a_host_that_has_everything_and_one_that_has_nothing(void **state)
{
    uint64_t host[ID_COUNT], guest[ID_COUNT];

    (void)state;
    memset(host, 0xff, sizeof(host));
    vcpu_id_for_guest(host, 0, guest);
    check_guest(host, guest);

    memset(host, 0, sizeof(host));
    vcpu_id_for_guest(host, 0, guest);
    check_guest(host, guest);
    for (unsigned reg = 0; reg < ID_COUNT; reg++)
        assert_int_equal(guest[reg], reg == DFR0 ? GUEST_DFR0 : 0);
}

/* Nothing that is harmless is kept from a guest. */
static void what_may_be_seen_is_as_the_host_has_it(void **state)
{
    (void)state;
    for (unsigned reg = 0; reg < 56; reg++) {
        for (unsigned shift = 0; shift < 64; shift += 4) {
            for (uint64_t value = 0; value < 16; value++) {
                uint64_t host[ID_COUNT] = {[PFR0] = BASE_PFR0, [ISAR1] = BASE_ISAR1};
                uint64_t guest[ID_COUNT];

                host[reg] = (host[reg] & ~(UINT64_C(15) << shift)) | value << shift;
                /* AdvSIMD is always as FP is, and address authentication of one kind. */
                if (reg == PFR0 && (shift == 16 || shift == 20))
                    host[PFR0] |= value << 16 | value << 20;
                if ((reg == PFR0 && shift == 0) || (reg == ISAR1 && shift == 4))
                    continue;
                vcpu_id_for_guest(host, 0, guest);
                if (reg != DFR0)
                    assert_that((guest[reg] >> shift & 15) == expected(reg, shift, value),
                                "C%u %u, bit %u: %u", reg / 8 + 1, reg % 8, shift, (unsigned)value);
            }
        }
    }
}

static void the_gic_is_seen_by_the_guest_that_uses_it(void **state)
{
    (void)state;
    for (uint64_t version = 0; version < 16; version++) {
        uint64_t host[ID_COUNT] = {[PFR0] = version << 24}, guest[ID_COUNT];

        vcpu_id_for_guest(host, 0, guest);
        assert_int_equal(guest[PFR0], 0);
        vcpu_id_for_guest(host, ID_WITH_GIC, guest);
        assert_int_equal(guest[PFR0], version << 24);
    }
}

/* SVE 35:32 of ID_AA64PFR0_EL1, and ID_AA64ZFR0_EL1. */
static void a_vm_that_asks_for_sve_sees_it(void **state)
{
    uint64_t host[ID_COUNT] = {[PFR0] = UINT64_C(0x0000000200000011),
                               [AT(4, 4)] = 0x0110110100110021};
    uint64_t guest[ID_COUNT];

    (void)state;
    vcpu_id_for_guest(host, 0, guest);
    assert_int_equal(guest[PFR0], 0x11);
    assert_int_equal(guest[AT(4, 4)], 0);
    vcpu_id_for_guest(host, ID_WITH_SVE, guest);
    assert_int_equal(guest[PFR0], UINT64_C(0x0000000100000011));
    assert_int_equal(guest[AT(4, 4)], host[AT(4, 4)]);
}

/*
 * PMUVer, and ID_DFR0_EL1.PerfMon: 3 is PMUv3 there, and 1 here; 4 is PMUv3p1 in both, and 0xf
 * another PMU than the Arm ARM's.
 */
static void a_vm_that_asks_for_a_pmu_sees_v3p1_at_most(void **state)
{
    (void)state;
    for (uint64_t version = 1; version < 16; version++) {
        for (unsigned aarch32 = 0; aarch32 < 2; aarch32++) {
            uint64_t host[ID_COUNT] = {[PFR0] = aarch32 ? 0x12 : 0x11};
            uint64_t without[ID_COUNT], guest[ID_COUNT];
            uint64_t pmuver = version == 15 ? 0 : version < 4 ? version : 4;
            uint64_t perfmon = version == 15 ? 0 : version < 4 ? 3 : 4;

            host[DFR0] = ~UINT64_C(0xf00) | version << 8;
            if (aarch32)
                host[ARM_DFR0] = ~UINT64_C(0x0f000000) | (version < 3 ? 3 : version) << 24;
            vcpu_id_for_guest(host, 0, without);
            vcpu_id_for_guest(host, ID_WITH_PMU, guest);
            assert_int_equal(guest[DFR0] - without[DFR0], pmuver << 8);
            assert_int_equal(guest[ARM_DFR0] - without[ARM_DFR0], aarch32 ? perfmon << 24 : 0);
            guest[DFR0] = without[DFR0];
            guest[ARM_DFR0] = without[ARM_DFR0];
            assert_memory_equal(guest, without, sizeof(guest));
        }
    }
}

/*
 * CSV2 59:56, and CSV2_frac 35:32 of ID_AA64PFR1_EL1, which tells more of CSV2 = 1. From CSV2 = 2 and
 * CSV2_frac = 2 on there is SCXTNUM_EL1.
 */
static void where_scxtnum_is_the_guests_all_of_csv2_is_seen(void **state)
{
    (void)state;
    for (uint64_t csv2 = 0; csv2 < 16; csv2++) {
        for (uint64_t frac = 0; frac < 16; frac++) {
            const uint64_t host[ID_COUNT] = {[PFR0] = csv2 << 56 | 0x11, [PFR1] = frac << 32};
            uint64_t guest[ID_COUNT];

            vcpu_id_for_guest(host, ID_WITH_SCXTNUM, guest);
            assert_int_equal(guest[PFR0], (csv2 > 3 ? 3 : csv2) << 56 | 0x11);
            assert_int_equal(guest[PFR1], csv2 != 1 ? 0 : (frac > 2 ? 2 : frac) << 32);
            vcpu_id_for_guest(host, 0, guest);
            assert_int_equal(guest[PFR0], (csv2 > 1 ? 1 : csv2) << 56 | 0x11);
            assert_int_equal(guest[PFR1], csv2 != 1 ? 0 : (frac > 1 ? 1 : frac) << 32);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whatever_the_host_has_nothing_hidden_is_seen),
        cmocka_unit_test(a_host_that_has_everything_and_one_that_has_nothing),
        cmocka_unit_test(what_may_be_seen_is_as_the_host_has_it),
        cmocka_unit_test(the_gic_is_seen_by_the_guest_that_uses_it),
        cmocka_unit_test(a_vm_that_asks_for_sve_sees_it),
        cmocka_unit_test(a_vm_that_asks_for_a_pmu_sees_v3p1_at_most),
        cmocka_unit_test(where_scxtnum_is_the_guests_all_of_csv2_is_seen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
