/* SPDX-License-Identifier: MIT */
/* PSCI and SMCCC calls. Function ids are those of the specifications, spelled out. */
#include "psci_guest.h"
#include "random.h"

/* PSCI's functions 0 to 0x1f: what the 32-bit and the 64-bit form of each is. */
struct function {
    enum kind kind32;
    int64_t answer32;
    enum kind kind64;
};

static const struct function functions[0x20] = {
    [0x00] = {PSCI_ANSWER, 0x10003, PSCI_ANSWER},         /* PSCI_VERSION: 1.3 */
    [0x01] = {PSCI_CPU_SUSPEND, 0, PSCI_CPU_SUSPEND},     /* CPU_SUSPEND */
    [0x02] = {PSCI_CPU_OFF, 0, PSCI_ANSWER},              /* CPU_OFF */
    [0x03] = {PSCI_CPU_ON, 0, PSCI_CPU_ON},               /* CPU_ON */
    [0x04] = {PSCI_AFFINITY_INFO, 0, PSCI_AFFINITY_INFO}, /* AFFINITY_INFO */
    [0x05] = {PSCI_ANSWER, NOT_SUPPORTED, PSCI_ANSWER},   /* MIGRATE */
    [0x06] = {PSCI_ANSWER, 2, PSCI_ANSWER},               /* MIGRATE_INFO_TYPE: not required */
    [0x07] = {PSCI_ANSWER, NOT_SUPPORTED, PSCI_ANSWER},   /* MIGRATE_INFO_UP_CPU */
    [0x08] = {PSCI_SYSTEM_OFF, 0, PSCI_ANSWER},           /* SYSTEM_OFF */
    [0x09] = {PSCI_SYSTEM_RESET, 0, PSCI_ANSWER},         /* SYSTEM_RESET */
    [0x0a] = {PSCI_ANSWER, SUCCESS, PSCI_ANSWER},         /* PSCI_FEATURES, of PSCI_VERSION */
    [0x0b] = {PSCI_ANSWER, NOT_SUPPORTED, PSCI_ANSWER},   /* CPU_FREEZE */
    [0x0c] = {PSCI_CPU_SUSPEND, 0, PSCI_CPU_SUSPEND},     /* CPU_DEFAULT_SUSPEND */
    [0x0d] = {PSCI_ANSWER, NOT_SUPPORTED, PSCI_ANSWER},   /* NODE_HW_STATE */
    [0x0e] = {PSCI_ANSWER, NOT_SUPPORTED, PSCI_ANSWER},   /* SYSTEM_SUSPEND: see below */
    [0x0f] = {PSCI_ANSWER, NOT_SUPPORTED, PSCI_ANSWER},   /* PSCI_SET_SUSPEND_MODE */
    [0x10] = {PSCI_ANSWER, NOT_SUPPORTED, PSCI_ANSWER},   /* PSCI_STAT_RESIDENCY */
    [0x11] = {PSCI_ANSWER, NOT_SUPPORTED, PSCI_ANSWER},   /* PSCI_STAT_COUNT */
    [0x12] = {PSCI_SYSTEM_RESET2, 0, PSCI_SYSTEM_RESET2}, /* SYSTEM_RESET2, warm */
    [0x13] = {PSCI_ANSWER, NOT_SUPPORTED, PSCI_ANSWER},   /* MEM_PROTECT */
    [0x14] = {PSCI_ANSWER, NOT_SUPPORTED, PSCI_ANSWER},   /* MEM_PROTECT_CHECK_RANGE */
    [0x15] = {PSCI_ANSWER, NOT_SUPPORTED, PSCI_ANSWER},   /* SYSTEM_OFF2: see below */
    [0x16] = {PSCI_ANSWER, NOT_SUPPORTED, PSCI_ANSWER},
    [0x17] = {PSCI_ANSWER, NOT_SUPPORTED, PSCI_ANSWER},
    [0x18] = {PSCI_ANSWER, NOT_SUPPORTED, PSCI_ANSWER},
    [0x19] = {PSCI_ANSWER, NOT_SUPPORTED, PSCI_ANSWER},
    [0x1a] = {PSCI_ANSWER, NOT_SUPPORTED, PSCI_ANSWER},
    [0x1b] = {PSCI_ANSWER, NOT_SUPPORTED, PSCI_ANSWER},
    [0x1c] = {PSCI_ANSWER, NOT_SUPPORTED, PSCI_ANSWER},
    [0x1d] = {PSCI_ANSWER, NOT_SUPPORTED, PSCI_ANSWER},
    [0x1e] = {PSCI_ANSWER, NOT_SUPPORTED, PSCI_ANSWER},
    [0x1f] = {PSCI_ANSWER, NOT_SUPPORTED, PSCI_ANSWER},
};

static void every_function_in_both_forms(void **state)
{
    (void)state;
    for (uint64_t fn = 0; fn < 0x20; fn++) {
        const struct function *row = &functions[fn];
        /* x1 is function 0x84000000 for FEATURES, and no valid target or state for others. */
        uint64_t x1 = fn == 0x0a ? 0x84000000 : 0;
        struct psci_call is = call(0x84000000 + fn, x1, 0, 0);

        assert_int_equal(is.kind, row->kind32);
        if (is.kind == PSCI_ANSWER)
            assert_int_equal(is.answer, row->answer32);
        is = call(0xc4000000 + fn, x1, 0, 0);
        assert_int_equal(is.kind, row->kind64);
        /* Of the functions that are answered none has a 64-bit form here. */
        if (is.kind == PSCI_ANSWER)
            assert_int_equal(is.answer, NOT_SUPPORTED);
    }
}

static void only_w0_names_the_function(void **state)
{
    (void)state;
    for (uint64_t fn = 0; fn < 0x20; fn++) {
        for (unsigned form = 0; form < 2; form++) {
            uint64_t id = (form ? 0xc4000000 : 0x84000000) + fn;
            struct psci_call clean = call(id, 0, 0, 0), dirty = call(DIRT | id, 0, 0, 0);

            assert_int_equal(dirty.kind, clean.kind);
            assert_int_equal(dirty.answer, clean.answer);
        }
    }
    check_answer(call(DIRT | 0x80000000, 0, 0, 0), 0x10002);
}

static void a_32_bit_call_has_32_bit_arguments(void **state)
{
    struct psci_call is =
        call(DIRT | 0x84000003, DIRT | 0x010203, DIRT | 0x40080000, DIRT | 0x1234);

    (void)state;
    assert_int_equal(is.kind, PSCI_CPU_ON);
    assert_int_equal(is.target, 0x010203);
    assert_int_equal(is.entry, 0x40080000);
    assert_int_equal(is.context, 0x1234);

    is = call(DIRT | 0x84000001, DIRT | 0x01010005, DIRT | 0x40080000, DIRT | 0x1234);
    assert_int_equal(is.kind, PSCI_CPU_SUSPEND);
    assert_int_equal(is.power_state, 0x01010005);
    assert_int_equal(is.entry, 0x40080000);
    assert_int_equal(is.context, 0x1234);

    is = call(DIRT | 0x84000004, DIRT | 3, DIRT, DIRT);
    assert_int_equal(is.kind, PSCI_AFFINITY_INFO);
    assert_int_equal(is.target, 3);

    check_answer(call(DIRT | 0x8400000a, DIRT | 0x84000003, DIRT, DIRT), SUCCESS);
    check_answer(call(DIRT | 0x80000001, DIRT | 0x80000000, DIRT, DIRT), SUCCESS);
}

static void a_64_bit_call_has_64_bit_addresses(void **state)
{
    struct psci_call is =
        call(DIRT | 0xc4000003, 0x00000005000a0b0c, 0x0000ffff40080000, 0xfedcba9876543210);

    (void)state;
    assert_int_equal(is.kind, PSCI_CPU_ON);
    assert_int_equal(is.target, 0x00000005000a0b0c);
    assert_int_equal(is.entry, 0x0000ffff40080000);
    assert_int_equal(is.context, 0xfedcba9876543210);

    /* power_state is 32 bits wide in either form. */
    is = call(0xc4000001, DIRT | 0x00010000, 0x0000ffff40080000, 0xfedcba9876543210);
    assert_int_equal(is.kind, PSCI_CPU_SUSPEND);
    assert_int_equal(is.power_state, 0x00010000);
    assert_true(is.power_down);
    assert_int_equal(is.entry, 0x0000ffff40080000);
    assert_int_equal(is.context, 0xfedcba9876543210);
}

static void an_affinity_level_is_32_bits_wide_in_either_form(void **state)
{
    (void)state;
    for (uint64_t level = 0; level < 4; level++) {
        struct psci_call is = call(0xc4000004, 0x0000000500000002, DIRT | level, 0);

        assert_int_equal(is.kind, PSCI_AFFINITY_INFO);
        assert_int_equal(is.target, 0x0000000500000002);
        assert_int_equal(call(0x84000004, 0, DIRT | level, 0).kind, PSCI_AFFINITY_INFO);
    }
    /* There is no Aff4. */
    check_answer(call(0xc4000004, 0, 4, 0), INVALID_PARAMETERS);
    check_answer(call(0x84000004, 0, 4, 0), INVALID_PARAMETERS);
    check_answer(call(0x84000004, 0, 0x80000000, 0), INVALID_PARAMETERS);
    check_answer(call(0xc4000004, 0, 0xffffffff, 0), INVALID_PARAMETERS);
}

static void a_reset_is_warm_or_the_vendors(void **state)
{
    struct psci_call is = call(0x84000012, DIRT, DIRT | 0x1234, 0);

    (void)state;
    assert_int_equal(is.kind, PSCI_SYSTEM_RESET2);
    assert_int_equal(is.type, 0);
    assert_int_equal(is.cookie, 0x1234);
    /* The cookie is as wide as the call, the type never. */
    is = call(0xc4000012, DIRT | 0x80000007, 0xfedcba9876543210, 0);
    assert_int_equal(is.kind, PSCI_SYSTEM_RESET2);
    assert_int_equal(is.type, 0x80000007);
    assert_int_equal(is.cookie, 0xfedcba9876543210);
    /* All other types of the architecture are reserved. */
    for (unsigned bit = 0; bit < 31; bit++) {
        check_answer(call(0x84000012, UINT64_C(1) << bit, 0, 0), INVALID_PARAMETERS);
        check_answer(call(0xc4000012, UINT64_C(1) << bit, 0, 0), INVALID_PARAMETERS);
        assert_int_equal(call(0x84000012, 0x80000000 | UINT64_C(1) << bit, 0, 0).kind,
                         PSCI_SYSTEM_RESET2);
    }
    /* SYSTEM_RESET has neither. */
    is = call(0x84000009, 0x80000007, 5, 0);
    assert_int_equal(is.kind, PSCI_SYSTEM_RESET);
    assert_int_equal(is.type, 0);
    assert_int_equal(is.cookie, 0);
}

static void a_target_is_affinity_and_nothing_else(void **state)
{
    (void)state;
    for (unsigned bit = 0; bit < 64; bit++) {
        uint64_t target = UINT64_C(1) << bit;
        /* Aff0 to Aff2, and Aff3 at bit 32. */
        bool affinity = bit < 24 || (bit >= 32 && bit < 40);
        struct psci_call on = call(0xc4000003, target, 0, 0);
        struct psci_call info = call(0xc4000004, target, 0, 0);

        if (affinity) {
            assert_int_equal(on.kind, PSCI_CPU_ON);
            assert_int_equal(on.target, target);
            assert_int_equal(info.kind, PSCI_AFFINITY_INFO);
            assert_int_equal(info.target, target);
        } else {
            check_answer(on, INVALID_PARAMETERS);
            check_answer(info, INVALID_PARAMETERS);
        }
    }
    check_answer(call(0x84000003, 0x80000000, 0, 0), INVALID_PARAMETERS);
}

static void an_entry_is_aligned(void **state)
{
    (void)state;
    for (uint64_t low = 1; low < 4; low++) {
        check_answer(call(0x84000003, 0, 0x40080000 + low, 0), INVALID_ADDRESS);
        check_answer(call(0xc4000003, 0, 0x40080000 + low, 0), INVALID_ADDRESS);
        check_answer(call(0xc4000001, 0x10000, 0x40080000 + low, 0), INVALID_ADDRESS);
    }
    /* And it is an IPA of the VM. */
    assert_int_equal(call(0xc4000003, 0, 0xfffffffffffc, 0).kind, PSCI_CPU_ON);
    check_answer(call(0xc4000003, 0, 0x1000000000000, 0), INVALID_ADDRESS);
    check_answer(call(0xc4000001, 0x10000, 0x1000000000000, 0), INVALID_ADDRESS);
}

static void power_states_have_the_original_format(void **state)
{
    (void)state;
    for (unsigned bit = 0; bit < 32; bit++) {
        /* StateID 15:0, StateType 16, PowerLevel 25:24. */
        bool defined = bit <= 16 || bit == 24 || bit == 25;
        struct psci_call is = call(0x84000001, UINT64_C(1) << bit, 0x1000, 5);

        if (!defined) {
            check_answer(is, INVALID_PARAMETERS);
            continue;
        }
        assert_int_equal(is.kind, PSCI_CPU_SUSPEND);
        assert_int_equal(is.power_state, UINT64_C(1) << bit);
        assert_int_equal(is.power_down, bit == 16);
    }
}

static void a_standby_state_has_no_entry(void **state)
{
    struct psci_call is = call(0xc4000001, 0, 0x40080001, 7);

    (void)state;
    assert_int_equal(is.kind, PSCI_CPU_SUSPEND);
    assert_false(is.power_down);
    assert_int_equal(is.entry, 0);
    assert_int_equal(is.context, 0);
}

/* FEATURES must say of each function what calling it says. */
static void features_are_true_to_what_is_there(void **state)
{
    (void)state;
    for (uint64_t fn = 0; fn < 0x20; fn++) {
        for (unsigned form = 0; form < 2; form++) {
            uint64_t id = (form ? 0xc4000000 : 0x84000000) + fn;
            struct psci_call direct = call(id, 0x84000000, 0, 0);
            struct psci_call info = call(0x8400000a, id, 0, 0);
            /* FEATURES of a function that there is would be SUCCESS, for x1 is one. */
            bool there = direct.kind != PSCI_ANSWER || direct.answer != NOT_SUPPORTED;

            check_answer(info, there ? SUCCESS : NOT_SUPPORTED);
        }
    }
    check_answer(call(0x8400000a, 0x80000000, 0, 0), SUCCESS); /* SMCCC_VERSION */
    check_answer(call(0x8400000a, 0x80000001, 0, 0), NOT_SUPPORTED);
    check_answer(call(0x8400000a, 0xc0000000, 0, 0), NOT_SUPPORTED);
    check_answer(call(0x8400000a, 0, 0, 0), NOT_SUPPORTED);
    check_answer(call(0x8400000a, 0x04000000, 0, 0), NOT_SUPPORTED);
    check_answer(call(0x8400000a, 0x84000020, 0, 0), NOT_SUPPORTED);
    check_answer(call(0x8400000a, 0x86000000, 0, 0), NOT_SUPPORTED);
}

static void the_calling_convention_is_1_2(void **state)
{
    (void)state;
    check_answer(call(0x80000000, 0, 0, 0), 0x10002);
    check_answer(call(0x80000001, 0x80000000, 0, 0), SUCCESS);
    check_answer(call(0x80000001, 0x80000001, 0, 0), SUCCESS);
    check_answer(call(0x80000001, 0x80000002, 0, 0), NOT_SUPPORTED); /* SOC_ID */
    check_answer(call(0x80000001, 0x80008000, 0, 0), NOT_SUPPORTED); /* workarounds 1, 2, 3 */
    check_answer(call(0x80000001, 0x80007fff, 0, 0), NOT_SUPPORTED);
    check_answer(call(0x80000001, 0x80003fff, 0, 0), NOT_SUPPORTED);
    check_answer(call(0x80000001, 0xc0000000, 0, 0), NOT_SUPPORTED);
    check_answer(call(0x80000001, 0x84000000, 0, 0), NOT_SUPPORTED);
    check_answer(call(0x80000002, 0, 0, 0), NOT_SUPPORTED);
    check_answer(call(0x80008000, 0, 0, 0), NOT_SUPPORTED);
    check_answer(call(0xc0000000, 0, 0, 0), NOT_SUPPORTED);
    check_answer(call(0xc0000001, 0x80000000, 0, 0), NOT_SUPPORTED);
}

static void other_owners_and_other_services_are_not_the_librarys(void **state)
{
    static const uint32_t ids[] = {
        0x84000020, 0xc4000020, /* SDEI, behind PSCI's last function */
        0x84000050, 0xc4000053, /* random numbers */
        0x8400ff00, 0x8400ff01, /* the standard service's UID and so on */
        0x81000000, 0x82000000, 0x83000000, 0x85000000, 0x86000000,
        0xc6000000, 0x87000000, 0xb0000000, 0xbf00ff01, 0x8600ff01,
    };

    (void)state;
    for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++)
        assert_int_equal(call(ids[i], 0, 0, 0).kind, PSCI_NONE);
}

static void a_yielding_call_is_not_the_librarys(void **state)
{
    (void)state;
    for (uint64_t fn = 0; fn < 0x20; fn++) {
        assert_int_equal(call(0x04000000 + fn, 0, 0, 0).kind, PSCI_NONE);
        assert_int_equal(call(0x44000000 + fn, 0, 0, 0).kind, PSCI_NONE);
        assert_int_equal(call(fn, 0, 0, 0).kind, PSCI_NONE);
    }
}

/* Bits 23:17 of a fast call must be zero, and 16 is a hint that came with 1.3. */
static void bits_beside_the_function_number_make_another_function(void **state)
{
    (void)state;
    for (unsigned bit = 16; bit < 24; bit++) {
        check_answer(call(0x84000000 + (UINT64_C(1) << bit), 0, 0, 0), NOT_SUPPORTED);
        check_answer(call(0x84000008 + (UINT64_C(1) << bit), 0, 0, 0), NOT_SUPPORTED);
        check_answer(call(0x80000000 + (UINT64_C(1) << bit), 0, 0, 0), NOT_SUPPORTED);
    }
}

static void check_invariants(const uint64_t x[4])
{
    const uint32_t id = (uint32_t)x[0];
    const struct psci_call is = call(x[0], x[1], x[2], x[3]);
    bool arch = (id & 0xbf000000) == 0x80000000;
    bool standard = (id & 0xbf000000) == 0x84000000 && (id & 0xffff) < 0x20;
    bool known = standard && (id & 0xff0000) == 0;
    bool right = true;

    switch (is.kind) {
    case PSCI_NONE:
        right = !arch && !standard;
        break;
    case PSCI_ANSWER:
        right = (arch || standard) && is.answer != (int64_t)id && is.answer != (int32_t)id;
        right = right && (is.answer == 0x10003 || is.answer == 0x10002 || is.answer == 2 ||
                          is.answer == SUCCESS || is.answer == NOT_SUPPORTED ||
                          is.answer == INVALID_PARAMETERS || is.answer == INVALID_ADDRESS);
        break;
    case PSCI_CPU_ON:
        right = known && (id & 0x1f) == 3 && is.entry % 4 == 0 && !(is.target & ~0xff00ffffff);
        break;
    case PSCI_CPU_OFF:
        right = id == 0x84000002;
        break;
    case PSCI_CPU_SUSPEND:
        right = known && is.entry % 4 == 0 && is.power_down == (is.power_state >> 16 & 1) &&
                (is.power_down || is.entry + is.context == 0) &&
                ((id & 0x1f) == 1 ? is.power_state == (uint32_t)x[1]
                                  : (id & 0x1f) == 0xc && is.power_state == 0x10000);
        break;
    case PSCI_AFFINITY_INFO:
        right = known && (id & 0x1f) == 4 && !(is.target & ~0xff00ffffff) && (uint32_t)x[2] < 4;
        break;
    case PSCI_SYSTEM_SUSPEND:
        right = known && (id & 0x1f) == 0xe && is.entry % 4 == 0 && is.power_down;
        break;
    case PSCI_SYSTEM_OFF2:
        right = known && (id & 0x1f) == 0x15 && is.type == 1 && (uint32_t)x[1] < 2;
        break;
    case PSCI_SYSTEM_OFF:
        right = id == 0x84000008;
        break;
    case PSCI_SYSTEM_RESET:
        right = id == 0x84000009;
        break;
    case PSCI_SYSTEM_RESET2:
        right = known && (id & 0x1f) == 0x12 && is.type == (uint32_t)x[1] &&
                (is.type == 0 || is.type >> 31);
        break;
    default:
        right = false;
        break;
    }
    /* What fits into 32 bits of a 32-bit call. */
    if (is.kind != PSCI_ANSWER && !(id & 0x40000000))
        right = right && (is.target | is.entry | is.context | is.cookie) >> 32 == 0;
    right = right && is.entry >> 48 == 0;
    assert_that(right, "x0 %#llx x1 %#llx x2 %#llx x3 %#llx: kind %u", (unsigned long long)x[0],
                (unsigned long long)x[1], (unsigned long long)x[2], (unsigned long long)x[3],
                is.kind);
}

static void whatever_the_arguments_the_call_is_well_formed(void **state)
{
    uint64_t seed = 1;

    (void)state;
    for (unsigned i = 0; i < 400000; i++) {
        vm->flags = i & 1 ? VCPU_VM_SYSTEM_SUSPEND | VCPU_VM_SYSTEM_OFF2 : 0;
        const uint64_t x[4] = {random64(&seed), random64(&seed), random64(&seed), random64(&seed)};
        /* Chance seldom hits a function: most of x0 is one, and sparse arguments are valid ones. */
        const uint64_t narrow[4] = {(x[0] & 0xffffffff4000001f) | 0x84000000,
                                    x[1] & random64(&seed) & random64(&seed) & 0xff0301ffff,
                                    x[2] & random64(&seed) & ~UINT64_C(2), x[3]};

        check_invariants(x);
        check_invariants(narrow);
    }
    vm->flags = 0;
}

/* Every owner with every function number, in both forms, fast and yielding. */
static void every_function_id_is_well_formed(void **state)
{
    (void)state;
    for (uint64_t owner = 0; owner < 0x100; owner++) {
        for (uint64_t fn = 0; fn < 0x10000; fn++) {
            const uint64_t x[4] = {owner << 24 | fn, 0, 0, 0};

            check_invariants(x);
        }
    }
    /* And the bits between them. */
    for (uint64_t high = 0; high < 0x10000; high++) {
        for (uint64_t fn = 0; fn < 0x30; fn++) {
            const uint64_t x[4] = {high << 16 | fn, 0, 0, 0};

            check_invariants(x);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_function_in_both_forms),
        cmocka_unit_test(only_w0_names_the_function),
        cmocka_unit_test(a_32_bit_call_has_32_bit_arguments),
        cmocka_unit_test(a_64_bit_call_has_64_bit_addresses),
        cmocka_unit_test(an_affinity_level_is_32_bits_wide_in_either_form),
        cmocka_unit_test(a_reset_is_warm_or_the_vendors),
        cmocka_unit_test(a_target_is_affinity_and_nothing_else),
        cmocka_unit_test(an_entry_is_aligned),
        cmocka_unit_test(power_states_have_the_original_format),
        cmocka_unit_test(a_standby_state_has_no_entry),
        cmocka_unit_test(features_are_true_to_what_is_there),
        cmocka_unit_test(the_calling_convention_is_1_2),
        cmocka_unit_test(other_owners_and_other_services_are_not_the_librarys),
        cmocka_unit_test(a_yielding_call_is_not_the_librarys),
        cmocka_unit_test(bits_beside_the_function_number_make_another_function),
        cmocka_unit_test(whatever_the_arguments_the_call_is_well_formed),
        cmocka_unit_test(every_function_id_is_well_formed),
    };
    return cmocka_run_group_tests(tests, set_up, teardown);
}
