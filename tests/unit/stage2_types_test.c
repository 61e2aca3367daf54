/* SPDX-License-Identifier: MIT */
/* Each memory type and permission as a CPU reads it, with and without FEAT_S2FWB and FEAT_XNX. */
#include "cmocka_all.h"

#include <vcpu/error.h>
#include <vcpu/stage2.h>

#include "stage2_machine.h"

#define PAGE UINT64_C(0x1000)
#define IPA  UINT64_C(0x40000000)

static struct vcpu_stage2 s2;

static const struct type {
    uint32_t flag;
    char type;
    bool outer, device;
} types[] = {
    {0, 'w', false, false},
    {VCPU_S2_OUTER_SHAREABLE, 'w', true, false},
    {VCPU_S2_NONCACHEABLE, 'n', true, false},
    {VCPU_S2_DEVICE, 'E', true, true},
    {VCPU_S2_DEVICE_nGnRnE, 'N', true, true},
};
static const struct execution {
    uint32_t flag;
    bool el1, el0, xnx;
} executions[] = {
    {0, false, false, false},
    {VCPU_S2_EXECUTE, true, true, false},
    {VCPU_S2_EXECUTE_EL1, true, false, true},
    {VCPU_S2_EXECUTE_EL0, false, true, true},
};
static const uint32_t accesses[] = {0, VCPU_S2_READ, VCPU_S2_WRITE, VCPU_S2_RW};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void begin(unsigned features)
{
    machine_reset();
    machine.fwb = features & VCPU_S2_HAS_FWB;
    machine.xnx = features & VCPU_S2_HAS_XNX;
    assert_int_equal(vcpu_stage2_create(&s2, &machine.host, 40, 40, 8, 1), VCPU_OK);
    assert_int_equal(vcpu_stage2_set_features(&s2, features), VCPU_OK);
    machine_attach(&s2);
    machine_watch(IPA);
}

static void end(void)
{
    machine_check_settled();
    assert_int_equal(vcpu_stage2_destroy(&s2), VCPU_OK);
    machine_detach();
}

static bool is_right(uint32_t flags, const struct type *type, const struct execution *execution,
                     uint32_t access)
{
    struct vcpu_stage2_mapping mapping;
    struct machine_leaf leaf = machine_walk(IPA);

    assert_int_equal(vcpu_stage2_query(&s2, vcpu_ipa(IPA), &mapping), VCPU_OK);
    return leaf.valid && leaf.type == type->type && leaf.outer == type->outer &&
           leaf.execute_el1 == execution->el1 && leaf.execute_el0 == execution->el0 &&
           leaf.read == ((access & VCPU_S2_READ) != 0) &&
           leaf.write == ((access & VCPU_S2_WRITE) != 0) && mapping.flags == flags;
}

static void each_combination_reaches_the_descriptor(void **state)
{
    unsigned mapped = 0;

    (void)state;
    for (unsigned features = 0; features < 4; features++) {
        begin(features);
        for (size_t n = 0; n < COUNT(types) * COUNT(executions) * COUNT(accesses); n++) {
            const struct type *type = &types[n % COUNT(types)];
            const struct execution *execution = &executions[n / COUNT(types) % COUNT(executions)];
            uint32_t access = accesses[n / COUNT(types) / COUNT(executions)];
            uint32_t flags = type->flag | execution->flag | access;
            bool valid = (access | execution->flag) && !(type->device && execution->flag) &&
                         (!execution->xnx || (features & VCPU_S2_HAS_XNX));
            int result = vcpu_stage2_map(&s2, vcpu_ipa(IPA), vcpu_pa(0x5000), PAGE, flags);

            assert_int_equal(result, valid ? VCPU_OK : VCPU_ERR_INVALID);
            if (!valid)
                continue;
            if (!is_right(flags, type, execution, access))
                fail_msg("features %u, flags %#x", features, flags);
            mapped++;
            assert_int_equal(vcpu_stage2_unmap(&s2, vcpu_ipa(IPA), PAGE), VCPU_OK);
        }
        end();
    }
    /* 3 kinds of memory: 7 without, 15 with FEAT_XNX; 2 of devices: 3; each with and without FWB. */
    assert_int_equal(mapped, 2 * (3 * 7 + 3 * 15 + 2 * 2 * 3));
}

static void a_change_of_permissions_keeps_the_type(void **state)
{
    (void)state;
    for (unsigned features = 0; features < 4; features++) {
        for (size_t t = 0; t < COUNT(types); t++) {
            begin(features);
            assert_int_equal(vcpu_stage2_map(&s2, vcpu_ipa(IPA), vcpu_pa(0x5000), PAGE,
                                             types[t].flag | VCPU_S2_READ),
                             VCPU_OK);
            for (size_t e = 0; e < COUNT(executions); e++) {
                const struct execution *execution = &executions[e];
                uint32_t flags = execution->flag | VCPU_S2_RW;
                bool valid = !(types[t].device && execution->flag) &&
                             (!execution->xnx || (features & VCPU_S2_HAS_XNX));

                assert_int_equal(vcpu_stage2_protect(&s2, vcpu_ipa(IPA), PAGE, flags),
                                 valid ? VCPU_OK : VCPU_ERR_INVALID);
                if (valid)
                    assert_true(is_right(flags | types[t].flag, &types[t], execution, VCPU_S2_RW));
            }
            end();
        }
    }
}

static void two_of_a_kind_are_refused(void **state)
{
    static const uint32_t bad[] = {
        VCPU_S2_DEVICE | VCPU_S2_DEVICE_nGnRnE,
        VCPU_S2_DEVICE | VCPU_S2_NONCACHEABLE,
        VCPU_S2_DEVICE_nGnRnE | VCPU_S2_OUTER_SHAREABLE,
        VCPU_S2_NONCACHEABLE | VCPU_S2_OUTER_SHAREABLE,
        VCPU_S2_EXECUTE | VCPU_S2_EXECUTE_EL0,
        VCPU_S2_EXECUTE | VCPU_S2_EXECUTE_EL1,
        VCPU_S2_EXECUTE_EL1 | VCPU_S2_EXECUTE_EL0,
        1u << 9,
    };

    (void)state;
    begin(VCPU_S2_HAS_FWB | VCPU_S2_HAS_XNX);
    for (size_t i = 0; i < COUNT(bad); i++) {
        assert_int_equal(vcpu_stage2_map(&s2, vcpu_ipa(IPA), vcpu_pa(0), PAGE, bad[i] | VCPU_S2_RW),
                         VCPU_ERR_INVALID);
    }
    assert_int_equal(vcpu_stage2_map(&s2, vcpu_ipa(IPA), vcpu_pa(0), PAGE, VCPU_S2_RW), VCPU_OK);
    for (size_t i = 0; i < COUNT(bad); i++) {
        assert_int_equal(vcpu_stage2_protect(&s2, vcpu_ipa(IPA), PAGE, bad[i] | VCPU_S2_RW),
                         VCPU_ERR_INVALID);
    }
    end();
}

static void features_are_set_while_the_tables_are_empty(void **state)
{
    (void)state;
    begin(0);
    assert_int_equal(vcpu_stage2_set_features(NULL, 0), VCPU_ERR_INVALID);
    assert_int_equal(vcpu_stage2_set_features(&s2, 4), VCPU_ERR_INVALID);
    /* A block at the very end, in the last of the root's tables. */
    assert_int_equal(
        vcpu_stage2_map(&s2, vcpu_ipa(0xffc0000000), vcpu_pa(0), 0x40000000, VCPU_S2_RW), VCPU_OK);
    assert_int_equal(s2.pages, s2.shape.root_pages);
    assert_int_equal(vcpu_stage2_set_features(&s2, VCPU_S2_HAS_FWB), VCPU_ERR_STATE);
    assert_int_equal(s2.features, 0);
    assert_int_equal(vcpu_stage2_unmap(&s2, vcpu_ipa(0xffc0000000), 0x40000000), VCPU_OK);
    assert_int_equal(vcpu_stage2_set_features(&s2, VCPU_S2_HAS_FWB), VCPU_OK);
    assert_int_equal(s2.features, VCPU_S2_HAS_FWB);
    end();
}

static void parts_of_a_block_have_its_type(void **state)
{
    (void)state;
    for (unsigned features = 0; features < 4; features++) {
        for (size_t t = 0; t < COUNT(types); t++) {
            uint32_t flags = types[t].flag | VCPU_S2_RW;

            begin(features);
            assert_int_equal(vcpu_stage2_map(&s2, vcpu_ipa(IPA), vcpu_pa(IPA), 0x40000000, flags),
                             VCPU_OK);
            assert_int_equal(vcpu_stage2_unmap(&s2, vcpu_ipa(IPA + PAGE), PAGE), VCPU_OK);
            assert_int_equal(machine_walk(IPA).level, 3);
            assert_true(is_right(flags, &types[t], &executions[0], VCPU_S2_RW));
            end();
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_combination_reaches_the_descriptor),
        cmocka_unit_test(a_change_of_permissions_keeps_the_type),
        cmocka_unit_test(two_of_a_kind_are_refused),
        cmocka_unit_test(features_are_set_while_the_tables_are_empty),
        cmocka_unit_test(parts_of_a_block_have_its_type),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
