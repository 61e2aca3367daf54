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

/* ---- GICD_CTLR: the change is made at once, and the vCPUs are told in pieces ---- */

#define VCPUS 40u
#define RWP   (UINT64_C(1) << 31)

static uint64_t ctlr(void)
{
    return machine_read(0, GICD_BASE, 4);
}

/* Of the vCPUs from this one on, how many have been told. */
static unsigned told(void)
{
    unsigned count = 0;

    for (unsigned v = 1; v < VCPUS; v++)
        count += machine.notified[v];
    return count;
}

/* Each vCPU from `first` on has a PPI pending, and vCPU 0 enables its group; the others wait. */
static void enable_group(unsigned first)
{
    machine_start(&(struct machine_config){.version = 3, .vcpus = VCPUS, .spis = 32, .lrs = 4});
    machine_load(0, 0);
    for (unsigned v = first; v < VCPUS; v++) {
        machine_write(0, SGIS(v) + 0x80, 4, ALL);
        machine_write(0, SGIS(v) + 0x100, 4, 1u << 20);
        machine_write(0, SGIS(v) + 0x200, 4, 1u << 20);
    }
    assert_int_equal(told(), 0);
    interrupt();
    machine_write(0, GICD_BASE, 4, 2);
    assert_int_equal(ctlr() & 3, 2);
}

static void each_piece_tells_four(void **state)
{
    unsigned before;

    (void)state;
    enable_group(1);
    assert_int_equal(told(), 4);
    do {
        assert_true(machine.notified[0]);
        assert_int_equal(ctlr() & RWP, RWP);
        before = told();
        sync_once();
        assert_in_range(told(), before + 1, before + 4);
    } while (told() < VCPUS - 1);
    sync_once();
    assert_false(machine.notified[0]);
    assert_int_equal(ctlr() & RWP, 0);
    machine_stop();
}

/* Or looks at 16. */
static void many_with_nothing_are_several_pieces(void **state)
{
    (void)state;
    enable_group(VCPUS - 1);
    assert_int_equal(told(), 0);
    sync_once();
    assert_int_equal(told(), 0);
    assert_int_equal(ctlr() & RWP, RWP);
    sync_once();
    assert_int_equal(told(), 1);
    assert_int_equal(ctlr() & RWP, 0);
    machine_stop();
}

/* An interrupt that is enabled by now would wait for ever, and RWP be 1. */
static void a_reset_vcpu_has_told_all(void **state)
{
    (void)state;
    enable_group(1);
    machine_put(0);
    machine.ops->reset(machine.ctx, &machine.vcpu[0]);
    assert_int_equal(told(), VCPUS - 1);
    machine_load(0, 0);
    assert_int_equal(ctlr() & RWP, 0);
    machine_stop();
    enable_group(1);
    machine_put(0);
    assert_int_equal(vcpu_gic_reset(machine.gic), VCPU_OK);
    assert_int_equal(told(), 4);
    machine_load(0, 0);
    assert_int_equal(ctlr() & (RWP | 3), 0);
    machine_stop();
}

static void two_write_it_at_once(void **state)
{
    (void)state;
    enable_group(1);
    machine_load(1, 1);
    machine_write(1, GICD_BASE, 4, 0);
    take_interrupt();
    machine_sync(1);
    assert_int_equal(ctlr() & RWP, RWP); /* the first one's */
    machine_sync(0);
    assert_int_equal(ctlr() & (RWP | 3), 0);
    machine_stop();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_run_gets_on),
        cmocka_unit_test(it_is_done_at_once_without_an_interrupt),
        cmocka_unit_test(it_moves_with_the_vcpu),
        cmocka_unit_test(a_reset_vcpu_writes_nothing),
        cmocka_unit_test(a_snapshot_has_all_of_it),
        cmocka_unit_test(each_piece_tells_four),
        cmocka_unit_test(many_with_nothing_are_several_pieces),
        cmocka_unit_test(a_reset_vcpu_has_told_all),
        cmocka_unit_test(two_write_it_at_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
