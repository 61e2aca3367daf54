/* SPDX-License-Identifier: MIT */
/* SGIs: to whom, from whom, and when. */
#include "gic_delivery.h"

#define IRM (UINT64_C(1) << 40)

static uint64_t spread(unsigned v)
{
    static const uint64_t mpidr[] = {0x0, 0x1, 0x11, UINT64_C(0x0500030201)};

    return mpidr[v];
}

static void sgi_goes_to_the_affinities_it_names(void **state)
{
    (void)state;
    start(3, 4, 4, spread);
    assert_true(machine_msr(0, SGI1R, UINT64_C(3) << 24 | 1)); /* itself */
    assert_int_equal(who_has(3), 1);
    assert_true(machine_msr(0, SGI1R, UINT64_C(3) << 24 | 3)); /* 0.0.0.0 and .1 */
    assert_int_equal(who_has(3), 3);
    assert_true(machine_msr(0, SGI1R, UINT64_C(15) << 24 | 2 | UINT64_C(1) << 44)); /* .17 */
    assert_int_equal(who_has(15), 4);
    assert_true(machine_msr(1, SGI1R, UINT64_C(5) << 48 | UINT64_C(3) << 32 | 2 << 16 | 2));
    assert_int_equal(who_has(0), 8);
    /* Each level counts. */
    assert_true(machine_msr(1, SGI1R, UINT64_C(4) << 48 | UINT64_C(3) << 32 | 2 << 16 | 2));
    assert_true(machine_msr(1, SGI1R, UINT64_C(5) << 48 | UINT64_C(2) << 32 | 2 << 16 | 2));
    assert_true(machine_msr(1, SGI1R, UINT64_C(5) << 48 | UINT64_C(3) << 32 | 3 << 16 | 2));
    assert_true(machine_msr(1, SGI1R, UINT64_C(2) << 44 | 0xffff)); /* nobody */
    assert_int_equal(who_has(0), 0);
    machine_stop();
}

static void sgi_to_all_others_spares_its_sender(void **state)
{
    (void)state;
    start(3, 4, 4, spread);
    assert_true(machine_msr(2, SGI1R, IRM | UINT64_C(7) << 24 | 0xffff));
    assert_int_equal(who_has(7), 0xb);
    machine_stop();
}

static void group_0_writes_send_group_0_only(void **state)
{
    (void)state;
    start(3, 2, 4, NULL);
    machine_write(1, SGIS(1) + 0x80, 4, ~(1u << 2));
    assert_true(machine_msr(0, SGI0R, UINT64_C(1) << 24 | 2)); /* of group 1 */
    assert_true(machine_msr(0, ASGI1R, UINT64_C(1) << 24 | 2));
    assert_int_equal(who_has(0), 0);
    assert_true(machine_msr(0, SGI0R, UINT64_C(2) << 24 | 2));
    assert_int_equal(who_has(2), 2);
    assert_true(machine_msr(0, ASGI1R, UINT64_C(2) << 24 | 2));
    assert_int_equal(who_has(2), 2);
    assert_true(machine_msr(0, SGI1R, UINT64_C(2) << 24 | 2));
    assert_int_equal(who_has(2), 2);
    machine_stop();
}

static void sgi_registers_are_write_only_and_of_version_3(void **state)
{
    uint64_t value = 0;

    (void)state;
    start(3, 1, 4, NULL);
    assert_false(machine.ops->sysreg(machine.ctx, &machine.vcpu[0], SGI1R, false, &value));
    assert_false(machine_msr(0, VCPU_SYSREG(3, 0, 4, 6, 0), 0)); /* ICC_PMR_EL1 */
    machine_stop();
    start(2, 1, 4, NULL);
    assert_false(machine_msr(0, SGI1R, 1));
    machine_stop();
}

static void v2_sgi_comes_once_from_each_source(void **state)
{
    uint32_t from = 0;

    (void)state;
    start(2, 4, 4, NULL);
    for (unsigned v = 0; v < 4; v++)
        machine_write(v, GICD_BASE + 0xf00, 4, 1 << (16 + 2) | 9);
    machine_settle();
    for (unsigned v = 0; v < 4; v++) {
        uint32_t iar = handle(2);

        assert_int_equal(iar & 0x3ff, 9);
        from |= 1u << (iar >> 10);
    }
    assert_int_equal(from, 0xf);
    assert_int_equal(handle(2), SPURIOUS);

    machine_write(1, GICD_BASE + 0xf00, 4, 1 << 24 | 0xff << 16 | 4); /* all others */
    assert_int_equal(who_has(1 << 10 | 4), 0xd);
    machine_write(1, GICD_BASE + 0xf00, 4, 2 << 24 | 0xff << 16 | 4); /* itself */
    assert_int_equal(who_has(1 << 10 | 4), 2);
    machine_write(1, GICD_BASE + 0xf00, 4, 3 << 24 | 0xff << 16 | 4); /* reserved */
    machine_write(1, GICD_BASE + 0xf00, 4, 0xf0 << 16 | 4);           /* not there */
    assert_int_equal(who_has(0), 0);
    machine_stop();
}

static void v2_sources_can_be_set_and_cleared(void **state)
{
    (void)state;
    start(2, 4, 4, NULL);
    machine_write(3, GICD_BASE + 0xf20 + 5, 1, 0x7);
    machine_write(3, GICD_BASE + 0xf10 + 4, 4, 0x0300);
    assert_int_equal(machine_read(3, GICD_BASE + 0xf20 + 5, 1), 0x4);
    assert_int_equal(machine_read(3, GICD_BASE + 0xf10 + 4, 4), 0x0400);
    assert_int_equal(machine_read(3, GICD_BASE + 0x200, 4), 1 << 5);
    assert_int_equal(who_has(2 << 10 | 5), 8);
    machine_stop();
}

/* Without a notice, as when the library has forgotten it with all else of a vCPU that was off. */
static void sgi_for_one_in_no_cpu_is_there_when_it_comes(void **state)
{
    (void)state;
    start(3, 2, 4, NULL);
    machine_put(1);
    machine_msr(0, SGI1R, UINT64_C(1) << 24 | 2);
    machine_msr(0, SGI1R, UINT64_C(2) << 24 | 2);
    machine.notified[1] = false;
    machine_load(1, 1);
    assert_int_equal(handle(1), 1);
    assert_int_equal(handle(1), 2);
    assert_int_equal(handle(1), SPURIOUS);
    machine_stop();
}

/* Another vCPU clears its pending state, and it sends itself the next one before it knows. */
static void sgi_after_a_clear_is_not_cleared(void **state)
{
    (void)state;
    start(3, 2, 4, NULL);
    machine_msr(0, SGI1R, UINT64_C(1) << 24 | 1);
    assert_int_equal(handle(0), 1);
    machine_write(1, SGIS(0) + 0x280, 4, 1 << 1);
    machine_msr(0, SGI1R, UINT64_C(1) << 24 | 1);
    machine_settle();
    assert_int_equal(handle(0), 1);
    assert_int_equal(handle(0), SPURIOUS);
    machine_stop();
}

/* Sent and then cleared by the same vCPU, before the other one has looked. */
static void a_clear_reaches_an_sgi_on_its_way(void **state)
{
    (void)state;
    start(3, 2, 4, NULL);
    machine_msr(0, SGI1R, UINT64_C(1) << 24 | 2);
    machine_write(0, SGIS(1) + 0x280, 4, 1 << 1);
    machine_settle();
    assert_int_equal(handle(1), SPURIOUS);
    machine_stop();
}

static void list_register_forms_say_the_same(void **state)
{
    (void)state;
    /* Emptied by the guest, pending once more: SGI 5 of CPU 3, then of CPU 6; physical 511. */
    assert_int_equal(lr_to_gich_again(0x4a880c05, UINT64_C(0x50a8020000001805)), 0x5a881805);
    assert_int_equal(lr_to_gich_again(0x8507fc21, UINT64_C(0x605001ff00000021)), 0x9507fc21);
    /* Active, group 1, priority 0xa8, SGI 5 of CPU 3, with maintenance at its end. */
    assert_int_equal(lr_to_gich(UINT64_C(0x90a8020000000c05)), 0x6a880c05);
    /* Pending, group 0, priority 0x50, virtual 33, physical 511. */
    assert_int_equal(lr_to_gich(UINT64_C(0x605001ff00000021)), 0x9507fc21);
    assert_int_equal(lr_with_gich_state(UINT64_C(0x605001ff00000021), 0xa507fc21),
                     UINT64_C(0xa05001ff00000021));
    assert_int_equal(lr_with_gich_state(UINT64_C(0x605001ff00000021), 0x8507fc21),
                     UINT64_C(0x205001ff00000021));
}

/* ICC_SRE_EL1: it traps, because there is none for each guest. */
static void the_system_registers_stay(void **state)
{
    const uint32_t sre = VCPU_SYSREG(3, 0, 12, 12, 5);
    uint64_t value = 0;

    (void)state;
    machine_start(&(struct machine_config){.version = 3, .vcpus = 1, .lrs = 4});
    machine_load(0, 0);
    assert_true(machine_msr(0, sre, 0));
    assert_true(machine.ops->sysreg(machine.ctx, &machine.vcpu[0], sre, false, &value));
    assert_int_equal(value, 7); /* SRE, DFB, DIB */
    machine_stop();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sgi_goes_to_the_affinities_it_names),
        cmocka_unit_test(sgi_to_all_others_spares_its_sender),
        cmocka_unit_test(group_0_writes_send_group_0_only),
        cmocka_unit_test(sgi_registers_are_write_only_and_of_version_3),
        cmocka_unit_test(the_system_registers_stay),
        cmocka_unit_test(v2_sgi_comes_once_from_each_source),
        cmocka_unit_test(v2_sources_can_be_set_and_cleared),
        cmocka_unit_test(sgi_for_one_in_no_cpu_is_there_when_it_comes),
        cmocka_unit_test(sgi_after_a_clear_is_not_cleared),
        cmocka_unit_test(a_clear_reaches_an_sgi_on_its_way),
        cmocka_unit_test(list_register_forms_say_the_same),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
