/* SPDX-License-Identifier: MIT */
/* An SGI to many that is left for an interrupt of the host, and what becomes of the rest. */
#include "gic_delivery.h"

#include <limits.h>

#include <vcpu/error.h>

#define IRM  (UINT64_C(1) << 40)
#define MANY 250u
#define SGI  7u

/* The targets between two looks at the host's interrupts. */
#define PIECE 4u

static unsigned how_many_have(unsigned sgi)
{
    unsigned count = 0;

    for (unsigned v = 0; v < machine.config.vcpus; v++)
        count += machine_read(v == 0, SGIS(v) + 0x200, 4) >> sgi & 1;
    return count;
}

/* What vcpu_run does once, although there is notice again. */
static void sync_once(void)
{
    fake.here = machine.on[0];
    machine.notified[0] = false;
    machine.ops->sync(machine.ctx, &machine.vcpu[0]);
}

/* From now on a host's interrupt is pending after so many looks, until it is taken. */
static void interrupt_after(unsigned looks)
{
    fake.looks = looks;
}

static void take_interrupt(void)
{
    fake.looks = UINT_MAX;
}

static uint64_t rest_of(unsigned v)
{
    uint64_t value = ~UINT64_C(0);

    assert_int_equal(
        machine.ops->reg(machine.ctx, &machine.vcpu[v], SGI1R, VCPU_REG_OP_GET, &value), VCPU_OK);
    return value;
}

static void set_rest(unsigned v, uint64_t value)
{
    assert_int_equal(
        machine.ops->reg(machine.ctx, &machine.vcpu[v], SGI1R, VCPU_REG_OP_SET, &value), VCPU_OK);
}

/* The guest does not go on meanwhile: its vCPU has notice until nothing is left to send. */
static void it_goes_on_after_the_interrupt(void **state)
{
    (void)state;
    for (unsigned looks = 0; looks <= MANY / PIECE + 1; looks += 3) {
        unsigned sent = (looks + 1) * PIECE - 1; /* not to itself */

        start(3, MANY, 4, NULL);
        interrupt_after(looks);
        assert_true(machine_msr(0, SGI1R, IRM | SGI << 24 | 0xffff));
        assert_int_equal(how_many_have(SGI), sent < MANY ? sent : MANY - 1);
        assert_int_equal(machine.notified[0], sent < MANY);
        take_interrupt();
        machine_sync(0);
        assert_int_equal(how_many_have(SGI), MANY - 1);
        assert_false(machine.notified[0]);
        assert_int_equal(rest_of(0), 0);
        machine_stop();
    }
}

/* The host need not take the interrupt: a piece is sent in each run. */
static void it_gets_on_while_the_interrupt_is_pending(void **state)
{
    (void)state;
    start(3, MANY, 4, NULL);
    interrupt_after(0);
    assert_true(machine_msr(0, SGI1R, IRM | SGI << 24));
    for (unsigned sent = PIECE; sent < MANY; sent += PIECE) {
        assert_int_equal(how_many_have(SGI), sent - 1);
        assert_true(machine.notified[0]);
        sync_once();
    }
    assert_int_equal(how_many_have(SGI), MANY - 1);
    assert_false(machine.notified[0]);
    machine_stop();
}

static void a_list_goes_in_pieces_too(void **state)
{
    (void)state;
    start(3, 16, 4, NULL);
    interrupt_after(0);
    assert_true(machine_msr(0, SGI1R, SGI << 24 | 0xff7e));
    assert_int_equal(how_many_have(SGI), 4); /* 1 to 4 */
    assert_int_equal(rest_of(0), SGI << 24 | 0xff60);
    sync_once();
    assert_int_equal(how_many_have(SGI), 8);
    sync_once();
    assert_int_equal(how_many_have(SGI), 12);
    assert_true(machine.notified[0]);
    sync_once();
    assert_int_equal(how_many_have(SGI), 14);
    assert_false(machine.notified[0]);
    /* As many as a piece has: there is no look. */
    assert_true(machine_msr(0, SGI1R, 3 << 24 | 0xf0));
    assert_int_equal(how_many_have(3), 4);
    assert_false(machine.notified[0]);
    machine_stop();
}

/* Of itself, and of others; what waits with the rest comes after it. */
static void sgis_that_come_meanwhile_are_taken(void **state)
{
    (void)state;
    start(3, 16, 4, NULL);
    interrupt_after(0);
    assert_true(machine_msr(0, SGI1R, SGI << 24 | 0xffff));
    assert_true(machine_msr(1, SGI1R, 3 << 24 | 1));
    sync_once();
    sync_once();
    sync_once();
    assert_false(machine.notified[0]);
    assert_int_equal(how_many_have(SGI), 16);
    assert_int_equal(handle(0), 3);
    assert_int_equal(handle(0), SGI);
    assert_int_equal(handle(0), SPURIOUS);
    machine_stop();
}

static void what_is_left_moves_with_the_vcpu(void **state)
{
    (void)state;
    start(3, MANY, 4, NULL);
    interrupt_after(3);
    assert_true(machine_msr(0, SGI1R, IRM | SGI << 24));
    machine_put(0);
    take_interrupt();
    assert_true(machine_has_work(0));
    machine_load(0, 0);
    assert_int_equal(how_many_have(SGI), MANY - 1);
    machine_stop();
}

static void group_0_only_stays_so(void **state)
{
    (void)state;
    start(3, 16, 4, NULL);
    for (unsigned v = 1; v < 16; v++)
        machine_write(0, SGIS(v) + 0x80, 4, v == 2 || v == 9 ? 0 : 1u << SGI);
    interrupt_after(0);
    assert_true(machine_msr(0, SGI0R, SGI << 24 | 0xfffe));
    assert_int_equal(how_many_have(SGI), 1);
    take_interrupt();
    machine_sync(0);
    assert_int_equal(how_many_have(SGI), 2);
    /* Bits 63 and 62 are RES0 in the guest's registers: here all are meant. */
    assert_true(machine_msr(0, SGI1R, UINT64_C(3) << 62 | IRM | SGI << 24 | 12));
    assert_int_equal(how_many_have(SGI), 15);
    machine_stop();
}

/* Reset by the host, or destroyed and made anew. */
static void a_reset_vcpu_sends_nothing_and_is_told_of_sgis(void **state)
{
    (void)state;
    start(3, 16, 4, NULL);
    interrupt_after(0);
    assert_true(machine_msr(0, SGI1R, SGI << 24 | 0xfffe));
    machine_put(0);
    machine.ops->reset(machine.ctx, &machine.vcpu[0]);
    machine.notified[0] = false;
    take_interrupt();
    assert_int_equal(rest_of(0), 0);
    assert_true(machine_msr(1, SGI1R, 3 << 24 | 1));
    assert_true(machine.notified[0]);
    machine_load(0, 0);
    assert_int_equal(how_many_have(SGI), 4);
    assert_int_equal(how_many_have(3), 1);
    machine_stop();
}

/* In a VM of as many vCPUs as make whole pieces, too: what is saved can be restored, and nothing is left. */
static void the_last_piece_leaves_nothing(void **state)
{
    (void)state;
    for (unsigned vcpus = 3; vcpus <= 9; vcpus++) {
        unsigned pieces = (vcpus + PIECE - 1) / PIECE;

        start(3, vcpus, 4, NULL);
        interrupt_after(0);
        assert_true(machine_msr(0, SGI1R, IRM | SGI << 24));
        for (unsigned piece = 1; piece < pieces; piece++) {
            uint64_t rest = rest_of(0);

            assert_int_not_equal(rest, 0);
            set_rest(0, rest);
            sync_once();
        }
        assert_int_equal(rest_of(0), 0);
        assert_false(machine.notified[0]);
        assert_int_equal(how_many_have(SGI), vcpus - 1);
        machine_stop();
    }
}

/* Into a vCPU of another VM that has sent nothing: the rest arrives, and nothing arrives twice. */
static void a_snapshot_has_what_is_left(void **state)
{
    uint64_t all, list;

    (void)state;
    start(3, MANY, 4, NULL);
    interrupt_after(1);
    assert_true(machine_msr(0, SGI1R, IRM | SGI << 24));
    machine_put(0);
    all = rest_of(0);
    assert_int_equal(all, UINT64_C(1) << 62 | IRM | SGI << 24 | 2 * PIECE);
    assert_true(machine_msr(1, SGI0R, SGI << 24 | 0xfffe));
    list = rest_of(1);
    assert_int_equal(list, UINT64_C(1) << 63 | SGI << 24 | 0xffe0);
    machine_stop();

    start(3, MANY, 4, NULL);
    machine_put(0);
    set_rest(0, all);
    assert_int_equal(rest_of(0), all);
    assert_true(machine.notified[0]);
    machine_load(0, 0);
    assert_int_equal(how_many_have(SGI), MANY - 2 * PIECE);
    assert_int_equal(rest_of(0), 0);
    /* Taken back before it ran. */
    set_rest(1, IRM | 5 << 24);
    set_rest(1, 0);
    machine_sync(1);
    assert_int_equal(how_many_have(5), 0);
    machine_stop();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_goes_on_after_the_interrupt),
        cmocka_unit_test(it_gets_on_while_the_interrupt_is_pending),
        cmocka_unit_test(a_list_goes_in_pieces_too),
        cmocka_unit_test(sgis_that_come_meanwhile_are_taken),
        cmocka_unit_test(what_is_left_moves_with_the_vcpu),
        cmocka_unit_test(group_0_only_stays_so),
        cmocka_unit_test(a_reset_vcpu_sends_nothing_and_is_told_of_sgis),
        cmocka_unit_test(the_last_piece_leaves_nothing),
        cmocka_unit_test(a_snapshot_has_what_is_left),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
