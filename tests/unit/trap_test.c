/* SPDX-License-Identifier: MIT */
/* The EL2 registers while a guest runs. Bits are numbers here, as the Arm ARM gives them. */
#include "trap_values.h"

static uint32_t conditions(const struct vcpu_features *features, uint32_t flags)
{
    return conditions_shown(features, flags, (struct shown){0});
}

static void the_least_cpu_has_the_least_traps(void **state)
{
    const struct vcpu_features features = {0};
    const struct el2_state el2 = el2_of(&features, 0);

    (void)state;
    assert_int_equal(el2.hcr, HCR_LEAST);
    assert_int_equal(el2.cptr, CPTR_LEAST);
    assert_int_equal(el2.mdcr, MDCR_LEAST);
    assert_int_equal(el2.hstr, B(15));
    assert_int_equal(el2.cnthctl, 0); /* EL1PCTEN and EL1PCEN are 0: trapped */
    assert_int_equal(el2.ich_hcr, ICH_HCR_LEAST);
    assert_int_equal(el2.icc_sre, 0); /* Enable is 0: ICC_SRE_EL1 is trapped */
    assert_int_equal(el2.mpam2, B(48) | B(49) | B(58));
    assert_int_equal(el2.mpamhcr, B(31)); /* TRAP_MPAMIDR_EL1 */
}

/* In HCRX_EL2 and the fine-grained traps a 0 hides what the library does not know. */
static void nothing_is_enabled_that_is_not_known(void **state)
{
    struct vcpu_features features;
    struct el2_state el2;

    (void)state;
    memset(&features, 1, sizeof(features));
    el2 = el2_of(&features, ALL_FLAGS);
    assert_int_equal(el2.hcrx, B(6)); /* TALLINT */
    assert_int_equal(el2.hfgrtr, 0);
    assert_int_equal(el2.hfgwtr, 0);
    assert_int_equal(el2.hdfgrtr, B(63) | B(51)); /* PMBIDR_EL1, TRBIDR_EL1 */
    assert_int_equal(el2.hdfgwtr, 0);
    assert_int_equal(el2.mdscr, 0);
    /* TGE 27, E2H 34, API 41, APK 40, NV 42, NV1 43, NV2 45, FIEN 47, EnSCXT 53, TME 39, ATA 56. */
    assert_int_equal(el2.hcr & (B(27) | B(34) | B(40) | B(41) | B(42) | B(43) | B(45) | B(47) |
                                B(53) | B(39) | B(56)),
                     0);
    /* HCD 29 would make HVC UNDEFINED, TDZ 28 and TVM 26 are not needed, DC 12 is stage 1 off. */
    assert_int_equal(el2.hcr & (B(29) | B(28) | B(26) | B(12)), 0);
    /* VSE, VI, VF: no virtual interrupt is pending from the start. */
    assert_int_equal(el2.hcr & (B(6) | B(7) | B(8)), 0);
    /* TFP: FP is the guest's. */
    assert_int_equal(el2.cptr & B(10), 0);
    /* E2PB 13:12 and E2TB 25:24 = 0: both buffers are EL2's. */
    assert_int_equal(el2.mdcr & (B(12) | B(13) | B(24) | B(25)), 0);
    /* TDE 8: debug exceptions are the guest's own. */
    assert_int_equal(el2.mdcr & B(8), 0);
}

static void what_the_caller_gives_is_there_unchanged(void **state)
{
    const struct vcpu_features features = {0};
    const struct el2_state el2 = el2_of(&features, 0);

    (void)state;
    assert_int_equal(el2.vtcr, 0x80023559);
    assert_int_equal(el2.cntvoff, 0x123456789);
    assert_int_equal(el2.vttbr, 0);
    assert_int_equal(el2.vpidr, 0);
    assert_int_equal(el2.vmpidr, 0);
}

/* The bits that one thing adds to and takes from the registers of the least CPU. */
struct change {
    const char *name;
    struct vcpu_features features;
    struct shown shown;
    uint32_t flags;
    uint64_t hcr, hcr_without, cptr, cptr_without, mdcr, cnthctl, icc_sre, ich_hcr_without, hdfgrtr;
};

static const struct change changes[] = {
    {.name = "nothing"},
    {.name = "FEAT_LOR", .features.lor = true, .hcr = B(35)},
    {.name = "FEAT_RAS", .features.ras = true, .hcr = B(36)},
    {.name = "FEAT_MTE2", .features.mte = true, .hcr = B(58)},
    {.name = "a trace unit", .features.trace = true, .cptr = B(20)},
    {.name = "FEAT_AMU", .features.amu = true, .cptr = B(30)},
    /* TPMCR 5, TPM 6, and HPMN 4:0: a guest's counters are those that the host does not keep. */
    {.name = "FEAT_PMUv3",
     .features.pmu = true,
     .features.pmu_counters = 6,
     .mdcr = B(5) | B(6) | 6},
    {.name = "FEAT_PMUv3, 31 counters",
     .features.pmu = true,
     .features.pmu_counters = 31,
     .mdcr = B(5) | B(6) | 31},
    {.name = "counters without FEAT_PMUv3", .features.pmu_counters = 6},
    {.name = "FEAT_SPE", .features.spe = true, .mdcr = B(14), .hdfgrtr = B(63)}, /* PMBIDR_EL1 */
    {.name = "FEAT_TRBE", .features.trbe = true, .hdfgrtr = B(51)},              /* TRBIDR_EL1 */
    {.name = "FEAT_TRF", .features.trf = true, .mdcr = B(19)},
    {.name = "FEAT_FGT", .features.fgt = true, .mdcr = B(27)},
    {.name = "SVE that the guest does not see", .features.sve = true},
    {.name = "SVE", .features.sve = true, .shown.pfr0 = B(32), .cptr_without = B(8)}, /* TZ */
    {.name = "SME", .features.sme = true},
    {.name = "FEAT_PAuth that the guest does not see", .features.pauth = true},
    /* APK 40, API 41. APA, GPI, APA3 say that it is there. */
    {.name = "FEAT_PAuth",
     .features.pauth = true,
     .shown.isar1 = B(4) | B(28),
     .hcr = B(40) | B(41)},
    {.name = "FEAT_PACQARMA3",
     .features.pauth = true,
     .shown.isar2 = UINT64_C(5) << 12,
     .hcr = B(40) | B(41)},
    {.name = "FEAT_CSV2_2 that the guest does not see", .features.scxtnum = true},
    {.name = "FEAT_CSV2_2 of which the guest sees FEAT_CSV2",
     .features.scxtnum = true,
     .shown.pfr0 = B(56)},
    /* EnSCXT 53. */
    {.name = "FEAT_CSV2_2",
     .features.scxtnum = true,
     .shown.pfr0 = UINT64_C(2) << 56,
     .hcr = B(53)},
    {.name = "FEAT_CSV2_1p2",
     .features.scxtnum = true,
     .shown.pfr0 = B(56),
     .shown.pfr1 = UINT64_C(2) << 32,
     .hcr = B(53)},
    {.name = "FEAT_VHE", .features.vhe = true},
    {.name = "FEAT_EVT", .features.evt = true},
    {.name = "FEAT_HCX", .features.hcx = true},
    {.name = "FEAT_S2FWB that the VM does not use", .features.s2fwb = true},
    {.name = "STAGE2_FWB", .flags = VCPU_VM_STAGE2_FWB, .hcr = B(46)},
    {.name = "STAGE2_XNX", .flags = VCPU_VM_STAGE2_XNX},
    {.name = "TRAP_SET_WAY", .flags = VCPU_VM_TRAP_SET_WAY, .hcr = B(22)},
    /* Chosen anew at run time, so not here: see wait_traps_test.c. */
    {.name = "TRAP_WFI and TRAP_WFE", .flags = VCPU_VM_TRAP_WFI | VCPU_VM_TRAP_WFE},
    {.name = "RAW_CALLS", .flags = VCPU_VM_RAW_CALLS},
    /* FMO 3 and IMO 4 clear, SErrors still come to EL2. */
    {.name = "DIRECT_IRQ",
     .flags = VCPU_VM_DIRECT_IRQ,
     .hcr_without = B(3) | B(4),
     .icc_sre = B(3),
     .ich_hcr_without = ICH_HCR_LEAST},
    /* Its ICC_SRE_EL1 traps, as that of a VM without a GIC. */
    {.name = "VIRTUAL_GIC", .flags = VCPU_VM_VIRTUAL_GIC, .ich_hcr_without = ICH_HCR_LEAST},
    {.name = "TRAP_DEBUG", .flags = VCPU_VM_TRAP_DEBUG},
    /* EL1PCTEN 0, EL1PCEN 1 */
    {.name = "DIRECT_TIMER", .flags = VCPU_VM_DIRECT_TIMER, .cnthctl = B(0) | B(1)},
};

static void each_feature_and_flag_changes_its_bits_alone(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
        const struct change *c = &changes[i];
        const struct el2_state el2 = el2_shown(&c->features, c->flags, c->shown);

        print_message("%s\n", c->name);
        assert_int_equal(el2.hcr, (HCR_LEAST | c->hcr) & ~c->hcr_without);
        assert_int_equal(el2.cptr, (CPTR_LEAST | c->cptr) & ~c->cptr_without);
        assert_int_equal(el2.mdcr, MDCR_LEAST | c->mdcr);
        assert_int_equal(el2.hdfgrtr, c->hdfgrtr);
        assert_int_equal(el2.hstr, B(15));
        assert_int_equal(el2.pmuserenr, 1); /* EN, so that MDCR_EL2.TPM traps EL0 */
        assert_int_equal(el2.cnthctl, c->cnthctl);
        assert_int_equal(el2.icc_sre, c->icc_sre);
        assert_int_equal(el2.icc_sre_el1, 7); /* SRE, DFB, DIB */
        assert_int_equal(el2.ich_hcr, ICH_HCR_LEAST & ~c->ich_hcr_without);
    }
}

/* Any two together change what each changes. */
static void features_and_flags_do_not_meddle_with_each_other(void **state)
{
    const size_t count = sizeof(changes) / sizeof(changes[0]);

    (void)state;
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < count; j++) {
            const struct change *a = &changes[i], *b = &changes[j];
            struct vcpu_features both;
            struct shown shown;
            struct el2_state el2;

            if (a->features.pmu_counters && b->features.pmu_counters)
                continue;
            for (size_t n = 0; n < sizeof(both); n++)
                ((uint8_t *)&both)[n] = (uint8_t)(((const uint8_t *)&a->features)[n] |
                                                  ((const uint8_t *)&b->features)[n]);
            shown = (struct shown){.pfr0 = a->shown.pfr0 | b->shown.pfr0,
                                   .pfr1 = a->shown.pfr1 | b->shown.pfr1,
                                   .isar1 = a->shown.isar1 | b->shown.isar1,
                                   .isar2 = a->shown.isar2 | b->shown.isar2};
            el2 = el2_shown(&both, a->flags | b->flags, shown);
            assert_int_equal(el2.hcr,
                             (HCR_LEAST | a->hcr | b->hcr) & ~(a->hcr_without | b->hcr_without));
            assert_int_equal(el2.cptr, (CPTR_LEAST | a->cptr | b->cptr) &
                                           ~(a->cptr_without | b->cptr_without));
            assert_int_equal(el2.mdcr, MDCR_LEAST | a->mdcr | b->mdcr);
            assert_int_equal(el2.hdfgrtr, a->hdfgrtr | b->hdfgrtr);
            assert_int_equal(el2.cnthctl, a->cnthctl | b->cnthctl);
            assert_int_equal(el2.icc_sre, a->icc_sre | b->icc_sre);
            assert_int_equal(el2.ich_hcr,
                             ICH_HCR_LEAST & ~(a->ich_hcr_without | b->ich_hcr_without));
        }
    }
}

/*
 * SVE 35:32; CSV2 59:56 from 2 on, CSV2_frac 35:32 from 2 on; and each of the fields APA 7:4, API 11:8,
 * GPA 27:24, GPI 31:28; GPA3 11:8, APA3 15:12.
 */
static void what_a_guest_sees_and_the_cpu_has_is_switched(void **state)
{
    const struct vcpu_features none = {0}, all = {.sve = true, .pauth = true, .scxtnum = true};

    (void)state;
    for (unsigned bit = 0; bit < 64; bit++) {
        const struct shown pfr0 = {.pfr0 = B(bit)}, pfr1 = {.pfr1 = B(bit)},
                           isar1 = {.isar1 = B(bit)}, isar2 = {.isar2 = B(bit)};
        bool is_sve = bit >= 32 && bit < 36, is_pauth = (bit >= 4 && bit < 12) || bit / 8 == 3;
        bool is_pauth3 = bit / 8 == 1;
        uint32_t csv2 = bit > 56 && bit < 60 ? EL1_SCXTNUM : 0;

        assert_int_equal(conditions_shown(&all, 0, pfr0), is_sve ? EL1_SVE : csv2);
        assert_int_equal(conditions_shown(&all, 0, pfr1), bit > 32 && bit < 36 ? EL1_SCXTNUM : 0);
        assert_int_equal(conditions_shown(&all, 0, isar1), is_pauth ? EL1_PAUTH : 0);
        assert_int_equal(conditions_shown(&all, 0, isar2), is_pauth3 ? EL1_PAUTH : 0);
        assert_int_equal(conditions_shown(&none, 0, pfr0), 0);
        assert_int_equal(conditions_shown(&none, 0, pfr1), 0);
        assert_int_equal(conditions_shown(&none, 0, isar1), 0);
        assert_int_equal(conditions_shown(&none, 0, isar2), 0);
        /* What the CPU has not needs no trap to be UNDEFINED. */
        assert_int_equal(el2_shown(&none, 0, pfr0).cptr, CPTR_LEAST);
        assert_int_equal(el2_shown(&none, 0, pfr0).hcr, HCR_LEAST);
        assert_int_equal(el2_shown(&none, 0, isar1).hcr, HCR_LEAST);
    }
}

static void registers_of_a_feature_are_switched_where_it_is(void **state)
{
    struct vcpu_features features = {0};

    (void)state;
    assert_int_equal(conditions(&features, 0), 0);
    assert_int_equal(conditions(&features, ALL_FLAGS & ~VCPU_VM_DIRECT_TIMER), 0);
    assert_int_equal(conditions(&features, VCPU_VM_DIRECT_TIMER), EL1_DIRECT_TIMER);
    features.sme = true;
    assert_int_equal(conditions(&features, 0), EL1_SME);
    features.ras = true;
    assert_int_equal(conditions(&features, 0), EL1_SME | EL1_RAS);
    features.sme = false;
    assert_int_equal(conditions(&features, VCPU_VM_DIRECT_TIMER), EL1_RAS | EL1_DIRECT_TIMER);
}

/* HFGITR_EL2 of what a guest is shown: nothing, all, and each field as low as makes a difference. */
static void instructions_that_are_not_shown_are_trapped_where_it_can_be(void **state)
{
    /* 8 DCCVAP, 9 DCCVADP, 16 and 17 ATS1E1RP and WP, 18 to 23 TLBI *OS, 24 to 27 R*OS, 34 to 41
     * R*IS and R*, 48 to 50 CFP, DVP and CPP RCTX, 60 COSP RCTX, 62 AT S1E1A. */
    const uint64_t cvap = B(8), cvadp = B(9), pan = B(16) | B(17), os = 0x3f << 18;
    const uint64_t range = 0xf << 24 | UINT64_C(0xff) << 34, restrictions = UINT64_C(7) << 48;
    const uint64_t cosp = B(60), s1e1a = B(62);
    /* TLB 59:56; SPECRES 43:40, DPB 3:0; PAN 23:20; ATS1A 63:60. */
    const uint64_t tlb = UINT64_C(1) << 56, specres = UINT64_C(1) << 40, at = UINT64_C(1) << 20;
    const uint64_t ats1a = UINT64_C(1) << 60;
    const struct {
        struct shown shown;
        uint64_t hfgitr;
    } rows[] = {
        {{0}, cvap | cvadp | pan | os | range | restrictions | cosp | s1e1a},
        {{.isar0 = 2 * tlb, .isar1 = 2 * specres | 2, .isar2 = ats1a, .mmfr1 = 2 * at}, 0},
        {{.isar0 = 15 * tlb, .isar1 = 15 * specres | 15, .isar2 = 15 * ats1a, .mmfr1 = 15 * at}, 0},
        {{.isar0 = 2 * tlb, .isar1 = 2 * specres | 2, .mmfr1 = 2 * at}, s1e1a},
        {{.isar0 = tlb, .isar1 = 2 * specres | 2, .mmfr1 = 2 * at}, range | s1e1a},
        {{.isar1 = 2 * specres | 2, .mmfr1 = 2 * at}, os | range | s1e1a},
        {{.isar0 = 2 * tlb, .isar1 = 2 * specres | 1, .mmfr1 = 2 * at}, cvadp | s1e1a},
        {{.isar0 = 2 * tlb, .isar1 = 2 * specres, .mmfr1 = 2 * at}, cvap | cvadp | s1e1a},
        {{.isar0 = 2 * tlb, .isar1 = specres | 2, .mmfr1 = 2 * at}, cosp | s1e1a},
        {{.isar0 = 2 * tlb, .isar1 = 2, .mmfr1 = 2 * at}, restrictions | cosp | s1e1a},
        {{.isar0 = 2 * tlb, .isar1 = 2 * specres | 2, .mmfr1 = at}, pan | s1e1a},
        {{.isar0 = 2 * tlb, .isar1 = 2 * specres | 2}, pan | s1e1a},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct vcpu_features features = {.fgt = true};

        assert_int_equal(el2_shown(&features, 0, rows[i].shown).hfgitr, rows[i].hfgitr);
    }
}

/* TID2 17, TDZ 28, TID4 49: what a guest reads of caches, and DC ZVA. */
static void on_a_cpu_like_the_vms_nothing_of_it_is_trapped(void **state)
{
    for (unsigned evt = 0; evt < 2; evt++) {
        const struct vcpu_features features = {.evt = evt};
        const uint64_t caches = evt ? B(49) : B(17);

        (void)state;
        assert_int_equal(vcpu_trap_unlike(&features, 1), 0);
        assert_int_equal(vcpu_trap_unlike(&features, 1 | 2), B(17));
        assert_int_equal(vcpu_trap_unlike(&features, 1 | 4), caches);
        assert_int_equal(vcpu_trap_unlike(&features, 1 | 2 | 4), B(17)); /* TID2 is both */
        assert_int_equal(vcpu_trap_unlike(&features, 1 | 8), B(28));
        assert_int_equal(vcpu_trap_unlike(&features, 1 | 4 | 8), caches | B(28));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_least_cpu_has_the_least_traps),
        cmocka_unit_test(nothing_is_enabled_that_is_not_known),
        cmocka_unit_test(what_the_caller_gives_is_there_unchanged),
        cmocka_unit_test(each_feature_and_flag_changes_its_bits_alone),
        cmocka_unit_test(features_and_flags_do_not_meddle_with_each_other),
        cmocka_unit_test(what_a_guest_sees_and_the_cpu_has_is_switched),
        cmocka_unit_test(registers_of_a_feature_are_switched_where_it_is),
        cmocka_unit_test(instructions_that_are_not_shown_are_trapped_where_it_can_be),
        cmocka_unit_test(on_a_cpu_like_the_vms_nothing_of_it_is_trapped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
