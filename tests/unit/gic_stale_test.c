/* SPDX-License-Identifier: MIT */
/*
 * Active interrupts that nobody will end: set so in the distributor, or left by a CPU that went off
 * in its handlers. They keep no others away, because the active priorities are not theirs.
 */
#include "gic_delivery.h"

#define ISPENDR   0x200
#define ISACTIVER 0x300
#define ICACTIVER 0x380

static void others_come_while_stale_ones_are_active(void **state)
{
    static const unsigned lrs[] = {1, 4, 16};

    (void)state;
    for (unsigned version = 2; version <= 3; version++)
        for (unsigned i = 0; i < 3; i++) {
            uint64_t own = version == 3 ? SGIS(0) : GICD_BASE;

            start(version, 1, lrs[i], NULL);
            /* Of the highest priority, of the same, and of a lower one. */
            machine_write(0, GICD_BASE + 0x400 + 40, 4, 0x80000000);
            machine_write(0, GICD_BASE + 0x400 + 64, 4, 0x80808080);
            machine_write(0, own + 0x400 + 27, 1, 0x80);
            for (unsigned k = 0; k < 20; k++) {
                machine_write(0, GICD_BASE + ISACTIVER + 4, 4, (1u << k) - 1);
                machine_write(0, GICD_BASE + ISPENDR + 8, 4, 1);
                vcpu_gic_set_ppi(machine.gic, &machine.vcpu[0], 27, true);
                vcpu_gic_set_ppi(machine.gic, &machine.vcpu[0], 26, true);
                machine_settle();
                assert_true(machine_has_work(0));
                assert_int_equal(handle(0), 26);
                vcpu_gic_set_ppi(machine.gic, &machine.vcpu[0], 26, false);
                machine_settle();

                uint32_t first = machine_ack(0);

                vcpu_gic_set_ppi(machine.gic, &machine.vcpu[0], 27, false);
                machine_settle();
                machine_eoi(0, first);
                if (first == 27)
                    assert_int_equal(handle(0), 64);
                else
                    assert_int_equal(first, 64);
                assert_int_equal(handle(0), SPURIOUS);
                /* Nothing ended them. */
                assert_int_equal(machine_read(0, GICD_BASE + ISACTIVER + 4, 4), (1u << k) - 1);
            }
            machine_stop();
        }
}

/* With one list register the handled ones are in none: their ends come to the right ones. */
static void ends_are_those_of_the_handled_ones(void **state)
{
    (void)state;
    for (unsigned way = 0; way < 9; way++) {
        unsigned point = 3 + way % 3, prebits = 5 + way / 3;

        start_with(&(struct machine_config){.version = 3,
                                            .vcpus = 1,
                                            .spis = 64,
                                            .lrs = 1,
                                            .prebits = (uint8_t)prebits,
                                            .tdir = true});
        /* Group priorities of 5, 4 and 3 bits. */
        machine_set_vmcr(0, 0xf8000003 | point << 18 | (point - 1) << 21);
        machine_write(0, GICD_BASE + 0x400 + 40, 4, 0x20487080); /* 43 to 40 */
        machine_write(0, GICD_BASE + 0x400 + 44, 4, 0x10507878); /* 47 to 44: stale */
        machine_write(0, GICD_BASE + ISACTIVER + 4, 4, 0xf000);
        for (unsigned i = 40; i < 44; i++) {
            machine_write(0, GICD_BASE + ISPENDR + 4, 4, 1u << (i - 32));
            assert_int_equal(machine_ack(0), i);
        }
        machine_write(0, GICD_BASE + ISACTIVER + 4, 4, 0x10000); /* 48, the lowest of all */
        assert_int_equal(machine_read(0, GICD_BASE + ISACTIVER + 4, 4), 0x1ff00);
        for (unsigned i = 44; i-- > 40;) {
            machine_eoi(0, i);
            assert_int_equal(machine_read(0, GICD_BASE + ISACTIVER + 4, 4),
                             0x1f000 | ((1u << (i - 32)) - 0x100));
        }
        assert_int_equal(machine_running(0), 0x100);
        machine_stop();
    }
}

static void many_ends_come_in_one_fold(void **state)
{
    (void)state;
    start(3, 1, 1, NULL);
    nest(31);
    machine_write(0, GICD_BASE + ISACTIVER + 8, 4, 0xff);
    /* Before the maintenance interrupt has come. */
    for (unsigned i = 31; i-- > 0;) {
        virtual_drop(machine_here());
        virtual_deactivate(machine_here(), 32 + i);
    }
    assert_int_equal(machine_read(0, GICD_BASE + ISACTIVER + 4, 4), 0);
    assert_int_equal(machine_read(0, GICD_BASE + ISACTIVER + 8, 4), 0xff);
    machine_stop();
}

static void cpu_that_went_off_in_handlers_gets_interrupts_again(void **state)
{
    (void)state;
    for (unsigned version = 2; version <= 3; version++) {
        uint64_t own = version == 3 ? SGIS(1) : GICD_BASE;

        start(version, 2, 4, NULL);
        for (unsigned i = 0; i < 16; i++)
            machine_write(1, own + 0x400 + i, 1, 0xf0 - 16 * i);
        for (unsigned i = 2; i < 8; i++) {
            if (version == 3)
                assert_true(machine_msr(0, SGI1R, (uint64_t)i << 24 | 2));
            else
                machine_write(0, GICD_BASE + 0xf00, 4, 2 << 16 | i);
            machine_settle();
            assert_int_equal(machine_ack(1) & 0x3ff, i);
        }
        machine_put(1);
        machine.ops->reset(machine.ctx, &machine.vcpu[1]);
        machine_load(1, 1);
        machine_set_vmcr(1, 0xf8000003);
        /* The redistributor was not reset. */
        assert_int_equal(machine_read(1, own + ISACTIVER, 4), 0xfc);
        if (version == 3)
            assert_true(machine_msr(0, SGI1R, UINT64_C(1) << 24 | 2));
        else
            machine_write(0, GICD_BASE + 0xf00, 4, 2 << 16 | 1);
        machine_settle();
        assert_int_equal(handle(1) & 0x3ff, 1);
        machine_write(1, own + ICACTIVER, 4, 0xfc);
        assert_int_equal(machine_read(1, own + ISACTIVER, 4), 0);
        machine_stop();
    }
}

/* What the guest has ended without an exit is not active, so ISACTIVER makes it so. */
static void active_again_after_its_end(void **state)
{
    (void)state;
    start(3, 1, 4, NULL);
    machine_write(0, GICD_BASE + 0xc08, 4, 0xaaaaaaaa);
    vcpu_gic_set_line(machine.gic, 40, true);
    assert_int_equal(machine_ack(0), 40);
    machine_write(0, GICD_BASE + 0x400 + 41, 1,
                  0xa0); /* its list register says "active" from now */
    assert_int_equal(machine_read(0, GICD_BASE + ISACTIVER + 4, 4), 1 << 8);
    machine_eoi(0, 40);
    machine_write(0, GICD_BASE + ISACTIVER + 4, 4, 1 << 8);
    assert_int_equal(machine_read(0, GICD_BASE + ISACTIVER + 4, 4), 1 << 8);
    machine_stop();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(others_come_while_stale_ones_are_active),
        cmocka_unit_test(ends_are_those_of_the_handled_ones),
        cmocka_unit_test(many_ends_come_in_one_fold),
        cmocka_unit_test(cpu_that_went_off_in_handlers_gets_interrupts_again),
        cmocka_unit_test(active_again_after_its_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
