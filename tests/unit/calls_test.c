/* SPDX-License-Identifier: MIT */
/* The filter of calls, and the mitigations. Function ids are those of the specifications, spelled out. */
#include "cmocka_all.h"

#include <vcpu/error.h>

#include "calls_vm.h"

#define CALL64   0x40000000
#define SVE_HINT 0x10000

/* ---- The filter ---- */

static void without_anything_all_is_as_ever(void **state)
{
    static const uint32_t ids[] = {0x80000000, 0x80000001, 0x80008000, 0x80007fff, 0x80003fff,
                                   0x84000000, 0xc4000001, 0x8400000a, 0x84000050, 0x84000053,
                                   0xc4000053, 0x8600ff01, 0xffffffff, 0x04000000, 0};

    (void)state;
    set();
    for (unsigned i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
        is_the_librarys(ids[i], 0x84000003);
        is_the_librarys(DIRT | ids[i], DIRT | 0x84000003);
    }
}

static const struct vcpu_call_range some[] = {
    {0x84000001, 0x84000001, VCPU_CALL_DENY}, /* CPU_SUSPEND, in both forms */
    {0xc4000001, 0xc4000001, VCPU_CALL_DENY},
    {0x84000012, 0x84000012, VCPU_CALL_EXIT}, /* SYSTEM_RESET2 */
    {0x84000050, 0x84000050, VCPU_CALL_LIBRARY},
    {0x84000050, 0x8400ffff, VCPU_CALL_EXIT}, /* the rest of the standard services */
    {0xffffffff, 0xffffffff, VCPU_CALL_DENY},
};

static void the_first_range_decides(void **state)
{
    (void)state;
    calls.ranges = some;
    calls.range_count = sizeof(some) / sizeof(some[0]);
    set();
    answers(0x84000001, 0, NOT_SUPPORTED);
    answers(DIRT | 0xc4000001, 0, NOT_SUPPORTED);
    answers(0xffffffff, 0, NOT_SUPPORTED);
    assert_int_equal(call(DIRT | 0x84000012, 5), CALL_EXIT);
    assert_int_equal(v.pub.regs.x[0], DIRT | 0x84000012);
    assert_int_equal(v.pub.regs.x[1], 5);
    assert_int_equal(call(0x84000051, 0), CALL_EXIT);
    assert_int_equal(call(0x8400ffff, 0), CALL_EXIT);
    is_the_librarys(0x84000050, 0);
    is_the_librarys(0x84000000, 0);
    is_the_librarys(0x84000002, 0);
    is_the_librarys(0xc4000012, 0); /* the 64-bit form has an id of its own */
    is_the_librarys(0x84010000, 0);
    is_the_librarys(0x8400004f, 0);
    is_the_librarys(0xfffffffe, 0);
    is_the_librarys(0x04000001, 0); /* a yielding call */
}

/* Bit 16, of SMCCC 1.3: firmware takes it for the same function. The library has no call with it. */
static void the_sve_hint_hides_no_call(void **state)
{
    (void)state;
    calls.ranges = some;
    calls.range_count = sizeof(some) / sizeof(some[0]);
    set();
    answers(DIRT | 0x84010001, 0, NOT_SUPPORTED);
    answers(0xc4010001, 0, NOT_SUPPORTED);
    is_the_librarys(0xfffeffff, 0); /* the range has it with the bit only */
    assert_int_equal(call(0x84010053, 5), CALL_EXIT);
    assert_int_equal(v.pub.regs.x[0], 0x84010053);
    answers(0x80000001, 0x84010001, NOT_SUPPORTED);
    is_the_librarys(0x84010050, 0);
    is_the_librarys(0x84010002, 0);
    is_the_librarys(0x84020001, 0); /* the bits beside it are reserved */
}

/* PSCI's functions for which the short path does not ask: those of which no range says anything. */
static void the_short_path_knows_the_ranges(void **state)
{
    (void)state;
    set();
    assert_int_equal(vm.plain_psci,
                     ~(UINT32_C(1) << 0xa)); /* PSCI_FEATURES says what is filtered */
    calls.ranges = some;
    calls.range_count = sizeof(some) / sizeof(some[0]);
    set();
    assert_int_equal(vm.plain_psci, ~(UINT32_C(1) << 0xa | UINT32_C(1) << 1 | UINT32_C(1) << 0x12));
}

/* And the owning entities: of those in no range, and not the library's, all calls are the host's. */
static void the_short_path_knows_whose_calls_are_the_hosts(void **state)
{
    static const struct vcpu_call_range ranges[] = {{0x82000010, 0x82000020, VCPU_CALL_DENY},
                                                    {0xc700ffff, 0xc9000000, VCPU_CALL_LIBRARY}};
    const uint64_t others = ~(UINT64_C(1) << 0 | UINT64_C(1) << 4);

    (void)state;
    set();
    assert_int_equal(vm.host_owners, others);
    calls.ranges = ranges;
    calls.range_count = 2;
    set();
    assert_int_equal(vm.host_owners, others & ~(UINT64_C(1) << 2 | UINT64_C(7) << 7));
    calls.range_count = 0;
    set();
    assert_int_equal(vm.host_owners, others);
}

static void discovery_agrees_with_the_filter(void **state)
{
    static const uint32_t features[] = {0x8400000a, 0x80000001};

    (void)state;
    calls.ranges = some;
    calls.range_count = sizeof(some) / sizeof(some[0]);
    set();
    for (unsigned i = 0; i < 2; i++) {
        answers(features[i], 0x84000001, NOT_SUPPORTED);
        answers(DIRT | features[i], DIRT | 0xc4000001, NOT_SUPPORTED);
        answers(features[i], 0x84000012, 0);
        is_the_librarys(features[i], 0xc4000012);
        is_the_librarys(features[i], 0x84000003);
    }
}

static void discovery_itself_can_be_the_hosts(void **state)
{
    static const struct vcpu_call_range all[] = {{0x80000000, 0xffffffff, VCPU_CALL_EXIT}};

    (void)state;
    calls.ranges = all;
    calls.range_count = 1;
    set();
    assert_int_equal(call(0x8400000a, 0x84000001), CALL_EXIT);
    assert_int_equal(call(0x80000001, 0x80008000), CALL_EXIT);
    assert_int_equal(call(0xffffffff, 0), CALL_EXIT);
    is_the_librarys(0x7fffffff, 0);
}

static void refuses(int error)
{
    assert_int_equal(vcpu_vm_set_calls(&vm, &calls), error);
    assert_null(vm.calls);
    assert_null(vm.decide_call);
}

static void refuses_range(uint32_t first, uint32_t last, unsigned action)
{
    const struct vcpu_call_range range = {first, last, (enum vcpu_call_action)action};

    calls.ranges = &range;
    calls.range_count = 1;
    refuses(VCPU_ERR_INVALID);
    calls.ranges = NULL;
    refuses(VCPU_ERR_INVALID);
    calls.range_count = 0;
}

static void what_is_wrong_is_refused(void **state)
{
    (void)state;
    assert_int_equal(vcpu_vm_set_calls(NULL, &calls), VCPU_ERR_INVALID);
    assert_int_equal(vcpu_vm_set_calls(&vm, NULL), VCPU_ERR_INVALID);
    refuses_range(0x84000001, 0x84000000, VCPU_CALL_DENY);
    refuses_range(0x7fffffff, 0x84000000, VCPU_CALL_DENY);
    refuses_range(0, 1, VCPU_CALL_DENY);
    refuses_range(0x84000000, 0x84000000, VCPU_CALL_DENY + 1);
    calls.trng_uuid[0] = UINT32_MAX;
    refuses(VCPU_ERR_INVALID);
    calls.trng_uuid[0] = 0;
    calls.vendor_uid[0] = UINT32_MAX;
    refuses(VCPU_ERR_INVALID);
    calls.vendor_uid[0] = 0;
    calls.cpu_count = 2;
    refuses(VCPU_ERR_INVALID);
    calls.cpus = both;
    cpus[1].enabled = false;
    refuses(VCPU_ERR_STATE);
    calls.cpu_count = 1;
    vm.flags = VCPU_VM_RAW_CALLS;
    refuses(VCPU_ERR_INVALID);
    vm.flags = 0;
    vm.vcpus = 1;
    refuses(VCPU_ERR_STATE);
    vm.vcpus = 0;
    set();
}

static void the_uid_is_the_hosts(void **state)
{
    (void)state;
    calls.vendor_uid[2] = 0x33333333;
    set();
    answers(DIRT | 0x8600ff01, 0, 0);
    assert_int_equal(v.pub.regs.x[1], 0);
    assert_int_equal(v.pub.regs.x[2], 0x33333333);
    assert_int_equal(v.pub.regs.x[3], 0);
    is_the_librarys(0xc600ff01, 0);
    is_the_librarys(0x8600ff00, 0);
    is_the_librarys(0x8600ff03, 0);
}

/* ---- Mitigations ---- */

static const uint32_t workaround[3] = {0x80008000, 0x80007fff, 0x80003fff};

/* By the firmware's answers on one CPU and on the other (-9: nobody asked), of workaround n. */
static int8_t offer(unsigned n, int32_t one, int32_t other)
{
    const int32_t says[2] = {one, other};

    for (unsigned i = 0; i < 2; i++) {
        cpus[i].firmware = (struct firmware_answers){says[i] != -9, 0, {-1, -1, -1}};
        cpus[i].firmware.workaround[n] = says[i] == -9 ? 0 : says[i];
    }
    calls.cpus = both;
    calls.cpu_count = 2;
    set();
    return vm.workaround[n];
}

static void what_all_cpus_have_is_offered(void **state)
{
    (void)state;
    for (unsigned n = 0; n < 3; n++) {
        int none = n == 1 ? -2 : 1;

        assert_int_equal(offer(n, 0, 0), 0);
        assert_int_equal(offer(n, 1, 1), none);
        assert_int_equal(offer(n, 0, 1), 0);
        assert_int_equal(offer(n, 1, 0), 0);
        assert_int_equal(offer(n, -1, -1), -1);
        assert_int_equal(offer(n, 0, -1), -1);
        assert_int_equal(offer(n, -1, 0), -1);
        assert_int_equal(offer(n, 1, -1), -1);
        assert_int_equal(offer(n, -9, -9), -1);
        assert_int_equal(offer(n, 0, -9), -1);
        assert_int_equal(offer(n, 0, 7), -1);
        assert_int_equal(offer(n, -2, -2), n == 1 ? -2 : -1);
        assert_int_equal(offer(n, -2, 0), n == 1 ? 0 : -1);
    }
}

static void a_cpu_that_needs_none_has_no_say(void **state)
{
    (void)state;
    for (unsigned n = 0; n < 3; n++) {
        offer(n, -9, 0);
        cpus[0].firmware.unaffected = (uint8_t)(1u << n);
        set();
        assert_int_equal(vm.workaround[n], 0);
        cpus[1].firmware.unaffected = (uint8_t)(1u << n);
        set();
        assert_int_equal(vm.workaround[n], n == 1 ? -2 : 1);
        assert_int_equal(vm.workaround[(n + 1) % 3], -1);
    }
    calls.cpu_count = 0;
    set();
    for (unsigned n = 0; n < 3; n++)
        assert_int_equal(vm.workaround[n], -1);
}

static void discovery_says_what_is_offered(void **state)
{
    (void)state;
    for (unsigned n = 0; n < 3; n++) {
        for (int32_t says = -1; says <= 1; says++) {
            int8_t is = offer(n, says, says);

            answers(DIRT | 0x80000001, DIRT | workaround[n], is);
            is_the_librarys(0x8400000a, workaround[n]); /* PSCI's discovery is about PSCI */
        }
    }
}

static void only_a_required_call_reaches_the_firmware(void **state)
{
    (void)state;
    for (unsigned n = 0; n < 3; n++) {
        offer(n, 0, 0);
        if (n == 1)
            answers(workaround[n], 1, 0);
        else
            reaches_the_firmware(DIRT | workaround[n], workaround[n]);
        /* On a CPU that does not require it. */
        offer(n, 1, 0);
        answers(workaround[n], 0, 0);
        offer(n, 0, 0);
        cpus[0].firmware.unaffected = (uint8_t)(1u << n);
        answers(workaround[n], 0, 0);
        /* Not offered, or not this one: the library says that there is no such call. */
        offer(n, 0, -1);
        is_the_librarys(workaround[n], 0);
        offer((n + 1) % 3, 0, 0);
        is_the_librarys(workaround[n], 0);
        is_the_librarys(workaround[n] | CALL64, 0);
        is_the_librarys(workaround[n] + 3, 0);
        is_the_librarys(workaround[n] | SVE_HINT, 0);
    }
}

static void what_the_exit_has_done_is_not_done_again(void **state)
{
    (void)state;
    offer(0, 0, 0);
    v.guard.call = workaround[0];
    answers(DIRT | workaround[0], 0, 0);
    v.guard.call = workaround[2];
    answers(workaround[0], 0, 0);
    offer(2, 0, 0);
    answers(workaround[2], 0, 0);
    v.guard.call = workaround[0]; /* less than what is asked for */
    reaches_the_firmware(workaround[2], workaround[2]);
}

static void a_mitigation_can_be_denied(void **state)
{
    static const struct vcpu_call_range range = {0x80008000, 0x80008000, VCPU_CALL_DENY};

    (void)state;
    calls.ranges = &range;
    calls.range_count = 1;
    offer(0, 0, 0);
    answers(0x80008000, 0, NOT_SUPPORTED);
    answers(0x80000001, 0x80008000, NOT_SUPPORTED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(without_anything_all_is_as_ever, set_up),
        cmocka_unit_test_setup(the_first_range_decides, set_up),
        cmocka_unit_test_setup(the_sve_hint_hides_no_call, set_up),
        cmocka_unit_test_setup(the_short_path_knows_the_ranges, set_up),
        cmocka_unit_test_setup(the_short_path_knows_whose_calls_are_the_hosts, set_up),
        cmocka_unit_test_setup(discovery_agrees_with_the_filter, set_up),
        cmocka_unit_test_setup(discovery_itself_can_be_the_hosts, set_up),
        cmocka_unit_test_setup(what_is_wrong_is_refused, set_up),
        cmocka_unit_test_setup(the_uid_is_the_hosts, set_up),
        cmocka_unit_test_setup(what_all_cpus_have_is_offered, set_up),
        cmocka_unit_test_setup(a_cpu_that_needs_none_has_no_say, set_up),
        cmocka_unit_test_setup(discovery_says_what_is_offered, set_up),
        cmocka_unit_test_setup(only_a_required_call_reaches_the_firmware, set_up),
        cmocka_unit_test_setup(what_the_exit_has_done_is_not_done_again, set_up),
        cmocka_unit_test_setup(a_mitigation_can_be_denied, set_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
