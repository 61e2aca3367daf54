/* SPDX-License-Identifier: MIT */
/* Who gets which interrupt, when, and how often. */
#include "gic_delivery.h"

static void level_comes_back_while_it_is_high(void **state)
{
    (void)state;
    start(3, 1, 4, NULL);
    assert_int_equal(vcpu_gic_set_line(machine.gic, 40, true), VCPU_OK);
    machine_settle();
    for (unsigned i = 0; i < 3; i++)
        assert_int_equal(handle(0), 40);

    uint32_t iar = machine_ack(0);

    assert_int_equal(vcpu_gic_set_line(machine.gic, 40, false), VCPU_OK);
    machine_settle();
    machine_eoi(0, iar);
    assert_int_equal(machine_ack(0), SPURIOUS);
    /* One that was not taken goes with its line. */
    vcpu_gic_set_line(machine.gic, 40, true);
    vcpu_gic_set_line(machine.gic, 40, false);
    machine_settle();
    assert_int_equal(machine_ack(0), SPURIOUS);
    assert_false(machine_has_work(0));
    machine_stop();
}

static void edge_comes_once_however_long_it_is_high(void **state)
{
    (void)state;
    start(3, 1, 4, NULL);
    machine_write(0, GICD_BASE + 0xc08, 4, 0xaaaaaaaa);
    vcpu_gic_set_line(machine.gic, 40, true);
    vcpu_gic_set_line(machine.gic, 40, true);
    assert_int_equal(handle(0), 40);
    assert_int_equal(handle(0), SPURIOUS);
    vcpu_gic_set_line(machine.gic, 40, false);
    assert_int_equal(handle(0), SPURIOUS);
    /* While it is active the next one waits for the end. */
    vcpu_gic_set_line(machine.gic, 40, true);
    assert_int_equal(machine_ack(0), 40);
    vcpu_gic_set_line(machine.gic, 40, false);
    vcpu_gic_set_line(machine.gic, 40, true);
    assert_int_equal(machine_ack(0), SPURIOUS);
    machine_eoi(0, 40);
    assert_int_equal(handle(0), 40);
    assert_int_equal(handle(0), SPURIOUS);
    machine_stop();
}

static void interrupt_nobody_waits_for_takes_no_exit_to_end(void **state)
{
    unsigned before;

    (void)state;
    start(3, 1, 4, NULL);
    before = machine.notifications;
    for (unsigned i = 0; i < 10; i++) {
        assert_true(machine_msr(0, SGI1R, UINT64_C(1) << 24 | 1));
        assert_int_equal(machine_ack(0), 1);
        machine_eoi(0, 1);
    }
    /* In one list register after the other's end, with nothing asked for in return. */
    assert_int_equal(machine.notifications, before);
    assert_int_equal(machine.cpu[0].hcr & 0xfe, 0);
    assert_int_equal(machine.cpu[0].lr[1], 0);
    machine_stop();
}

static void more_than_fit_come_by_priority(void **state)
{
    (void)state;
    start(3, 1, 4, NULL);
    for (unsigned i = 0; i < 64; i++)
        machine_write(0, GICD_BASE + 0x400 + 32 + i, 1, (i * 7 % 31) << 3);
    for (unsigned i = 0; i < 64; i++)
        machine_write(0, GICD_BASE + 0x204 + i / 32 * 4, 4, 1u << i % 32);

    uint32_t last = 0;

    for (unsigned i = 0; i < 64; i++) {
        uint32_t intid = handle(0);

        assert_in_range(intid, 32, 95);
        assert_true(((intid - 32) * 7 % 31) << 3 >= last);
        last = ((intid - 32) * 7 % 31) << 3;
    }
    assert_int_equal(handle(0), SPURIOUS);
    machine_stop();
}

/* Every level of preemption is active at once, in fewer list registers than that. */
static void more_active_than_fit_end_in_their_order(void **state)
{
    (void)state;
    start(3, 1, 2, NULL);
    nest(30);
    assert_int_equal(machine_read(0, GICD_BASE + 0x304, 4), 0x3fffffff);
    for (unsigned i = 30; i-- > 0;) {
        machine_eoi(0, 32 + i);
        assert_int_equal(machine_read(0, GICD_BASE + 0x304, 4), (1u << i) - 1);
    }
    assert_int_equal(machine_running(0), 0x100);
    machine_stop();
}

static void end_of_one_that_was_put_out_is_noticed(void **state)
{
    (void)state;
    start(3, 1, 1, NULL);
    machine_write(0, GICD_BASE + 0xc08, 4, 0xaaaaaaaa);
    machine_write(0, GICD_BASE + 0x400 + 40, 1, 0x80);
    machine_write(0, GICD_BASE + 0x400 + 41, 1, 0x40);
    vcpu_gic_set_line(machine.gic, 40, true);
    assert_int_equal(machine_ack(0), 40);
    vcpu_gic_set_line(machine.gic, 41, true);
    machine_settle();
    assert_int_equal(machine_ack(0), 41);
    vcpu_gic_set_line(machine.gic, 40, false);
    vcpu_gic_set_line(machine.gic, 40, true);
    machine_settle();
    machine_eoi(0, 41);
    machine_eoi(0, 40);
    assert_int_equal(handle(0), 40);
    assert_int_equal(handle(0), SPURIOUS);
    machine_stop();
}

/* A new priority is for the next time: the end is that of the one taken last. */
static void end_goes_by_the_priority_that_was_taken(void **state)
{
    (void)state;
    start(3, 1, 1, NULL);
    machine_write(0, GICD_BASE + 0xc08, 4, 0xaaaaaaaa);
    for (unsigned i = 0; i < 3; i++) {
        machine_write(0, GICD_BASE + 0x400 + 40 + i, 1, 0x80 - 0x20 * i);
        vcpu_gic_set_line(machine.gic, 40 + i, true);
        machine_settle();
        assert_int_equal(machine_ack(0), 40 + i);
    }
    machine_write(0, GICD_BASE + 0x400 + 40, 1, 0);
    machine_eoi(0, 42);
    machine_write(0, GICD_BASE + 0x400 + 43, 1, 0); /* another has the list register */
    vcpu_gic_set_line(machine.gic, 43, true);
    machine_settle();
    machine_eoi(0, 41);
    assert_int_equal(machine_read(0, GICD_BASE + 0x304, 4), 1 << 8);
    machine_stop();
}

static void active_state_moves_with_the_vcpu(void **state)
{
    (void)state;
    start(3, 1, 4, NULL);
    vcpu_gic_set_ppi(machine.gic, &machine.vcpu[0], 27, true);
    assert_int_equal(machine_ack(0), 27);
    machine_put(0);
    machine_load(0, 3);
    assert_int_equal(machine_read(0, SGIS(0) + 0x300, 4), 1 << 27);
    assert_int_equal(machine_ack(0), SPURIOUS);
    vcpu_gic_set_ppi(machine.gic, &machine.vcpu[0], 27, false);
    machine_settle();
    machine_eoi(0, 27);
    assert_int_equal(machine_read(0, SGIS(0) + 0x300, 4), 0);
    machine_stop();
}

static void waiting_vcpu_has_work_when_something_comes(void **state)
{
    (void)state;
    start(3, 2, 4, NULL);
    machine_put(1);
    assert_false(machine_has_work(1));
    machine_msr(0, SGI1R, UINT64_C(1) << 24 | 2);
    assert_true(machine.notified[1]);
    assert_true(machine_has_work(1));
    machine_load(1, 1);
    assert_int_equal(handle(1), 1);
    assert_false(machine_has_work(1));
    machine_put(1);
    assert_false(machine_has_work(1));

    /* What the guest's own mask holds back is no reason to go on. */
    machine_load(1, 1);
    machine_set_vmcr(1, 0x00000003);
    machine_msr(0, SGI1R, UINT64_C(1) << 24 | 2);
    machine_settle();
    assert_false(machine_has_work(1));
    machine_put(1);
    assert_false(machine_has_work(1));

    /* A line of one that waits in this CPU goes into a list register at once; the host is told. */
    assert_int_equal(machine_ack(0), SPURIOUS);
    assert_false(machine.woken[0]);
    vcpu_gic_set_ppi(machine.gic, &machine.vcpu[0], 20, true);
    assert_true(machine.woken[0]);
    assert_true(machine_has_work(0));
    machine_stop();
}

static void reset_takes_the_cpu_interface_only(void **state)
{
    (void)state;
    start(3, 2, 4, NULL);
    machine_msr(0, SGI1R, UINT64_C(1) << 24 | 2);
    machine_settle();
    assert_int_equal(machine_ack(1), 1);
    machine_msr(0, SGI1R, UINT64_C(2) << 24 | 2);
    machine_put(1);
    machine.ops->reset(machine.ctx, &machine.vcpu[1]);
    machine_load(1, 2);
    assert_int_equal(machine.cpu[2].vmcr, 0);
    assert_int_equal(machine_running(1), 0x100);
    assert_int_equal(machine_read(1, SGIS(1) + 0x300, 4), 1 << 1);
    assert_int_equal(machine_read(1, SGIS(1) + 0x200, 4), 1 << 2);
    machine_stop();
}

/* The guest may wait before the maintenance interrupt has come. */
static void vcpu_that_waits_for_room_has_work(void **state)
{
    (void)state;
    start(3, 1, 1, NULL);
    vcpu_gic_set_line(machine.gic, 40, true);
    vcpu_gic_set_line(machine.gic, 41, true);
    machine_settle();
    machine.cpu[0].lr[0] ^= UINT64_C(3) << 62; /* taken; */
    machine.cpu[0].apr[1][0] = 1;              /* by its priority nothing else may come */
    machine.cpu[0].lr[0] &= ~(UINT64_C(3) << 62);
    machine.cpu[0].apr[1][0] = 0; /* and ended */
    assert_true(machine_has_work(0));
    machine_stop();
}

static uint64_t mpidr_now[2];

static uint64_t changing(unsigned v)
{
    return mpidr_now[v];
}

static void vcpu_made_anew_has_its_new_affinity(void **state)
{
    (void)state;
    mpidr_now[0] = 0;
    mpidr_now[1] = 1;
    start(3, 2, 4, changing);
    machine_write(0, GICD_BASE + 0x6000 + 8 * 40, 8, 0x100);
    machine_write(0, GICD_BASE + 0x6000 + 8 * 41, 8, 1);
    machine_put(1);
    mpidr_now[1] = 0x100;
    machine.ops->reset(machine.ctx, &machine.vcpu[1]);
    machine_load(1, 1);
    machine_set_vmcr(1, 0xf8000003);
    assert_int_equal(machine_read(0, GICR(1) + 0xc, 4), 0x100);
    assert_true(machine_msr(0, SGI1R, UINT64_C(3) << 24 | 2)); /* what it was */
    assert_int_equal(who_has(3), 0);
    assert_true(machine_msr(0, SGI1R, UINT64_C(3) << 24 | 1 << 16 | 1));
    assert_int_equal(who_has(3), 2);
    vcpu_gic_set_line(machine.gic, 41, true); /* to nobody */
    machine_settle();
    assert_int_equal(machine_ack(1), 1023);
    vcpu_gic_set_line(machine.gic, 40, true);
    machine_settle();
    assert_int_equal(machine_ack(1), 40);
    machine_put(0);
    machine_put(1);
    /* The first one's is the second's now, and nobody has the second's. */
    mpidr_now[1] = 0;
    mpidr_now[0] = 0x100;
    machine.ops->reset(machine.ctx, &machine.vcpu[1]);
    machine_load(1, 1);
    machine_set_vmcr(1, 0xf8000003);
    assert_true(machine_msr(1, SGI1R, UINT64_C(5) << 24 | 1));
    assert_int_equal(machine_ack(1), 5);
    machine_stop();
}

static void maintenance_between_runs_is_answered(void **state)
{
    (void)state;
    start(3, 2, 1, NULL);
    /* The second waits for the list register. */
    vcpu_gic_set_line(machine.gic, 40, true);
    vcpu_gic_set_line(machine.gic, 41, true);
    machine_settle();
    assert_true(machine.cpu[0].hcr >> 3 & 1);
    machine.cpu[0].lr[0] ^= UINT64_C(3) << 62; /* taken, and out before the interrupt came */
    fake.here = 1;
    assert_int_equal(vcpu_gic_maintenance(machine.gic, &machine.vcpu[0]), VCPU_OK);
    assert_true(machine.cpu[0].hcr >> 3 & 1); /* not there */
    fake.here = 0;
    assert_int_equal(vcpu_gic_maintenance(machine.gic, &machine.vcpu[0]), VCPU_OK);
    assert_false(machine.cpu[0].hcr >> 3 & 1);
    assert_int_equal(vcpu_gic_maintenance(NULL, &machine.vcpu[0]), VCPU_ERR_INVALID);
    assert_int_equal(vcpu_gic_maintenance(machine.gic, NULL), VCPU_ERR_INVALID);
    machine_stop();
}

static void lines_are_checked(void **state)
{
    (void)state;
    start(3, 1, 4, NULL);
    assert_int_equal(vcpu_gic_set_line(machine.gic, 95, true), VCPU_OK);
    assert_int_equal(vcpu_gic_set_line(machine.gic, 96, true), VCPU_ERR_INVALID);
    assert_int_equal(vcpu_gic_set_line(machine.gic, 31, true), VCPU_ERR_INVALID);
    assert_int_equal(vcpu_gic_set_line(NULL, 40, true), VCPU_ERR_INVALID);
    assert_int_equal(vcpu_gic_set_ppi(machine.gic, &machine.vcpu[0], 15, true), VCPU_ERR_INVALID);
    assert_int_equal(vcpu_gic_set_ppi(machine.gic, &machine.vcpu[0], 32, true), VCPU_ERR_INVALID);
    assert_int_equal(vcpu_gic_set_ppi(machine.gic, NULL, 27, true), VCPU_ERR_INVALID);
    /* A vCPU that the controller has not. */
    assert_int_equal(vcpu_gic_set_ppi(machine.gic, &machine.vcpu[1], 27, true), VCPU_ERR_INVALID);
    assert_int_equal(vcpu_gic_map_hw(machine.gic, 15, 40), VCPU_ERR_INVALID);
    assert_int_equal(vcpu_gic_map_hw(machine.gic, 96, 40), VCPU_ERR_INVALID);
    assert_int_equal(vcpu_gic_map_hw(machine.gic, 40, 1020), VCPU_ERR_INVALID);
    assert_int_equal(vcpu_gic_map_hw(machine.gic, 40, 15), VCPU_ERR_INVALID);
    machine_stop();
}

static void creation_checks_what_it_is_given(void **state)
{
    const struct machine_config config = {.version = 3, .vcpus = 20, .spis = 988, .lrs = 4};
    struct vcpu_vm *vm = (struct vcpu_vm *)&machine;
    struct vcpu_gic_config good, bad;
    struct vcpu_gic *gic;

    (void)state;
    machine_start(&config);
    machine_stop();
    good = machine_gic_config(&config);
#define REFUSED(change)                                                                            \
    do {                                                                                           \
        bad = good;                                                                                \
        bad.change;                                                                                \
        assert_int_equal(vcpu_gic_create(vm, &bad, &gic), VCPU_ERR_INVALID);                       \
    } while (0)
    REFUSED(host = NULL);
    REFUSED(version = 4);
    REFUSED(spis = 989);
    REFUSED(max_vcpus = 0);
    REFUSED(max_vcpus = 257);
    REFUSED(distributor.value += 0x1000);
    REFUSED(redistributors.value += 0x1000);
    REFUSED(redistributors.value = GICD_BASE);
    REFUSED(distributor.value = GICR(19));
    REFUSED(redistributors.value = UINT64_C(0xffffffffffff0000));
    REFUSED(version = 2); /* too many vCPUs */
    good.max_vcpus = 8;
    good.version = 2;
    REFUSED(gich = NULL);
    REFUSED(cpu_interface.value = GICC_BASE + 0x800);
    REFUSED(cpu_interface.value = GICD_BASE - 0x1000); /* GICC_DIR is in the distributor */
    REFUSED(cpu_interface.value = GICD_BASE);
    REFUSED(cpu_interface.value = UINT64_C(0xfffffffffffff000));
    assert_int_equal(vcpu_gic_create(vm, &good, &gic), VCPU_ERR_UNSUPPORTED);
    good = machine_gic_config(&config);
    assert_int_equal(vcpu_gic_create(NULL, &good, &gic), VCPU_ERR_INVALID);
    assert_int_equal(vcpu_gic_create(vm, NULL, &gic), VCPU_ERR_INVALID);
    assert_int_equal(vcpu_gic_create(vm, &good, NULL), VCPU_ERR_INVALID);
    assert_int_equal(vcpu_gic_destroy(NULL), VCPU_ERR_INVALID);
    for (int pages = 0;; pages++) {
        int error;

        fake.allocations_left = pages;
        error = vcpu_gic_create(vm, &good, &gic);
        if (error == VCPU_OK) {
            assert_in_range(pages, 2, 16);
            break;
        }
        assert_int_equal(error, VCPU_ERR_NO_MEMORY);
        assert_int_equal(fake.freed, fake.pages);
    }
    assert_int_equal(vcpu_gic_destroy(gic), VCPU_OK);
    assert_int_equal(fake.freed, fake.pages);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(level_comes_back_while_it_is_high),
        cmocka_unit_test(edge_comes_once_however_long_it_is_high),
        cmocka_unit_test(interrupt_nobody_waits_for_takes_no_exit_to_end),
        cmocka_unit_test(more_than_fit_come_by_priority),
        cmocka_unit_test(more_active_than_fit_end_in_their_order),
        cmocka_unit_test(end_of_one_that_was_put_out_is_noticed),
        cmocka_unit_test(end_goes_by_the_priority_that_was_taken),
        cmocka_unit_test(active_state_moves_with_the_vcpu),
        cmocka_unit_test(waiting_vcpu_has_work_when_something_comes),
        cmocka_unit_test(reset_takes_the_cpu_interface_only),
        cmocka_unit_test(vcpu_that_waits_for_room_has_work),
        cmocka_unit_test(vcpu_made_anew_has_its_new_affinity),
        cmocka_unit_test(maintenance_between_runs_is_answered),
        cmocka_unit_test(lines_are_checked),
        cmocka_unit_test(creation_checks_what_it_is_given),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
