/* SPDX-License-Identifier: MIT */
/*
 * In the middle of a long write the lock is free for others. What they do there must not be undone,
 * nor mistaken for the state from before.
 */
#include "gic_delivery.h"
#include "gic_queues.h"

#include "gic/lock.h"

/* In place of the library's: what the other vCPU does, once, when the lock has been free. */
static void (*meanwhile)(void);
static bool taken;

static void let_the_other_do_it(void)
{
    void (*now)(void) = meanwhile;
    uint32_t here = fake.here;

    meanwhile = NULL;
    if (now)
        now();
    fake.here = here;
}

void vcpu_gic_lock(struct gic_lock *lock)
{
    if (taken)
        let_the_other_do_it();
    taken = meanwhile != NULL;
    gic_lock(lock);
}

void vcpu_gic_let_in(struct gic_lock *lock)
{
    gic_unlock(lock);
    let_the_other_do_it();
    gic_lock(lock);
}

#define ROUTE(spi) (GICD_BASE + 0x6000 + UINT64_C(8) * (spi))

static void spi_33_becomes_the_others(void)
{
    machine_write(1, ROUTE(33), 8, 1);
}

/* SPI 33 is pending for vCPU 0 when the lock is free, and the other's when it comes back. */
static void an_interrupt_goes_to_another_vcpu(void **state)
{
    (void)state;
    start(3, 2, 4, NULL);
    /* In vCPU 0's first list register. In the other's first there will be SPI 33. */
    machine_write(0, GICD_BASE + 0x204, 4, 1u << 0);
    machine_settle();
    meanwhile = spi_33_becomes_the_others;
    machine_write(0, GICD_BASE + 0x204, 4, 1u << 1 | 1u << 31);
    assert_null(meanwhile);
    machine_settle();
    queues_check();
    assert_int_equal(handle(0), 32);
    assert_int_equal(handle(0), 63);
    assert_int_equal(handle(0), SPURIOUS);
    assert_int_equal(handle(1), 33);
    assert_int_equal(handle(1), SPURIOUS);
    /* What vCPU 1 did in its list registers is told from the second read on. */
    machine_read(0, GICD_BASE + 0x204, 4);
    machine_settle();
    assert_int_equal(machine_read(0, GICD_BASE + 0x204, 4), 0);
    machine_stop();
}

/* And vCPU 0 has nothing in that list register: an empty one is not INTID 0's. */
static void an_empty_list_register_is_no_sgi(void **state)
{
    (void)state;
    start(3, 2, 4, NULL);
    assert_true(machine_msr(1, VCPU_SYSREG(3, 0, 12, 11, 5), 1)); /* SGI 0 to vCPU 0 */
    machine_settle();
    assert_int_equal(machine_ack(0), 0);
    machine_settle();
    meanwhile = spi_33_becomes_the_others;
    machine_write(0, GICD_BASE + 0x204, 4, 1u << 1 | 1u << 31);
    machine_settle();
    queues_check();
    assert_int_equal(machine_read(0, SGIS(0) + 0x300, 4), 1);
    machine_eoi(0, 0);
    machine_settle();
    assert_int_equal(machine_read(0, SGIS(0) + 0x300, 4), 0);
    assert_int_equal(handle(0), 63);
    assert_int_equal(handle(1), 33);
    machine_stop();
}

static void look_at_rwp(void)
{
    /* vCPU 1 reads the change and RWP together. */
    assert_int_equal(machine_read(1, GICD_BASE, 4), 0x50u | 1u << 31);
}

static void rwp_comes_with_the_change(void **state)
{
    (void)state;
    start(3, 40, 4, NULL);
    meanwhile = look_at_rwp;
    machine_write(0, GICD_BASE, 4, 0);
    assert_null(meanwhile);
    machine_settle();
    assert_int_equal(machine_read(1, GICD_BASE, 4), 0x50);
    machine_stop();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_interrupt_goes_to_another_vcpu),
        cmocka_unit_test(an_empty_list_register_is_no_sgi),
        cmocka_unit_test(rwp_comes_with_the_change),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
