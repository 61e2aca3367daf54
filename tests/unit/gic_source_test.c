/* SPDX-License-Identifier: MIT */
/* Forwarded levels whose source falls before the guest takes the interrupt. */
#include "gic_delivery.h"

#define PPI          27u
#define PPI_PHYSICAL 30u
#define SPI          50u
#define SPI_PHYSICAL 77u

/* The virtual interrupt, its physical one, and the array of bits that has it. */
static const struct forwarded {
    uint32_t intid, physical;
} each[] = {{PPI, PPI_PHYSICAL}, {SPI, SPI_PHYSICAL}};

static void set_up(unsigned version, unsigned vcpus, unsigned lrs)
{
    start(version, vcpus, lrs, NULL);
    assert_int_equal(vcpu_gic_map_hw(machine.gic, PPI, PPI_PHYSICAL), VCPU_OK);
    assert_int_equal(vcpu_gic_map_hw(machine.gic, SPI, SPI_PHYSICAL), VCPU_OK);
    assert_int_equal(vcpu_gic_follow(machine.gic, machine_is_asserted), VCPU_OK);
}

static uint64_t word_of(const struct forwarded *it, uint32_t array)
{
    return (it->intid < 32 && machine.config.version == 3 ? SGIS(0) : GICD_BASE) + array +
           it->intid / 32 * 4;
}

static bool reads(unsigned v, const struct forwarded *it, uint32_t array)
{
    return machine_read(v, word_of(it, array), 4) >> it->intid % 32 & 1;
}

static void write(const struct forwarded *it, uint32_t array)
{
    machine_write(0, word_of(it, array), 4, 1u << it->intid % 32);
}

static void set_level(const struct forwarded *it, bool level)
{
    if (it->physical < 32)
        machine.ppi_asserted[0][it->physical] = level;
    else
        machine.spi_asserted[it->physical] = level;
}

/* The source rises, and the host passes the interrupt on. */
static void rise(const struct forwarded *it)
{
    assert_int_equal(*machine_physical(machine.on[0], it->physical), 0);
    set_level(it, true);
    pass_on(0, it->physical, it->intid);
}

static bool is_active_there(const struct forwarded *it)
{
    return *machine_physical(machine.on[0], it->physical);
}

/* It is over, and comes again when the source rises. */
static void check_comes_again(const struct forwarded *it)
{
    machine_settle();
    assert_false(is_active_there(it));
    assert_int_equal(machine_ack(0), SPURIOUS);
    assert_false(machine_has_work(0));
    rise(it);
    assert_int_equal(machine_ack(0), it->intid);
    set_level(it, false);
    machine_eoi(0, it->intid);
    assert_false(is_active_there(it));
    assert_int_equal(machine_ack(0), SPURIOUS);
}

static void fallen_level_is_not_pending(void **state)
{
    (void)state;
    for (unsigned version = 2; version <= 3; version++) {
        set_up(version, 1, 4);
        for (unsigned i = 0; i < 4; i++) {
            const struct forwarded *it = &each[i % 2];

            /* Listed, and not even enabled. */
            write(it, i < 2 ? 0x100 : 0x180);
            rise(it);
            assert_true(reads(0, it, 0x200));
            set_level(it, false);
            assert_false(reads(0, it, 0x200));
            assert_false(is_active_there(it));
            write(it, 0x100);
            check_comes_again(it);
        }
        machine_stop();
    }
}

static void writes_of_enables_look_at_the_source(void **state)
{
    static const uint32_t arrays[] = {0x100, 0x180};

    (void)state;
    set_up(3, 1, 4);
    for (unsigned i = 0; i < 8; i++) {
        const struct forwarded *it = &each[i % 2];

        write(it, i < 4 ? 0x100 : 0x180);
        rise(it);
        set_level(it, false);
        write(it, arrays[i / 2 % 2]);
        assert_false(is_active_there(it));
        write(it, 0x100);
        check_comes_again(it);
    }
    machine_stop();
}

/* One of another source, which stays as it is. */
static void high_sources_stay_pending(void **state)
{
    (void)state;
    set_up(3, 1, 4);
    rise(&each[0]);
    rise(&each[1]);
    set_level(&each[0], false);
    assert_false(reads(0, &each[0], 0x200));
    assert_true(reads(0, &each[1], 0x200));
    write(&each[1], 0x180);
    write(&each[1], 0x100);
    assert_int_equal(handle(0), SPI);
    assert_int_equal(handle(0), SPURIOUS);
    machine_stop();
}

/* While it is active too, ISPENDR reads what the source asserts, and nothing ends it. */
static void active_interrupt_stays_active(void **state)
{
    (void)state;
    set_up(3, 1, 4);
    for (unsigned i = 0; i < 2; i++) {
        const struct forwarded *it = &each[i];

        rise(it);
        assert_int_equal(machine_ack(0), it->intid);
        assert_true(reads(0, it, 0x200));
        set_level(it, false);
        assert_false(reads(0, it, 0x200));
        assert_true(reads(0, it, 0x300));
        assert_true(is_active_there(it));
        machine_eoi(0, it->intid);
        assert_false(is_active_there(it));
        check_comes_again(it);
    }
    machine_stop();
}

static void put_and_load_look_at_the_source(void **state)
{
    (void)state;
    set_up(3, 1, 4);
    for (unsigned i = 0; i < 2; i++) {
        const struct forwarded *it = &each[i];

        rise(it);
        set_level(it, false);
        machine_put(0);
        assert_int_equal(*machine_physical(0, it->physical), 0);
        assert_false(machine_has_work(0));
        machine_load(0, 0);
        check_comes_again(it);
        /* While it is in no CPU. */
        rise(it);
        machine_put(0);
        set_level(it, false);
        machine_load(0, 0);
        check_comes_again(it);
        /* And not before. */
        rise(it);
        machine_put(0);
        machine_load(0, 0);
        assert_true(is_active_there(it));
        assert_int_equal(handle(0), it->intid);
        set_level(it, false);
    }
    machine_stop();
}

/* As what ISPENDR made pending: it stays, whatever the source does. */
static void a_message_has_no_source(void **state)
{
    (void)state;
    set_up(3, 1, 4);
    for (unsigned i = 0; i < 2; i++) {
        uint32_t intid = each[i].intid;

        if (intid < 32)
            continue;
        assert_int_equal(vcpu_gic_msi(machine.gic, intid, true), VCPU_OK);
        machine_settle();
        assert_true(machine_read(0, GICD_BASE + 0x200 + intid / 32 * 4, 4) >> intid % 32 & 1);
        assert_int_equal(handle(0), intid);
        assert_int_equal(vcpu_gic_msi(machine.gic, intid, true), VCPU_OK);
        assert_int_equal(vcpu_gic_msi(machine.gic, intid, false), VCPU_OK);
        machine_settle();
        assert_int_equal(handle(0), SPURIOUS);
        /* And then the source's comes and goes. */
        rise(&each[i]);
        set_level(&each[i], false);
        assert_false(machine_read(0, GICD_BASE + 0x200 + intid / 32 * 4, 4) >> intid % 32 & 1);
        check_comes_again(&each[i]);
    }
    machine_stop();
}

/* It goes on once, and then waits without the interrupt. */
static void waiting_vcpu_looks_at_the_source(void **state)
{
    (void)state;
    set_up(3, 1, 4);
    for (unsigned i = 0; i < 2; i++) {
        rise(&each[i]);
        assert_true(machine_has_work(0));
        set_level(&each[i], false);
        /* It is told nothing, and looks before it goes on. */
        machine.notifications = 0;
        machine.notified[0] = false;
        assert_true(machine_has_work(0));
        assert_int_equal(machine.notifications, 0);
        assert_true(machine.notified[0]);
        machine_settle();
        assert_false(machine_has_work(0));
        check_comes_again(&each[i]);
    }
    machine_stop();
}

/* What ISPENDR made pending, and the priority mask keeps back, is nothing to go on for. */
static void waiting_vcpu_knows_what_has_no_source(void **state)
{
    (void)state;
    set_up(3, 1, 4);
    for (unsigned i = 0; i < 2; i++) {
        write(&each[i], 0x200);
        assert_true(machine_has_work(0));
        machine_set_vmcr(0, 3);
        assert_false(machine_has_work(0));
        machine_set_vmcr(0, 0xf8000003);
        assert_int_equal(handle(0), each[i].intid);
    }
    machine_stop();
}

static void host_looks_at_the_source(void **state)
{
    (void)state;
    set_up(3, 1, 4);
    for (unsigned i = 0; i < 2; i++) {
        rise(&each[i]);
        assert_int_equal(vcpu_gic_maintenance(machine.gic, &machine.vcpu[0]), VCPU_OK);
        assert_true(is_active_there(&each[i]));
        set_level(&each[i], false);
        assert_int_equal(vcpu_gic_maintenance(machine.gic, &machine.vcpu[0]), VCPU_OK);
        check_comes_again(&each[i]);
    }
    machine_stop();
}

static void pending_by_software_stays(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 8; i++) {
        const struct forwarded *it = &each[i % 2];
        bool risen = i / 2 % 2;

        set_up(i < 4 ? 2 : 3, 1, 4);
        if (risen)
            rise(it);
        write(it, 0x200);
        set_level(it, false);
        assert_true(reads(0, it, 0x200));
        machine_put(0);
        machine_load(0, 0);
        assert_int_equal(handle(0), it->intid);
        machine_settle();
        /* The next one has a source again. */
        if (risen)
            assert_false(reads(0, it, 0x200));
        rise(it);
        set_level(it, false);
        assert_false(reads(0, it, 0x200));
        check_comes_again(it);
        /* Other sizes of access do not exist. */
        rise(it);
        machine_write(0, word_of(it, 0x200) + it->intid % 32 / 8, 1, 1u << it->intid % 8);
        if (it->intid < 32)
            machine_write(0, word_of(it, 0x200), 8, 1u << it->intid);
        set_level(it, false);
        assert_false(reads(0, it, 0x200));
        check_comes_again(it);
        /* ICPENDR ends it. */
        write(it, 0x200);
        write(it, 0x280);
        assert_false(reads(0, it, 0x200));
        rise(it);
        set_level(it, false);
        assert_false(reads(0, it, 0x200));
        check_comes_again(it);
        /* The host withdraws what it has forwarded, and no more. */
        write(it, 0x200);
        if (it->intid < 32)
            vcpu_gic_set_ppi(machine.gic, &machine.vcpu[0], PPI, false);
        else
            vcpu_gic_set_line(machine.gic, SPI, false);
        assert_true(reads(0, it, 0x200));
        machine_stop();
    }
}

static void edges_are_not_asked(void **state)
{
    (void)state;
    set_up(3, 1, 4);
    machine_write(0, GICD_BASE + 0xc00 + SPI / 16 * 4, 4, 2u << SPI % 16 * 2);
    rise(&each[1]);
    set_level(&each[1], false);
    assert_true(reads(0, &each[1], 0x200));
    machine_put(0);
    machine_load(0, 0);
    assert_int_equal(machine.asked, 0);
    assert_int_equal(handle(0), SPI);
    machine_stop();
}

/* The source of a PPI is where its vCPU is: there it is looked at soon. */
static void others_see_the_fall_of_a_ppi(void **state)
{
    (void)state;
    for (unsigned enabled = 0; enabled < 2; enabled++) {
        set_up(3, 2, 4);
        write(&each[0], enabled ? 0x100 : 0x180);
        rise(&each[0]);
        assert_true(reads(1, &each[0], 0x200));
        machine_settle();
        assert_true(reads(1, &each[0], 0x200));
        machine_settle();
        set_level(&each[0], false);
        reads(1, &each[0], 0x200);
        machine_settle();
        assert_false(reads(1, &each[0], 0x200));
        assert_false(is_active_there(&each[0]));
        /* Nor is it pending there because it was when its own vCPU looked. */
        write(&each[0], 0x100);
        rise(&each[0]);
        assert_true(reads(0, &each[0], 0x200));
        assert_int_equal(machine_ack(0), PPI);
        assert_true(reads(0, &each[0], 0x200));
        set_level(&each[0], false);
        machine_eoi(0, PPI);
        reads(1, &each[0], 0x200);
        machine_settle();
        assert_false(reads(1, &each[0], 0x200));
        machine_stop();
    }
}

static void others_see_the_fall_of_an_spi(void **state)
{
    (void)state;
    set_up(3, 2, 4);
    rise(&each[1]);
    set_level(&each[1], false);
    reads(1, &each[1], 0x200);
    machine_settle();
    assert_false(reads(1, &each[1], 0x200));
    assert_false(is_active_there(&each[1]));
    check_comes_again(&each[1]);
    /* In no list register. */
    write(&each[1], 0x180);
    rise(&each[1]);
    assert_true(reads(1, &each[1], 0x200));
    set_level(&each[1], false);
    assert_false(reads(1, &each[1], 0x200));
    assert_false(is_active_there(&each[1]));
    write(&each[1], 0x100);
    check_comes_again(&each[1]);
    machine_stop();
}

/* More than are asked at once: none is lost, and all that fell are made inactive in the end. */
static void many_that_fell_make_room(void **state)
{
    (void)state;
    for (unsigned lrs = 1; lrs <= 4; lrs += 3) {
        set_up(3, 1, lrs);
        for (uint32_t intid = 32; intid < 96; intid++)
            assert_int_equal(vcpu_gic_map_hw(machine.gic, intid, (uint16_t)intid), VCPU_OK);
        machine_put(0);
        fake.here = 0;
        for (uint32_t intid = 32; intid < 96; intid++) {
            *machine_physical(0, intid) = 1;
            machine.spi_asserted[intid] = intid == 40 || intid == 95;
            assert_int_equal(vcpu_gic_set_line(machine.gic, intid, true), VCPU_OK);
        }
        machine_load(0, 0);
        for (unsigned turn = 0; turn < 16; turn++) {
            vcpu_gic_maintenance(machine.gic, &machine.vcpu[0]);
            machine_settle();
        }
        for (uint32_t intid = 32; intid < 96; intid++)
            assert_int_equal(*machine_physical(0, intid), intid == 40 || intid == 95);
        assert_int_equal(handle(0), 40);
        assert_int_equal(handle(0), 95);
        assert_int_equal(handle(0), SPURIOUS);
        machine_stop();
    }
}

static void refuses_nothing_to_ask(void **state)
{
    (void)state;
    start(3, 1, 4, NULL);
    assert_int_equal(vcpu_gic_follow(NULL, machine_is_asserted), VCPU_ERR_INVALID);
    assert_int_equal(vcpu_gic_follow(machine.gic, NULL), VCPU_ERR_INVALID);
    machine_stop();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fallen_level_is_not_pending),
        cmocka_unit_test(writes_of_enables_look_at_the_source),
        cmocka_unit_test(high_sources_stay_pending),
        cmocka_unit_test(active_interrupt_stays_active),
        cmocka_unit_test(put_and_load_look_at_the_source),
        cmocka_unit_test(a_message_has_no_source),
        cmocka_unit_test(waiting_vcpu_looks_at_the_source),
        cmocka_unit_test(waiting_vcpu_knows_what_has_no_source),
        cmocka_unit_test(host_looks_at_the_source),
        cmocka_unit_test(pending_by_software_stays),
        cmocka_unit_test(edges_are_not_asked),
        cmocka_unit_test(others_see_the_fall_of_a_ppi),
        cmocka_unit_test(others_see_the_fall_of_an_spi),
        cmocka_unit_test(many_that_fell_make_room),
        cmocka_unit_test(refuses_nothing_to_ask),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
