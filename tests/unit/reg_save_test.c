/* SPDX-License-Identifier: MIT */
/* Registers by id, all of them: vcpu_save and vcpu_restore. */
#include "reg_vcpu.h"

#define DBGBVR0 ROW_ID(2, 0, 0, 0, 4)

static void what_was_saved_makes_another_the_same(void **state)
{
    uint64_t seed = 5;
    size_t n;

    (void)state;
    make(EL1_SVE | EL1_PAUTH | EL1_SCXTNUM, 3);
    n = vcpu_list_regs(&v.pub, ids, MAX_IDS);
    for (size_t i = 0; i < n; i++)
        for (unsigned tries = 0; tries < 8; tries++)
            set(ids[i], random64(&seed) >> 8 * tries);
    v.pub.regs.x[7] = 0x77;
    assert_int_equal(save(), n);
    memcpy(&copy, &v, sizeof(v));
    make(EL1_SVE | EL1_PAUTH | EL1_SCXTNUM, 3);
    memset(z, 0x11, sizeof(z));
    assert_false(v.has_entry);
    v.pub.exit.reason = VCPU_EXIT_MMIO_READ;
    assert_int_equal(vcpu_restore(&v.pub, saved, n, NULL), VCPU_OK);
    assert_true(v.has_entry && v.stale_tlb);
    assert_int_equal(v.pub.exit.reason, VCPU_EXIT_NONE);
    assert_memory_equal(&copy.pub.regs, &v.pub.regs, sizeof(v.pub.regs));
    assert_memory_equal(copy.el1, v.el1, sizeof(v.el1));
    assert_memory_equal(&copy.debug, &v.debug, sizeof(v.debug));
    assert_memory_equal(&copy.simd.fpsr, &v.simd.fpsr, 16);
    for (size_t i = 0; i < n; i++)
        assert_int_equal(get(saved[i].id), saved[i].value);
}

/* FEAT_RAS and FEAT_SME are hidden, but what CPUs keep of them is the vCPU's. */
static void what_a_cpu_has_of_hidden_features_is_nothing_on_one_without(void **state)
{
    static const uint32_t hidden[] = {VSESR_EL2, VDISR_EL2, TPIDR2_EL0};
    const uint32_t keys = ROW_ID(3, 0, 2, 1, 0);
    size_t with, without;
    uint32_t refused = 0;

    (void)state;
    without = vcpu_list_regs(&v.pub, NULL, 0);
    make(EL1_RAS | EL1_SME, 0);
    with = save();
    assert_int_equal(with, without + 3);
    make(0, 0);
    assert_int_equal(vcpu_restore(&v.pub, saved, with, &refused), VCPU_OK);
    for (unsigned i = 0; i < 3; i++) {
        struct vcpu_reg_value one = {.id = hidden[i], .value = 1};

        assert_int_equal(get(hidden[i]), 0);
        assert_int_equal(vcpu_restore(&v.pub, &one, 1, &refused), VCPU_ERR_INVALID);
        assert_int_equal(refused, hidden[i]);
    }
    /* A feature that the policy may show, and does not, is another matter. */
    assert_int_equal(set(keys, 0), VCPU_ERR_NOT_FOUND);
    assert_int_equal(set(SCXTNUM_EL1, 0), VCPU_ERR_NOT_FOUND);
    assert_int_equal(set(SCXTNUM_EL0, 0), VCPU_ERR_NOT_FOUND);
}

static void one_that_is_refused_leaves_all_as_it_was(void **state)
{
    static const struct vcpu_reg_value bad[] = {
        {.id = VCPU_REG_PC, .value = 2},
        {.id = VCPU_REG_PSTATE, .value = 0x9},
        {.id = SCTLR_EL1, .value = B(31)},
        {.id = ROW_ID(3, 0, 0, 6, 0), .value = 1},
        {.id = DEVICE_ID, .value = B(7)},
        {.id = MDSCR_EL1, .value = B(1)},
        {.id = VCPU_REG_Z(0, 0)},
        {.id = VCPU_REG_PENDING, .value = 1},
        {.id = ROW_ID(3, 3, 4, 4, 0), .value = B(32)},
    };
    uint64_t seed = 9;

    (void)state;
    for (unsigned round = 0; round < 200; round++) {
        size_t which = round % (sizeof(bad) / sizeof(bad[0])), n, at;
        uint32_t refused = 0;

        make(0, 0);
        n = save();
        for (size_t i = 0; i < n; i++)
            if (saved[i].id < 31 || saved[i].id == FAR_EL1 || saved[i].id == DBGBVR0 ||
                saved[i].id == VCPU_REG_V(3, 0))
                saved[i].value = random64(&seed);
        at = random64(&seed) % (n + 1);
        memmove(&saved[at + 1], &saved[at], (n - at) * sizeof(saved[0]));
        saved[at] = bad[which];
        memcpy(&copy, &v, sizeof(v));
        assert_int_not_equal(vcpu_restore(&v.pub, saved, n + 1, &refused), VCPU_OK);
        assert_int_equal(refused, bad[which].id);
        assert_memory_equal(&copy, &v, sizeof(v));
        assert_int_equal(device_value, 0);
    }
}

static void a_pc_is_judged_by_the_pstate_before_it(void **state)
{
    const struct vcpu_reg_value thumb[] = {{.id = VCPU_REG_PSTATE, .value = 0x1f0},
                                           {.id = VCPU_REG_PC, .value = 0x1002}};
    const struct vcpu_reg_value back[] = {{.id = VCPU_REG_PSTATE, .value = 0x3c5},
                                          {.id = VCPU_REG_PC, .value = 0x1002}};
    uint32_t refused = 0;

    (void)state;
    assert_int_equal(vcpu_restore(&v.pub, thumb, 2, &refused), VCPU_OK);
    assert_int_equal(v.pub.regs.pc, 0x1002);
    assert_int_equal(v.pub.regs.pstate, 0x1f0);
    assert_int_equal(vcpu_restore(&v.pub, back, 2, &refused), VCPU_ERR_INVALID);
    assert_int_equal(refused, VCPU_REG_PC);
    assert_int_equal(v.pub.regs.pstate, 0x1f0);
}

static void null_is_refused(void **state)
{
    uint64_t value;
    size_t count = 1;

    (void)state;
    assert_int_equal(vcpu_get_reg(NULL, 0, &value), VCPU_ERR_INVALID);
    assert_int_equal(vcpu_get_reg(&v.pub, 0, NULL), VCPU_ERR_INVALID);
    assert_int_equal(vcpu_set_reg(NULL, 0, 0), VCPU_ERR_INVALID);
    assert_int_equal(vcpu_save(NULL, saved, &count), VCPU_ERR_INVALID);
    assert_int_equal(vcpu_save(&v.pub, NULL, &count), VCPU_ERR_INVALID);
    assert_int_equal(vcpu_save(&v.pub, saved, NULL), VCPU_ERR_INVALID);
    assert_int_equal(vcpu_restore(NULL, saved, 0, NULL), VCPU_ERR_INVALID);
    assert_int_equal(vcpu_restore(&v.pub, NULL, 1, NULL), VCPU_ERR_INVALID);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, setup)
    const struct CMUnitTest tests[] = {
        TEST(what_was_saved_makes_another_the_same),
        TEST(what_a_cpu_has_of_hidden_features_is_nothing_on_one_without),
        TEST(one_that_is_refused_leaves_all_as_it_was),
        TEST(a_pc_is_judged_by_the_pstate_before_it),
        TEST(null_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
