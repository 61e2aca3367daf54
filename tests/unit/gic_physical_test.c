/* SPDX-License-Identifier: MIT */
/* Interrupts of physical devices that a guest has (HW = 1), and the virtual timer's. */
#include "gic_delivery.h"

static void physical_interrupt_ends_with_the_virtual_one(void **state)
{
    (void)state;
    start(3, 1, 4, NULL);
    assert_int_equal(vcpu_gic_map_hw(machine.gic, 27, 30), VCPU_OK);
    for (unsigned i = 0; i < 3; i++) {
        pass_on(0, 30, 27);
        assert_int_equal(machine_ack(0), 27);
        assert_int_equal(machine_ack(0), SPURIOUS);
        assert_int_equal(*machine_physical(0, 30), 1);
        machine_eoi(0, 27);
        assert_int_equal(*machine_physical(0, 30), 0);
        assert_int_equal(machine_ack(0), SPURIOUS);
    }
    assert_int_equal(machine.set_actives, 0);
    machine_stop();
}

/* Made pending by the guest while it handles the one before: both come, then the physical ends. */
static void physical_interrupt_pending_again_comes_after_its_end(void **state)
{
    static const uint32_t intids[] = {27, 50};

    (void)state;
    start(3, 2, 4, NULL);
    vcpu_gic_map_hw(machine.gic, 27, 30);
    vcpu_gic_map_hw(machine.gic, 50, 77);
    for (unsigned i = 0; i < 4; i++) {
        uint32_t intid = intids[i % 2], physical = i % 2 ? 77 : 30;
        uint64_t pendr = (i % 2 ? GICD_BASE + 4 : SGIS(0)) + 0x200;

        pass_on(0, physical, intid);
        assert_int_equal(machine_ack(0), intid);
        machine_write(0, pendr, 4, 1u << intid % 32);
        if (i < 2) {
            machine_eoi(0, intid);
            assert_int_equal(machine_ack(0), intid);
        } else {
            /* Not after all, says another before the end is noticed. */
            machine_write(1, pendr + 0x80, 4, 1u << intid % 32);
        }
        machine_eoi(0, intid);
        assert_int_equal(machine_ack(0), SPURIOUS);
        machine_settle();
        assert_int_equal(*machine_physical(0, physical), 0);
    }
    machine_stop();
}

/* Cleared, or taken and ended: the physical interrupt that comes next ends in its list register. */
static void pending_by_software_is_forgotten(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 4; i++) {
        uint32_t intid = i % 2 ? 50 : 27, physical = i % 2 ? 77 : 30;
        uint64_t pendr = (i % 2 ? GICD_BASE + 4 : SGIS(0)) + 0x200;
        unsigned set_actives;

        start(3, 1, 4, NULL);
        vcpu_gic_map_hw(machine.gic, intid, (uint16_t)physical);
        machine_write(0, pendr, 4, 1u << intid % 32);
        machine_settle();
        if (i < 2) {
            machine_write(0, pendr + 0x80, 4, 1u << intid % 32);
        } else {
            assert_int_equal(machine_ack(0), intid);
            machine_eoi(0, intid);
        }
        machine_settle();
        set_actives = machine.set_actives;
        pass_on(0, physical, intid);
        assert_int_equal(machine_ack(0), intid);
        machine_eoi(0, intid);
        assert_int_equal(*machine_physical(0, physical), 0);
        assert_int_equal(machine.set_actives, set_actives);
        machine_stop();
    }
}

/* The end of a physical interrupt makes room like any other's. */
/*
 * The guest handles one that it made pending itself; the source's comes, and falls. Nothing is left. And
 * if it was made pending once more too, that is what is left.
 */
static void a_source_falls_while_one_by_software_is_handled(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 8; i++) {
        uint32_t intid = i % 2 ? 50 : 27, physical = i % 2 ? 77 : 30;
        uint64_t pendr = (i % 2 ? GICD_BASE + 4 : SGIS(0)) + 0x200;
        bool again = i & 2, first = i & 4;

        start(3, 1, 4, NULL);
        vcpu_gic_map_hw(machine.gic, intid, (uint16_t)physical);
        machine_write(0, pendr, 4, 1u << intid % 32);
        assert_int_equal(machine_ack(0), intid);
        if (again && first)
            machine_write(0, pendr, 4, 1u << intid % 32);
        pass_on(0, physical, intid);
        machine_settle();
        if (again && !first)
            machine_write(0, pendr, 4, 1u << intid % 32);
        if (intid == 27)
            vcpu_gic_set_ppi(machine.gic, &machine.vcpu[0], intid, false);
        else
            vcpu_gic_set_line(machine.gic, intid, false);
        machine_settle();
        machine_eoi(0, intid);
        assert_int_equal(machine_ack(0), again ? intid : SPURIOUS);
        if (again)
            machine_eoi(0, intid);
        assert_int_equal(machine_ack(0), SPURIOUS);
        machine_settle();
        assert_int_equal(*machine_physical(0, physical), 0);
        /* The next one of the source is its own. */
        pass_on(0, physical, intid);
        assert_int_equal(machine_ack(0), intid);
        machine_eoi(0, intid);
        assert_int_equal(*machine_physical(0, physical), 0);
        machine_stop();
    }
}

/* It is listed where it is not known whether it was taken. The source's comes and falls. */
static void one_by_software_is_not_lost_with_the_source(void **state)
{
    (void)state;
    start(3, 2, 4, NULL);
    vcpu_gic_map_hw(machine.gic, 50, 77);
    machine_write(0, GICD_BASE + 0x6000 + 8 * 50, 8, 1);
    machine_write(0, GICD_BASE + 0x204, 4, 1u << 18);
    machine_settle();
    fake.here = 0;
    *machine_physical(0, 77) = 1;
    vcpu_gic_set_line(machine.gic, 50, true);
    vcpu_gic_set_line(machine.gic, 50, false);
    machine_settle();
    assert_int_equal(machine_ack(1), 50);
    machine_stop();
}

static void physical_interrupts_make_room(void **state)
{
    (void)state;
    for (unsigned lrs = 1; lrs <= 2; lrs++) {
        start(3, 1, lrs, NULL);
        for (unsigned i = 0; i < lrs; i++) {
            vcpu_gic_map_hw(machine.gic, 50 + i, (uint16_t)(77 + i));
            machine_write(0, GICD_BASE + 0x400 + 50 + i, 1, 0x80 - 0x10 * i);
        }
        machine_write(0, GICD_BASE + 0x400 + 40, 1, 0xa0);
        for (unsigned i = 0; i < lrs; i++) {
            pass_on(0, 77 + i, 50 + i);
            assert_int_equal(machine_ack(0), 50 + i);
        }
        vcpu_gic_set_line(machine.gic, 40, true);
        machine_settle();
        for (unsigned i = lrs; i-- > 0;) {
            assert_int_equal(*machine_physical(0, 77 + i), 1);
            assert_int_equal(machine_ack(0), SPURIOUS);
            machine_eoi(0, 50 + i);
            assert_int_equal(*machine_physical(0, 77 + i), 0);
        }
        assert_int_equal(machine_ack(0), 40);
        machine_stop();
    }
}

/* What the guest has not ended, nobody will. */
static void physical_spis_end_with_the_controller(void **state)
{
    (void)state;
    start(3, 2, 4, NULL);
    vcpu_gic_map_hw(machine.gic, 50, 77);
    vcpu_gic_map_hw(machine.gic, 60, 78);
    pass_on(0, 77, 50);
    assert_int_equal(machine_ack(0), 50);
    pass_on(0, 78, 60);
    *machine_physical(0, 79) = 1; /* not its own */
    machine_put(0);
    machine_put(1);
    assert_int_equal(*machine_physical(0, 77), 1);
    assert_int_equal(*machine_physical(0, 78), 1);
    machine_stop();
    assert_int_equal(*machine_physical(0, 77), 0);
    assert_int_equal(*machine_physical(0, 78), 0);
    assert_int_equal(*machine_physical(0, 79), 1);
}

/* One that the guest took stays active until the guest ends it. */
static void physical_interrupt_that_is_withdrawn_is_ended(void **state)
{
    static const uint32_t intids[] = {27, 50};

    (void)state;
    start(3, 1, 4, NULL);
    vcpu_gic_map_hw(machine.gic, 27, 30);
    vcpu_gic_map_hw(machine.gic, 50, 77);
    for (unsigned i = 0; i < 2; i++) {
        uint32_t intid = intids[i], physical = i ? 77 : 30;
        uint64_t own = i ? GICD_BASE : SGIS(0);
        uint32_t bit = 1u << intid % 32, word = intid / 32 * 4;

        /* By the host, */
        pass_on(0, physical, intid);
        if (i)
            vcpu_gic_set_line(machine.gic, intid, false);
        else
            vcpu_gic_set_ppi(machine.gic, &machine.vcpu[0], intid, false);
        machine_settle();
        assert_int_equal(*machine_physical(0, physical), 0);
        assert_int_equal(machine_ack(0), SPURIOUS);
        /* by the guest's ICPENDR, while it is enabled and while it is not, */
        for (unsigned enabled = 0; enabled < 2; enabled++) {
            machine_write(0, own + (enabled ? 0x100 : 0x180) + word, 4, bit);
            pass_on(0, physical, intid);
            machine_write(0, own + 0x280 + word, 4, bit);
            assert_int_equal(*machine_physical(0, physical), 0);
            assert_int_equal(machine_ack(0), SPURIOUS);
        }
        /* and by its ICACTIVER. */
        pass_on(0, physical, intid);
        assert_int_equal(machine_ack(0), intid);
        machine_write(0, own + 0x280 + word, 4, bit);
        assert_int_equal(*machine_physical(0, physical), 1);
        machine_write(0, own + 0x380 + word, 4, bit);
        assert_int_equal(*machine_physical(0, physical), 0);
        machine_eoi(0, intid);
    }
    machine_stop();
}

/*
 * The guest has ended one, and its list register is not folded yet. The next one comes on another CPU,
 * and a vCPU there clears it.
 */
static void next_one_that_is_withdrawn_is_ended(void **state)
{
    (void)state;
    start(3, 2, 4, NULL);
    vcpu_gic_map_hw(machine.gic, 50, 77);
    pass_on(0, 77, 50);
    assert_int_equal(handle(0), 50);
    pass_on(1, 77, 50);
    machine_write(1, GICD_BASE + 0x284, 4, 1u << 50 % 32);
    machine_settle();
    assert_int_equal(*machine_physical(0, 77), 0);
    assert_int_equal(machine_ack(0), SPURIOUS);
    machine_stop();
}

/* The active state of a physical PPI is the CPU's, and the virtual one the vCPU's. */
static void physical_ppi_moves_with_the_vcpu(void **state)
{
    (void)state;
    start(3, 2, 4, NULL);
    vcpu_gic_map_hw(machine.gic, 27, 27);
    machine_put(1);
    for (unsigned taken = 0; taken < 2; taken++) {
        pass_on(0, 27, 27);
        if (taken)
            assert_int_equal(machine_ack(0), 27);
        machine_put(0);
        assert_int_equal(*machine_physical(0, 27), 0);
        /* Another vCPU has the CPU, and its timer. */
        machine_load(1, 0);
        pass_on(1, 27, 27);
        assert_int_equal(handle(1), 27);
        assert_int_equal(*machine_physical(0, 27), 0);
        machine_put(1);
        machine_load(0, 2);
        assert_int_equal(*machine_physical(2, 27), 1);
        if (!taken)
            assert_int_equal(machine_ack(0), 27);
        machine_eoi(0, 27);
        assert_int_equal(*machine_physical(2, 27), 0);
        machine_put(0);
        machine_load(0, 0);
        assert_int_equal(*machine_physical(0, 27), 0);
    }
    machine_stop();
}

/* A timer that says, when its vCPU has left the CPU, that it is due; the guest may know already. */
static void physical_ppi_told_after_a_put_is_the_same_one(void **state)
{
    (void)state;
    start(3, 2, 4, NULL);
    vcpu_gic_map_hw(machine.gic, 27, 27);
    for (unsigned known = 0; known < 3; known++) {
        if (known > 0)
            pass_on(0, 27, 27);
        if (known > 1)
            assert_int_equal(machine_ack(0), 27);
        machine_put(0);
        assert_int_equal(vcpu_gic_set_ppi(machine.gic, &machine.vcpu[0], 27, true), VCPU_OK);
        assert_int_equal(*machine_physical(0, 27), 0);
        machine_load(0, 0);
        assert_int_equal(*machine_physical(0, 27), 1);
        if (known < 2)
            assert_int_equal(machine_ack(0), 27);
        machine_eoi(0, 27);
        assert_int_equal(*machine_physical(0, 27), 0);
        machine_put(0);
        machine_load(0, 0);
        assert_int_equal(machine_ack(0), SPURIOUS);
    }
    /* Ended by the guest before it left: a new one. */
    pass_on(0, 27, 27);
    assert_int_equal(handle(0), 27);
    machine_put(0);
    vcpu_gic_set_ppi(machine.gic, &machine.vcpu[0], 27, true);
    machine_load(0, 0);
    assert_int_equal(handle(0), 27);
    machine_stop();
}

/* The CPU that the interrupt is in does it: the write may come from any. */
static void physical_interrupt_ends_where_it_is(void **state)
{
    (void)state;
    start(3, 2, 4, NULL);
    vcpu_gic_map_hw(machine.gic, 27, 27);
    *machine_physical(1, 27) = 1; /* another's */
    pass_on(0, 27, 27);
    assert_int_equal(machine_ack(0), 27);
    machine_write(1, SGIS(0) + 0x380, 4, 1 << 27);
    assert_int_equal(*machine_physical(1, 27), 1);
    machine_settle();
    assert_int_equal(*machine_physical(0, 27), 0);
    machine_eoi(0, 27);
    /* An SPI, pending and taken: one call. */
    vcpu_gic_map_hw(machine.gic, 50, 77);
    for (unsigned taken = 0; taken < 2; taken++) {
        unsigned calls = machine.set_actives;

        pass_on(0, 77, 50);
        if (taken)
            assert_int_equal(machine_ack(0), 50);
        machine_write(1, GICD_BASE + (taken ? 0x384 : 0x284), 4, 1 << 18);
        machine_settle();
        assert_int_equal(*machine_physical(0, 77), 0);
        assert_int_equal(machine.set_actives, calls + 1);
        if (taken)
            machine_eoi(0, 50);
        /* Ended by the guest, before the write: the next one is not. */
        pass_on(0, 77, 50);
        assert_int_equal(machine_ack(0), 50);
        machine_eoi(0, 50);
        *machine_physical(0, 77) = 1;
        machine_write(1, GICD_BASE + 0x384, 4, 1 << 18);
        machine_settle();
        assert_int_equal(*machine_physical(0, 77), 1);
    }
    /* The same while it is in no CPU: then there is nothing to end. */
    pass_on(0, 27, 27);
    machine_put(0);
    machine_write(1, SGIS(0) + 0x280, 4, 1 << 27);
    machine_load(0, 0);
    assert_int_equal(*machine_physical(0, 27), 0);
    assert_int_equal(*machine_physical(1, 27), 1);
    machine_stop();
}

static void forwarding_is_a_line_that_rises(void **state)
{
    forwards = true;
    physical_interrupt_ends_with_the_virtual_one(state);
    physical_interrupt_that_is_withdrawn_is_ended(state);
    physical_ppi_moves_with_the_vcpu(state);
    physical_interrupt_ends_where_it_is(state);
    forwards = false;
}

static void forwarding_needs_a_mapping_and_the_vcpu(void **state)
{
    (void)state;
    start(3, 2, 4, NULL);
    assert_int_equal(vcpu_gic_forward(machine.gic, &machine.vcpu[0], 27), VCPU_ERR_INVALID);
    vcpu_gic_map_hw(machine.gic, 27, 27);
    assert_int_equal(vcpu_gic_forward(machine.gic, &machine.vcpu[0], 26), VCPU_ERR_INVALID);
    assert_int_equal(vcpu_gic_forward(machine.gic, &machine.vcpu[0], 59), VCPU_ERR_INVALID);
    fake.here = 1 - machine.on[0];
    assert_int_equal(vcpu_gic_forward(machine.gic, &machine.vcpu[0], 27), VCPU_ERR_STATE);
    fake.here = machine.on[0];
    machine_put(0);
    assert_int_equal(vcpu_gic_forward(machine.gic, &machine.vcpu[0], 27), VCPU_ERR_STATE);
    /* Nothing came of it. */
    machine_load(0, 0);
    assert_int_equal(machine_ack(0), SPURIOUS);
    machine_stop();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(physical_interrupt_ends_with_the_virtual_one),
        cmocka_unit_test(physical_interrupt_pending_again_comes_after_its_end),
        cmocka_unit_test(pending_by_software_is_forgotten),
        cmocka_unit_test(a_source_falls_while_one_by_software_is_handled),
        cmocka_unit_test(one_by_software_is_not_lost_with_the_source),
        cmocka_unit_test(physical_interrupts_make_room),
        cmocka_unit_test(physical_spis_end_with_the_controller),
        cmocka_unit_test(physical_interrupt_that_is_withdrawn_is_ended),
        cmocka_unit_test(next_one_that_is_withdrawn_is_ended),
        cmocka_unit_test(physical_ppi_moves_with_the_vcpu),
        cmocka_unit_test(physical_ppi_told_after_a_put_is_the_same_one),
        cmocka_unit_test(physical_interrupt_ends_where_it_is),
        cmocka_unit_test(forwarding_is_a_line_that_rises),
        cmocka_unit_test(forwarding_needs_a_mapping_and_the_vcpu),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
