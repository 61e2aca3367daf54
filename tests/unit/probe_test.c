/* SPDX-License-Identifier: MIT */
/* What a CPU is, from its identification registers, which are spelled out as numbers here. */
#include "cmocka_all.h"

#include <string.h>

#include <vcpu/error.h>

#include "cpu/probe.h"

#define E2H UINT64_C(0x400000000)
#define SRE 1

struct cpu {
    const char *name;
    uint64_t pfr0, pfr1, dfr0, isar1, isar2, mmfr0, mmfr1, mmfr2;
    uint64_t pmcr;
    struct vcpu_features features;
};

/* As a guest at EL1 reads them under QEMU 7.2, with a GICv3. */
static const struct cpu cpus[] = {
    {
        .name = "Cortex-A53",
        .pfr0 = 0x0000000001000222,
        .dfr0 = 0x0000000010305106,
        .mmfr0 = 0x0000000000001122,
        .pmcr = 0x41033000,
        .features = {.pa_bits = 40,
                     .vmid_bits = 8,
                     .debug_breakpoints = 6,
                     .debug_watchpoints = 4,
                     .pmu_counters = 6,
                     .aarch32_el0 = true,
                     .gic_sysregs = true,
                     .pmu = true,
                     .fp = true},
    },
    {
        .name = "Cortex-A57",
        .pfr0 = 0x0000000001000222,
        .dfr0 = 0x0000000010305106,
        .mmfr0 = 0x0000000000001124,
        .pmcr = 0x41013000,
        .features = {.pa_bits = 44,
                     .vmid_bits = 8,
                     .debug_breakpoints = 6,
                     .debug_watchpoints = 4,
                     .pmu_counters = 6,
                     .aarch32_el0 = true,
                     .gic_sysregs = true,
                     .pmu = true,
                     .fp = true},
    },
    {
        .name = "Cortex-A72",
        .pfr0 = 0x0000000001000222,
        .dfr0 = 0x0000000010305106,
        .mmfr0 = 0x0000000000001124,
        .pmcr = 0x41023000,
        .features = {.pa_bits = 44,
                     .vmid_bits = 8,
                     .debug_breakpoints = 6,
                     .debug_watchpoints = 4,
                     .pmu_counters = 6,
                     .aarch32_el0 = true,
                     .gic_sysregs = true,
                     .pmu = true,
                     .fp = true},
    },
    {
        /* AArch32 at EL0 alone. */
        .name = "Cortex-A76",
        .pfr0 = 0x1100000011110112,
        .pfr1 = 0x0000000000000010,
        .dfr0 = 0x0000000010305408,
        .isar1 = 0x0000000000100001,
        .mmfr0 = 0x0000000000101122,
        .mmfr1 = 0x0000000010212122,
        .mmfr2 = 0x0000000000001011,
        .pmcr = 0x410b3000,
        .features = {.pa_bits = 40,
                     .vmid_bits = 16,
                     .debug_breakpoints = 6,
                     .debug_watchpoints = 4,
                     .pmu_counters = 6,
                     .aarch32_el0 = true,
                     .vhe = true,
                     .gic_sysregs = true,
                     .pmu = true,
                     .fp = true,
                     .ras = true,
                     .lor = true,
                     .xnx = true},
    },
    {
        /* The real one has statistical profiling, which QEMU takes out of DFR0: PMSVer = 1. */
        .name = "Neoverse-N1",
        .pfr0 = 0x1100000011110112,
        .pfr1 = 0x0000000000000020,
        .dfr0 = 0x0000000110305408,
        .isar1 = 0x0000000000100001,
        .mmfr0 = 0x0000000000101125,
        .mmfr1 = 0x0000000010212122,
        .mmfr2 = 0x0000000000001011,
        .pmcr = 0x410c3000,
        .features = {.pa_bits = 48,
                     .vmid_bits = 16,
                     .debug_breakpoints = 6,
                     .debug_watchpoints = 4,
                     .pmu_counters = 6,
                     .aarch32_el0 = true,
                     .vhe = true,
                     .gic_sysregs = true,
                     .pmu = true,
                     .fp = true,
                     .ras = true,
                     .lor = true,
                     .spe = true,
                     .xnx = true},
    },
    {
        /* 52 bits, of which stage 2 with 4 KiB granule and without FEAT_LPA2 has use for 48. */
        .name = "max",
        .pfr0 = 0x1201001121110222,
        .pfr1 = 0x0000000001000021,
        .dfr0 = 0x0000000010305609,
        .isar1 = 0x0011111101211012,
        .mmfr0 = 0x0000032310201126,
        .mmfr1 = 0x0000011010211122,
        .mmfr2 = 0x1021011010011011,
        .pmcr = 0x41013000,
        .features = {.pa_bits = 48,
                     .vmid_bits = 16,
                     .debug_breakpoints = 6,
                     .debug_watchpoints = 4,
                     .pmu_counters = 6,
                     .aarch32_el0 = true,
                     .vhe = true,
                     .gic_sysregs = true,
                     .pmu = true,
                     .fp = true,
                     .sve = true,
                     .sme = true,
                     .pauth = true,
                     .ras = true,
                     .lor = true,
                     .hcx = true,
                     .s2fwb = true,
                     .xnx = true,
                     .scxtnum = true},
    },
};

/* Where S3_0_C0_C<crm>_<op2> is. */
#define AT(crm, op2) (-8 + 8 * (crm) + (op2))

static void check_features(const struct vcpu_features *is, const struct vcpu_features *expected)
{
    assert_int_equal(is->pa_bits, expected->pa_bits);
    assert_int_equal(is->vmid_bits, expected->vmid_bits);
    assert_int_equal(is->debug_breakpoints, expected->debug_breakpoints);
    assert_int_equal(is->debug_watchpoints, expected->debug_watchpoints);
    assert_int_equal(is->pmu_counters, expected->pmu_counters);
    assert_int_equal(is->aarch32_el0, expected->aarch32_el0);
    assert_int_equal(is->vhe, expected->vhe);
    assert_int_equal(is->gic_sysregs, expected->gic_sysregs);
    assert_int_equal(is->pmu, expected->pmu);
    assert_int_equal(is->fp, expected->fp);
    assert_int_equal(is->sve, expected->sve);
    assert_int_equal(is->sme, expected->sme);
    assert_int_equal(is->pauth, expected->pauth);
    assert_int_equal(is->mte, expected->mte);
    assert_int_equal(is->ras, expected->ras);
    assert_int_equal(is->lor, expected->lor);
    assert_int_equal(is->mpam, expected->mpam);
    assert_int_equal(is->amu, expected->amu);
    assert_int_equal(is->spe, expected->spe);
    assert_int_equal(is->trf, expected->trf);
    assert_int_equal(is->trbe, expected->trbe);
    assert_int_equal(is->trace, expected->trace);
    assert_int_equal(is->fgt, expected->fgt);
    assert_int_equal(is->evt, expected->evt);
    assert_int_equal(is->hcx, expected->hcx);
    assert_int_equal(is->s2fwb, expected->s2fwb);
    assert_int_equal(is->xnx, expected->xnx);
    assert_int_equal(is->scxtnum, expected->scxtnum);
}

static void known_cpus_are_what_they_are(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(cpus) / sizeof(cpus[0]); i++) {
        const struct cpu *cpu = &cpus[i];
        const uint64_t id[ID_COUNT] = {
            [AT(4, 0)] = cpu->pfr0,  [AT(4, 1)] = cpu->pfr1,  [AT(5, 0)] = cpu->dfr0,
            [AT(6, 1)] = cpu->isar1, [AT(6, 2)] = cpu->isar2, [AT(7, 0)] = cpu->mmfr0,
            [AT(7, 1)] = cpu->mmfr1, [AT(7, 2)] = cpu->mmfr2,
        };
        struct vcpu_features features;

        print_message("%s\n", cpu->name);
        memset(&features, 0xa5, sizeof(features));
        assert_int_equal(vcpu_probe_features(id, 0, cpu->pmcr, SRE, &features), VCPU_OK);
        check_features(&features, &cpu->features);
    }
}

/* A CPU with the least: AArch64 at EL1, 4 KiB granule, 32 bits. Its FP field is 0: FP is there. */
static void least(uint64_t id[ID_COUNT])
{
    memset(id, 0, ID_COUNT * sizeof(*id));
    id[AT(4, 0)] = 0x10;
}

static struct vcpu_features probe(const uint64_t id[ID_COUNT])
{
    struct vcpu_features features;

    memset(&features, 0xa5, sizeof(features));
    assert_int_equal(vcpu_probe_features(id, 0, 0, SRE, &features), VCPU_OK);
    return features;
}

#define FEATURE(member) offsetof(struct vcpu_features, member)

/* Each field that tells of a feature, and the values of it that do: bit n for value n. */
static const struct field {
    const char *name;
    uint8_t crm, op2, shift;
    uint16_t values;
    size_t feature;
} fields[] = {
    {"ID_AA64PFR0_EL1.EL0", 4, 0, 0, 0x0004, FEATURE(aarch32_el0)},
    {"ID_AA64PFR0_EL1.FP", 4, 0, 16, 0x7fff, FEATURE(fp)},
    {"ID_AA64PFR0_EL1.GIC", 4, 0, 24, 0xfffe, FEATURE(gic_sysregs)},
    {"ID_AA64PFR0_EL1.RAS", 4, 0, 28, 0xfffe, FEATURE(ras)},
    {"ID_AA64PFR0_EL1.SVE", 4, 0, 32, 0xfffe, FEATURE(sve)},
    {"ID_AA64PFR0_EL1.MPAM", 4, 0, 40, 0xfffe, FEATURE(mpam)},
    {"ID_AA64PFR0_EL1.AMU", 4, 0, 44, 0xfffe, FEATURE(amu)},
    {"ID_AA64PFR0_EL1.DIT", 4, 0, 48, 0xfffe, FEATURE(dit)},
    {"ID_AA64PFR0_EL1.CSV2", 4, 0, 56, 0xfffc, FEATURE(scxtnum)},
    {"ID_AA64PFR1_EL1.SSBS", 4, 1, 4, 0xfffc, FEATURE(ssbs)},
    {"ID_AA64PFR1_EL1.MTE", 4, 1, 8, 0xfffc, FEATURE(mte)},
    {"ID_AA64PFR1_EL1.MPAM_frac", 4, 1, 16, 0xfffe, FEATURE(mpam)},
    {"ID_AA64PFR1_EL1.SME", 4, 1, 24, 0xfffe, FEATURE(sme)},
    {"ID_AA64PFR1_EL1.CSV2_frac", 4, 1, 32, 0xfffc, FEATURE(scxtnum)},
    {"ID_AA64PFR1_EL1.NMI", 4, 1, 36, 0xfffe, FEATURE(nmi)},
    {"ID_AA64DFR0_EL1.TraceVer", 5, 0, 4, 0xfffe, FEATURE(trace)},
    {"ID_AA64DFR0_EL1.PMUVer", 5, 0, 8, 0x7ffe, FEATURE(pmu)},
    {"ID_AA64DFR0_EL1.PMSVer", 5, 0, 32, 0xfffe, FEATURE(spe)},
    {"ID_AA64DFR0_EL1.TraceFilt", 5, 0, 40, 0xfffe, FEATURE(trf)},
    {"ID_AA64DFR0_EL1.TraceBuffer", 5, 0, 44, 0xfffe, FEATURE(trbe)},
    {"ID_AA64ISAR1_EL1.APA", 6, 1, 4, 0xfffe, FEATURE(pauth)},
    {"ID_AA64ISAR1_EL1.API", 6, 1, 8, 0xfffe, FEATURE(pauth)},
    {"ID_AA64ISAR1_EL1.GPA", 6, 1, 24, 0xfffe, FEATURE(pauth)},
    {"ID_AA64ISAR1_EL1.GPI", 6, 1, 28, 0xfffe, FEATURE(pauth)},
    {"ID_AA64ISAR2_EL1.GPA3", 6, 2, 8, 0xfffe, FEATURE(pauth)},
    {"ID_AA64ISAR2_EL1.APA3", 6, 2, 12, 0xfffe, FEATURE(pauth)},
    {"ID_AA64MMFR0_EL1.FGT", 7, 0, 56, 0xfffe, FEATURE(fgt)},
    {"ID_AA64MMFR1_EL1.VH", 7, 1, 8, 0xfffe, FEATURE(vhe)},
    {"ID_AA64MMFR1_EL1.LO", 7, 1, 16, 0xfffe, FEATURE(lor)},
    {"ID_AA64MMFR1_EL1.PAN", 7, 1, 20, 0xfffe, FEATURE(pan)},
    {"ID_AA64MMFR1_EL1.HCX", 7, 1, 40, 0xfffe, FEATURE(hcx)},
    {"ID_AA64MMFR2_EL1.UAO", 7, 2, 4, 0xfffe, FEATURE(uao)},
    {"ID_AA64MMFR2_EL1.EVT", 7, 2, 56, 0xfffe, FEATURE(evt)},
    {"ID_AA64MMFR2_EL1.FWB", 7, 2, 40, 0xfffe, FEATURE(s2fwb)},
    {"ID_AA64MMFR1_EL1.XNX", 7, 1, 28, 0xfffe, FEATURE(xnx)},
};

static void each_field_tells_of_its_feature_alone(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        const struct field *field = &fields[i];

        for (uint64_t value = 0; value < 16; value++) {
            uint64_t id[ID_COUNT];
            struct vcpu_features expected, features;
            bool there = field->values >> value & 1;

            least(id);
            expected = probe(id);
            memcpy((char *)&expected + field->feature, &there, sizeof(there));
            id[AT(field->crm, field->op2)] |= value << field->shift;
            features = probe(id);
            if (memcmp(&features, &expected, sizeof(features)) != 0)
                fail_msg("%s = %u", field->name, (unsigned)value);
        }
    }
}

static void only_el2_with_its_own_stack_pointer_will_do(void **state)
{
    (void)state;
    for (uint64_t el = 0; el < 4; el++) {
        for (uint64_t sp = 0; sp < 2; sp++)
            assert_int_equal(vcpu_probe_level(el * 4, sp),
                             el == 2 && sp == 1 ? VCPU_OK : VCPU_ERR_NOT_EL2);
    }
    /* Bits beside the fields are RES0, and say nothing. */
    assert_int_equal(vcpu_probe_level(0xfffffffffffffffb, 0xffffffffffffffff), VCPU_OK);
    assert_int_equal(vcpu_probe_level(0xfffffffffffffff7, 0xffffffffffffffff), VCPU_ERR_NOT_EL2);
    assert_int_equal(vcpu_probe_level(0xfffffffffffffffb, 0xfffffffffffffffe), VCPU_ERR_NOT_EL2);
}

static void each_parange_has_its_bits(void **state)
{
    /* 52 and 56 bits, and what is reserved above, are 48 for this stage 2. */
    static const uint8_t bits[16] = {32, 36, 40, 42, 44, 48, 48, 48,
                                     48, 48, 48, 48, 48, 48, 48, 48};
    uint64_t id[ID_COUNT];

    (void)state;
    for (unsigned range = 0; range < 16; range++) {
        least(id);
        id[AT(7, 0)] = range;
        assert_int_equal(probe(id).pa_bits, bits[range]);
    }
}

static void vmids_have_16_bits_only_where_the_field_says_so(void **state)
{
    uint64_t id[ID_COUNT];

    (void)state;
    for (uint64_t value = 0; value < 16; value++) {
        least(id);
        id[AT(7, 1)] = value << 4;
        assert_int_equal(probe(id).vmid_bits, value == 2 ? 16 : 8);
    }
}

static void stage_2_needs_the_4k_granule(void **state)
{
    (void)state;
    for (uint64_t stage1 = 0; stage1 < 16; stage1++) {
        for (uint64_t stage2 = 0; stage2 < 4; stage2++) {
            /* TGran4_2: 0 as at stage 1 (where 0xf is "no"), 1 no, 2 yes, 3 yes with 52 bits. */
            bool there = stage2 == 0 ? stage1 != 15 : stage2 >= 2;
            struct vcpu_features features;
            uint64_t id[ID_COUNT];

            least(id);
            id[AT(7, 0)] = stage1 << 28 | stage2 << 40;
            assert_int_equal(vcpu_probe_features(id, 0, 0, SRE, &features),
                             there ? VCPU_OK : VCPU_ERR_UNSUPPORTED);
        }
    }
}

static void el1_needs_aarch64(void **state)
{
    struct vcpu_features features;
    uint64_t id[ID_COUNT];

    (void)state;
    least(id);
    id[AT(4, 0)] = 0x02;
    assert_int_equal(vcpu_probe_features(id, 0, 0, SRE, &features), VCPU_ERR_UNSUPPORTED);
    id[AT(4, 0)] = 0x22;
    assert_int_equal(vcpu_probe_features(id, 0, 0, SRE, &features), VCPU_OK);
}

static void a_vhe_host_is_refused_and_nothing_written(void **state)
{
    struct vcpu_features features, before;
    uint64_t id[ID_COUNT];

    (void)state;
    least(id);
    memset(&features, 0xa5, sizeof(features));
    memcpy(&before, &features, sizeof(features));
    assert_int_equal(vcpu_probe_features(id, E2H, 0, SRE, &features), VCPU_ERR_UNSUPPORTED);
    assert_memory_equal(&features, &before, sizeof(features));
    /* With TGE, bit 27, it is a VHE host. */
    assert_int_equal(vcpu_probe_features(id, E2H | 0x08000000, 0, SRE, &features), VCPU_OK);
    /* All else in HCR_EL2 is the host's own. */
    assert_int_equal(vcpu_probe_features(id, ~E2H, 0, SRE, &features), VCPU_OK);
}

static void a_host_with_a_memory_mapped_gic_has_no_gic_registers(void **state)
{
    struct vcpu_features features;
    uint64_t id[ID_COUNT];

    (void)state;
    least(id);
    assert_false(vcpu_probe_has_gic_sysregs(id));
    id[AT(4, 0)] |= 0x01000000;
    assert_true(vcpu_probe_has_gic_sysregs(id));
    assert_int_equal(vcpu_probe_features(id, 0, 0, 0xfffffffe, &features), VCPU_OK);
    assert_false(features.gic_sysregs);
}

static void an_implementation_defined_pmu_is_not_touched(void **state)
{
    (void)state;
    for (uint64_t version = 0; version < 16; version++) {
        uint64_t id[ID_COUNT];

        least(id);
        id[AT(5, 0)] = 0xfffffffffffff0ff | version << 8;
        assert_int_equal(vcpu_probe_has_pmu(id), version != 0 && version != 15);
    }
}

static void counters_and_comparators_are_counted(void **state)
{
    struct vcpu_features features;
    uint64_t id[ID_COUNT];

    (void)state;
    for (uint64_t n = 0; n < 16; n++) {
        least(id);
        id[AT(5, 0)] = n << 12 | (15 - n) << 20;
        /* PMCR_EL0.N is bits 15:11; IMP and IDCODE stand above it, and controls below. */
        assert_int_equal(vcpu_probe_features(id, 0, 0xffff07ff | 2 * n << 11, SRE, &features),
                         VCPU_OK);
        assert_int_equal(features.debug_breakpoints, n + 1);
        assert_int_equal(features.debug_watchpoints, 16 - n);
        assert_int_equal(features.pmu_counters, 2 * n);
    }
}

/* MDCR_EL2.HPMN, bits 4:0: the first that the host keeps. */
static void the_host_keeps_counters_by_its_hpmn(void **state)
{
    (void)state;
    for (uint64_t n = 0; n < 32; n++)
        for (uint64_t hpmn = 0; hpmn < 32; hpmn++)
            assert_int_equal(vcpu_probe_guest_counters(0xffff07ff | n << 11, ~UINT64_C(31) | hpmn),
                             hpmn >= 1 && hpmn <= n ? hpmn : n);
}

/* AmpereOne AC04, and CPUs of Apple that have a GIC and say that they have none. */
static void what_is_refused_is_no_cpu_for_a_host(void **state)
{
    static const struct {
        uint64_t midr, gic;
        bool refused;
    } kinds[] = {
        {0xc00fac40, 0, true},  {0xc03fac4f, 1, true},  {0xc00fac30, 0, false}, /* AC03 */
        {0x410fac40, 0, false},                         /* another implementer's */
        {0x611f0221, 0, true},                          /* M1 Icestorm */
        {0x610f0330, 0, true},                          /* M2 Avalanche */
        {0x610f0330, 1, false},                         /* a virtual machine's, with a GIC */
        {0x611f0221, 3, false}, {0x410fd083, 0, false}, /* Cortex-A72 with GICv2 */
    };
    struct vcpu_features features;
    uint64_t id[ID_COUNT];

    (void)state;
    for (unsigned i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        least(id);
        id[ID_MIDR_EL1] = kinds[i].midr;
        id[AT(4, 0)] |= kinds[i].gic << 24;
        assert_int_equal(vcpu_probe_features(id, 0, 0, SRE, &features),
                         kinds[i].refused ? VCPU_ERR_UNSUPPORTED : VCPU_OK);
    }
}

/* ID_AA64MMFR4_EL1.E2H0 is not 0 where HCR_EL2.E2H is RES1: any VHE host can be there. */
static void e2h_may_be_constant(void **state)
{
    struct vcpu_features features;
    uint64_t id[ID_COUNT];

    (void)state;
    least(id);
    id[AT(7, 1)] |= 0x100;
    for (uint64_t e2h0 = 0xe; e2h0 < 0x10; e2h0++) {
        id[AT(7, 4)] = e2h0 << 24;
        assert_int_equal(vcpu_probe_features(id, E2H | 0x08000000, 0, SRE, &features), VCPU_OK);
        assert_true(features.vhe);
        assert_int_equal(vcpu_probe_features(id, E2H, 0, SRE, &features), VCPU_ERR_UNSUPPORTED);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_cpus_are_what_they_are),
        cmocka_unit_test(each_field_tells_of_its_feature_alone),
        cmocka_unit_test(only_el2_with_its_own_stack_pointer_will_do),
        cmocka_unit_test(each_parange_has_its_bits),
        cmocka_unit_test(vmids_have_16_bits_only_where_the_field_says_so),
        cmocka_unit_test(stage_2_needs_the_4k_granule),
        cmocka_unit_test(el1_needs_aarch64),
        cmocka_unit_test(what_is_refused_is_no_cpu_for_a_host),
        cmocka_unit_test(e2h_may_be_constant),
        cmocka_unit_test(a_vhe_host_is_refused_and_nothing_written),
        cmocka_unit_test(a_host_with_a_memory_mapped_gic_has_no_gic_registers),
        cmocka_unit_test(an_implementation_defined_pmu_is_not_touched),
        cmocka_unit_test(counters_and_comparators_are_counted),
        cmocka_unit_test(the_host_keeps_counters_by_its_hpmn),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
