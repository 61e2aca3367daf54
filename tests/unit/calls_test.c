/* SPDX-License-Identifier: MIT */
/* The filter of calls and its services. Function ids are those of the specifications, spelled out. */
#include "cmocka_all.h"

#include <string.h>

#include <vcpu/error.h>

#include "calls/calls.h"

#define DIRT          UINT64_C(0xdeadbeef00000000)
#define NOT_SUPPORTED (-1)
#define NO_ENTROPY    (-3)
#define CALL64        0x40000000

static struct vcpu_state v;
static struct vcpu_vm vm;
static _Alignas(VCPU_PERCPU_ALIGN) struct percpu_state cpus[2];
static struct vcpu_calls calls;
static const struct vcpu_percpu *const both[] = {(const void *)&cpus[0], (const void *)&cpus[1]};

const struct vcpu_features *vcpu_percpu_features(const struct vcpu_percpu *cpu)
{
    return ((const struct percpu_state *)cpu)->enabled ? &cpus[0].features : NULL;
}

static int set_up(void **state)
{
    (void)state;
    memset(&v, 0, sizeof(v));
    memset(&vm, 0, sizeof(vm));
    memset(cpus, 0, sizeof(cpus));
    calls = (struct vcpu_calls){0};
    cpus[0].enabled = cpus[1].enabled = true;
    v.vm = &vm;
    v.token = (uintptr_t)&cpus[0];
    return 0;
}

static void set(void)
{
    assert_int_equal(vcpu_vm_set_calls(&vm, &calls), VCPU_OK);
}

static enum call_verdict call(uint64_t x0, uint64_t x1)
{
    uint64_t *x = v.pub.regs.x;

    x[0] = x0;
    x[1] = x1;
    x[2] = x[3] = 0x77;
    return vm.decide_call(&v);
}

static void answers(uint64_t x0, uint64_t x1, int64_t answer)
{
    assert_int_equal(call(x0, x1), CALL_ANSWERED);
    assert_int_equal(v.pub.regs.x[0], answer);
}

/* The library goes on with the call as it came. */
static void is_the_librarys(uint64_t x0, uint64_t x1)
{
    assert_int_equal(call(x0, x1), CALL_LIBRARY);
    assert_int_equal(v.pub.regs.x[0], x0);
    assert_int_equal(v.pub.regs.x[1], x1);
}

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

/* ---- Random numbers ---- */

static unsigned entropy_calls;
static size_t entropy_size;
static bool has_entropy;

static bool entropy(void *ctx, struct vcpu *vcpu, void *bytes, size_t size)
{
    assert_ptr_equal(ctx, &entropy_calls);
    assert_ptr_equal(vcpu, &v.pub);
    entropy_calls++;
    entropy_size = size;
    for (size_t i = 0; i < size; i++)
        ((uint8_t *)bytes)[i] = (uint8_t)(0xa1 + i);
    return has_entropy;
}

static void with_entropy(void)
{
    calls.entropy = entropy;
    calls.entropy_ctx = &entropy_calls;
    calls.trng_uuid[0] = 0x11111111;
    calls.trng_uuid[3] = 0x44444444;
    has_entropy = true;
    entropy_calls = 0;
    set();
}

static void trng_is_version_1(void **state)
{
    (void)state;
    with_entropy();
    answers(DIRT | 0x84000050, 0, 0x10000);
    for (unsigned fn = 0x50; fn < 0x54; fn++)
        answers(0x84000051, DIRT | (0x84000000 + fn), 0);
    answers(0x84000051, 0xc4000053, 0);
    answers(0x84000051, 0x84000054, NOT_SUPPORTED);
    answers(0x84000051, 0xc4000050, NOT_SUPPORTED);
    answers(0x84000051, 0x84000000, NOT_SUPPORTED);
    answers(0x84000052, 0, 0x11111111);
    assert_int_equal(v.pub.regs.x[1], 0);
    assert_int_equal(v.pub.regs.x[3], 0x44444444);
    is_the_librarys(0x84000054, 0);
    is_the_librarys(0xc4000050, 0);
    is_the_librarys(0x8400004f, 0);
    assert_int_equal(entropy_calls, 0);
}

static void trng_features_agree_with_the_filter(void **state)
{
    static const struct vcpu_call_range ranges[] = {{0x84000053, 0x84000053, VCPU_CALL_DENY},
                                                    {0x84000052, 0x84000052, VCPU_CALL_EXIT}};

    (void)state;
    calls.ranges = ranges;
    calls.range_count = 2;
    with_entropy();
    answers(0x84000051, 0x84000053, NOT_SUPPORTED);
    answers(0x84000051, 0x84000052, 0);
    answers(0x84000051, 0xc4000053, 0);
    answers(0x84000053, 32, NOT_SUPPORTED);
    assert_int_equal(call(0x84000052, 0), CALL_EXIT);
}

/* The lowest bits are in x3. The source's first byte is the lowest. */
static void as_many_bits_as_were_asked_for(void **state)
{
    (void)state;
    with_entropy();
    for (unsigned wide = 0; wide < 2; wide++) {
        unsigned width = wide ? 64 : 32;

        for (unsigned bits = 1; bits <= 3 * width; bits++) {
            uint8_t expected[24] = {0};

            for (unsigned i = 0; i < (bits + 7) / 8; i++)
                expected[i] = (uint8_t)(0xa1 + i);
            if (bits % 8)
                expected[bits / 8] &= (uint8_t)((1u << bits % 8) - 1);
            answers(wide ? 0xc4000053 : DIRT | 0x84000053, wide ? bits : DIRT | bits, 0);
            assert_int_equal(entropy_size, (bits + 7) / 8);
            for (unsigned i = 0; i < 3; i++) {
                uint64_t word = 0;

                memcpy(&word, &expected[i * width / 8], width / 8);
                assert_int_equal(v.pub.regs.x[3 - i], word);
            }
        }
    }
}

static void fails(uint64_t x0, uint64_t x1, int64_t status, unsigned asked)
{
    entropy_calls = 0;
    answers(x0, x1, status);
    for (unsigned i = 1; i < 4; i++)
        assert_int_equal(v.pub.regs.x[i], 0);
    assert_int_equal(entropy_calls, asked);
}

static void no_more_bits_than_fit(void **state)
{
    (void)state;
    with_entropy();
    fails(0x84000053, 0, -2, 0);
    fails(0x84000053, 97, -2, 0);
    fails(0x84000053, DIRT, -2, 0);
    fails(0x84000053, 0xffffffff, -2, 0);
    fails(0xc4000053, 0, -2, 0);
    fails(0xc4000053, 193, -2, 0);
    fails(0xc4000053, DIRT | 8, -2, 0); /* here x1 has 64 bits */
}

static void no_bits_without_entropy(void **state)
{
    (void)state;
    with_entropy();
    has_entropy = false;
    fails(0x84000053, 96, NO_ENTROPY, 1);
    fails(0xc4000053, 192, NO_ENTROPY, 1);
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
            assert_int_equal(call(DIRT | workaround[n], 0), CALL_FIRMWARE);
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
    assert_int_equal(call(workaround[2], 0), CALL_FIRMWARE);
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
        cmocka_unit_test_setup(discovery_agrees_with_the_filter, set_up),
        cmocka_unit_test_setup(discovery_itself_can_be_the_hosts, set_up),
        cmocka_unit_test_setup(what_is_wrong_is_refused, set_up),
        cmocka_unit_test_setup(trng_is_version_1, set_up),
        cmocka_unit_test_setup(trng_features_agree_with_the_filter, set_up),
        cmocka_unit_test_setup(as_many_bits_as_were_asked_for, set_up),
        cmocka_unit_test_setup(no_more_bits_than_fit, set_up),
        cmocka_unit_test_setup(no_bits_without_entropy, set_up),
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
