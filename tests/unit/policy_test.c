/* SPDX-License-Identifier: MIT */
/*
 * The policy of a VM: what its host makes of the CPU that its guests see, and which CPUs the VM
 * still fits.
 */
#include "cmocka_all.h"

#include <stdlib.h>
#include <string.h>

#include <vcpu/error.h>
#include <vcpu/sysreg.h>

#include "guest/cache.h"
#include "guest/id.h"
#include "random.h"
#include "state/state.h"

/* Where S3_0_C0_C<crm>_<op2> is in the group, and its encoding. */
#define AT(crm, op2) (-8 + 8 * (crm) + (op2))
#define PFR0         VCPU_SYSREG(3, 0, 0, 4, 0)
#define ZFR0         VCPU_SYSREG(3, 0, 0, 4, 4)
#define ISAR0        VCPU_SYSREG(3, 0, 0, 6, 0)
#define ISAR1        VCPU_SYSREG(3, 0, 0, 6, 1)
#define ISAR2        VCPU_SYSREG(3, 0, 0, 6, 2)
#define DFR0         VCPU_SYSREG(3, 0, 0, 5, 0)
#define MMFR2        VCPU_SYSREG(3, 0, 0, 7, 2)
#define ARM_DFR0     VCPU_SYSREG(3, 0, 0, 1, 2)
#define ARM_ISAR0    VCPU_SYSREG(3, 0, 0, 2, 0)

#define MIDR   VCPU_SYSREG(3, 0, 0, 0, 0)
#define CTR    VCPU_SYSREG(3, 3, 0, 0, 1)
#define CLIDR  VCPU_SYSREG(3, 1, 0, 0, 1)
#define DCZID  VCPU_SYSREG(3, 3, 0, 0, 7)
#define CNTFRQ VCPU_SYSREG(3, 3, 14, 0, 0)

/* What vcpu_id_fit says. */
#define FITS   1u
#define NO_CTR 2u
#define CACHES 4u
#define NO_ZVA 8u

/* QEMU's max (with six watchpoints, not four), and what else differs between CPUs. */
static const uint64_t max[ID_COUNT] = {
    [AT(1, 0)] = 0x21000131,
    [AT(1, 1)] = 0x00011001,
    [AT(1, 2)] = 0x06000009,
    [AT(1, 4)] = 0x10101105,
    [AT(1, 7)] = 0x02122211,
    [AT(2, 0)] = 0x02101110,
    [AT(2, 5)] = 0x11011121,
    [AT(4, 0)] = 0x1201001121110222,
    [AT(4, 1)] = 0x0000000001000021,
    [AT(4, 4)] = 0x0110110100110021,
    [AT(5, 0)] = 0x0000000010505609,
    [AT(6, 0)] = 0x1221111110212120,
    [AT(6, 1)] = 0x0011111101211012,
    [AT(7, 0)] = 0x0000032310201126,
    [AT(7, 1)] = 0x0000011010211122,
    [AT(7, 2)] = 0x1021011010111011,
    [ID_MIDR_EL1] = 0x000f0510,
    [ID_CTR_EL0] = 0x80038003,
    [ID_CLIDR_EL1] = 0x0a200023,
    [ID_DCZID_EL0] = 4,
    [ID_CNTFRQ_EL0] = 62500000,
    [ID_CCSIDR_EL1(0)] = 0x000000ff0000001a,
    [ID_CCSIDR_EL1(1)] = 0x000000ff00000012,
    [ID_CCSIDR_EL1(2)] = 0x000007ff0000007a,
};

#define ALL (ID_WITH_GIC | ID_WITH_SVE | ID_WITH_PMU)

static struct vcpu_vm *vm;

static void make_vm(const uint64_t host[ID_COUNT], unsigned with)
{
    memset(vm, 0, sizeof(*vm));
    vm->features = (struct vcpu_features){.sve = true, .pauth = true};
    vcpu_id_for_guest(host, with, vm->id);
    vm->sve_vq = 4;
}

static int set_up(void **state)
{
    (void)state;
    vm = malloc(sizeof(*vm));
    if (!vm)
        return -1;
    make_vm(max, ALL);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    free(vm);
    return 0;
}

static void sets(uint32_t encoding, uint64_t value)
{
    assert_int_equal(vcpu_vm_set_id(vm, encoding, value), VCPU_OK);
}

/* Nothing is changed by what is refused. */
static void refuses(uint32_t encoding, uint64_t value, int error)
{
    struct vcpu_vm before;

    memcpy(&before, vm, sizeof(before));
    assert_int_equal(vcpu_vm_set_id(vm, encoding, value), error);
    assert_memory_equal(vm, &before, sizeof(before));
}

static void is(uint32_t encoding, uint64_t expected)
{
    assert_int_equal(vcpu_vm_id(vm, encoding), expected);
}

/* ---- The registers ---- */

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

/* ---- What follows from what was lowered ---- */

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

/* ---- Caches and the like ---- */

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

/* ---- What a trapped guest reads ---- */

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

/* ---- Which CPUs it fits ---- */

/* What becomes of max's VM on a max that differs in this. */
static unsigned fit_with(unsigned index, uint64_t value)
{
    uint64_t other[ID_COUNT];

    memcpy(other, max, sizeof(other));
    other[index] = value;
    return vcpu_id_fit(other, vm->id);
}

static void a_cpu_with_less_in_any_field_is_refused(void **state)
{
    unsigned refused = 0;

    (void)state;
    assert_int_equal(vcpu_id_fit(max, vm->id), FITS);
    for (unsigned reg = 0; reg < 56; reg++) {
        for (unsigned shift = 0; shift < 64; shift += 4) {
            uint64_t has = max[reg] >> shift & 15, guest = vm->id[reg] >> shift & 15;
            /* FP, AdvSIMD and the granules have a sign, DoubleLock and DebugVer are made up. */
            bool is_plain = !(reg == AT(4, 0) && (shift == 16 || shift == 20)) &&
                            !(reg == AT(7, 0) && (shift == 24 || shift == 28)) &&
                            !(reg == AT(5, 0) && (shift == 0 || shift == 36));

            if (!is_plain || has == 0)
                continue;
            unsigned fit = fit_with(reg, max[reg] - (UINT64_C(1) << shift));

            /* Comparators: two are the host's, so one fewer is one fewer for the guest. */
            if (guest == has || (reg == AT(5, 0) && guest != 0 && shift != 8)) {
                assert_int_equal(fit, 0);
                refused++;
            } else if (guest == 0) {
                assert_int_equal(fit, FITS);
            }
        }
    }
    assert_true(refused > 80);
    /* FP of 0 where it is 1, 0xf where it is 0; no 4 KiB granule; no half precision in SIMD. */
    assert_int_equal(fit_with(AT(4, 0), 0x1201001121100222), 0);
    assert_int_equal(fit_with(AT(4, 0), 0x12010011211f0222), 0);
    assert_int_equal(fit_with(AT(4, 0), 0x1201001121010222), 0);
    assert_int_equal(fit_with(AT(7, 0), 0x00000323f0201126), 0);
}

static void a_cpu_with_more_fits(void **state)
{
    (void)state;
    for (unsigned reg = 0; reg < 56; reg++) {
        for (unsigned shift = 0; shift < 64; shift += 4) {
            bool is_exact = (reg == AT(6, 1) && (shift == 4 || shift == 24)) ||
                            (reg == AT(6, 2) && shift == 24);

            if ((max[reg] >> shift & 15) < 7 && !is_exact)
                assert_int_equal(fit_with(reg, max[reg] + (UINT64_C(1) << shift)), FITS);
        }
    }
    /* Pointer authentication of another kind gives other signatures. */
    assert_int_equal(fit_with(AT(6, 1), max[AT(6, 1)] + 0x10), 0);
    assert_int_equal(fit_with(AT(6, 1), max[AT(6, 1)] - 0x10), 0);
    make_vm(max, 0);
    sets(ISAR1, vcpu_vm_id(vm, ISAR1) & ~UINT64_C(0xf0));
    assert_int_equal(fit_with(AT(6, 1), max[AT(6, 1)] + 0x10), FITS);
    assert_int_equal(fit_with(AT(6, 1), max[AT(6, 1)] - 0x10), FITS);
}

/* What a VM did not ask for is nothing that a CPU must have. */
static void who_has_not_asked_fits_where_it_is_not(void **state)
{
    (void)state;
    assert_int_equal(fit_with(AT(5, 0), max[AT(5, 0)] | 0xf00), 0); /* another PMU */
    assert_int_equal(fit_with(AT(4, 0), 0x1201001021110222), 0);
    make_vm(max, 0);
    assert_int_equal(fit_with(AT(5, 0), max[AT(5, 0)] | 0xf00), FITS);
    assert_int_equal(fit_with(AT(5, 0), max[AT(5, 0)] & ~UINT64_C(0xf00)), FITS);
    assert_int_equal(fit_with(AT(4, 0), 0x1201001021110222), FITS);
    assert_int_equal(fit_with(AT(4, 0), 0x1201001120110222), FITS); /* no GIC */
}

static void what_differs_of_caches_is_trapped(void **state)
{
    (void)state;
    assert_int_equal(fit_with(ID_MIDR_EL1, 0x410fd034), FITS);
    assert_int_equal(fit_with(ID_CTR_EL0, 0x80048004), FITS | NO_CTR); /* longer lines */
    assert_int_equal(fit_with(ID_CTR_EL0, 0x80038002), 0);             /* shorter ones */
    assert_int_equal(fit_with(ID_CLIDR_EL1, 0x0a200123), FITS | CACHES);
    for (unsigned i = 0; i < 14; i++)
        assert_int_equal(fit_with(ID_CCSIDR_EL1(i), 0x700fe01a), FITS | CACHES);
    assert_int_equal(fit_with(ID_CNTFRQ_EL0, 24000000), 0);
}

static void dc_zva_writes_as_much_or_is_trapped(void **state)
{
    (void)state;
    assert_int_equal(fit_with(ID_DCZID_EL0, 4), FITS);
    assert_int_equal(fit_with(ID_DCZID_EL0, 3), 0);
    assert_int_equal(fit_with(ID_DCZID_EL0, 5), 0);
    assert_int_equal(fit_with(ID_DCZID_EL0, 0x14), 0); /* prohibited there */
    sets(DCZID, 0x14);
    for (uint64_t dczid = 0; dczid < 32; dczid++)
        assert_int_equal(fit_with(ID_DCZID_EL0, dczid), FITS | NO_ZVA);
}

static void kinds_differ_in_every_bit(void **state)
{
    const uint64_t kind = vcpu_id_kind(max);

    (void)state;
    for (unsigned i = 0; i < ID_COUNT; i++) {
        for (unsigned bit = 0; bit < 64; bit++) {
            uint64_t other[ID_COUNT];

            memcpy(other, max, sizeof(other));
            other[i] ^= UINT64_C(1) << bit;
            assert_int_not_equal(vcpu_id_kind(other), kind);
            assert_int_equal(vcpu_id_kind(other) & 15, 0);
            /* Nor does another bit make up for it. */
            other[(i + 1) % ID_COUNT] ^= UINT64_C(1) << bit;
            assert_int_not_equal(vcpu_id_kind(other), kind);
        }
    }
}

static void a_new_policy_is_compared_with_cpus_anew(void **state)
{
    (void)state;
    for (unsigned i = 0; i < VM_KINDS; i++)
        atomic_store(&vm->fit[i], 0x1230 | FITS);
    sets(MIDR, 0);
    for (unsigned i = 0; i < VM_KINDS; i++)
        assert_int_equal(atomic_load(&vm->fit[i]), 0);
}

/* ---- By chance ---- */

/* A CPU as there might be: mostly like max, some fields anything. */
static void random_host(uint64_t *seed, uint64_t host[ID_COUNT])
{
    memcpy(host, max, ID_COUNT * sizeof(host[0]));
    for (unsigned i = 0; i < 40; i++) {
        unsigned reg = (unsigned)(random64(seed) % 56), shift = random64(seed) % 16 * 4;

        host[reg] &= ~(UINT64_C(15) << shift);
        host[reg] |= (random64(seed) & 15) << shift;
    }
    /* As the Arm ARM has it: two comparators of each kind, EL0 and EL1, and AdvSIMD is as FP. */
    host[AT(5, 0)] |= 0x101000;
    host[AT(4, 0)] &= ~UINT64_C(0xff00ff);
    host[AT(4, 0)] |= random64(seed) % 2 ? 0x12 : 0x11;
    host[AT(4, 0)] |= (random64(seed) % 2) * 0x110000;
}

static void check_dependent_fields(void)
{
    uint64_t pfr0 = vm->id[AT(4, 0)], isar1 = vm->id[AT(6, 1)], isar2 = vm->id[AT(6, 2)];
    uint64_t dfr0 = vm->id[AT(5, 0)], aarch32 = 0;

    assert_int_equal(pfr0 >> 16 & 15, pfr0 >> 20 & 15);
    if (!(pfr0 >> 32 & 15))
        assert_int_equal(vm->id[AT(4, 4)], 0);
    if (!(isar1 & 0xff0) && !(isar2 & 0xf000))
        assert_int_equal((isar1 & 0xff000000) | (isar2 & 0x0f000f00), 0);
    for (unsigned reg = 0; reg < AT(4, 0); reg++)
        aarch32 |= vm->id[reg];
    if ((pfr0 & 15) != 2)
        assert_int_equal(aarch32, 0);
    assert_true((dfr0 >> 28 & 15) <= (dfr0 >> 12 & 15));
}

/* Whatever its host asks for, a guest never sees more than at first, and its VM fits its CPU. */
static void no_policy_shows_more_than_the_cpu_has(void **state)
{
    uint64_t seed = 5;
    unsigned lowered = 0;

    (void)state;
    for (unsigned i = 0; i < 300; i++) {
        uint64_t host[ID_COUNT], first[ID_COUNT];

        random_host(&seed, host);
        make_vm(host, (unsigned)random64(&seed) & ALL);
        memcpy(first, vm->id, sizeof(first));
        for (unsigned j = 0; j < 1000; j++) {
            unsigned reg = (unsigned)(random64(&seed) % 56), shift = random64(&seed) % 16 * 4;
            uint64_t value = vm->id[reg] & ~(UINT64_C(15) << shift);

            value |= (random64(&seed) & 15) << shift;
            lowered += !vcpu_vm_set_id(vm, (uint32_t)(VCPU_SYSREG(3, 0, 0, 1, 0) + reg), value) &&
                       value != first[reg];
        }
        check_dependent_fields();
        /* Without AArch32 its registers are 0, which of no field with a sign is the least. */
        for (unsigned reg = (vm->id[AT(4, 0)] & 15) == 2 ? 0 : AT(4, 0); reg < 56; reg++)
            assert_true(vcpu_id_may_lower(reg, first[reg], vm->id[reg]));
        /* Without CCIDX CCSIDR_EL1 has another format than the CPU's. */
        bool ccidx_is_gone = (first[AT(7, 2)] & 0xf00000) && !(vm->id[AT(7, 2)] & 0xf00000);

        assert_int_equal(vcpu_id_fit(host, vm->id), ccidx_is_gone ? FITS | CACHES : FITS);
    }
    assert_true(lowered > 300 * 5);
}

/* As vm.h tells a host that moves a VM: of each field what both machines can hold. */
static uint64_t least_of(unsigned reg, uint64_t a, uint64_t b)
{
    uint64_t both = 0;

    for (unsigned shift = 0; shift < 64; shift += 4) {
        const uint64_t digit = UINT64_C(15) << shift;
        uint64_t x = a & digit, y = b & digit;

        if (vcpu_id_may_lower(reg, x, y))
            both |= y;
        else if (vcpu_id_may_lower(reg, y, x))
            both |= x;
    }
    return both;
}

static void a_vm_of_what_two_cpus_have_fits_both(void **state)
{
    uint64_t seed = 6;

    (void)state;
    for (unsigned i = 0; i < 1000; i++) {
        uint64_t host[2][ID_COUNT], other[ID_COUNT];
        unsigned with = (unsigned)random64(&seed) & ALL;

        random_host(&seed, host[0]);
        random_host(&seed, host[1]);
        make_vm(host[1], with);
        memcpy(other, vm->id, sizeof(other));
        make_vm(host[0], with);
        for (unsigned reg = 0; reg < 56; reg++)
            sets((uint32_t)(VCPU_SYSREG(3, 0, 0, 1, 0) + reg),
                 least_of(reg, vm->id[reg], other[reg]));
        assert_true(vcpu_id_fit(host[0], vm->id) & FITS);
        assert_true(vcpu_id_fit(host[1], vm->id) & FITS);
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
        TEST(a_cpu_with_less_in_any_field_is_refused),
        TEST(a_cpu_with_more_fits),
        TEST(who_has_not_asked_fits_where_it_is_not),
        TEST(what_differs_of_caches_is_trapped),
        TEST(dc_zva_writes_as_much_or_is_trapped),
        TEST(kinds_differ_in_every_bit),
        TEST(a_new_policy_is_compared_with_cpus_anew),
        TEST(no_policy_shows_more_than_the_cpu_has),
        TEST(a_vm_of_what_two_cpus_have_fits_both),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
