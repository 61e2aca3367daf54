/* SPDX-License-Identifier: MIT */
/* The EL2 registers while a guest runs. Bits are numbers here, as the Arm ARM gives them. */
#include "cmocka_all.h"

#include <string.h>

#include "guest/trap.h"

#define B(n) (UINT64_C(1) << (n))

#define ALL_FLAGS                                                                                  \
    (VCPU_VM_DIRECT_IRQ | VCPU_VM_DIRECT_TIMER | VCPU_VM_TRAP_WFI | VCPU_VM_TRAP_WFE |             \
     VCPU_VM_RAW_CALLS | VCPU_VM_TRAP_DEBUG | VCPU_VM_VIRTUAL_GIC)

/* What the guests read: nothing, but for what is put here. */
struct shown {
    uint64_t pfr0, isar0, isar1, isar2, mmfr1;
};

static void write_id(const struct shown *shown, uint64_t id[56])
{
    memset(id, 0, 56 * sizeof(id[0]));
    id[(4 - 1) * 8 + 0] = shown->pfr0;
    id[(6 - 1) * 8 + 0] = shown->isar0;
    id[(6 - 1) * 8 + 1] = shown->isar1;
    id[(6 - 1) * 8 + 2] = shown->isar2;
    id[(7 - 1) * 8 + 1] = shown->mmfr1;
}

static struct el2_state el2_shown(const struct vcpu_features *features, uint32_t flags,
                                  struct shown shown)
{
    uint64_t id[56];
    struct el2_state el2;

    write_id(&shown, id);
    memset(&el2, 0xa5, sizeof(el2));
    vcpu_trap_el2(features, flags, id, 0x80023559, 0x123456789, &el2);
    return el2;
}

static struct el2_state el2_of(const struct vcpu_features *features, uint32_t flags)
{
    return el2_shown(features, flags, (struct shown){0});
}

static uint32_t conditions_shown(const struct vcpu_features *features, uint32_t flags,
                                 struct shown shown)
{
    uint64_t id[56];

    write_id(&shown, id);
    return vcpu_trap_conditions(features, flags, id);
}

static uint32_t conditions(const struct vcpu_features *features, uint32_t flags)
{
    return conditions_shown(features, flags, (struct shown){0});
}

/*
 * HCR_EL2 of a CPU without features and a VM without flags: VM 0, SWIO 1, PTW 2, FMO 3, IMO 4,
 * AMO 5, FB 9, BSU 11:10 = 1 (Inner Shareable), TID1 16, TID3 18, TSC 19, TIDCP 20, TACR 21, RW 31.
 */
#define HCR_LEAST                                                                                  \
    (B(0) | B(1) | B(2) | B(3) | B(4) | B(5) | B(9) | B(10) | B(16) | B(18) | B(19) | B(20) |      \
     B(21) | B(31))
/* RES1 without SVE and SME, and their traps with them: 13:12 and 9:0. */
#define CPTR_LEAST UINT64_C(0x33ff)
/* TDA 9, TDOSA 10, TDRA 11. */
#define MDCR_LEAST (B(9) | B(10) | B(11))
/* TC 10, TALL0 11, TALL1 12. */
#define ICH_HCR_LEAST (B(10) | B(11) | B(12))

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
    {.name = "FEAT_VHE", .features.vhe = true},
    {.name = "FEAT_EVT", .features.evt = true},
    {.name = "FEAT_HCX", .features.hcx = true},
    {.name = "TRAP_WFI", .flags = VCPU_VM_TRAP_WFI, .hcr = B(13)},
    {.name = "TRAP_WFE", .flags = VCPU_VM_TRAP_WFE, .hcr = B(14)},
    {.name = "RAW_CALLS", .flags = VCPU_VM_RAW_CALLS},
    /* FMO 3 and IMO 4 clear, SErrors still come to EL2. */
    {.name = "DIRECT_IRQ",
     .flags = VCPU_VM_DIRECT_IRQ,
     .hcr_without = B(3) | B(4),
     .icc_sre = B(3),
     .ich_hcr_without = ICH_HCR_LEAST},
    {.name = "VIRTUAL_GIC",
     .flags = VCPU_VM_VIRTUAL_GIC,
     .icc_sre = B(3),
     .ich_hcr_without = ICH_HCR_LEAST},
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
        assert_int_equal(el2.pmuserenr, c->features.pmu); /* EN, so that MDCR_EL2.TPM traps EL0 */
        assert_int_equal(el2.cnthctl, c->cnthctl);
        assert_int_equal(el2.icc_sre, c->icc_sre);
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

/* SVE 35:32, and each of the fields APA 7:4, API 11:8, GPA 27:24, GPI 31:28; GPA3 11:8, APA3 15:12. */
static void what_a_guest_sees_and_the_cpu_has_is_switched(void **state)
{
    const struct vcpu_features none = {0}, all = {.sve = true, .pauth = true};

    (void)state;
    for (unsigned bit = 0; bit < 64; bit++) {
        const struct shown pfr0 = {.pfr0 = B(bit)}, isar1 = {.isar1 = B(bit)},
                           isar2 = {.isar2 = B(bit)};
        bool is_sve = bit >= 32 && bit < 36, is_pauth = (bit >= 4 && bit < 12) || bit / 8 == 3;
        bool is_pauth3 = bit / 8 == 1;

        assert_int_equal(conditions_shown(&all, 0, pfr0), is_sve ? EL1_SVE : 0);
        assert_int_equal(conditions_shown(&all, 0, isar1), is_pauth ? EL1_PAUTH : 0);
        assert_int_equal(conditions_shown(&all, 0, isar2), is_pauth3 ? EL1_PAUTH : 0);
        assert_int_equal(conditions_shown(&none, 0, pfr0), 0);
        assert_int_equal(conditions_shown(&none, 0, isar1), 0);
        assert_int_equal(conditions_shown(&none, 0, isar2), 0);
        /* What the CPU has not needs no trap to be UNDEFINED. */
        assert_int_equal(el2_shown(&none, 0, pfr0).cptr, CPTR_LEAST);
        assert_int_equal(el2_shown(&none, 0, isar1).hcr, HCR_LEAST);
    }
}

/* TZ 8 and TFP 10; with E2H 34 there are ZEN 17:16 and FPEN 21:20 instead. */
static void a_hosts_traps_are_opened_in_either_layout(void **state)
{
    (void)state;
    assert_int_equal(vcpu_trap_cptr_open(0, ~UINT64_C(0)), ~(B(8) | B(10)));
    assert_int_equal(vcpu_trap_cptr_open(0, 0), 0);
    assert_int_equal(vcpu_trap_cptr_open(B(34), 0), UINT64_C(0x330000));
    assert_int_equal(vcpu_trap_cptr_open(B(34) | B(27), B(28) | B(8)), UINT64_C(0x10330100));
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
     * R*IS and R*, 48 to 50 CFP, DVP and CPP RCTX. */
    const uint64_t cvap = B(8), cvadp = B(9), pan = B(16) | B(17), os = 0x3f << 18;
    const uint64_t range = 0xf << 24 | UINT64_C(0xff) << 34, restrictions = UINT64_C(7) << 48;
    /* TLB 59:56; SPECRES 43:40, DPB 3:0; PAN 23:20. */
    const uint64_t tlb = UINT64_C(1) << 56, specres = UINT64_C(1) << 40, at = UINT64_C(1) << 20;
    const struct {
        struct shown shown;
        uint64_t hfgitr;
    } rows[] = {
        {{0}, cvap | cvadp | pan | os | range | restrictions},
        {{.isar0 = 2 * tlb, .isar1 = specres | 2, .mmfr1 = 2 * at}, 0},
        {{.isar0 = 15 * tlb, .isar1 = 15 * specres | 15, .mmfr1 = 15 * at}, 0},
        {{.isar0 = tlb, .isar1 = specres | 2, .mmfr1 = 2 * at}, range},
        {{.isar1 = specres | 2, .mmfr1 = 2 * at}, os | range},
        {{.isar0 = 2 * tlb, .isar1 = specres | 1, .mmfr1 = 2 * at}, cvadp},
        {{.isar0 = 2 * tlb, .isar1 = specres, .mmfr1 = 2 * at}, cvap | cvadp},
        {{.isar0 = 2 * tlb, .isar1 = 2, .mmfr1 = 2 * at}, restrictions},
        {{.isar0 = 2 * tlb, .isar1 = specres | 2, .mmfr1 = at}, pan},
        {{.isar0 = 2 * tlb, .isar1 = specres | 2}, pan},
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
        cmocka_unit_test(the_least_cpu_has_the_least_traps),
        cmocka_unit_test(nothing_is_enabled_that_is_not_known),
        cmocka_unit_test(what_the_caller_gives_is_there_unchanged),
        cmocka_unit_test(each_feature_and_flag_changes_its_bits_alone),
        cmocka_unit_test(features_and_flags_do_not_meddle_with_each_other),
        cmocka_unit_test(what_a_guest_sees_and_the_cpu_has_is_switched),
        cmocka_unit_test(a_hosts_traps_are_opened_in_either_layout),
        cmocka_unit_test(registers_of_a_feature_are_switched_where_it_is),
        cmocka_unit_test(instructions_that_are_not_shown_are_trapped_where_it_can_be),
        cmocka_unit_test(on_a_cpu_like_the_vms_nothing_of_it_is_trapped),
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
