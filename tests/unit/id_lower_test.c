/* SPDX-License-Identifier: MIT */
/* What a VM's host may lower in the identification registers, and what follows from it. */
#include "id_lists.h"

static void fp_and_simd_are_the_same(void **state)
{
    (void)state;
    for (unsigned fp = 0; fp < 3; fp++) {
        for (unsigned simd = 0; simd < 3; simd++) {
            static const uint64_t value[] = {0xf, 0, 1}; /* in this order */
            uint64_t host[ID_COUNT] = {[PFR0] = 0x11 | value[fp] << 16 | value[simd] << 20};
            uint64_t guest[ID_COUNT], both = value[fp < simd ? fp : simd];

            vcpu_id_for_guest(host, 0, guest);
            assert_int_equal(guest[PFR0], 0x11 | both << 16 | both << 20);
        }
    }
}

static void a_cpu_without_aarch32_says_nothing_of_it(void **state)
{
    uint64_t host[ID_COUNT], guest[ID_COUNT];

    (void)state;
    memset(host, 0xff, sizeof(host));
    for (uint64_t el0 = 1; el0 < 3; el0++) {
        host[PFR0] = 0x10 | el0;
        vcpu_id_for_guest(host, 0, guest);
        for (unsigned reg = 0; reg < AT(4, 0); reg++)
            assert_int_equal(guest[reg] != 0, el0 == 2 && most_of(reg) != 0);
    }
}

/* GPA, GPI, GPA3 and PAC_frac are there if APA, API or APA3 is. */
static void generic_authentication_comes_with_that_of_addresses(void **state)
{
    static const struct {
        uint64_t isar1, isar2;
    } rows[] = {{0x10, 0}, {0x100, 0}, {0, 0x1000}, {0, 0}};

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        uint64_t host[ID_COUNT] = {[PFR0] = 0x11,
                                   [ISAR1] = rows[i].isar1 | 0x11000000,
                                   [ISAR2] = rows[i].isar2 | 0x01000100};
        uint64_t guest[ID_COUNT];

        vcpu_id_for_guest(host, 0, guest);
        assert_int_equal(guest[ISAR1], i < 3 ? host[ISAR1] : 0);
        assert_int_equal(guest[ISAR2], i < 3 ? host[ISAR2] : 0);
    }
}

enum order { HIGHER_IS_MORE, SIGNED, SAME_OR_0 };

static const struct lowering {
    uint8_t reg, shift;
    enum order order;
    bool fixed, kept; /* it stays as it is; it may not become "not there" */
} special[] = {
    {PFR0, 0, .kept = true},                   /* EL0 */
    {PFR0, 4, .fixed = true},                  /* EL1 */
    {PFR0, 16, .order = SIGNED, .kept = true}, /* FP */
    {PFR0, 20, .order = SIGNED, .kept = true}, /* AdvSIMD */
    {DFR0, 0, .fixed = true},                  /* DebugVer */
    {DFR0, 12, .kept = true},                  /* BRPs */
    {DFR0, 20, .kept = true},                  /* WRPs */
    {DFR0, 36, .fixed = true},                 /* DoubleLock */
    {ISAR1, 4, .order = SAME_OR_0},            /* APA */
    {ISAR1, 8, .order = SAME_OR_0},            /* API */
    {ISAR1, 24, .order = SAME_OR_0},           /* GPA */
    {ISAR1, 28, .order = SAME_OR_0},           /* GPI */
    {ISAR2, 8, .order = SAME_OR_0},            /* GPA3 */
    {ISAR2, 12, .order = SAME_OR_0},           /* APA3 */
    {ISAR2, 24, .order = SAME_OR_0},           /* PAC_frac */
    {MMFR0, 24, .order = SIGNED},              /* TGran64 */
    {MMFR0, 28, .order = SIGNED},              /* TGran4 */
    {AT(1, 4), 8, .order = SIGNED},            /* ID_MMFR0_EL1.OuterShr */
    {AT(1, 4), 28, .order = SIGNED},           /* InnerShr */
    {AT(1, 7), 28, .order = SIGNED},           /* ID_MMFR3_EL1.Supersec */
};

static struct lowering lowering_of(unsigned reg, unsigned shift)
{
    for (size_t i = 0; i < sizeof(special) / sizeof(special[0]); i++)
        if (special[i].reg == reg && special[i].shift == shift)
            return special[i];
    return (struct lowering){(uint8_t)reg, (uint8_t)shift, HIGHER_IS_MORE, false, false};
}

/* Fields that may be there, if asked for: GIC, SVE and what comes with it, PMU; and comparators. */
static bool may_be_shown(unsigned reg, unsigned shift)
{
    const uint64_t digit = UINT64_C(15) << shift;

    if (reg == PFR0 && (shift == 24 || shift == 32))
        return true;
    if (reg == AT(4, 4))
        return UINT64_C(0x0ff0ff0f0fff00ff) & digit;
    if (reg == DFR0)
        return UINT64_C(0x000000f0f0f0ff0f) & digit;
    if (reg == ARM_DFR0)
        return UINT64_C(0x0f00000f) & digit;
    return is_signed(reg, shift) || (most_of(reg) & digit);
}

static bool is_lower(struct lowering f, uint64_t now, uint64_t value)
{
    if (value == now)
        return true;
    if (f.fixed || (f.kept && value == (f.order == SIGNED ? 0xf : 0)))
        return false;
    switch (f.order) {
    case SIGNED:
        return (value < 8 ? (int)value : (int)value - 16) < (now < 8 ? (int)now : (int)now - 16);
    case SAME_OR_0:
        return value == 0;
    default:
        return value < now;
    }
}

static void each_field_may_be_lowered_in_its_sense(void **state)
{
    (void)state;
    for (unsigned reg = 0; reg < 56; reg++) {
        for (unsigned shift = 0; shift < 64; shift += 4) {
            const struct lowering f = lowering_of(reg, shift);

            for (unsigned both = 0; both < 256; both++) {
                uint64_t now = both & 15, value = both >> 4;
                bool expected = value == now;

                /* Reserved: less than "not there". */
                if (f.kept && f.order == SIGNED && value >= 8 && value != 15)
                    continue;
                if (may_be_shown(reg, shift))
                    expected = is_lower(f, now, value);
                assert_that(vcpu_id_may_lower(reg, now << shift, value << shift) == expected,
                            "C%u %u, bit %u: %u to %u", reg / 8 + 1, reg % 8, shift, (unsigned)now,
                            (unsigned)value);
            }
        }
    }
}

/* One digit that may not be is enough. */
static void a_register_is_refused_for_one_field(void **state)
{
    const uint64_t now = 0x0000000000011120; /* Cortex-A72's ID_AA64ISAR0_EL1 */

    (void)state;
    assert_true(vcpu_id_may_lower(ISAR0, now, now));
    assert_true(vcpu_id_may_lower(ISAR0, now, 0));
    assert_true(vcpu_id_may_lower(ISAR0, now, 0x10010));
    assert_false(vcpu_id_may_lower(ISAR0, now, 0x30));          /* AES up, the others down */
    assert_false(vcpu_id_may_lower(ISAR0, now, now | 1));       /* RES0 */
    assert_false(vcpu_id_may_lower(ISAR0, now, now | 1 << 24)); /* TME */
    assert_false(vcpu_id_may_lower(ISAR0, now, UINT64_C(1) << 60));
    assert_false(vcpu_id_may_lower(AT(4, 7), 0, 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fp_and_simd_are_the_same),
        cmocka_unit_test(a_cpu_without_aarch32_says_nothing_of_it),
        cmocka_unit_test(generic_authentication_comes_with_that_of_addresses),
        cmocka_unit_test(each_field_may_be_lowered_in_its_sense),
        cmocka_unit_test(a_register_is_refused_for_one_field),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
