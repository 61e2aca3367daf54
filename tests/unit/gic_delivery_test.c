/* SPDX-License-Identifier: MIT */
/* Who gets which interrupt, when, and how often. */
#include "cmocka_all.h"

#include "gic/lr.h"
#include "gic_machine.h"

#define SGI1R  VCPU_SYSREG(3, 0, 12, 11, 5)
#define ASGI1R VCPU_SYSREG(3, 0, 12, 11, 6)
#define SGI0R  VCPU_SYSREG(3, 0, 12, 11, 7)

#define IRM (UINT64_C(1) << 40)

/* Everything enabled, in group 1, at the highest priority; the vCPUs on a CPU each. */
static void open_all(void)
{
    for (unsigned v = 0; v < machine.config.vcpus && v < MACHINE_CPUS; v++) {
        uint64_t own = machine.config.version == 3 ? SGIS(v) : GICD_BASE;

        machine_load(v, v);
        machine_set_vmcr(v, 0xf8000003);
        machine_write(v, own + 0x80, 4, 0xffffffff);
        machine_write(v, own + 0x100, 4, 0xffffffff);
    }
    for (unsigned n = 1; n <= (machine.config.spis + 31u) / 32; n++) {
        machine_write(0, GICD_BASE + 0x80 + 4 * n, 4, 0xffffffff);
        machine_write(0, GICD_BASE + 0x100 + 4 * n, 4, 0xffffffff);
        for (unsigned i = 0; i < 8 && machine.config.version == 2; i++)
            machine_write(0, GICD_BASE + 0x800 + 32 * n + 4 * i, 4, 0x01010101);
    }
    machine_write(0, GICD_BASE, 4, 3);
    machine_settle();
}

static void start(unsigned version, unsigned vcpus, unsigned lrs, uint64_t (*mpidr)(unsigned))
{
    struct machine_config config = {.version = (uint8_t)version,
                                    .vcpus = (uint16_t)vcpus,
                                    .spis = 64,
                                    .lrs = (uint8_t)lrs,
                                    .tdir = version == 3,
                                    .mpidr = mpidr};

    machine_start(&config);
    open_all();
}

/* Takes and ends the next interrupt. */
static uint32_t handle(unsigned v)
{
    uint32_t iar = machine_ack(v);

    if (iar != SPURIOUS)
        machine_eoi(v, iar);
    return iar;
}

/* The vCPUs, as a set, that have the SGI and nothing else; it is taken. */
static uint32_t who_has(uint32_t sgi)
{
    uint32_t who = 0;

    machine_settle();
    for (unsigned v = 0; v < machine.config.vcpus; v++) {
        uint32_t iar = handle(v);

        if (iar == SPURIOUS)
            continue;
        assert_int_equal(iar, sgi);
        assert_int_equal(handle(v), SPURIOUS);
        who |= 1u << v;
    }
    return who;
}

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

static void level_comes_back_while_it_is_high(void **state)
{
    (void)state;
    start(3, 1, 4, NULL);
    assert_int_equal(vcpu_gic_set_line(machine.gic, 40, true), VCPU_OK);
    machine_settle();
    for (unsigned i = 0; i < 3; i++)
        assert_int_equal(handle(0), 40);

    uint32_t iar = machine_ack(0);

    assert_int_equal(vcpu_gic_set_line(machine.gic, 40, false), VCPU_OK);
    machine_settle();
    machine_eoi(0, iar);
    assert_int_equal(machine_ack(0), SPURIOUS);
    /* One that was not taken goes with its line. */
    vcpu_gic_set_line(machine.gic, 40, true);
    vcpu_gic_set_line(machine.gic, 40, false);
    machine_settle();
    assert_int_equal(machine_ack(0), SPURIOUS);
    assert_false(machine_has_work(0));
    machine_stop();
}

static void edge_comes_once_however_long_it_is_high(void **state)
{
    (void)state;
    start(3, 1, 4, NULL);
    machine_write(0, GICD_BASE + 0xc08, 4, 0xaaaaaaaa);
    vcpu_gic_set_line(machine.gic, 40, true);
    vcpu_gic_set_line(machine.gic, 40, true);
    assert_int_equal(handle(0), 40);
    assert_int_equal(handle(0), SPURIOUS);
    vcpu_gic_set_line(machine.gic, 40, false);
    assert_int_equal(handle(0), SPURIOUS);
    /* While it is active the next one waits for the end. */
    vcpu_gic_set_line(machine.gic, 40, true);
    assert_int_equal(machine_ack(0), 40);
    vcpu_gic_set_line(machine.gic, 40, false);
    vcpu_gic_set_line(machine.gic, 40, true);
    assert_int_equal(machine_ack(0), SPURIOUS);
    machine_eoi(0, 40);
    assert_int_equal(handle(0), 40);
    assert_int_equal(handle(0), SPURIOUS);
    machine_stop();
}

static void interrupt_nobody_waits_for_takes_no_exit_to_end(void **state)
{
    unsigned before;

    (void)state;
    start(3, 1, 4, NULL);
    before = machine.notifications;
    for (unsigned i = 0; i < 10; i++) {
        assert_true(machine_msr(0, SGI1R, UINT64_C(1) << 24 | 1));
        assert_int_equal(machine_ack(0), 1);
        machine_eoi(0, 1);
    }
    /* In one list register after the other's end, with nothing asked for in return. */
    assert_int_equal(machine.notifications, before);
    assert_int_equal(machine.cpu[0].hcr & 0xfe, 0);
    assert_int_equal(machine.cpu[0].lr[1], 0);
    machine_stop();
}

static void more_than_fit_come_by_priority(void **state)
{
    (void)state;
    start(3, 1, 4, NULL);
    for (unsigned i = 0; i < 64; i++)
        machine_write(0, GICD_BASE + 0x400 + 32 + i, 1, (i * 7 % 31) << 3);
    for (unsigned i = 0; i < 64; i++)
        machine_write(0, GICD_BASE + 0x204 + i / 32 * 4, 4, 1u << i % 32);

    uint32_t last = 0;

    for (unsigned i = 0; i < 64; i++) {
        uint32_t intid = handle(0);

        assert_in_range(intid, 32, 95);
        assert_true(((intid - 32) * 7 % 31) << 3 >= last);
        last = ((intid - 32) * 7 % 31) << 3;
    }
    assert_int_equal(handle(0), SPURIOUS);
    machine_stop();
}

/* Every level of preemption is active at once, in fewer list registers than that. */
static void more_active_than_fit_end_in_their_order(void **state)
{
    (void)state;
    start(3, 1, 2, NULL);
    for (unsigned i = 0; i < 30; i++) {
        machine_write(0, GICD_BASE + 0x400 + 32 + i, 1, (30 - i) << 3);
        vcpu_gic_set_line(machine.gic, 32 + i, true);
        machine_settle();
        assert_int_equal(machine_ack(0), 32 + i);
        vcpu_gic_set_line(machine.gic, 32 + i, false);
        machine_settle();
    }
    assert_int_equal(machine_read(0, GICD_BASE + 0x304, 4), 0x3fffffff);
    for (unsigned i = 30; i-- > 0;) {
        machine_eoi(0, 32 + i);
        assert_int_equal(machine_read(0, GICD_BASE + 0x304, 4), (1u << i) - 1);
    }
    assert_int_equal(machine_running(0), 0x100);
    machine_stop();
}

static void end_of_one_that_was_put_out_is_noticed(void **state)
{
    (void)state;
    start(3, 1, 1, NULL);
    machine_write(0, GICD_BASE + 0xc08, 4, 0xaaaaaaaa);
    machine_write(0, GICD_BASE + 0x400 + 40, 1, 0x80);
    machine_write(0, GICD_BASE + 0x400 + 41, 1, 0x40);
    vcpu_gic_set_line(machine.gic, 40, true);
    assert_int_equal(machine_ack(0), 40);
    vcpu_gic_set_line(machine.gic, 41, true);
    machine_settle();
    assert_int_equal(machine_ack(0), 41);
    vcpu_gic_set_line(machine.gic, 40, false);
    vcpu_gic_set_line(machine.gic, 40, true);
    machine_settle();
    machine_eoi(0, 41);
    machine_eoi(0, 40);
    assert_int_equal(handle(0), 40);
    assert_int_equal(handle(0), SPURIOUS);
    machine_stop();
}

/* A new priority is for the next time: the end is that of the one taken last. */
static void end_goes_by_the_priority_that_was_taken(void **state)
{
    (void)state;
    start(3, 1, 1, NULL);
    machine_write(0, GICD_BASE + 0xc08, 4, 0xaaaaaaaa);
    for (unsigned i = 0; i < 3; i++) {
        machine_write(0, GICD_BASE + 0x400 + 40 + i, 1, 0x80 - 0x20 * i);
        vcpu_gic_set_line(machine.gic, 40 + i, true);
        machine_settle();
        assert_int_equal(machine_ack(0), 40 + i);
    }
    machine_write(0, GICD_BASE + 0x400 + 40, 1, 0);
    machine_eoi(0, 42);
    machine_write(0, GICD_BASE + 0x400 + 43, 1, 0); /* another has the list register */
    vcpu_gic_set_line(machine.gic, 43, true);
    machine_settle();
    machine_eoi(0, 41);
    assert_int_equal(machine_read(0, GICD_BASE + 0x304, 4), 1 << 8);
    machine_stop();
}

static void active_state_moves_with_the_vcpu(void **state)
{
    (void)state;
    start(3, 1, 4, NULL);
    vcpu_gic_set_ppi(machine.gic, &machine.vcpu[0], 27, true);
    assert_int_equal(machine_ack(0), 27);
    machine_put(0);
    machine_load(0, 3);
    assert_int_equal(machine_read(0, SGIS(0) + 0x300, 4), 1 << 27);
    assert_int_equal(machine_ack(0), SPURIOUS);
    vcpu_gic_set_ppi(machine.gic, &machine.vcpu[0], 27, false);
    machine_settle();
    machine_eoi(0, 27);
    assert_int_equal(machine_read(0, SGIS(0) + 0x300, 4), 0);
    machine_stop();
}

static void waiting_vcpu_has_work_when_something_comes(void **state)
{
    (void)state;
    start(3, 2, 4, NULL);
    machine_put(1);
    assert_false(machine_has_work(1));
    machine_msr(0, SGI1R, UINT64_C(1) << 24 | 2);
    assert_true(machine.notified[1]);
    assert_true(machine_has_work(1));
    machine_load(1, 1);
    assert_int_equal(handle(1), 1);
    assert_false(machine_has_work(1));
    machine_put(1);
    assert_false(machine_has_work(1));

    /* What the guest's own mask holds back is no reason to go on. */
    machine_load(1, 1);
    machine_set_vmcr(1, 0x00000003);
    machine_msr(0, SGI1R, UINT64_C(1) << 24 | 2);
    machine_settle();
    assert_false(machine_has_work(1));
    machine_put(1);
    assert_false(machine_has_work(1));
    machine_stop();
}

/* Without a notice, as when the core has forgotten it with all else of a vCPU that was off. */
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

static void reset_takes_the_cpu_interface_only(void **state)
{
    (void)state;
    start(3, 2, 4, NULL);
    machine_msr(0, SGI1R, UINT64_C(1) << 24 | 2);
    machine_settle();
    assert_int_equal(machine_ack(1), 1);
    machine_msr(0, SGI1R, UINT64_C(2) << 24 | 2);
    machine_put(1);
    machine.ops->reset(machine.ctx, &machine.vcpu[1]);
    machine_load(1, 2);
    assert_int_equal(machine.cpu[2].vmcr, 0);
    assert_int_equal(machine_running(1), 0x100);
    assert_int_equal(machine_read(1, SGIS(1) + 0x300, 4), 1 << 1);
    assert_int_equal(machine_read(1, SGIS(1) + 0x200, 4), 1 << 2);
    machine_stop();
}

/* By vcpu_gic_forward, or by moving the line. */
static bool forwards;

/* The host has taken the physical interrupt, and passes it on. */
static void pass_on(unsigned v, uint32_t physical, uint32_t intid)
{
    fake.here = machine.on[v];
    *machine_physical(fake.here, physical) = 1;
    if (intid < 32 && forwards)
        assert_int_equal(vcpu_gic_forward(machine.gic, &machine.vcpu[v], intid), VCPU_OK);
    else if (intid < 32)
        assert_int_equal(vcpu_gic_set_ppi(machine.gic, &machine.vcpu[v], intid, true), VCPU_OK);
    else
        assert_int_equal(vcpu_gic_set_line(machine.gic, intid, true), VCPU_OK);
}

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

/* The end of a physical interrupt makes room like any other's. */
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

/* The guest may wait before the maintenance interrupt has come. */
static void vcpu_that_waits_for_room_has_work(void **state)
{
    (void)state;
    start(3, 1, 1, NULL);
    vcpu_gic_set_line(machine.gic, 40, true);
    vcpu_gic_set_line(machine.gic, 41, true);
    machine_settle();
    machine.cpu[0].lr[0] ^= UINT64_C(3) << 62; /* taken; */
    machine.cpu[0].apr[1] = 1;                 /* by its priority nothing else may come */
    machine.cpu[0].lr[0] &= ~(UINT64_C(3) << 62);
    machine.cpu[0].apr[1] = 0; /* and ended */
    assert_true(machine_has_work(0));
    machine_stop();
}

static uint64_t mpidr_now[2];

static uint64_t changing(unsigned v)
{
    return mpidr_now[v];
}

static void vcpu_made_anew_has_its_new_affinity(void **state)
{
    (void)state;
    mpidr_now[0] = 0;
    mpidr_now[1] = 1;
    start(3, 2, 4, changing);
    machine_write(0, GICD_BASE + 0x6000 + 8 * 40, 8, 0x100);
    machine_put(1);
    mpidr_now[1] = 0x100;
    machine.ops->reset(machine.ctx, &machine.vcpu[1]);
    machine_load(1, 1);
    machine_set_vmcr(1, 0xf8000003);
    assert_int_equal(machine_read(0, GICR(1) + 0xc, 4), 0x100);
    assert_true(machine_msr(0, SGI1R, UINT64_C(3) << 24 | 2)); /* what it was */
    assert_int_equal(who_has(3), 0);
    assert_true(machine_msr(0, SGI1R, UINT64_C(3) << 24 | 1 << 16 | 1));
    assert_int_equal(who_has(3), 2);
    vcpu_gic_set_line(machine.gic, 40, true);
    machine_settle();
    assert_int_equal(machine_ack(1), 40);
    machine_put(0);
    machine_put(1);
    /* The first one's is the second's now, and nobody has the second's. */
    mpidr_now[1] = 0;
    mpidr_now[0] = 0x100;
    machine.ops->reset(machine.ctx, &machine.vcpu[1]);
    machine_load(1, 1);
    machine_set_vmcr(1, 0xf8000003);
    assert_true(machine_msr(1, SGI1R, UINT64_C(5) << 24 | 1));
    assert_int_equal(machine_ack(1), 5);
    machine_stop();
}

static void maintenance_between_runs_is_answered(void **state)
{
    (void)state;
    start(3, 2, 1, NULL);
    /* The second waits for the list register. */
    vcpu_gic_set_line(machine.gic, 40, true);
    vcpu_gic_set_line(machine.gic, 41, true);
    machine_settle();
    assert_true(machine.cpu[0].hcr >> 3 & 1);
    machine.cpu[0].lr[0] ^= UINT64_C(3) << 62; /* taken, and out before the interrupt came */
    fake.here = 1;
    assert_int_equal(vcpu_gic_maintenance(machine.gic, &machine.vcpu[0]), VCPU_OK);
    assert_true(machine.cpu[0].hcr >> 3 & 1); /* not there */
    fake.here = 0;
    assert_int_equal(vcpu_gic_maintenance(machine.gic, &machine.vcpu[0]), VCPU_OK);
    assert_false(machine.cpu[0].hcr >> 3 & 1);
    assert_int_equal(vcpu_gic_maintenance(NULL, &machine.vcpu[0]), VCPU_ERR_INVALID);
    assert_int_equal(vcpu_gic_maintenance(machine.gic, NULL), VCPU_ERR_INVALID);
    machine_stop();
}

static void lines_are_checked(void **state)
{
    (void)state;
    start(3, 1, 4, NULL);
    assert_int_equal(vcpu_gic_set_line(machine.gic, 95, true), VCPU_OK);
    assert_int_equal(vcpu_gic_set_line(machine.gic, 96, true), VCPU_ERR_INVALID);
    assert_int_equal(vcpu_gic_set_line(machine.gic, 31, true), VCPU_ERR_INVALID);
    assert_int_equal(vcpu_gic_set_line(NULL, 40, true), VCPU_ERR_INVALID);
    assert_int_equal(vcpu_gic_set_ppi(machine.gic, &machine.vcpu[0], 15, true), VCPU_ERR_INVALID);
    assert_int_equal(vcpu_gic_set_ppi(machine.gic, &machine.vcpu[0], 32, true), VCPU_ERR_INVALID);
    assert_int_equal(vcpu_gic_set_ppi(machine.gic, NULL, 27, true), VCPU_ERR_INVALID);
    /* A vCPU that the controller has not. */
    assert_int_equal(vcpu_gic_set_ppi(machine.gic, &machine.vcpu[1], 27, true), VCPU_ERR_INVALID);
    assert_int_equal(vcpu_gic_map_hw(machine.gic, 15, 40), VCPU_ERR_INVALID);
    assert_int_equal(vcpu_gic_map_hw(machine.gic, 96, 40), VCPU_ERR_INVALID);
    assert_int_equal(vcpu_gic_map_hw(machine.gic, 40, 1020), VCPU_ERR_INVALID);
    assert_int_equal(vcpu_gic_map_hw(machine.gic, 40, 15), VCPU_ERR_INVALID);
    machine_stop();
}

static void creation_checks_what_it_is_given(void **state)
{
    const struct machine_config config = {.version = 3, .vcpus = 20, .spis = 988, .lrs = 4};
    struct vcpu_vm *vm = (struct vcpu_vm *)&machine;
    struct vcpu_gic_config good, bad;
    struct vcpu_gic *gic;

    (void)state;
    machine_start(&config);
    machine_stop();
    good = machine_gic_config(&config);
#define REFUSED(change)                                                                            \
    do {                                                                                           \
        bad = good;                                                                                \
        bad.change;                                                                                \
        assert_int_equal(vcpu_gic_create(vm, &bad, &gic), VCPU_ERR_INVALID);                       \
    } while (0)
    REFUSED(host = NULL);
    REFUSED(version = 4);
    REFUSED(spis = 989);
    REFUSED(max_vcpus = 0);
    REFUSED(max_vcpus = 257);
    REFUSED(distributor.value += 0x1000);
    REFUSED(redistributors.value += 0x1000);
    REFUSED(redistributors.value = GICD_BASE);
    REFUSED(distributor.value = GICR(19));
    REFUSED(redistributors.value = UINT64_C(0xffffffffffff0000));
    REFUSED(version = 2); /* too many vCPUs */
    good.max_vcpus = 8;
    good.version = 2;
    REFUSED(gich = NULL);
    assert_int_equal(vcpu_gic_create(vm, &good, &gic), VCPU_ERR_UNSUPPORTED);
    good = machine_gic_config(&config);
    assert_int_equal(vcpu_gic_create(NULL, &good, &gic), VCPU_ERR_INVALID);
    assert_int_equal(vcpu_gic_create(vm, NULL, &gic), VCPU_ERR_INVALID);
    assert_int_equal(vcpu_gic_create(vm, &good, NULL), VCPU_ERR_INVALID);
    assert_int_equal(vcpu_gic_destroy(NULL), VCPU_ERR_INVALID);
    for (int pages = 0;; pages++) {
        int error;

        fake.allocations_left = pages;
        error = vcpu_gic_create(vm, &good, &gic);
        if (error == VCPU_OK) {
            assert_in_range(pages, 2, 16);
            break;
        }
        assert_int_equal(error, VCPU_ERR_NO_MEMORY);
        assert_int_equal(fake.freed, fake.pages);
    }
    assert_int_equal(vcpu_gic_destroy(gic), VCPU_OK);
    assert_int_equal(fake.freed, fake.pages);
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
        cmocka_unit_test(sgi_goes_to_the_affinities_it_names),
        cmocka_unit_test(sgi_to_all_others_spares_its_sender),
        cmocka_unit_test(group_0_writes_send_group_0_only),
        cmocka_unit_test(sgi_registers_are_write_only_and_of_version_3),
        cmocka_unit_test(v2_sgi_comes_once_from_each_source),
        cmocka_unit_test(v2_sources_can_be_set_and_cleared),
        cmocka_unit_test(level_comes_back_while_it_is_high),
        cmocka_unit_test(edge_comes_once_however_long_it_is_high),
        cmocka_unit_test(interrupt_nobody_waits_for_takes_no_exit_to_end),
        cmocka_unit_test(more_than_fit_come_by_priority),
        cmocka_unit_test(more_active_than_fit_end_in_their_order),
        cmocka_unit_test(end_of_one_that_was_put_out_is_noticed),
        cmocka_unit_test(end_goes_by_the_priority_that_was_taken),
        cmocka_unit_test(active_state_moves_with_the_vcpu),
        cmocka_unit_test(waiting_vcpu_has_work_when_something_comes),
        cmocka_unit_test(sgi_for_one_in_no_cpu_is_there_when_it_comes),
        cmocka_unit_test(sgi_after_a_clear_is_not_cleared),
        cmocka_unit_test(reset_takes_the_cpu_interface_only),
        cmocka_unit_test(physical_interrupt_ends_with_the_virtual_one),
        cmocka_unit_test(physical_interrupt_pending_again_comes_after_its_end),
        cmocka_unit_test(physical_interrupts_make_room),
        cmocka_unit_test(physical_spis_end_with_the_controller),
        cmocka_unit_test(physical_interrupt_that_is_withdrawn_is_ended),
        cmocka_unit_test(physical_ppi_moves_with_the_vcpu),
        cmocka_unit_test(physical_ppi_told_after_a_put_is_the_same_one),
        cmocka_unit_test(physical_interrupt_ends_where_it_is),
        cmocka_unit_test(forwarding_is_a_line_that_rises),
        cmocka_unit_test(forwarding_needs_a_mapping_and_the_vcpu),
        cmocka_unit_test(vcpu_that_waits_for_room_has_work),
        cmocka_unit_test(vcpu_made_anew_has_its_new_affinity),
        cmocka_unit_test(maintenance_between_runs_is_answered),
        cmocka_unit_test(lines_are_checked),
        cmocka_unit_test(creation_checks_what_it_is_given),
        cmocka_unit_test(list_register_forms_say_the_same),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
