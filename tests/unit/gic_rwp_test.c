/* SPDX-License-Identifier: MIT */
/*
 * GICD_CTLR.RWP and GICR_CTLR.RWP: while one reads 1, an interrupt that was just disabled can still
 * come on another CPU. When it reads 0, none comes.
 */
#include "gic_delivery.h"

#define CTLR(v) ((uint32_t)machine_read(v, GICD_BASE, 4))
#define RWP     (1u << 31)

static bool redistributor_rwp(unsigned v, unsigned of)
{
    return machine_read(v, GICR(of), 4) >> 3 & 1;
}

/* Two vCPUs, each in a CPU; SPI 40 is the second one's, pending, and in a list register. */
static void begin(unsigned version)
{
    start(version, 2, 4, NULL);
    if (version == 3)
        machine_write(0, GICD_BASE + 0x6000 + 8 * 40, 8, 1);
    else
        machine_write(0, GICD_BASE + 0x800 + 40, 1, 2);
    machine_write(0, GICD_BASE + 0x204, 4, 1u << 8);
    machine_settle();
}

/* The other one is still in the guest: it has the notice, and does not look at it before `it_looks`. */
static void it_looks(unsigned v)
{
    machine_sync(v);
}

static void rwp_lasts_until_a_disabled_one_cannot_come(void **state)
{
    (void)state;
    begin(3);
    assert_int_equal(CTLR(0) & RWP, 0);
    machine_write(0, GICD_BASE + 0x184, 4, 1u << 8);
    assert_int_equal(CTLR(0) & RWP, RWP);
    assert_int_equal(machine_read(1, GICD_BASE, 4) & RWP, RWP);
    it_looks(1);
    assert_int_equal(CTLR(0) & RWP, 0);
    assert_int_equal(machine_ack(1), SPURIOUS);
    machine_stop();
}

static void rwp_ends_too_when_the_vcpu_leaves_its_cpu(void **state)
{
    (void)state;
    begin(3);
    machine_write(0, GICD_BASE + 0x184, 4, 1u << 8);
    assert_int_equal(CTLR(0) & RWP, RWP);
    machine_put(1);
    assert_int_equal(CTLR(0) & RWP, 0);
    machine_stop();
}

static void a_disabled_group_has_it(void **state)
{
    (void)state;
    begin(3);
    machine_write(0, GICD_BASE, 4, 0);
    assert_int_equal(CTLR(0) & RWP, RWP);
    it_looks(1);
    assert_int_equal(CTLR(0), 0x50);
    assert_int_equal(machine_ack(1), SPURIOUS);
    machine_stop();
}

static void a_redistributor_has_its_own(void **state)
{
    (void)state;
    begin(3);
    vcpu_gic_set_ppi(machine.gic, &machine.vcpu[1], 27, true);
    machine_settle();
    assert_false(redistributor_rwp(0, 1));
    machine_write(0, SGIS(1) + 0x180, 4, 1u << 27);
    assert_true(redistributor_rwp(0, 1));
    assert_false(redistributor_rwp(0, 0));
    it_looks(1);
    assert_false(redistributor_rwp(0, 1));
    assert_int_equal(machine_ack(1), 40);
    machine_stop();
}

/* What is not listed, or is one's own, is disabled when the write is done. */
static void nothing_to_wait_for(void **state)
{
    (void)state;
    begin(3);
    machine_write(0, GICD_BASE + 0x184, 4, ~(1u << 8));
    assert_int_equal(CTLR(0) & RWP, 0);
    machine_write(0, GICD_BASE + 0x6000 + 8 * 64, 8, 1); /* the other's, and not pending */
    machine_write(0, GICD_BASE + 0x188, 4, 1);
    assert_int_equal(CTLR(0) & RWP, 0);
    machine_write(0, SGIS(0) + 0x180, 4, ~0u);
    assert_int_equal(CTLR(0) & RWP, 0);
    machine_write(1, GICD_BASE + 0x184, 4, 1u << 8);
    assert_int_equal(machine_ack(1), SPURIOUS);
    assert_int_equal(CTLR(1) & RWP, 0);
    machine_stop();
}

static void two_are_waited_for(void **state)
{
    (void)state;
    start(3, 3, 4, NULL);
    for (unsigned i = 0; i < 4; i++) /* two of each */
        machine_write(0, GICD_BASE + 0x6000 + 8 * (40 + i), 8, 1 + i % 2);
    machine_write(0, GICD_BASE + 0x204, 4, 0xfu << 8);
    machine_settle();
    machine_write(0, GICD_BASE + 0x184, 4, 0xfu << 8);
    it_looks(1);
    assert_int_equal(CTLR(0) & RWP, RWP);
    it_looks(2);
    assert_int_equal(CTLR(0) & RWP, 0);
    machine_stop();
}

/* Bit 31 is reserved there. */
static void version_2_has_none(void **state)
{
    (void)state;
    begin(2);
    machine_write(0, GICD_BASE + 0x184, 4, 1u << 8);
    assert_int_equal(CTLR(0), 3);
    machine_stop();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rwp_lasts_until_a_disabled_one_cannot_come),
        cmocka_unit_test(rwp_ends_too_when_the_vcpu_leaves_its_cpu),
        cmocka_unit_test(a_disabled_group_has_it),
        cmocka_unit_test(a_redistributor_has_its_own),
        cmocka_unit_test(nothing_to_wait_for),
        cmocka_unit_test(two_are_waited_for),
        cmocka_unit_test(version_2_has_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
