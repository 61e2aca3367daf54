/* SPDX-License-Identifier: MIT */
/* How much of EL2 a guest leaves in the CPU while the host runs, and the layouts of a VHE host. */
#include "trap_values.h"

/* TZ 8 and TFP 10; with E2H 34 there are ZEN 17:16 and FPEN 21:20 instead. */
static void a_hosts_traps_are_opened_in_either_layout(void **state)
{
    (void)state;
    assert_int_equal(vcpu_trap_cptr_open(0, ~UINT64_C(0)), ~(B(8) | B(10)));
    assert_int_equal(vcpu_trap_cptr_open(0, 0), 0);
    assert_int_equal(vcpu_trap_cptr_open(B(34), 0), UINT64_C(0x330000));
    assert_int_equal(vcpu_trap_cptr_open(B(34) | B(27), B(28) | B(8)), UINT64_C(0x10330100));
}

static void a_host_like_the_guest_shares_all(void **state)
{
    const struct vcpu_features features = {.sve = true, .sme = true, .trace = true};
    const struct el2_state el2 = el2_of(&features, 0);

    (void)state;
    assert_int_equal(vcpu_trap_sharing(&features, &el2, &el2, true, true), TRAP_SHARE_ALL);
    assert_int_equal(vcpu_trap_sharing(&features, &el2, &el2, true, false), TRAP_SHARE_ALL);
}

/* It changes hands at each entry and exit anyway. But for E2H, which says how CPTR_EL2 is read. */
static void no_bit_of_hcr_is_a_reason_not_to_share(void **state)
{
    const struct vcpu_features features = {0};
    const struct el2_state guest = el2_of(&features, 0);

    (void)state;
    for (unsigned bit = 0; bit < 64; bit++) {
        struct el2_state host = guest;

        host.hcr ^= B(bit);
        if (bit != 34)
            assert_int_equal(vcpu_trap_sharing(&features, &guest, &host, true, true),
                             TRAP_SHARE_ALL);
    }
}

static struct el2_state vhe_el2_of(const struct vcpu_features *features, uint32_t flags)
{
    struct el2_state el2 = el2_of(features, flags);

    vcpu_trap_to_vhe(&el2);
    return el2;
}

/*
 * With E2H = 1 CPTR_EL2 is as CPACR_EL1: ZEN 17:16, FPEN 21:20, SMEN 25:24 trap where they are 0
 * and do not where they are 3, TTA is 28, TAM 30; and EL1PCTEN, EL1PTEN of CNTHCTL_EL2 are 10, 11.
 */
static void a_vhe_host_has_other_layouts(void **state)
{
    (void)state;
    for (unsigned has = 0; has < 16; has++) {
        const struct vcpu_features features = {
            .sve = has & 1, .sme = has & 2, .trace = has & 4, .amu = has & 8};
        struct el2_state plain = el2_of(&features, 0), vhe = vhe_el2_of(&features, 0);

        assert_int_equal(vhe.cptr, B(20) | B(21) | (has & 4 ? B(28) : 0) | (has & 8 ? B(30) : 0));
        assert_int_equal(vhe.cnthctl, 0);
        assert_int_equal(vhe.hcr, plain.hcr | B(34));
        plain.hcr = vhe.hcr;
        plain.cptr = vhe.cptr;
        assert_memory_equal(&plain, &vhe, sizeof(vhe));
        assert_int_equal(vhe_el2_of(&features, VCPU_VM_DIRECT_TIMER).cnthctl, B(10) | B(11));
    }
}

static void each_trap_bit_has_its_place_for_a_vhe_host(void **state)
{
    struct el2_state el2 = {.cptr = B(8) | B(12)};

    (void)state;
    vcpu_trap_to_vhe(&el2);
    assert_int_equal(el2.cptr, B(20) | B(21));
    el2 = (struct el2_state){.cptr = B(10)};
    vcpu_trap_to_vhe(&el2);
    assert_int_equal(el2.cptr, B(16) | B(17) | B(24) | B(25));
}

static void a_vhe_host_shares_by_its_own_layout(void **state)
{
    (void)state;
    for (unsigned has = 0; has < 8; has++) {
        const struct vcpu_features features = {
            .sve = has & 1, .sme = has & 2, .trace = has & 4, .amu = true};
        const struct el2_state guest = vhe_el2_of(&features, 0);

        for (unsigned bit = 0; bit < 64; bit++) {
            bool fp = bit == 20 || bit == 21, trace = bit == 28 && features.trace;
            bool sve = (bit == 16 || bit == 17) && features.sve;
            bool sme = (bit == 24 || bit == 25) && features.sme;
            struct el2_state host = guest;

            host.hcr |= B(27);
            host.cptr ^= B(bit);
            /* Its count has no offset at EL2. */
            host.cntvoff = ~guest.cntvoff;
            assert_int_equal(vcpu_trap_sharing(&features, &guest, &host, true, true),
                             fp || trace || sve || sme ? TRAP_SHARE_BUT_CPTR : TRAP_SHARE_ALL);
            assert_int_equal(vcpu_trap_sharing(&features, &guest, &host, false, true),
                             fp || trace ? TRAP_SHARE_BUT_CPTR : TRAP_SHARE_ALL);
        }
    }
}

/* TZ 8, TFP 10, TSM 12 and TTA 20 trap EL2 itself, where the CPU has what they trap. */
static void each_trap_of_the_hosts_own_changes_hands(void **state)
{
    (void)state;
    for (unsigned has = 0; has < 8; has++) {
        const struct vcpu_features features = {
            .sve = has & 1, .sme = has & 2, .trace = has & 4, .amu = true};
        const struct el2_state guest = el2_of(&features, 0);

        for (unsigned bit = 0; bit < 64; bit++) {
            bool traps_host = bit == 10 || (bit == 8 && features.sve) ||
                              (bit == 12 && features.sme) || (bit == 20 && features.trace);
            struct el2_state host = guest;

            host.cptr ^= B(bit);
            assert_int_equal(vcpu_trap_sharing(&features, &guest, &host, true, true),
                             traps_host ? TRAP_SHARE_BUT_CPTR : TRAP_SHARE_ALL);
            /* A host that is built without FP has no use for SVE and SME, trapped or not. */
            assert_int_equal(vcpu_trap_sharing(&features, &guest, &host, false, true),
                             traps_host && (bit == 20 || bit == 10) ? TRAP_SHARE_BUT_CPTR
                                                                    : TRAP_SHARE_ALL);
        }
    }
}

/* A guest with SVE has TZ = 0: a host that uses FP and traps its own SVE gets that trap back. */
static void a_guest_with_sve_leaves_the_hosts_trap_of_it(void **state)
{
    const struct vcpu_features features = {.sve = true};
    const struct el2_state guest = el2_shown(&features, 0, (struct shown){.pfr0 = B(32)});
    struct el2_state host = guest;

    (void)state;
    assert_int_equal(vcpu_trap_sharing(&features, &guest, &host, true, true), TRAP_SHARE_ALL);
    host.cptr |= B(8);
    assert_int_equal(vcpu_trap_sharing(&features, &guest, &host, true, true), TRAP_SHARE_BUT_CPTR);
    assert_int_equal(vcpu_trap_sharing(&features, &guest, &host, false, true), TRAP_SHARE_ALL);
}

static void a_host_that_reads_cntvct_does_not_share_the_offset(void **state)
{
    const struct vcpu_features features = {0};
    const struct el2_state guest = el2_of(&features, 0);
    struct el2_state host = guest;

    (void)state;
    for (unsigned bit = 0; bit < 64; bit++) {
        host.cntvoff = guest.cntvoff ^ B(bit);
        assert_int_equal(vcpu_trap_sharing(&features, &guest, &host, true, true),
                         TRAP_SHARE_NOTHING);
        assert_int_equal(vcpu_trap_sharing(&features, &guest, &host, true, false), TRAP_SHARE_ALL);
    }
    /* It outweighs a trap. */
    host.cptr ^= B(10);
    assert_int_equal(vcpu_trap_sharing(&features, &guest, &host, true, true), TRAP_SHARE_NOTHING);
    assert_int_equal(vcpu_trap_sharing(&features, &guest, &host, true, false), TRAP_SHARE_BUT_CPTR);
}

static void what_acts_below_el2_only_is_no_reason_not_to_share(void **state)
{
    const struct vcpu_features features = {0};
    const struct el2_state guest = el2_of(&features, 0);
    struct el2_state host;

    (void)state;
    memset(&host, 0xff, sizeof(host));
    host.hcr = guest.hcr;
    host.cptr = guest.cptr;
    host.cntvoff = guest.cntvoff;
    assert_int_equal(vcpu_trap_sharing(&features, &guest, &host, true, true), TRAP_SHARE_ALL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_hosts_traps_are_opened_in_either_layout),
        cmocka_unit_test(a_host_like_the_guest_shares_all),
        cmocka_unit_test(no_bit_of_hcr_is_a_reason_not_to_share),
        cmocka_unit_test(a_vhe_host_has_other_layouts),
        cmocka_unit_test(each_trap_bit_has_its_place_for_a_vhe_host),
        cmocka_unit_test(a_vhe_host_shares_by_its_own_layout),
        cmocka_unit_test(each_trap_of_the_hosts_own_changes_hands),
        cmocka_unit_test(a_guest_with_sve_leaves_the_hosts_trap_of_it),
        cmocka_unit_test(a_host_that_reads_cntvct_does_not_share_the_offset),
        cmocka_unit_test(what_acts_below_el2_only_is_no_reason_not_to_share),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
