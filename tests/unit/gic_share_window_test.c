/* SPDX-License-Identifier: MIT */
/*
 * Somebody calls for help, or the first interrupt gets such a route, at the worst moment for another vCPU:
 * between two of its holds of the lock, or while it has something else to do.
 */
#include "gic_share.h"

#include <limits.h>

#include "gic/model.h"

static const struct gic_share *real;
static struct gic_share hooked;
static void (*meanwhile)(void);

/* vCPU 1 has looked what it takes, has let the lock go, and is about to fill its list registers. */
static bool come(struct vcpu_gic *gic, struct gic_cpu *cpu)
{
    bool more = real->come(gic, cpu);
    void (*once)(void) = meanwhile;

    if (more || !once || cpu->index != 1)
        return more;
    meanwhile = NULL;
    once();
    fake.here = machine.on[1];
    return false;
}

static void sync_1_and(void (*what)(void))
{
    real = machine.gic->share;
    hooked = *real;
    hooked.come = come;
    machine.gic->share = &hooked;
    meanwhile = what;
    atomic_store(&machine.gic->cpu[1]->dirty, true);
    machine.notified[1] = true;
    machine_sync(1);
    assert_null(meanwhile);
    machine.gic->share = real;
    machine_settle();
}

static void turn_0_off(void)
{
    turn_off(0);
}

static void write_first_route(void)
{
    share(SPI, 3);
}

static void a_call_is_heard_between_two_holds(void **state)
{
    (void)state;
    EACH_VERSION
    {
        begin_with(2, true);
        machine_put(1);
        raise_all();
        machine_load(1, 1);
        sync_1_and(turn_0_off);
        takes_all(1);
        machine_stop();
    }
}

static void so_is_the_first_route(void **state)
{
    (void)state;
    EACH_VERSION
    {
        begin_with(2, true);
        for (unsigned i = 0; i < MANY; i++)
            route_to(SPI + i, 0);
        machine_settle();
        sync_1_and(write_first_route);
        turn_off(0);
        raise(SPI);
        assert_int_equal(taker(SPI), 1);
        machine_stop();
    }
}

static void one_that_is_pending_already_gets_it(void **state)
{
    (void)state;
    version = 3;
    begin_with(1, true);
    for (unsigned i = 0; i < MANY; i++)
        machine_write(0, ROUTER(SPI + i), 8, 5); /* nobody */
    raise(SPI);
    machine_settle();
    share(SPI, 0);
    assert_int_equal(taker(SPI), 0);
    machine_stop();
}

/* vCPU 0 has begun to choose for those that nobody took, and does not run again for long. */
static void a_job_is_left_behind(void **state)
{
    (void)state;
    version = 3;
    begin_with(2, true);
    machine_set_vmcr(0, 0xf8000000);
    machine_set_vmcr(1, 0xf8000000);
    raise_all();
    machine_put(1);
    fake.looks = 0;
    fake.here = machine.on[0];
    machine_here()->vmcr = 0xf8000002;
    machine.ops->sync(machine.ctx, &machine.vcpu[0]);
    assert_int_not_equal(machine.gic->cpu[0]->write.bits, 0);
    fake.looks = UINT_MAX;
    machine.vcpu[0].exit.reason = VCPU_EXIT_KICK;
    machine_put(0);
    machine_load(1, 1);
    machine_set_vmcr(1, 0xf8000002);
    machine_settle();
    takes_all(1);
    machine_stop();
}

/* vCPU 1 has a write to end first. */
static void it_is_heard_after_a_write(void **state)
{
    (void)state;
    EACH_VERSION
    {
        begin_with(2, true);
        machine_put(1);
        raise_all();
        machine_load(1, 1);
        fake.looks = 0;
        machine_write(1, GICD_BASE + 0x188, 4, UINT32_MAX);
        machine_write(1, GICD_BASE + 0x108, 4, UINT32_MAX);
        turn_off(0);
        fake.looks = UINT_MAX;
        machine_settle();
        takes_all(1);
        machine_stop();
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_call_is_heard_between_two_holds),
        cmocka_unit_test(so_is_the_first_route),
        cmocka_unit_test(one_that_is_pending_already_gets_it),
        cmocka_unit_test(a_job_is_left_behind),
        cmocka_unit_test(it_is_heard_after_a_write),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
