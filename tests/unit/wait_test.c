/* SPDX-License-Identifier: MIT */
/* Waits that end by themselves: WFIT and WFET. */
#include "cmocka_all.h"

#include <string.h>

#include "device/device.h"
#include "hw/cpu.h"
#include "state/state.h"

#define NEVER UINT64_MAX

static uint64_t now; /* the machine's count */
static bool device_has_work;
static struct vcpu_vm vm;
static struct vcpu_state v;
static struct vcpu *const vcpu = &v.pub;

uint64_t vcpu_cpu_count(void)
{
    return now;
}

bool vcpu_device_has_work(const struct vcpu_state *of)
{
    assert_ptr_equal(of, &v);
    return device_has_work;
}

static int set_up(void **state)
{
    (void)state;
    memset(&vm, 0, sizeof(vm));
    memset(&v, 0, sizeof(v));
    v.vm = &vm;
    v.token = TOKEN_ABSENT;
    vm.counter_offset = 1000;
    now = 5000;
    device_has_work = false;
    return 0;
}

static void waits(uint32_t reason, uint8_t reg, uint64_t deadline)
{
    vcpu->exit.reason = reason;
    vcpu->exit.wait = (struct vcpu_wait){.reg = reg, .timed = true};
    if (reg != 31)
        vcpu->regs.x[reg] = deadline;
}

/* The guest's count is 4000. */
static void the_deadline_is_a_count_of_the_guest(void **state)
{
    static const uint32_t reasons[] = {VCPU_EXIT_WFI, VCPU_EXIT_WFE};

    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        for (uint8_t reg = 0; reg < 31; reg++) {
            waits(reasons[i], reg, 4001);
            assert_int_equal(vcpu_wait_deadline(vcpu), 5001);
            assert_false(vcpu_has_work(vcpu));
            waits(reasons[i], reg, 4000);
            assert_int_equal(vcpu_wait_deadline(vcpu), 0);
            assert_true(vcpu_has_work(vcpu));
            waits(reasons[i], reg, 0);
            assert_int_equal(vcpu_wait_deadline(vcpu), 0);
        }
    }
}

static void it_comes_with_time(void **state)
{
    (void)state;
    waits(VCPU_EXIT_WFI, 7, 4003);
    for (now = 5000; now < 5003; now++) {
        assert_int_equal(vcpu_wait_deadline(vcpu), 5003);
        assert_false(vcpu_has_work(vcpu));
    }
    for (; now < 5006; now++) {
        assert_int_equal(vcpu_wait_deadline(vcpu), 0);
        assert_true(vcpu_has_work(vcpu));
    }
}

static void the_zero_register_is_past(void **state)
{
    (void)state;
    vcpu->regs.sp_el0 = NEVER; /* what lies behind x30 */
    waits(VCPU_EXIT_WFI, 31, 0);
    assert_int_equal(vcpu_wait_deadline(vcpu), 0);
}

/* An offset above the machine's count: the guest's is about to wrap. And the end of all counts. */
static void counts_wrap(void **state)
{
    (void)state;
    vm.counter_offset = 5010; /* the guest's count is 2^64 - 10 */
    waits(VCPU_EXIT_WFI, 3, NEVER - 1);
    assert_int_equal(vcpu_wait_deadline(vcpu), 5008);
    waits(VCPU_EXIT_WFI, 3, 5); /* as an unsigned number it is past */
    assert_int_equal(vcpu_wait_deadline(vcpu), 0);
    vm.counter_offset = 0;
    now = NEVER - 100;
    waits(VCPU_EXIT_WFI, 3, NEVER - 1);
    assert_int_equal(vcpu_wait_deadline(vcpu), NEVER - 1);
    waits(VCPU_EXIT_WFI, 3, NEVER);
    assert_int_equal(vcpu_wait_deadline(vcpu), NEVER);
    vm.counter_offset = 200; /* the machine's count ends before */
    assert_int_equal(vcpu_wait_deadline(vcpu), NEVER);
    waits(VCPU_EXIT_WFI, 3, NEVER - 150);
    assert_int_equal(vcpu_wait_deadline(vcpu), NEVER);
    assert_false(vcpu_has_work(vcpu));
}

/* Whatever an exit that is just being written leaves there: nothing beside x0 to x30 is read. */
static void any_number_of_a_register_is_in_bounds(void **state)
{
    (void)state;
    memset(&v, 0xff, sizeof(v));
    v.vm = &vm;
    for (unsigned reg = 0; reg < 31; reg++)
        vcpu->regs.x[reg] = 4000 + reg + 1;
    for (unsigned reg = 0; reg < 256; reg++) {
        vcpu->exit.reason = VCPU_EXIT_WFE;
        vcpu->exit.wait = (struct vcpu_wait){.reg = (uint8_t)reg, .timed = true};
        assert_int_equal(vcpu_wait_deadline(vcpu), reg % 32 == 31 ? 0 : 5000 + reg % 32 + 1);
    }
}

static void the_offset_can_change(void **state)
{
    (void)state;
    waits(VCPU_EXIT_WFI, 1, 4100);
    assert_int_equal(vcpu_wait_deadline(vcpu), 5100);
    vm.counter_offset += 300; /* the VM stood still */
    assert_int_equal(vcpu_wait_deadline(vcpu), 5400);
    vm.counter_offset = 900;
    assert_int_equal(vcpu_wait_deadline(vcpu), 0);
}

static void other_exits_and_plain_waits_have_none(void **state)
{
    (void)state;
    for (uint32_t reason = 0; reason <= VCPU_EXIT_REASONS; reason++) {
        waits(reason, 2, 0);
        if (reason == VCPU_EXIT_WFI || reason == VCPU_EXIT_WFE)
            vcpu->exit.wait.timed = false;
        assert_int_equal(vcpu_wait_deadline(vcpu), NEVER);
        assert_false(vcpu_has_work(vcpu));
    }
    device_has_work = true;
    assert_true(vcpu_has_work(vcpu));
}

static void a_vcpu_that_is_off_has_no_work(void **state)
{
    (void)state;
    waits(VCPU_EXIT_WFI, 2, 0);
    v.token |= TOKEN_OFF;
    assert_false(vcpu_has_work(vcpu));
}

static void the_completion_ends_it(void **state)
{
    (void)state;
    waits(VCPU_EXIT_WFE, 2, 0);
    assert_true(vcpu_has_work(vcpu));
    assert_int_equal(vcpu_complete_skip(vcpu), VCPU_OK);
    assert_int_equal(vcpu_wait_deadline(vcpu), NEVER);
    assert_false(vcpu_has_work(vcpu));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(the_deadline_is_a_count_of_the_guest, set_up),
        cmocka_unit_test_setup(it_comes_with_time, set_up),
        cmocka_unit_test_setup(the_zero_register_is_past, set_up),
        cmocka_unit_test_setup(counts_wrap, set_up),
        cmocka_unit_test_setup(any_number_of_a_register_is_in_bounds, set_up),
        cmocka_unit_test_setup(the_offset_can_change, set_up),
        cmocka_unit_test_setup(other_exits_and_plain_waits_have_none, set_up),
        cmocka_unit_test_setup(a_vcpu_that_is_off_has_no_work, set_up),
        cmocka_unit_test_setup(the_completion_ends_it, set_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
