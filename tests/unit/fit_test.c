/* SPDX-License-Identifier: MIT */
/* Which CPUs a VM fits, and what is trapped on those that differ. */
#include "cpu/fit.h"
#include "policy_vm.h"

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

/* CSV2 = 1 with a fraction is less than CSV2 = 2, whose fraction reads 0. */
static void a_fraction_is_less_than_the_next_whole(void **state)
{
    enum { CSV2 = 56, FRAC = 32 };
    uint64_t host[ID_COUNT];
    const uint64_t pfr0 = max[AT(4, 0)] & ~(UINT64_C(15) << CSV2);
    const uint64_t pfr1 = max[AT(4, 1)] & ~(UINT64_C(15) << FRAC);

    (void)state;
    memcpy(host, max, sizeof(host));
    for (uint64_t frac = 1; frac <= 2; frac++) {
        host[AT(4, 0)] = pfr0 | UINT64_C(1) << CSV2;
        host[AT(4, 1)] = pfr1 | frac << FRAC;
        make_vm(host, ALL);
        is(PFR1, (vcpu_vm_id(vm, PFR1) & ~(UINT64_C(15) << FRAC)) | frac << FRAC);
        assert_true(vcpu_id_fit(host, vm->id) & FITS);
        host[AT(4, 1)] = pfr1 | (frac - 1) << FRAC;
        assert_int_equal(vcpu_id_fit(host, vm->id), 0);
        host[AT(4, 1)] = pfr1;
        for (uint64_t csv2 = 2; csv2 <= 3; csv2++) {
            host[AT(4, 0)] = pfr0 | csv2 << CSV2;
            assert_true(vcpu_id_fit(host, vm->id) & FITS);
        }
        host[AT(4, 0)] = pfr0;
        assert_int_equal(vcpu_id_fit(host, vm->id), 0);
    }
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

/* ICH_VTR_EL2: PRIbits and PREbits 5, IDbits 16, A3V, TDS; ListRegs 4. */
static void the_gics_interface_is_compared(void **state)
{
    const uint32_t vtr = UINT32_C(4) << 29 | 4u << 26 | 1u << 21 | 1u << 19 | 3u;

    (void)state;
    assert_true(fit_gic_interface(vtr, vtr));
    assert_true(fit_gic_interface(0, 0));
    for (unsigned lrs = 0; lrs < 32; lrs++)
        assert_int_equal(fit_gic_interface((vtr & ~31u) | lrs, vtr), lrs >= 3);
    for (unsigned bit = 19; bit < 32; bit++)
        assert_false(fit_gic_interface(vtr ^ UINT32_C(1) << bit, vtr));
    /* DVIM, and what is reserved. */
    for (unsigned bit = 5; bit < 19; bit++)
        assert_true(fit_gic_interface(vtr ^ 1u << bit, vtr));
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
        TEST(a_cpu_with_less_in_any_field_is_refused),
        TEST(a_cpu_with_more_fits),
        TEST(a_fraction_is_less_than_the_next_whole),
        TEST(who_has_not_asked_fits_where_it_is_not),
        TEST(what_differs_of_caches_is_trapped),
        TEST(dc_zva_writes_as_much_or_is_trapped),
        TEST(kinds_differ_in_every_bit),
        TEST(a_new_policy_is_compared_with_cpus_anew),
        TEST(no_policy_shows_more_than_the_cpu_has),
        TEST(a_vm_of_what_two_cpus_have_fits_both),
        TEST(the_gics_interface_is_compared),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
