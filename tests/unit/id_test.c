/* SPDX-License-Identifier: MIT */
/*
 * What a guest reads in the identification registers. What may be seen, and what must not, are two
 * lists of the test's own, from the Arm ARM.
 */
#include "cmocka_all.h"

#include <string.h>

#include "guest/id.h"
#include "random.h"

/* Where S3_0_C0_C<crm>_<op2> is. */
#define AT(crm, op2) (-8 + 8 * (crm) + (op2))

#define PFR0     AT(4, 0)
#define PFR1     AT(4, 1)
#define DFR0     AT(5, 0)
#define ISAR0    AT(6, 0)
#define ISAR1    AT(6, 1)
#define ISAR2    AT(6, 2)
#define MMFR0    AT(7, 0)
#define MMFR1    AT(7, 1)
#define MMFR2    AT(7, 2)
#define ARM_PFR0 AT(1, 0)
#define ARM_PFR1 AT(1, 1)
#define ARM_DFR0 AT(1, 2)
#define ARM_PFR2 AT(3, 4)

/* ID_AA64DFR0_EL1, without breakpoints and watchpoints: Armv8 debug, DoubleLock "not there". */
#define GUEST_DFR0 UINT64_C(0x000000f000000006)

/* A count of comparators, less one: all but two, and two of two or three. */
static unsigned shown(unsigned last)
{
    static const uint8_t of[16] = {0, 1, 1, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13};

    return of[last];
}

static uint64_t guest_dfr0(uint64_t host)
{
    uint64_t breakpoints = shown(host >> 12 & 15), watchpoints = shown(host >> 20 & 15);
    uint64_t context = host >> 28 & 15;

    /* The context-aware breakpoints are among them. */
    if (context > breakpoints)
        context = breakpoints;
    return GUEST_DFR0 | breakpoints << 12 | watchpoints << 20 | context << 28;
}

/* AArch32 at EL0, and addresses that are authenticated: others depend on these two. */
#define BASE_PFR0  UINT64_C(0x12)
#define BASE_ISAR1 UINT64_C(0x10)

/*
 * One hexadecimal digit a field. F: as the host; a number: that or less; 0: never seen. Registers
 * that are not here are 0 for a guest. AArch64 first.
 */
static const struct visible {
    uint8_t reg;
    uint64_t most;
} visible[] = {
    /* CSV3 CSV2 RME DIT | AMU MPAM SEL2 SVE | RAS GIC AdvSIMD FP | EL3 EL2 EL1 EL0 */
    {PFR0, 0xf10f000000110012},
    /* MTE_frac NMI CSV2_frac | RNDR_trap SME - MPAM_frac | RAS_frac MTE SSBS BT */
    {PFR1, 0x0000000000000021},
    /* RNDR TLB TS FHM | DP SM4 SM3 SHA3 | RDM TME Atomic CRC32 | SHA2 SHA1 AES - */
    {ISAR0, 0xfffffffff0fffff0},
    /* LS64 XS I8MM DGH | BF16 SPECRES SB FRINTTS | GPI GPA LRCPC FCMA | JSCVT API APA DPB */
    {ISAR1, 0x00ffffff112ff55f},
    /* CSSC - - LUT.. | - - - - | CLRBHB PAC_frac BC MOPS | APA3 GPA3 RPRES WFxT */
    {ISAR2, 0x00000000f10051ff},
    /* ECV FGT - - | ExS TGran4_2 TGran64_2 TGran16_2 | TGran4 TGran64 TGran16 BigEndEL0 | ... */
    {MMFR0, 0x0000f0000010f0f5},
    /* ECBHB CMOW TIDCP1 nTLBPA | AFP HCX ETS TWED | XNX SpecSEI PAN LO | HPDS VH VMIDBits HAFDBS */
    {MMFR1, 0x0000f0f000f0f002},
    /* E0PD EVT BBM TTL | - FWB IDS AT | ST NV CCIDX VARange | IESB LSM UAO CnP */
    {MMFR2, 0xf0ff000ff0ff0fff},
    /* RAS DIT AMU CSV2 | State3 State2 State1 State0 */
    {ARM_PFR0, 0x000000000f010fff},
    /* GIC Virt_frac Sec_frac GenTimer | Virtualization MProgMod Security ProgMod */
    {ARM_PFR1, 0x00000000000f000f},
    /* - RAS_frac SSBS CSV3 */
    {ARM_PFR2, 0x00000000000000ff},
    /* .. COPDBG */
    {ARM_DFR0, 0x0000000000000006},
};

/* Instruction set, memory model and media of AArch32: no state in them. */
static const uint8_t whole[] = {
    AT(1, 4), AT(1, 5), AT(1, 6), AT(1, 7), /* ID_MMFR0 to 3 */
    AT(2, 0), AT(2, 1), AT(2, 2), AT(2, 3), /* ID_ISAR0 to 3 */
    AT(2, 4), AT(2, 5), AT(2, 6), AT(2, 7), /* ID_ISAR4, 5, ID_MMFR4, ID_ISAR6 */
    AT(3, 0), AT(3, 1), AT(3, 2), AT(3, 6), /* MVFR0 to 2, ID_MMFR5 */
};

static uint64_t most_of(unsigned reg)
{
    for (size_t i = 0; i < sizeof(whole); i++)
        if (whole[i] == reg)
            return 0xffffffff;
    for (size_t i = 0; i < sizeof(visible) / sizeof(visible[0]); i++)
        if (visible[i].reg == reg)
            return visible[i].most;
    return 0;
}

static const struct hidden {
    const char *name;
    uint8_t reg;
    uint64_t mask;
} hidden[] = {
    {"EL2", PFR0, 0x0000000000000f00},
    {"EL3", PFR0, 0x000000000000f000},
    {"RAS", PFR0, 0x00000000f0000000},
    {"SVE", PFR0, 0x0000000f00000000},
    {"SEL2", PFR0, 0x000000f000000000},
    {"MPAM", PFR0, 0x00000f0000000000},
    {"AMU", PFR0, 0x0000f00000000000},
    {"RME", PFR0, 0x00f0000000000000},
    {"CSV2_2, SCXTNUM", PFR0, 0x0e00000000000000},
    {"MTE", PFR1, 0x0000000000000f00},
    {"RAS_frac", PFR1, 0x000000000000f000},
    {"MPAM_frac", PFR1, 0x00000000000f0000},
    {"SME", PFR1, 0x000000000f000000},
    {"CSV2_frac", PFR1, 0x0000000f00000000},
    {"NMI", PFR1, 0x000000f000000000},
    {"MTE_frac", PFR1, 0x00000f0000000000},
    {"GCS", PFR1, 0x0000f00000000000},
    {"THE", PFR1, 0x000f000000000000},
    {"MTEX", PFR1, 0x00f0000000000000},
    {"DF2", PFR1, 0x0f00000000000000},
    {"PFAR", PFR1, 0xf000000000000000},
    {"ID_AA64PFR2_EL1", AT(4, 2), ~UINT64_C(0)},
    {"ID_AA64ZFR0_EL1", AT(4, 4), ~UINT64_C(0)},
    {"ID_AA64SMFR0_EL1", AT(4, 5), ~UINT64_C(0)},
    {"ID_AA64FPFR0_EL1", AT(4, 7), ~UINT64_C(0)},
    {"TraceVer", DFR0, 0x00000000000000f0},
    {"PMUVer", DFR0, 0x0000000000000f00},
    {"PMSVer", DFR0, 0x0000000f00000000},
    {"TraceFilt", DFR0, 0x00000f0000000000},
    {"TraceBuffer", DFR0, 0x0000f00000000000},
    {"MTPMU", DFR0, 0x000f000000000000},
    {"BRBE", DFR0, 0x00f0000000000000},
    {"ExtTrcBuff", DFR0, 0x0f00000000000000},
    {"HPMN0", DFR0, 0xf000000000000000},
    {"ID_AA64DFR1_EL1", AT(5, 1), ~UINT64_C(0)},
    {"ID_AA64DFR2_EL1", AT(5, 2), ~UINT64_C(0)},
    {"ID_AA64AFR0_EL1", AT(5, 4), ~UINT64_C(0)},
    {"ID_AA64AFR1_EL1", AT(5, 5), ~UINT64_C(0)},
    {"TME", ISAR0, 0x000000000f000000},
    {"LS64", ISAR1, 0xf000000000000000},
    {"MOPS", ISAR2, 0x00000000000f0000},
    {"SYSREG_128 and SYSINSTR_128", ISAR2, 0x000000ff00000000},
    {"ID_AA64ISAR3_EL1", AT(6, 3), ~UINT64_C(0)},
    {"TGran16_2, TGran64_2 and TGran4_2", MMFR0, 0x00000fff00000000},
    {"FGT", MMFR0, 0x0f00000000000000},
    {"ECV", MMFR0, 0xf000000000000000},
    {"VMIDBits", MMFR1, 0x00000000000000f0},
    {"VH", MMFR1, 0x0000000000000f00},
    {"LO", MMFR1, 0x00000000000f0000},
    {"XNX", MMFR1, 0x00000000f0000000},
    {"TWED", MMFR1, 0x0000000f00000000},
    {"HCX", MMFR1, 0x00000f0000000000},
    {"IESB", MMFR2, 0x000000000000f000},
    {"NV", MMFR2, 0x000000000f000000},
    {"FWB", MMFR2, 0x00000f0000000000},
    {"EVT", MMFR2, 0x0f00000000000000},
    {"ID_AA64MMFR3_EL1", AT(7, 3), ~UINT64_C(0)},
    {"ID_AA64MMFR4_EL1", AT(7, 4), ~UINT64_C(0)},
    {"AArch32 AMU and RAS", ARM_PFR0, 0x00000000f0f00000},
    {"AArch32 Security", ARM_PFR1, 0x00000000000000f0},
    {"AArch32 Virtualization", ARM_PFR1, 0x000000000000f000},
    {"AArch32 GIC", ARM_PFR1, 0x00000000f0000000},
    {"AArch32 trace and PMU", ARM_DFR0, 0x000000007ff0fff0},
    {"ID_AFR0_EL1", AT(1, 3), ~UINT64_C(0)},
    {"ID_DFR1_EL1", AT(3, 5), ~UINT64_C(0)},
};

/*
 * FP and AdvSIMD, TGran4 and TGran64: numbers with a sign, of which 0xf is "not there".
 * In `visible` 8 and more is less than 0.
 */
static bool is_signed(unsigned reg, unsigned shift)
{
    return (reg == PFR0 && (shift == 16 || shift == 20)) ||
           (reg == MMFR0 && (shift == 24 || shift == 28));
}

static void check_field(unsigned reg, unsigned shift, uint64_t host, uint64_t guest)
{
    uint64_t is = guest >> shift & 15, has = host >> shift & 15;

    if (is_signed(reg, shift)) {
        is ^= 8;
        has ^= 8;
    }
    if (is > has)
        fail_msg("C%u %u, bit %u: %u of %u", reg / 8 + 1, reg % 8, shift, (unsigned)is,
                 (unsigned)has);
}

static void check_guest(const uint64_t host[ID_COUNT], const uint64_t guest[ID_COUNT])
{
    for (unsigned reg = 0; reg < 56; reg++) {
        uint64_t most = most_of(reg);

        if (reg == DFR0) {
            assert_int_equal(guest[reg], guest_dfr0(host[reg]));
            continue;
        }
        for (unsigned shift = 0; shift < 64; shift += 4) {
            uint64_t field = guest[reg] >> shift & 15, limit = most >> shift & 15;

            if (field > limit && !(is_signed(reg, shift) && field >= 8))
                fail_msg("C%u %u, bit %u: %u", reg / 8 + 1, reg % 8, shift, (unsigned)field);
            check_field(reg, shift, host[reg], guest[reg]);
        }
    }
    for (size_t i = 0; i < sizeof(hidden) / sizeof(hidden[0]); i++)
        if (guest[hidden[i].reg] & hidden[i].mask)
            fail_msg("%s", hidden[i].name);
}

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

/* A host's value, or the most that may be seen of it: 0xf is the least of those with a sign. */
static uint64_t expected(unsigned reg, unsigned shift, uint64_t value)
{
    const uint64_t sign = is_signed(reg, shift) ? 8 : 0, most = most_of(reg) >> shift & 15;

    return (value ^ sign) > (most ^ sign) ? most : value;
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
                if (reg != DFR0 && (guest[reg] >> shift & 15) != expected(reg, shift, value))
                    fail_msg("C%u %u, bit %u: %u", reg / 8 + 1, reg % 8, shift, (unsigned)value);
            }
        }
    }
}

/* ---- Fields that depend on others ---- */

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

/* ---- What a VM has to ask for ---- */

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

/* ---- What a VM's host may make of it ---- */

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
                if (vcpu_id_may_lower(reg, now << shift, value << shift) != expected)
                    fail_msg("C%u %u, bit %u: %u to %u", reg / 8 + 1, reg % 8, shift, (unsigned)now,
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

/* ---- The table ---- */

/* Every field that the Arm ARM has up to Armv9.2 is in the table, once. */
static void the_table_accounts_for_every_field(void **state)
{
    static const struct {
        const char *name;
        uint8_t reg;
        uint64_t mask;
    } rows[] = {
#define SHOW(reg, field, most, rule) {#reg " " #field, reg##_EL1, reg##_##field},
#define HIDE(reg, field, why)        {#reg " " #field, reg##_EL1, why[0] ? reg##_##field : 0},
        ID_TABLE(SHOW, HIDE)
#undef SHOW
#undef HIDE
    };
    /* Digits of no field (RES0). */
    static const struct {
        uint8_t reg;
        uint64_t res0;
    } registers[] = {
        {PFR0, 0},
        {PFR1, 0x0000000000f00000},
        {AT(4, 4), 0xf00f00f0f000ff00},
        {DFR0, 0},
        {ISAR0, 0x000000000000000f},
        {ISAR1, 0},
        {ISAR2, 0x0000f00000000000},
        {MMFR0, 0x00ff000000000000},
        {MMFR1, 0},
        {MMFR2, 0x0000f00000000000},
        {ARM_PFR0, 0xffffffff00000000},
        {ARM_PFR1, 0xffffffff00000000},
        {ARM_PFR2, 0xfffffffffffff000},
        {ARM_DFR0, 0xffffffff00000000},
    };
    uint64_t seen[56] = {0};

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        uint64_t low = rows[i].mask & -rows[i].mask;

        if (rows[i].mask != low * 15 || (seen[rows[i].reg] & rows[i].mask))
            fail_msg("%s", rows[i].name);
        seen[rows[i].reg] |= rows[i].mask;
    }
    for (size_t i = 0; i < sizeof(registers) / sizeof(registers[0]); i++) {
        assert_int_equal(seen[registers[i].reg], ~registers[i].res0);
        seen[registers[i].reg] = 0;
    }
    for (unsigned reg = 0; reg < 56; reg++)
        assert_int_equal(seen[reg], 0);
}

static void known_cpus_are_seen_like_this(void **state)
{
    /* As a guest at EL1 reads them under QEMU 7.2. */
    static const struct {
        const char *name;
        uint64_t host[ID_COUNT], pfr0, pfr1, isar0, isar1, isar2, mmfr0, mmfr1, mmfr2;
    } rows[] = {
        {
            .name = "Cortex-A72",
            .host = {[PFR0] = 0x0000000001000222,
                     [DFR0] = 0x0000000010305106,
                     [ISAR0] = 0x0000000000011120,
                     [MMFR0] = 0x0000000000001124},
            .pfr0 = 0x0000000000000012,
            .isar0 = 0x0000000000011120,
            .mmfr0 = 0x0000000000001024,
        },
        {
            .name = "Neoverse-N1",
            .host = {[PFR0] = 0x1100000011110112,
                     [PFR1] = 0x0000000000000020,
                     [DFR0] = 0x0000000110305408,
                     [ISAR0] = 0x0000100010211120,
                     [ISAR1] = 0x0000000000100001,
                     [MMFR0] = 0x0000000000101125,
                     [MMFR1] = 0x0000000010212122,
                     [MMFR2] = 0x0000000000001011},
            .pfr0 = 0x1100000000110012,
            .pfr1 = 0x0000000000000020,
            .isar0 = 0x0000100010211120,
            .isar1 = 0x0000000000100001,
            .mmfr0 = 0x0000000000101025,
            .mmfr1 = 0x0000000000202002, /* without XNX, LO, VH, VMIDBits */
            .mmfr2 = 0x0000000000000011, /* without IESB */
        },
        {
            .name = "max",
            .host = {[PFR0] = 0x1201001121110222,
                     [PFR1] = 0x0000000001000021,
                     [AT(4, 5)] = 0x80f100fd00000000,
                     [DFR0] = 0x0000000010305609,
                     [ISAR0] = 0x1221111110212120,
                     [ISAR1] = 0x0011111101211012,
                     [MMFR0] = 0x0000032310201126,
                     [MMFR1] = 0x0000011010211122,
                     [MMFR2] = 0x1021011010011011},
            .pfr0 = 0x1101000000110012, /* CSV2 without SCXTNUM; no EL2, GIC, RAS, SVE, SEL2 */
            .pfr1 = 0x0000000000000021, /* no SME */
            .isar0 = 0x1221111110212120,
            .isar1 = 0x0011111101211012,
            .mmfr0 = 0x0000000000101025, /* 48 bits: PARange 5, TGran4 0, TGran16 1 */
            .mmfr1 = 0x0000001000201002, /* no XNX, LO, VH, VMIDBits, HCX */
            .mmfr2 = 0x1021000010010011, /* no FWB, IESB, IDS */
        },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        uint64_t guest[ID_COUNT];

        print_message("%s\n", rows[i].name);
        vcpu_id_for_guest(rows[i].host, 0, guest);
        check_guest(rows[i].host, guest);
        assert_int_equal(guest[PFR0], rows[i].pfr0);
        assert_int_equal(guest[PFR1], rows[i].pfr1);
        assert_int_equal(guest[ISAR0], rows[i].isar0);
        assert_int_equal(guest[ISAR1], rows[i].isar1);
        assert_int_equal(guest[ISAR2], rows[i].isar2);
        assert_int_equal(guest[MMFR0], rows[i].mmfr0);
        assert_int_equal(guest[MMFR1], rows[i].mmfr1);
        assert_int_equal(guest[MMFR2], rows[i].mmfr2);
    }
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whatever_the_host_has_nothing_hidden_is_seen),
        cmocka_unit_test(a_host_that_has_everything_and_one_that_has_nothing),
        cmocka_unit_test(what_may_be_seen_is_as_the_host_has_it),
        cmocka_unit_test(fp_and_simd_are_the_same),
        cmocka_unit_test(a_cpu_without_aarch32_says_nothing_of_it),
        cmocka_unit_test(generic_authentication_comes_with_that_of_addresses),
        cmocka_unit_test(the_gic_is_seen_by_the_guest_that_uses_it),
        cmocka_unit_test(a_vm_that_asks_for_sve_sees_it),
        cmocka_unit_test(a_vm_that_asks_for_a_pmu_sees_v3p1_at_most),
        cmocka_unit_test(each_field_may_be_lowered_in_its_sense),
        cmocka_unit_test(a_register_is_refused_for_one_field),
        cmocka_unit_test(the_table_accounts_for_every_field),
        cmocka_unit_test(known_cpus_are_seen_like_this),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
