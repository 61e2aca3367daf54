/* SPDX-License-Identifier: MIT */
/* PSCI's calls that are optional: in the specification, and some of them for the host. */
#include "psci_guest.h"

/* The deepest state that there is, which the call does not name. */
static void the_default_suspend_is_a_power_down(void **state)
{
    struct psci_call is = call(DIRT | 0x8400000c, DIRT | 0x40080000, DIRT | 0x1234, 0xbad);

    (void)state;
    assert_int_equal(is.kind, PSCI_CPU_SUSPEND);
    assert_int_equal(is.power_state, 0x10000);
    assert_true(is.power_down);
    assert_int_equal(is.entry, 0x40080000);
    assert_int_equal(is.context, 0x1234);
    is = call(0xc400000c, 0xffff40080000, 0xfedcba9876543210, 0xbad);
    assert_int_equal(is.entry, 0xffff40080000);
    assert_int_equal(is.context, 0xfedcba9876543210);
    check_answer(call(0xc400000c, 0x40080001, 0, 0), INVALID_ADDRESS);
}

static void the_system_suspends_if_the_host_wants_it(void **state)
{
    struct psci_call is;

    (void)state;
    for (unsigned form = 0; form < 2; form++) {
        uint64_t id = form ? 0xc400000e : 0x8400000e;

        vm->flags = ~(uint32_t)VCPU_VM_SYSTEM_SUSPEND;
        check_answer(call(id, 0x40080000, 7, 0), NOT_SUPPORTED);
        check_answer(call(0x8400000a, id, 0, 0), NOT_SUPPORTED);
        vm->flags = VCPU_VM_SYSTEM_SUSPEND;
        check_answer(call(0x8400000a, id, 0, 0), SUCCESS);
        is = call(id, 0x40080000, 7, 0xbad);
        assert_int_equal(is.kind, PSCI_SYSTEM_SUSPEND);
        assert_true(is.power_down);
        assert_int_equal(is.entry, 0x40080000);
        assert_int_equal(is.context, 7);
        check_answer(call(id, 0x40080002, 7, 0), INVALID_ADDRESS);
    }
    vm->flags = 0;
}

static void the_system_suspends_only_with_its_last_cpu(void **state)
{
    (void)state;
    vm->flags = VCPU_VM_SYSTEM_SUSPEND;
    for (unsigned i = 0; i < VCPUS; i++) {
        prepare(0);
        state_of(vcpu[i])->power = VCPU_POWER_ON;
        assert_int_equal(repeat(0xc400000e, 0, 0, 0).kind,
                         i == CALLER ? PSCI_SYSTEM_SUSPEND : PSCI_ANSWER);
        if (i != CALLER) {
            check_answer(repeat(0xc400000e, 0, 0, 0), DENIED);
            state_of(vcpu[i])->power = VCPU_POWER_ON_PENDING;
            check_answer(repeat(0xc400000e, 0, 0, 0), DENIED);
        }
    }
    /* A machine of one CPU: the last is the only one. */
    vm->max_vcpus = 1;
    assert_int_equal(repeat(0xc400000e, 0, 0, 0).kind, PSCI_SYSTEM_SUSPEND);
    vm->max_vcpus = VCPUS;
    vm->flags = 0;
}

static void hibernation_is_an_off_with_a_type(void **state)
{
    (void)state;
    for (unsigned form = 0; form < 2; form++) {
        uint64_t id = form ? 0xc4000015 : 0x84000015;

        vm->flags = ~(uint32_t)VCPU_VM_SYSTEM_OFF2;
        check_answer(call(id, 1, 0, 0), NOT_SUPPORTED);
        check_answer(call(0x8400000a, id, 0, 0), NOT_SUPPORTED);
        vm->flags = VCPU_VM_SYSTEM_OFF2;
        check_answer(call(0x8400000a, id, 0, 0), 1); /* the types that there are, as bits */
        for (uint64_t type = 0; type < 2; type++) {
            struct psci_call is = call(id, DIRT | type, 0, 0xbad);

            assert_int_equal(is.kind, PSCI_SYSTEM_OFF2);
            assert_int_equal(is.type, 1);
        }
        check_answer(call(id, 2, 0, 0), INVALID_PARAMETERS);
        check_answer(call(id, 0x80000000, 0, 0), INVALID_PARAMETERS);
        check_answer(call(id, 1, 1, 0), INVALID_PARAMETERS);
        /* The cookie is as wide as the call. */
        assert_int_equal(call(id, 1, DIRT, 0).kind, form ? PSCI_ANSWER : PSCI_SYSTEM_OFF2);
    }
    vm->flags = 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_default_suspend_is_a_power_down),
        cmocka_unit_test(the_system_suspends_if_the_host_wants_it),
        cmocka_unit_test(the_system_suspends_only_with_its_last_cpu),
        cmocka_unit_test(hibernation_is_an_off_with_a_type),
    };
    return cmocka_run_group_tests(tests, set_up, teardown);
}
