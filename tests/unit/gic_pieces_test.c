/* SPDX-License-Identifier: MIT */
/* A write to many interrupts is made in pieces, and an interrupt of the host goes first between them. */
#include "gic_delivery.h"

#include <limits.h>

#define ISPENDR (GICD_BASE + 0x200)
#define ICPENDR (GICD_BASE + 0x280)
#define ALL     UINT32_MAX
#define PIECE   4u

/* vCPU 0 writes, vCPU 1 sees. */
static uint32_t pending(void)
{
    return (uint32_t)machine_read(1, ISPENDR + 4, 4);
}

/* From now on an interrupt of the host is pending, until it is taken. */
static void interrupt(void)
{
    fake.looks = 0;
}

static void take_interrupt(void)
{
    fake.looks = UINT_MAX;
}

/* What vcpu_run does once, although there is notice again. */
static void sync_once(void)
{
    fake.here = machine.on[0];
    machine.notified[0] = false;
    machine.ops->sync(machine.ctx, &machine.vcpu[0]);
}

static unsigned listed(void)
{
    unsigned count = 0;

    for (unsigned i = 0; i < machine.config.lrs; i++)
        count += machine.cpu[machine.on[0]].lr[i] != 0;
    return count;
}

static void begin(unsigned version, unsigned lrs)
{
    start(version, 2, lrs, NULL);
    interrupt();
    machine_write(0, ISPENDR + 4, 4, ALL);
    assert_int_equal(pending(), (1u << PIECE) - 1);
    assert_true(machine.notified[0]);
}

/* The host need not take the interrupt. The list registers come last, in two steps. */
static void each_run_gets_on(void **state)
{
    (void)state;
    for (unsigned version = 2; version <= 3; version++)
        for (unsigned lrs = 1; lrs <= 16; lrs *= 4) {
            begin(version, lrs);
            for (unsigned done = 2 * PIECE; done <= 32; done += PIECE) {
                sync_once();
                assert_int_equal(pending(), ALL >> (32 - done));
                assert_true(machine.notified[0]);
                assert_int_equal(listed(), 0);
            }
            sync_once();
            assert_false(machine.notified[0]);
            assert_int_equal(listed(), lrs < 4 ? lrs : 4);
            /* The others: what is listed is taken back first. */
            machine_write(0, ICPENDR + 4, 4, ALL);
            for (unsigned run = 0; machine.notified[0]; run++) {
                assert_in_range(run, 0, 9);
                sync_once();
            }
            assert_int_equal(pending(), 0);
            assert_int_equal(listed(), 0);
            machine_stop();
        }
}

static void it_is_done_at_once_without_an_interrupt(void **state)
{
    (void)state;
    begin(3, 4);
    take_interrupt();
    machine_sync(0);
    assert_int_equal(pending(), ALL);
    machine_sync(0);
    machine_write(0, ICPENDR + 4, 4, ALL);
    assert_false(machine.notified[0]);
    assert_int_equal(pending(), 0);
    machine_stop();
}

static void it_moves_with_the_vcpu(void **state)
{
    (void)state;
    begin(2, 4);
    machine_put(0);
    assert_int_equal(pending(), (1u << PIECE) - 1);
    take_interrupt();
    machine_load(0, 2);
    assert_int_equal(pending(), ALL);
    assert_int_equal(listed(), 4);
    machine_stop();
}

/* Reset by the host, or destroyed and made anew; or with the controller. */
static void a_reset_vcpu_writes_nothing(void **state)
{
    (void)state;
    for (unsigned whole = 0; whole <= 1; whole++) {
        begin(3, 4);
        machine_put(0);
        if (whole)
            machine_put(1);
        if (whole)
            assert_int_equal(vcpu_gic_reset(machine.gic), VCPU_OK);
        else
            machine.ops->reset(machine.ctx, &machine.vcpu[0]);
        take_interrupt();
        machine_load(0, 0);
        if (whole)
            machine_load(1, 1);
        assert_int_equal(pending(), whole ? 0 : (1u << PIECE) - 1);
        machine_stop();
    }
}

/* As vcpu_save: all registers of the vCPU, which has been put. */
static void a_snapshot_has_all_of_it(void **state)
{
    (void)state;
    for (unsigned version = 2; version <= 3; version++) {
        uint32_t encoding;

        begin(version, 4);
        machine_put(0);
        for (unsigned n = 0;
             (encoding = machine.ops->reg_at(machine.ctx, &machine.vcpu[0], n)) != 0; n++) {
            uint64_t value;

            assert_int_equal(
                machine.ops->reg(machine.ctx, &machine.vcpu[0], encoding, VCPU_REG_OP_GET, &value),
                VCPU_OK);
        }
        assert_int_equal(pending(), ALL);
        machine_stop();
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_run_gets_on),
        cmocka_unit_test(it_is_done_at_once_without_an_interrupt),
        cmocka_unit_test(it_moves_with_the_vcpu),
        cmocka_unit_test(a_reset_vcpu_writes_nothing),
        cmocka_unit_test(a_snapshot_has_all_of_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
