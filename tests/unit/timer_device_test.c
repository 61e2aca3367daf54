/* SPDX-License-Identifier: MIT */
/*
 * When the timers tell the interrupt controller and the host, and what a vCPU that waits is to be
 * woken for.
 */
#include "timer_machine.h"

static void what_creating_refuses(void **state)
{
    struct vcpu_host host = fake_host;
    struct vcpu_timer_config bad = config;
    struct vcpu_timer *t = NULL;

    (void)state;
    forget();
    assert_int_equal(vcpu_timer_create(NULL, &config, &t), VCPU_ERR_INVALID);
    assert_int_equal(vcpu_timer_create(vm(), NULL, &t), VCPU_ERR_INVALID);
    assert_int_equal(vcpu_timer_create(vm(), &config, NULL), VCPU_ERR_INVALID);
    bad.set_ppi = NULL;
    assert_int_equal(vcpu_timer_create(vm(), &bad, &t), VCPU_ERR_INVALID);
    bad = config;
    bad.host = NULL;
    assert_int_equal(vcpu_timer_create(vm(), &bad, &t), VCPU_ERR_INVALID);
    bad.host = &host;
    host.alloc_pages = NULL;
    assert_int_equal(vcpu_timer_create(vm(), &bad, &t), VCPU_ERR_INVALID);
    host = fake_host;
    host.free_pages = NULL;
    assert_int_equal(vcpu_timer_create(vm(), &bad, &t), VCPU_ERR_INVALID);
    host = fake_host;
    host.phys_to_virt = NULL;
    assert_int_equal(vcpu_timer_create(vm(), &bad, &t), VCPU_ERR_INVALID);
    assert_int_equal(vcpu_timer_destroy(NULL), VCPU_ERR_INVALID);
    fake.allocations_left = 0;
    assert_int_equal(vcpu_timer_create(vm(), &config, &t), VCPU_ERR_NO_MEMORY);
    assert_null(t);
    assert_int_equal(fake.pages, 0);
}

static void memory_is_given_back(void **state)
{
    struct vcpu_timer *t = NULL;

    (void)state;
    forget();
    machine.attach_error = VCPU_ERR_STATE;
    assert_int_equal(vcpu_timer_create(vm(), &config, &t), VCPU_ERR_STATE);
    assert_null(t);
    assert_int_equal(fake.pages, 1);
    assert_int_equal(fake.freed, 1);

    forget();
    machine.max_vcpus = 256;
    assert_int_equal(vcpu_timer_create(vm(), &config, &t), VCPU_OK);
    assert_int_equal(fake.pages, 8); /* a power of two */
    assert_int_equal(vcpu_timer_destroy(t), VCPU_OK);
    assert_int_equal(fake.freed, 8);
}

static void a_new_timer_is_off(void **state)
{
    (void)state;
    load(0);
    assert_int_equal(guest_reads(0, CTL), 0);
    assert_int_equal(guest_reads(0, CVAL), 0);
    assert_int_equal(deadline(0), NEVER);
    assert_false(has_work(0));
    put(0);
    assert_int_equal(machine.arms, 0);
    assert_int_equal(machine.told[0][VCPU_TIMER_PHYSICAL_PPI], 0);
    assert_int_equal(machine.told[0][VCPU_TIMER_VIRTUAL_PPI], 0);
}

static void the_guests_count_is_the_machines_less_the_offset(void **state)
{
    (void)state;
    load(0);
    assert_int_equal(guest_reads(0, CNTPCT), 600000);
    machine.now += 5;
    assert_int_equal(guest_reads(0, CNTPCT), 600005);
    guest_writes(0, TVAL, 10);
    assert_int_equal(guest_reads(0, CVAL), 600015);
    put(0);
    machine.offset += 100;
    load(0);
    assert_int_equal(guest_reads(0, CNTPCT), 599905);
    put(0);
}

static void what_is_not_its_own_is_left_to_others(void **state)
{
    uint64_t value = 7;

    (void)state;
    load(0);
    assert_false(machine.ops->sysreg(timer, &machine.vcpu[0], CNTPCT, true, &value));
    assert_false(
        machine.ops->sysreg(timer, &machine.vcpu[0], VCPU_SYSREG(3, 3, 14, 3, 1), false, &value));
    assert_int_equal(value, 7);
    assert_null(machine.ops->mmio);
    put(0);
}

static void a_deadline_is_asked_of_the_host_and_then_reached(void **state)
{
    (void)state;
    load(0);
    guest_writes(0, CVAL, 600100);
    assert_int_equal(machine.arms, 0);
    guest_writes(0, CTL, ENABLE);
    assert_int_equal(machine.armed[0], 1000100);
    assert_int_equal(deadline(0), 1000100);
    assert_false(has_work(0));

    /* Some other interrupt before. */
    machine.now = 1000099;
    machine.ops->sync(timer, &machine.vcpu[0]);
    assert_false(physical_level(0));
    assert_int_equal(machine.arms, 1);

    machine.now = 1000100;
    assert_true(has_work(0));
    assert_int_equal(deadline(0), 0);
    machine.ops->sync(timer, &machine.vcpu[0]);
    assert_true(physical_level(0));
    assert_int_equal(machine.armed[0], NEVER);

    /* It is told once, and has then nothing to wait for. */
    machine.now += 50;
    machine.ops->sync(timer, &machine.vcpu[0]);
    guest_writes(0, CTL, ENABLE);
    assert_int_equal(machine.told[0][VCPU_TIMER_PHYSICAL_PPI], 1);
    assert_int_equal(deadline(0), NEVER);
    assert_false(has_work(0));
    put(0);
}

static void the_level_falls_when_its_condition_ends(void **state)
{
    (void)state;
    load(0);
    guest_writes(0, CVAL, 600000);
    assert_false(physical_level(0));
    guest_writes(0, CTL, ENABLE);
    assert_true(physical_level(0));
    guest_writes(0, CTL, ENABLE | IMASK);
    assert_false(physical_level(0));
    guest_writes(0, CTL, ENABLE);
    assert_true(physical_level(0));
    guest_writes(0, CTL, 0);
    assert_false(physical_level(0));
    guest_writes(0, CTL, ENABLE);
    guest_writes(0, CVAL, 600001);
    assert_false(physical_level(0));
    assert_int_equal(machine.armed[0], 1000001);
    guest_writes(0, TVAL, 0);
    assert_true(physical_level(0));
    guest_writes(0, TVAL, 1);
    assert_false(physical_level(0));
    guest_writes(0, TVAL, 0xffffffff);
    assert_true(physical_level(0));
    put(0);
}

static void a_put_leaves_no_deadline_with_the_cpu(void **state)
{
    (void)state;
    load(0);
    guest_writes(0, CVAL, 600100);
    guest_writes(0, CTL, ENABLE);
    put(0);
    assert_int_equal(machine.armed[0], NEVER);
    assert_int_equal(deadline(0), 1000100);

    /* Elsewhere it is asked for again; and what is past is told at once. */
    fake.here = 1;
    load(0);
    assert_int_equal(machine.armed[1], 1000100);
    assert_int_equal(machine.armed[0], NEVER);
    put(0);
    machine.now = 1000200;
    assert_true(has_work(0));
    load(0);
    assert_true(physical_level(0));
    assert_int_equal(machine.armed[1], NEVER);
    put(0);

    /* The line stays high, and is not told again. */
    load(0);
    assert_int_equal(machine.told[0][VCPU_TIMER_PHYSICAL_PPI], 1);
    guest_writes(0, CTL, 0);
    assert_false(physical_level(0));
    put(0);
}

static void without_a_hook_an_interrupt_is_as_good(void **state)
{
    struct vcpu_timer_config without = config;

    (void)state;
    vcpu_timer_destroy(timer);
    without.arm = NULL;
    assert_int_equal(vcpu_timer_create(vm(), &without, &timer), VCPU_OK);
    machine.ops->reset(timer, &machine.vcpu[0]);
    load(0);
    guest_writes(0, CVAL, 600100);
    guest_writes(0, CTL, ENABLE);
    machine.now = 1000100;
    machine.ops->sync(timer, &machine.vcpu[0]);
    assert_true(physical_level(0));
    put(0);
}

static void the_virtual_timer_of_a_vcpu_that_left_is_remembered(void **state)
{
    (void)state;
    load(0);
    machine.virtual_compare[0] = 600300;
    assert_int_equal(deadline(0), 1000300);
    put(0);
    assert_int_equal(deadline(0), 1000300);
    assert_false(has_work(0));
    fake.here = 1;
    assert_int_equal(deadline(0), 1000300);
    machine.now = 1000300;
    assert_int_equal(deadline(0), 0);
    assert_true(has_work(0));
    assert_int_equal(machine.told[0][VCPU_TIMER_VIRTUAL_PPI], 0);

    /* Resident there, only that CPU knows. */
    load(0);
    machine.virtual_compare[1] = 600500;
    assert_int_equal(deadline(0), 1000500);
    fake.here = 0;
    assert_int_equal(deadline(0), NEVER);
    fake.here = 1;
    put(0);
    assert_false(fake.masked);
}

static void a_virtual_timer_that_is_due_when_it_leaves_is_told(void **state)
{
    (void)state;
    load(0);
    machine.virtual_compare[0] = 600000;
    assert_int_equal(deadline(0), 0);
    assert_true(has_work(0));
    put(0);
    assert_true(machine.level[0][VCPU_TIMER_VIRTUAL_PPI]);
    assert_int_equal(machine.told[0][VCPU_TIMER_VIRTUAL_PPI], 1);
    /* From here on it is the interrupt controller's. */
    assert_int_equal(deadline(0), NEVER);
    assert_false(has_work(0));

    load(0);
    machine.virtual_compare[0] = 600001;
    put(0);
    assert_int_equal(machine.told[0][VCPU_TIMER_VIRTUAL_PPI], 1);
    assert_int_equal(deadline(0), 1000001);
}

static void the_earliest_of_the_two_counts(void **state)
{
    (void)state;
    load(0);
    guest_writes(0, CVAL, 600100);
    guest_writes(0, CTL, ENABLE);
    machine.virtual_compare[0] = 600300;
    assert_int_equal(deadline(0), 1000100);
    put(0);
    assert_int_equal(deadline(0), 1000100);
    load(0);
    machine.virtual_compare[0] = 600050;
    put(0);
    assert_int_equal(deadline(0), 1000050);
    load(0);
    guest_writes(0, CTL, ENABLE | IMASK);
    put(0);
    assert_int_equal(deadline(0), NEVER);
}

static void time_that_stands_still_moves_the_deadline(void **state)
{
    (void)state;
    load(0);
    machine.virtual_compare[0] = 600300;
    guest_writes(0, CVAL, 600100);
    guest_writes(0, CTL, ENABLE);
    put(0);
    machine.now += 5000;
    assert_true(has_work(0));
    machine.offset += 5000;
    assert_false(has_work(0));
    assert_int_equal(deadline(0), 1005100);
    load(0);
    assert_int_equal(machine.armed[0], 1005100);
    put(0);
}

/* In the CPU or not, the earlier one counts. */
static void a_wait_that_ends_by_itself_is_a_deadline(void **state)
{
    (void)state;
    machine.wait_deadline[0] = 1000200;
    assert_int_equal(deadline(0), 1000200);
    assert_int_equal(deadline(1), NEVER);
    load(0);
    assert_int_equal(deadline(0), 1000200);
    guest_writes(0, CVAL, 600100);
    guest_writes(0, CTL, ENABLE);
    assert_int_equal(deadline(0), 1000100);
    guest_writes(0, CVAL, 600300);
    assert_int_equal(deadline(0), 1000200);
    assert_false(has_work(0));
    machine.wait_deadline[0] = 0;
    assert_int_equal(deadline(0), 0);
    assert_false(has_work(0)); /* the timers have none: vcpu_has_work knows of the wait itself */
    put(0);
    assert_int_equal(deadline(0), 0);
}

static void vcpus_have_timers_of_their_own(void **state)
{
    (void)state;
    load(0);
    guest_writes(0, CVAL, 600100);
    guest_writes(0, CTL, ENABLE);
    put(0);
    load(1);
    assert_int_equal(machine.armed[0], NEVER);
    assert_int_equal(guest_reads(1, CTL), 0);
    guest_writes(1, CTL, ENABLE);
    assert_true(physical_level(1));
    assert_false(physical_level(0));
    put(1);
    assert_int_equal(deadline(0), 1000100);
    assert_int_equal(deadline(1), NEVER);
}

static void a_reset_turns_all_off(void **state)
{
    (void)state;
    load(0);
    machine.virtual_compare[0] = 600000;
    guest_writes(0, CTL, ENABLE);
    put(0);
    machine.ops->reset(timer, &machine.vcpu[0]);
    assert_false(machine.level[0][VCPU_TIMER_VIRTUAL_PPI]);
    assert_false(machine.level[0][VCPU_TIMER_PHYSICAL_PPI]);
    assert_int_equal(machine.told[0][VCPU_TIMER_VIRTUAL_PPI], 2);
    assert_int_equal(machine.told[0][VCPU_TIMER_PHYSICAL_PPI], 2);

    load(0);
    machine.virtual_compare[0] = 700000;
    guest_writes(0, CVAL, 700000);
    guest_writes(0, CTL, ENABLE);
    put(0);
    machine.ops->reset(timer, &machine.vcpu[0]);
    assert_int_equal(deadline(0), NEVER);
    load(0);
    assert_int_equal(guest_reads(0, CTL), 0);
    assert_int_equal(guest_reads(0, CVAL), 0);
    put(0);
    assert_false(machine.level[0][VCPU_TIMER_VIRTUAL_PPI]);
    /* What was not told is not taken back; nor is anything of a vCPU that has never run. */
    assert_int_equal(machine.told[0][VCPU_TIMER_PHYSICAL_PPI], 2);
    machine.ops->reset(timer, &machine.vcpu[1]);
    assert_int_equal(machine.told[1][VCPU_TIMER_VIRTUAL_PPI], 0);
    assert_int_equal(machine.told[1][VCPU_TIMER_PHYSICAL_PPI], 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_creating_refuses),
        cmocka_unit_test(memory_is_given_back),
        TEST(a_new_timer_is_off),
        TEST(the_guests_count_is_the_machines_less_the_offset),
        TEST(what_is_not_its_own_is_left_to_others),
        TEST(a_deadline_is_asked_of_the_host_and_then_reached),
        TEST(the_level_falls_when_its_condition_ends),
        TEST(a_put_leaves_no_deadline_with_the_cpu),
        TEST(without_a_hook_an_interrupt_is_as_good),
        TEST(the_virtual_timer_of_a_vcpu_that_left_is_remembered),
        TEST(a_virtual_timer_that_is_due_when_it_leaves_is_told),
        TEST(the_earliest_of_the_two_counts),
        TEST(time_that_stands_still_moves_the_deadline),
        TEST(a_wait_that_ends_by_itself_is_a_deadline),
        TEST(vcpus_have_timers_of_their_own),
        TEST(a_reset_turns_all_off),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
