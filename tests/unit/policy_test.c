/* SPDX-License-Identifier: MIT */
/* The policy of a VM: what its host makes of the CPU that its guests see. */
#include "policy_vm.h"

static void each_register_has_its_encoding(void **state)
{
    (void)state;
    for (unsigned i = 0; i < ID_COUNT; i++)
        vm->id[i] = 0x1d0000 + i;
    for (unsigned crm = 1; crm < 8; crm++)
        for (unsigned op2 = 0; op2 < 8; op2++)
            is(VCPU_SYSREG(3, 0, 0, crm, op2), 0x1d0000 + AT(crm, op2));
    is(MIDR, 0x1d0000 + ID_MIDR_EL1);
    is(CTR, 0x1d0000 + ID_CTR_EL0);
    is(CLIDR, 0x1d0000 + ID_CLIDR_EL1);
    is(DCZID, 0x1d0000 + ID_DCZID_EL0);
    is(CNTFRQ, 0x1d0000 + ID_CNTFRQ_EL0);
    for (unsigned csselr = 0; csselr < 14; csselr++)
        is(VCPU_VM_CCSIDR(csselr), 0x1d0000 + ID_CCSIDR_EL1(csselr));
}

static void no_other_encoding_is_one(void **state)
{
    /* MPIDR, REVIDR, CRm 8, CCSIDR2, CSSELR; CCSIDR of no cache; CTR with more bits; none. */
    static const uint32_t others[] = {VCPU_SYSREG(3, 0, 0, 0, 5),
                                      VCPU_SYSREG(3, 0, 0, 0, 6),
                                      VCPU_SYSREG(3, 0, 0, 8, 0),
                                      VCPU_SYSREG(3, 1, 0, 0, 2),
                                      VCPU_SYSREG(3, 2, 0, 0, 0),
                                      VCPU_VM_CCSIDR(14),
                                      VCPU_VM_CCSIDR(0xffff),
                                      CTR | 0x10000,
                                      0,
                                      0xffffffff};

    (void)state;
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        is(others[i], 0);
        refuses(others[i], 0, VCPU_ERR_NOT_FOUND);
    }
    assert_int_equal(vcpu_vm_set_id(NULL, PFR0, 0), VCPU_ERR_INVALID);
}

static void a_vm_with_vcpus_or_devices_keeps_its_policy(void **state)
{
    (void)state;
    vm->vcpus = 1;
    refuses(ISAR0, 0, VCPU_ERR_STATE);
    vm->vcpus = 0;
    vm->devices = 1;
    refuses(ISAR0, 0, VCPU_ERR_STATE);
    vm->devices = 0;
    sets(ISAR0, 0);
    is(ISAR0, 0);
    refuses(ISAR0, 0x20, VCPU_ERR_INVALID); /* not raised again */
}

static void without_sve_there_is_nothing_of_it(void **state)
{
    (void)state;
    vm->when = EL1_SVE | EL1_PAUTH;
    sets(PFR0, vcpu_vm_id(vm, PFR0) & ~UINT64_C(0x0000000f00000000));
    is(ZFR0, 0);
    assert_int_equal(vm->when, EL1_PAUTH);
    assert_int_equal(vm->sve_vq, 0);
    refuses(ZFR0, 1, VCPU_ERR_INVALID);
}

/* CSV2 59:56, and CSV2_frac 35:32, which is 0 unless CSV2 is 1. */
static void scxtnum_goes_with_csv2(void **state)
{
    uint64_t host[ID_COUNT];

    (void)state;
    vm->features.scxtnum = true;
    is(PFR0, 0x1201000101110012);
    sets(PFR1, 0x21);
    assert_int_equal(vm->when, EL1_SVE | EL1_PAUTH | EL1_SCXTNUM);
    sets(PFR0, 0x1101000101110012);
    assert_int_equal(vm->when, EL1_SVE | EL1_PAUTH);
    refuses(PFR0, 0x1201000101110012, VCPU_ERR_INVALID);

    memcpy(host, max, sizeof(host));
    host[AT(4, 0)] = 0x1101001121110222;
    host[AT(4, 1)] = 0x0000000201000021;
    make_vm(host, ALL);
    vm->features.scxtnum = true;
    is(PFR1, 0x0000000200000021);
    sets(PFR1, 0x0000000200000020);
    assert_int_equal(vm->when, EL1_SVE | EL1_PAUTH | EL1_SCXTNUM);
    sets(PFR1, 0x0000000100000020);
    assert_int_equal(vm->when, EL1_SVE | EL1_PAUTH);
    sets(PFR0, 0x1001000101110012);
    is(PFR1, 0x20);
}

/* FP 19:16 and AdvSIMD 23:20, whichever of the two is set. */
static void fp_and_simd_go_together(void **state)
{
    (void)state;
    for (unsigned shift = 16; shift < 24; shift += 4) {
        make_vm(max, 0);
        is(PFR0, 0x1101000000110012);
        sets(PFR0, vcpu_vm_id(vm, PFR0) & ~(UINT64_C(15) << shift));
        is(PFR0, 0x1101000000000012);
    }
}

static void without_address_authentication_there_is_no_generic_one(void **state)
{
    (void)state;
    vm->when = EL1_SVE | EL1_PAUTH;
    refuses(ISAR1, 0x0011111102211012, VCPU_ERR_INVALID); /* GPA = 2 */
    sets(ISAR1, 0x0011111101211002);                      /* APA = 0 */
    is(ISAR1, 0x0011111100211002);
    assert_int_equal(vm->when, EL1_SVE);
}

static void without_aarch32_its_registers_are_0(void **state)
{
    (void)state;
    assert_int_not_equal(vcpu_vm_id(vm, ARM_ISAR0), 0);
    sets(PFR0, vcpu_vm_id(vm, PFR0) - 1);
    for (unsigned crm = 1; crm < 4; crm++)
        for (unsigned op2 = 0; op2 < 8; op2++)
            is(VCPU_SYSREG(3, 0, 0, crm, op2), 0);
}

/* PMUVer 11:8, and PerfMon 27:24 of ID_DFR0_EL1: 3 there is 1 here. */
static void the_pmu_has_one_version(void **state)
{
    const uint64_t dfr0 = vcpu_vm_id(vm, DFR0);

    (void)state;
    is(ARM_DFR0, 0x04000006);
    sets(DFR0, dfr0 - 0x300);
    is(ARM_DFR0, 0x03000006);
    sets(DFR0, dfr0 - 0x400);
    is(ARM_DFR0, 0x00000006);
}

/* BRPs 15:12, CTX_CMPs 31:28: context-aware breakpoints are among the breakpoints. */
static void comparators_are_lowered_together(void **state)
{
    uint64_t host[ID_COUNT];

    (void)state;
    memcpy(host, max, sizeof(host));
    host[AT(5, 0)] = 0x30805006; /* six breakpoints, four context-aware; nine watchpoints */
    make_vm(host, 0);
    is(DFR0, 0xf030603006); /* all but two */
    sets(DFR0, 0xf030202006);
    is(DFR0, 0xf020202006);
    refuses(DFR0, 0xf020200006, VCPU_ERR_INVALID); /* one is not allowed */
    refuses(DFR0, 0xf020203006, VCPU_ERR_INVALID);
}

static void ctr_is_lowered_to_what_is_safe(void **state)
{
    /* VIPT (L1Ip 15:14 = 2) with 64-byte lines, ERG (23:20) and CWG (27:24) of 64 bytes, IDC 28. */
    const uint64_t ctr = 0x94448004;
    static const struct {
        uint64_t value;
        bool ok;
    } rows[] = {
        {0x94448004, true},   {0x94448003, true},  {0x94448005, false}, /* IminLine 3:0 */
        {0x94438004, true},   {0x94458004, false},                      /* DminLine 19:16 */
        {0x94548004, true},   {0x94348004, false}, {0x94048004, true},  /* ERG; 0 is unknown */
        {0x95448004, true},   {0x93448004, false}, {0x90448004, true},  /* CWG */
        {0x84448004, true},   {0xb4448004, false}, {0xa4448004, false}, /* IDC, DIC 29 */
        {0x9444c004, false},  {0x94444004, false}, {0x94440004, false}, /* L1Ip */
        {0x14448004, false},  {0x94448014, false},                      /* RES1, RES0 */
        {0x294448004, false},                                           /* TminLine 37:32 */
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        vm->id[ID_CTR_EL0] = ctr;
        if (rows[i].ok)
            sets(CTR, rows[i].value);
        else
            refuses(CTR, rows[i].value, VCPU_ERR_INVALID);
    }
    vm->id[ID_CTR_EL0] = 0x9444c004; /* PIPT may be taken for VIPT */
    sets(CTR, 0x94448004);
    vm->id[ID_CTR_EL0] = 0x90448004; /* CWG unknown: it may be the most, 2 KiB */
    refuses(CTR, 0x94448004, VCPU_ERR_INVALID);
}

static void the_others_are_as_documented(void **state)
{
    (void)state;
    sets(MIDR, 0xffffffff);
    refuses(MIDR, 0x100000000, VCPU_ERR_INVALID);
    sets(CLIDR, 0);
    sets(VCPU_VM_CCSIDR(13), ~UINT64_C(0));
    is(VCPU_VM_CCSIDR(13), ~UINT64_C(0));
    refuses(DCZID, 3, VCPU_ERR_INVALID);
    refuses(DCZID, 0x13, VCPU_ERR_INVALID);
    sets(DCZID, 0x14);
    refuses(DCZID, 4, VCPU_ERR_INVALID);
    refuses(CNTFRQ, 1000000, VCPU_ERR_INVALID);
    sets(CNTFRQ, 62500000);
}

/* With CCIDX 55:32 and 23:3 are sets and ways, without it 27:13 and 12:3. */
static void ccsidr_has_the_format_that_ccidx_says(void **state)
{
    (void)state;
    is(VCPU_VM_CCSIDR(2), 0x000007ff0000007a); /* 2048 sets, 16 ways, 64 bytes */
    sets(MMFR2, vcpu_vm_id(vm, MMFR2) & ~UINT64_C(0x0000000000f00000));
    is(VCPU_VM_CCSIDR(0), 0x001fe01a);
    is(VCPU_VM_CCSIDR(1), 0x001fe012);
    is(VCPU_VM_CCSIDR(2), 0x00ffe07a);
    sets(MMFR2, 0); /* once only */
    is(VCPU_VM_CCSIDR(2), 0x00ffe07a);
}

static bool access_is(uint32_t encoding, bool write, uint64_t *csselr, uint64_t *value)
{
    struct vcpu_sysreg_access access = {.encoding = encoding, .write = write, .value = *value};
    bool done = vcpu_cache_access(vm->id, csselr, &access);

    *value = access.value;
    return done;
}

static void a_guest_selects_its_cache(void **state)
{
    uint64_t csselr = 7, value;

    (void)state;
    for (unsigned i = 0; i < 14; i++)
        vm->id[ID_CCSIDR_EL1(i)] = 0xcc + i;
    for (uint64_t i = 0; i < 16; i++) {
        value = i | ~UINT64_C(15); /* TnD (bit 4) is hidden, the rest RES0 */
        assert_true(access_is(VCPU_SYSREG(3, 2, 0, 0, 0), true, &csselr, &value));
        assert_int_equal(csselr, i);
        assert_true(access_is(VCPU_SYSREG(3, 2, 0, 0, 0), false, &csselr, &value));
        assert_int_equal(value, i);
        assert_true(access_is(VCPU_SYSREG(3, 1, 0, 0, 0), false, &csselr, &value));
        assert_int_equal(value, i < 14 ? 0xcc + i : 0);
    }
    assert_true(access_is(CLIDR, false, &csselr, &value));
    assert_int_equal(value, 0x0a200023);
    assert_true(access_is(CTR, false, &csselr, &value));
    assert_int_equal(value, 0x80038003);
    assert_int_equal(csselr, 15);
}

static void no_other_access_is_of_a_cache(void **state)
{
    (void)state;
    for (uint32_t encoding = 0; encoding < 0x10000; encoding++) {
        for (unsigned write = 0; write < 2; write++) {
            uint64_t csselr = 3, value = 0x5a;
            bool cache = encoding == VCPU_SYSREG(3, 2, 0, 0, 0) ||
                         (!write && (encoding == VCPU_SYSREG(3, 1, 0, 0, 0) || encoding == CLIDR ||
                                     encoding == CTR));

            assert_int_equal(access_is(encoding, write, &csselr, &value), cache);
            if (!cache)
                assert_true(csselr == 3 && value == 0x5a);
        }
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(each_register_has_its_encoding),
        TEST(no_other_encoding_is_one),
        TEST(a_vm_with_vcpus_or_devices_keeps_its_policy),
        TEST(without_sve_there_is_nothing_of_it),
        TEST(scxtnum_goes_with_csv2),
        TEST(fp_and_simd_go_together),
        TEST(without_address_authentication_there_is_no_generic_one),
        TEST(without_aarch32_its_registers_are_0),
        TEST(the_pmu_has_one_version),
        TEST(comparators_are_lowered_together),
        TEST(ctr_is_lowered_to_what_is_safe),
        TEST(the_others_are_as_documented),
        TEST(ccsidr_has_the_format_that_ccidx_says),
        TEST(a_guest_selects_its_cache),
        TEST(no_other_access_is_of_a_cache),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
