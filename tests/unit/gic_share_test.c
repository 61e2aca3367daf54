/* SPDX-License-Identifier: MIT */
/* SPIs that one of several vCPUs takes: who gets them, and that somebody does, once. */
#include "gic_share.h"

#include <limits.h>
#include <string.h>

/* ---- What the guest is shown ---- */

static void a_guest_is_shown_it_if_the_host_lets_it(void **state)
{
    (void)state;
    version = 3;
    begin_with(2, false);
    assert_true(machine_read(0, GICD_BASE + 4, 4) >> 25 & 1); /* No1N */
    machine_write(0, ROUTER(SPI), 8, UINT64_C(0xff80ffffff));
    assert_int_equal(machine_read(0, ROUTER(SPI), 8), UINT64_C(0xff00ffffff));
    assert_int_equal(vcpu_gic_share(machine.gic), VCPU_ERR_STATE);
    assert_int_equal(vcpu_gic_share(NULL), VCPU_ERR_INVALID);
    machine_stop();
    begin();
    assert_false(machine_read(0, GICD_BASE + 4, 4) >> 25 & 1);
    machine_write(0, ROUTER(SPI), 8, UINT64_MAX);
    assert_int_equal(machine_read(0, ROUTER(SPI), 8), UINT64_C(0xff80ffffff));
    machine_write(0, ROUTER(SPI) + 4, 4, 0x12); /* each half alone */
    assert_int_equal(machine_read(0, ROUTER(SPI), 8), UINT64_C(0x1280ffffff));
    machine_write(0, ROUTER(SPI), 4, 1);
    assert_int_equal(machine_read(0, ROUTER(SPI), 8), UINT64_C(0x1200000001));
    machine_stop();
}

static void without_it_version_2_has_the_first_target(void **state)
{
    (void)state;
    version = 2;
    begin_with(VCPUS, false);
    share(SPI, 0xc);
    for (unsigned i = 0; i < 4; i++) {
        raise(SPI);
        assert_int_equal(taker(SPI), 2);
    }
    machine_stop();
}

/* ---- Who gets it ---- */

static void one_of_those_that_run_gets_it(void **state)
{
    (void)state;
    EACH_VERSION
    {
        unsigned turns[VCPUS] = {0};

        begin();
        for (unsigned i = 0; i < 2 * MANY; i++) {
            unsigned who;

            raise(SPI + i % MANY);
            who = taker(SPI + i % MANY);
            assert_in_range(who, 0, VCPUS - 1);
            turns[who]++;
        }
        for (unsigned v = 0; v < VCPUS; v++) /* not all to the same one */
            assert_int_equal(turns[v], 2 * MANY / VCPUS);
        machine_stop();
    }
}

static void one_that_waits_gets_it_first(void **state)
{
    (void)state;
    EACH_VERSION for (unsigned v = 0; v < VCPUS; v++)
    {
        begin();
        wait(v);
        raise(SPI);
        assert_int_equal(taker(SPI), v);
        /* It goes on, and then others may have the next one: it is not looked for where it was. */
        wait(v);
        machine_put(v);
        memset(machine.notified, 0, sizeof(machine.notified));
        raise(SPI);
        assert_true(machine.notified[v]);
        assert_true(machine_has_work(v));
        assert_int_equal(taker(SPI), NOBODY);
        machine_load(v, v);
        assert_int_equal(taker(SPI), v);
        machine_stop();
    }
}

static void only_targets_get_it(void **state)
{
    (void)state;
    version = 2;
    begin();
    share(SPI, 0xa);
    wait(0);
    wait(2);
    for (unsigned i = 0; i < MANY; i++) {
        unsigned who;

        raise(SPI);
        who = taker(SPI);
        assert_true(who == 1 || who == 3);
    }
    machine_stop();
}

/* A group that a CPU interface disables is nothing that it takes, as soon as it does. */
static void one_whose_interface_disables_it_does_not(void **state)
{
    (void)state;
    EACH_VERSION
    {
        begin();
        for (unsigned v = 0; v < VCPUS - 1; v++)
            machine_set_vmcr(v, 0xf8000000);
        for (unsigned i = 0; i < MANY; i++) {
            raise(SPI + i);
            assert_int_equal(taker(SPI + i), VCPUS - 1);
        }
        machine_set_vmcr(VCPUS - 1, 0xf8000000);
        raise(SPI);
        raise(SPI + 1);
        assert_int_equal(taker(SPI), NOBODY);
        /* The first one that enables it has them. */
        machine_set_vmcr(1, 0xf8000002);
        machine_settle();
        assert_int_equal(handle(1), SPI);
        assert_int_equal(handle(1), SPI + 1);
        machine_stop();
    }
}

/* ---- Whoever has it, and does not take it ---- */

static void put_before_it_was_taken_it_goes_to_another(void **state)
{
    (void)state;
    EACH_VERSION for (unsigned v = 0; v < VCPUS; v++)
    {
        begin();
        wait(v);
        raise(SPI);
        machine_settle();
        machine.vcpu[v].exit.reason = VCPU_EXIT_IRQ; /* it has gone on since */
        machine_put(v);
        assert_in_range(taker(SPI), 0, VCPUS - 1);
        machine_load(v, v);
        assert_int_equal(taker(SPI), NOBODY);
        machine_stop();
    }
}

/* More than its list registers hold. */
static void many_go_to_others_too(void **state)
{
    (void)state;
    EACH_VERSION
    {
        begin();
        put_all_but(0);
        raise_all();
        machine_load(1, 1);
        machine_put(0);
        machine_settle();
        takes_all(1);
        machine_load(0, 0);
        machine_settle();
        assert_int_equal(handle(0), SPURIOUS);
        machine_stop();
    }
}

static void one_that_is_turned_off_leaves_it(void **state)
{
    (void)state;
    EACH_VERSION for (unsigned others = 0; others < 2; others++)
    {
        begin();
        put_all_but(0);
        for (unsigned v = 1; v < VCPUS; v++)
            turn_on(v, v); /* their interfaces enable nothing yet */
        raise_all();
        if (others)
            machine_set_vmcr(2, 0xf8000003);
        machine_settle();
        turn_off(0);
        machine_settle();
        for (unsigned i = 0; i < 4; i++) /* nobody chooses it any more */
            raise(SPI + MANY - 1);
        if (!others) {
            assert_int_equal(taker(SPI), NOBODY);
            machine_set_vmcr(2, 0xf8000003);
            machine_settle();
        }
        takes_all(2);
        turn_on(0, 0);
        machine_set_vmcr(0, 0xf8000003);
        assert_int_equal(taker(SPI), NOBODY);
        machine_stop();
    }
}

/* By the host, while it is nowhere and has one. */
static void one_that_is_reset_leaves_it(void **state)
{
    (void)state;
    EACH_VERSION
    {
        begin();
        for (unsigned v = 1; v < VCPUS; v++)
            turn_off(v);
        machine_put(0);
        raise(SPI);
        machine.ops->reset(machine.ctx, &machine.vcpu[0]);
        turn_on(1, 1);
        machine_load(0, 0); /* its interface enables nothing now */
        machine_set_vmcr(1, 0xf8000003);
        assert_int_equal(taker(SPI), 1);
        machine_stop();
    }
}

/* In the middle of an interrupt of its own: what becomes pending again is one that any may have. */
static void it_comes_again_while_it_is_handled(void **state)
{
    (void)state;
    EACH_VERSION
    {
        unsigned who = 0;
        uint32_t iar = SPURIOUS;

        begin();
        raise(SPI);
        machine_settle();
        for (; iar == SPURIOUS; who++)
            iar = machine_ack(who);
        who--;
        raise(SPI);
        assert_int_equal(taker(SPI), NOBODY); /* it is active */
        machine_eoi(who, iar);
        assert_in_range(taker(SPI), 0, VCPUS - 1);
        assert_int_equal(taker(SPI), NOBODY);
        machine_stop();
    }
}

/* ---- The route changes ---- */

static void a_new_route_takes_it_along(void **state)
{
    (void)state;
    EACH_VERSION
    {
        begin();
        wait(3);
        raise(SPI);
        machine_settle();
        route_to(SPI, 1);
        assert_int_equal(taker(SPI), 1);
        raise(SPI);
        machine_settle();
        share(SPI, 0xd);
        assert_in_range(taker(SPI), 0, VCPUS - 1);
        assert_int_equal(taker(SPI), NOBODY);
        machine_stop();
    }
}

/* The first such route comes late: all that have run before are asked. 40 vCPUs, in pieces. */
static void those_that_wait_already_are_known(void **state)
{
    struct machine_config config = {
        .version = 3, .vcpus = 40, .spis = 64, .lrs = 4, .shares = true};

    (void)state;
    version = 3;
    start_with(&config);
    machine_write(0, GICD_BASE + 0xc08, 4, 0xaaaaaaaa);
    machine_put(1);
    machine_load(39, 1);
    machine_set_vmcr(39, 0xf8000003);
    machine_put(39);
    put_all_but(0);
    fake.looks = 0; /* the host's interrupt stays for a while */
    share(SPI, 0);
    assert_true(machine.notified[0]);
    turn_off(0); /* with the job, which its next start ends */
    fake.looks = UINT_MAX;
    turn_on(0, 0);
    raise(SPI);
    machine_settle();
    assert_true(machine_has_work(39) || machine_has_work(1) || machine_has_work(2) ||
                machine_has_work(3));
    machine_stop();
}

/* While nobody takes one, and somebody is about to choose. */
static void the_last_one_is_no_more(void **state)
{
    (void)state;
    EACH_VERSION
    {
        begin();
        for (unsigned v = 0; v < VCPUS; v++)
            machine_set_vmcr(v, 0xf8000000);
        raise(SPI);
        machine_settle();
        for (unsigned i = 0; i < MANY; i++)
            route_to(SPI + i, 2);
        for (unsigned v = 0; v < VCPUS; v++) {
            machine_set_vmcr(v, 0xf8000003);
            machine_put(v);
            machine_load(v, v);
        }
        assert_int_equal(taker(SPI), 2);
        machine_stop();
    }
}

static void a_reset_of_the_controller_ends_it(void **state)
{
    (void)state;
    EACH_VERSION
    {
        begin();
        raise(SPI);
        put_all_but(NOBODY);
        assert_int_equal(vcpu_gic_reset(machine.gic), VCPU_OK);
        open_all();
        machine_write(0, GICD_BASE + 0xc08, 4, 0xaaaaaaaa);
        if (version == 3)
            assert_int_equal(machine_read(0, ROUTER(SPI), 8), 0);
        assert_int_equal(taker(SPI), NOBODY);
        raise(SPI);
        machine_settle();
        assert_int_equal(handle(0), SPI);
        machine_stop();
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_guest_is_shown_it_if_the_host_lets_it),
        cmocka_unit_test(without_it_version_2_has_the_first_target),
        cmocka_unit_test(one_of_those_that_run_gets_it),
        cmocka_unit_test(one_that_waits_gets_it_first),
        cmocka_unit_test(only_targets_get_it),
        cmocka_unit_test(one_whose_interface_disables_it_does_not),
        cmocka_unit_test(put_before_it_was_taken_it_goes_to_another),
        cmocka_unit_test(many_go_to_others_too),
        cmocka_unit_test(one_that_is_turned_off_leaves_it),
        cmocka_unit_test(one_that_is_reset_leaves_it),
        cmocka_unit_test(it_comes_again_while_it_is_handled),
        cmocka_unit_test(a_new_route_takes_it_along),
        cmocka_unit_test(those_that_wait_already_are_known),
        cmocka_unit_test(the_last_one_is_no_more),
        cmocka_unit_test(a_reset_of_the_controller_ends_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
