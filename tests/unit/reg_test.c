/* SPDX-License-Identifier: MIT */
/* Registers by id, one by one. */
#include "reg_vcpu.h"

static void ids_are_these_numbers_for_ever(void **state)
{
    (void)state;
    assert_int_equal(VCPU_REG_X0, 0);
    assert_int_equal(VCPU_REG_PC, 32);
    assert_int_equal(VCPU_REG_PSTATE, 33);
    assert_int_equal(VCPU_REG_SP_EL0, 34);
    assert_int_equal(VCPU_REG_TPIDR_EL0, 35);
    assert_int_equal(VCPU_REG_PENDING, 36);
    assert_int_equal(VCPU_REG_SYSREG + VCPU_SYSREG(3, 0, 1, 0, 0), 0x1c080);
    assert_int_equal(VCPU_REG_SYSREG + VCPU_SYSREG(3, 3, 14, 3, 2), 0x1df1a);
    assert_int_equal(VCPU_REG_SYSREG + VCPU_SYSREG(2, 0, 0, 2, 2), 0x18012);
    assert_int_equal(VCPU_REG_SYSREG + VCPU_VM_CCSIDR(13), 0xec800);
    assert_int_equal(VCPU_REG_V(31, 1), 0x10003f);
    assert_int_equal(VCPU_REG_Z(31, 31), 0x1103ff);
    assert_int_equal(VCPU_REG_P(15, 3), 0x12003f);
    assert_int_equal(VCPU_REG_FFR(3), 0x120043);
}

static unsigned count_between(size_t n, uint32_t first, uint32_t last)
{
    unsigned count = 0;

    for (size_t i = 0; i < n; i++)
        count += ids[i] >= first && ids[i] <= last;
    return count;
}

static void the_list_has_each_register_once_and_each_can_be_written(void **state)
{
    (void)state;
    for (uint8_t vq = 0; vq <= 16; vq++) {
        unsigned pieces = (vq * 16 + 63) / 64;
        size_t n;

        make(vq ? EL1_SVE | EL1_PAUTH | EL1_SCXTNUM : EL1_RAS, vq);
        n = vcpu_list_regs(&v.pub, ids, MAX_IDS);
        assert_int_equal(vcpu_list_regs(&v.pub, NULL, 0), n);
        for (size_t i = 0; i < n; i++) {
            assert_int_equal(count_between(n, ids[i], ids[i]), 1);
            assert_int_equal(set(ids[i], get(ids[i])), VCPU_OK);
        }
        assert_int_equal(count_between(n, 0, 30), 31);
        assert_int_equal(count_between(n, 32, 0xffff), 5);
        assert_int_equal(count_between(n, VCPU_REG_V(0, 0), VCPU_REG_V(31, 1)), vq ? 0 : 64);
        assert_int_equal(count_between(n, VCPU_REG_Z(0, 0), VCPU_REG_Z(31, 31)), 32 * 2 * vq);
        assert_int_equal(count_between(n, VCPU_REG_P(0, 0), VCPU_REG_FFR(3)), 17 * pieces);
        /* Four breakpoints and two watchpoints. */
        assert_int_equal(count_between(n, ROW_ID(2, 0, 0, 0, 4), ROW_ID(2, 0, 0, 0, 7)), 4);
        assert_int_equal(count_between(n, ROW_ID(2, 0, 0, 3, 4), ROW_ID(2, 0, 0, 5, 7)), 2);
        assert_int_equal(count_between(n, DEVICE_ID, DEVICE_ID), 1);
        /* The keys; VSESR_EL2. */
        assert_int_equal(count_between(n, ROW_ID(3, 0, 2, 1, 0), ROW_ID(3, 0, 2, 3, 1)),
                         vq ? 10 : 0);
        assert_int_equal(count_between(n, ROW_ID(3, 4, 5, 2, 3), ROW_ID(3, 4, 5, 2, 3)), !vq);
        assert_int_equal(count_between(n, SCXTNUM_EL1, SCXTNUM_EL1), !!vq);
        assert_int_equal(count_between(n, SCXTNUM_EL0, SCXTNUM_EL0), !!vq);
        assert_int_equal(takes, 0);
    }
}

static void the_list_begins_with_what_decides_and_pstate_is_before_pc(void **state)
{
    size_t n = vcpu_list_regs(&v.pub, ids, MAX_IDS), pstate = 0, pc = 0, sctlr = 0, pfr0 = 0;

    (void)state;
    for (size_t i = 0; i < n; i++) {
        pstate = ids[i] == VCPU_REG_PSTATE ? i : pstate;
        pc = ids[i] == VCPU_REG_PC ? i : pc;
        sctlr = ids[i] == SCTLR_EL1 ? i : sctlr;
        pfr0 = ids[i] == ROW_ID(3, 0, 0, 4, 0) ? i : pfr0;
    }
    assert_true(pfr0 < pstate && pstate < pc && pc < sctlr);
}

static void what_is_short_of_room_is_counted(void **state)
{
    size_t n = vcpu_list_regs(&v.pub, NULL, 0), room = 3;
    struct vcpu_reg_value few[4] = {
        {.id = 0xffffffff}, {.id = 0xffffffff}, {.id = 0xffffffff}, {.id = 0xffffffff}};

    (void)state;
    memset(ids, 0xff, sizeof(ids));
    assert_int_equal(vcpu_list_regs(&v.pub, ids, 3), n);
    assert_int_equal(ids[3], 0xffffffff);
    assert_int_equal(vcpu_save(&v.pub, few, &room), VCPU_ERR_INVALID);
    assert_int_equal(room, n);
    assert_int_equal(few[3].id, 0xffffffff);
}

static bool guest_has(uint32_t id, unsigned bit)
{
    for (size_t i = 0; i < sizeof(feature_bits) / sizeof(feature_bits[0]); i++)
        if (feature_bits[i].id == id && bit <= feature_bits[i].last && bit >= feature_bits[i].first)
            return (vm.when & feature_bits[i].when) == feature_bits[i].when &&
                   (vm.id[feature_bits[i].reg] >> feature_bits[i].shift & 0xf) >=
                       feature_bits[i].least;
    return true;
}

static void bits_of_features_that_are_not_shown_are_refused_and_read_as_0(void **state)
{
    static const uint32_t registers[] = {SCTLR_EL1, TCR_EL1, CPACR_EL1, FAR_EL1};
    uint64_t seed = 1;

    (void)state;
    for (unsigned round = 0; round < 200; round++) {
        make(random64(&seed) & (EL1_PAUTH | EL1_SVE), 0);
        vm.id[ID_REG_INDEX(4, 1)] = random64(&seed) & 0x33;
        vm.id[ID_REG_INDEX(7, 1)] = random64(&seed) & UINT64_C(0x303003);
        vm.id[ID_REG_INDEX(7, 2)] = random64(&seed) & (B(60) | B(32));
        vm.id[ID_REG_INDEX(6, 1)] = random64(&seed) & B(40);
        for (unsigned r = 0; r < 4; r++) {
            uint64_t all = 0;

            for (unsigned bit = 0; bit < 64; bit++) {
                bool has = guest_has(registers[r], bit);

                assert_int_equal(set(registers[r], B(bit)), has ? VCPU_OK : VCPU_ERR_INVALID);
                all |= has ? B(bit) : 0;
            }
            /* A guest may have them in the register all the same. */
            memset(v.el1, 0xff, sizeof(v.el1));
            assert_int_equal(get(registers[r]), all);
            assert_int_equal(set(registers[r], all), VCPU_OK);
        }
    }
}

static void registers_that_say_what_there_is_take_their_own_value_only(void **state)
{
    const uint32_t pfr0 = ROW_ID(3, 0, 0, 4, 0), mpidr = ROW_ID(3, 0, 0, 0, 5);

    (void)state;
    vm.id[ID_MIDR_EL1] = 0x410fd034;
    vm.id[ID_CCSIDR_EL1(3)] = 0x701fe00a;
    assert_int_equal(get(pfr0), 2);
    assert_int_equal(get(mpidr), 0x80000102);
    assert_int_equal(get(ROW_ID(3, 0, 0, 0, 0)), 0x410fd034);
    assert_int_equal(get(ROW_ID(3, 1, 0, 0, 0) + 3 * 0x10000), 0x701fe00a);
    assert_int_equal(set(pfr0, 2), VCPU_OK);
    assert_int_equal(set(pfr0, 1), VCPU_ERR_INVALID);
    assert_int_equal(set(mpidr, 0x80000101), VCPU_ERR_INVALID);
    assert_int_equal(get(mpidr), 0x80000102);
}

static void pstate_of_hidden_features_is_not_shown(void **state)
{
    (void)state;
    v.pub.regs.pstate = B(25) | B(13) | 0x3c5; /* TCO, ALLINT */
    assert_int_equal(get(VCPU_REG_PSTATE), 0x3c5);
    v.pub.regs.pstate = GENMASK(63, 32) | 0x3c5; /* of CPUs newer than the library */
    assert_int_equal(get(VCPU_REG_PSTATE), 0x3c5);
    v.pub.regs.pstate = B(25) | B(13) | 0x1d0; /* IT of AArch32 */
    assert_int_equal(get(VCPU_REG_PSTATE), B(25) | B(13) | 0x1d0);
    assert_int_equal(set(VCPU_REG_PSTATE, B(25) | 0x3c5), VCPU_ERR_INVALID);
    vm.id[ID_AA64PFR0_EL1] = 1;
    assert_int_equal(set(VCPU_REG_PSTATE, 0x1d0), VCPU_ERR_INVALID);
}

static void a_bit_of_pstate_that_is_taken_reads_back(void **state)
{
    static const uint64_t modes[] = {0x0, 0x4, 0x5, 0x10};

    (void)state;
    memset(&vm.features, 1, sizeof(vm.features)); /* a CPU that has everything */
    vm.id[ID_AA64PFR0_EL1] = 2;
    for (size_t mode = 0; mode < sizeof(modes) / sizeof(modes[0]); mode++) {
        for (unsigned bit = 5; bit < 64; bit++) {
            assert_int_equal(set(VCPU_REG_PSTATE, modes[mode]), VCPU_OK);
            assert_int_equal(get(VCPU_REG_PSTATE), modes[mode]);
            if (set(VCPU_REG_PSTATE, modes[mode] | B(bit)) == VCPU_OK)
                assert_int_equal(get(VCPU_REG_PSTATE), modes[mode] | B(bit));
            else
                assert_int_equal(get(VCPU_REG_PSTATE), modes[mode]);
        }
    }
    assert_int_equal(set(VCPU_REG_PSTATE, B(13) | 0x3c5), VCPU_ERR_INVALID); /* ALLINT */
    assert_int_equal(set(VCPU_REG_PSTATE, B(25) | 0x3c5), VCPU_ERR_INVALID); /* TCO */
}

static void debug_state_is_what_the_guest_would_find(void **state)
{
    (void)state;
    v.debug.os_lock = true;
    assert_int_equal(get(OSLSR_EL1), 0xa); /* OSLM, OSLK */
    assert_int_equal(set(OSLSR_EL1, 0x8), VCPU_OK);
    assert_false(v.debug.os_lock);
    assert_int_equal(set(OSLSR_EL1, 0x2), VCPU_ERR_INVALID);
    assert_false(v.debug.os_lock);

    assert_int_equal(set(CLAIMCLR, 0xa5), VCPU_OK);
    assert_int_equal(set(CLAIMCLR, 0x0f), VCPU_OK);
    assert_int_equal(get(CLAIMCLR), 0x0f);
    assert_int_equal(v.debug.claim, 0x0f);
    assert_int_equal(set(CLAIMCLR, 0x100), VCPU_ERR_INVALID);
    assert_int_equal(v.debug.claim, 0x0f);

    assert_int_equal(set(MDSCR_EL1, B(15) | B(0)), VCPU_OK);
    assert_int_equal(set(MDSCR_EL1, B(14)), VCPU_ERR_INVALID); /* HDE: an external debugger's */
    assert_int_equal(v.debug.mdscr, B(15) | B(0));
    /* It is in effect from the next entry on, which must not be the fast one. */
    assert_true(atomic_load(&v.token) & TOKEN_SLOW);
    /* HMC and SSC would match at EL2. */
    assert_int_equal(set(ROW_ID(2, 0, 0, 0, 5), B(13) | 1), VCPU_ERR_INVALID);
    assert_int_equal(get(ROW_ID(2, 0, 0, 0, 5)), 0);
    /* The fifth breakpoint; what keeps nothing. */
    assert_int_equal(set(ROW_ID(2, 0, 0, 4, 4), 0), VCPU_ERR_NOT_FOUND);
    assert_int_equal(set(ROW_ID(2, 3, 0, 4, 0), 0), VCPU_ERR_NOT_FOUND);
}

static void what_is_pending_is_lines_and_an_serror_wherever_it_is(void **state)
{
    struct percpu_state *cpu = (struct percpu_state *)UINT64_C(0x1000);

    (void)state;
    assert_int_equal(set(VCPU_REG_PENDING, B(8) | B(7)), VCPU_OK);
    assert_int_equal(atomic_load(&v.lines), B(8) | B(7));
    assert_int_equal(called, TOKEN_CHANGED);
    assert_int_equal(set(VCPU_REG_PENDING, B(5)), VCPU_ERR_INVALID);
    atomic_store(&v.lines, B(6));
    v.pub.regs.hcr_el2 = B(8) | B(3);
    assert_int_equal(get(VCPU_REG_PENDING), B(6)); /* left over from when it was in a CPU */
    atomic_store(&v.token, (uintptr_t)cpu);
    assert_int_equal(get(VCPU_REG_PENDING), B(8) | B(6));
    /* A line that fell since is so with the next entry. */
    v.pub.regs.hcr_el2 |= B(7);
    assert_int_equal(get(VCPU_REG_PENDING), B(8) | B(6));
    assert_int_equal(set(VCPU_REG_PENDING, 0), VCPU_OK);
    assert_int_equal(v.pub.regs.hcr_el2, B(7) | B(3));
    vm.flags = VCPU_VM_DIRECT_IRQ;
    assert_int_equal(set(VCPU_REG_PENDING, B(7)), VCPU_ERR_INVALID);
    assert_int_equal(set(VCPU_REG_PENDING, B(8)), VCPU_OK);
}

static void only_what_is_asked_for_is_brought_to_memory(void **state)
{
    (void)state;
    get(VCPU_REG_X0);
    get(MDSCR_EL1);
    assert_int_equal(fetches + stores, 0);
    get(FAR_EL1);
    assert_int_equal(fetches, 1);
    assert_int_equal(stores, 0);
    assert_int_equal(set(FAR_EL1, 1), VCPU_OK);
    assert_int_equal(fetches, 2);
    assert_int_equal(stores, 1);
    assert_int_equal(takes, 0);
    get(DEVICE_ID);
    assert_true(device_was_masked);
    assert_false(masked);
}

static void elsewhere_nothing_is_done(void **state)
{
    struct vcpu_reg_value one = {.id = VCPU_REG_X0, .value = 1};
    uint64_t value = 0x5a;
    uint32_t refused = 7;
    size_t count = 1, n = vcpu_list_regs(&v.pub, ids, MAX_IDS);

    (void)state;
    elsewhere = true;
    memcpy(&copy, &v, sizeof(v));
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(vcpu_get_reg(&v.pub, ids[i], &value), VCPU_ERR_BUSY);
        assert_int_equal(set(ids[i], 1), VCPU_ERR_BUSY);
    }
    assert_int_equal(vcpu_save(&v.pub, &one, &count), VCPU_ERR_BUSY);
    assert_int_equal(vcpu_restore(&v.pub, &one, 1, &refused), VCPU_ERR_BUSY);
    assert_int_equal(value, 0x5a);
    assert_int_equal(refused, 7);
    assert_memory_equal(&copy, &v, sizeof(v));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, setup)
    const struct CMUnitTest tests[] = {
        TEST(ids_are_these_numbers_for_ever),
        TEST(the_list_has_each_register_once_and_each_can_be_written),
        TEST(the_list_begins_with_what_decides_and_pstate_is_before_pc),
        TEST(what_is_short_of_room_is_counted),
        TEST(bits_of_features_that_are_not_shown_are_refused_and_read_as_0),
        TEST(registers_that_say_what_there_is_take_their_own_value_only),
        TEST(pstate_of_hidden_features_is_not_shown),
        TEST(a_bit_of_pstate_that_is_taken_reads_back),
        TEST(debug_state_is_what_the_guest_would_find),
        TEST(what_is_pending_is_lines_and_an_serror_wherever_it_is),
        TEST(only_what_is_asked_for_is_brought_to_memory),
        TEST(elsewhere_nothing_is_done),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
