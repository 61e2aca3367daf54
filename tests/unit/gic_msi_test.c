/* SPDX-License-Identifier: MIT */
/* Message-signalled interrupts: the registers of version 3, GICv2m frames, and the host's call. */
#include "cmocka_all.h"

#include "gic_machine.h"

#define SETSPI_NSR 0x40
#define CLRSPI_NSR 0x48
#define SETSPI_SR  0x50
#define CLRSPI_SR  0x58

#define ALL 0xffffffffu

/* 40 SPIs, all enabled and routed to vCPU 0; those from 48 on are edge-triggered. */
static void start(unsigned version)
{
    struct machine_config config = {
        .version = (uint8_t)version, .vcpus = 2, .spis = 40, .lrs = 4, .tdir = true};

    machine_start(&config);
    machine_load(0, 0);
    machine_set_vmcr(0, 0xf8000003);
    machine_write(0, GICD_BASE, 4, 3);
    machine_write(0, GICD_BASE + 0x104, 4, ALL);
    machine_write(0, GICD_BASE + 0x108, 4, ALL);
    machine_write(0, GICD_BASE + 0xc0c, 4, ALL);
    machine_write(0, GICD_BASE + 0xc10, 4, ALL);
    for (uint64_t intid = 32; intid < 72 && version == 2; intid += 4)
        machine_write(0, GICD_BASE + 0x800 + intid, 4, 0x01010101);
    fake.here = 0;
}

static bool is_pending(uint32_t intid)
{
    return machine_read(0, GICD_BASE + 0x200 + intid / 32 * 4, 4) >> intid % 32 & 1;
}

static uint32_t handle(void)
{
    uint32_t iar = machine_ack(0);

    if (iar != SPURIOUS)
        machine_eoi(0, iar);
    machine_settle();
    return iar;
}

static void a_message_makes_an_edge_pending_once(void **state)
{
    (void)state;
    start(3);
    for (unsigned size = 2; size <= 4; size += 2) {
        machine_write(0, GICD_BASE + SETSPI_NSR, size, 50);
        machine_write(0, GICD_BASE + SETSPI_NSR, size, 50);
        assert_true(is_pending(50));
        assert_int_equal(handle(), 50);
        assert_int_equal(handle(), SPURIOUS);
        machine_write(0, GICD_BASE + SETSPI_NSR, size, 50);
        machine_write(0, GICD_BASE + CLRSPI_NSR, size, 50);
        assert_false(is_pending(50));
        assert_int_equal(handle(), SPURIOUS);
    }
    machine_stop();
}

static void a_level_stays_until_the_message_that_clears_it(void **state)
{
    (void)state;
    start(3);
    machine_write(0, GICD_BASE + SETSPI_NSR, 4, 40);
    assert_int_equal(handle(), 40);
    assert_int_equal(handle(), 40);
    /* A clear of the pending state does not reach a level. */
    machine_write(0, GICD_BASE + 0x284, 4, 1u << 8);
    assert_true(is_pending(40));

    uint32_t iar = machine_ack(0);

    machine_write(0, GICD_BASE + CLRSPI_NSR, 4, 40);
    machine_eoi(0, iar);
    machine_settle();
    assert_int_equal(handle(), SPURIOUS);
    machine_stop();
}

static void a_wire_and_messages_have_each_a_level(void **state)
{
    (void)state;
    start(3);
    assert_int_equal(vcpu_gic_set_line(machine.gic, 40, true), VCPU_OK);
    machine_write(0, GICD_BASE + SETSPI_NSR, 4, 40);
    machine_write(0, GICD_BASE + CLRSPI_NSR, 4, 40);
    assert_int_equal(handle(), 40);
    machine_write(0, GICD_BASE + SETSPI_NSR, 4, 40);
    assert_int_equal(vcpu_gic_set_line(machine.gic, 40, false), VCPU_OK);
    assert_int_equal(handle(), 40);
    assert_int_equal(vcpu_gic_msi(machine.gic, 40, false), VCPU_OK);
    machine_settle();
    assert_int_equal(handle(), SPURIOUS);
    machine_stop();
}

static void what_is_no_message_is_ignored(void **state)
{
    static const uint32_t intids[] = {0, 15, 16, 31, 72, 1019, 1020, 1023, 4096 + 50, 8191};
    static const uint32_t offsets[] = {0x42, 0x44, 0x46, 0x4c, SETSPI_SR, 0x54, CLRSPI_SR};

    (void)state;
    start(3);
    for (unsigned i = 0; i < sizeof(intids) / sizeof(intids[0]); i++)
        machine_write(0, GICD_BASE + SETSPI_NSR, 4, intids[i]);
    for (unsigned i = 0; i < sizeof(offsets) / sizeof(offsets[0]); i++) {
        machine_write(0, GICD_BASE + offsets[i], 4, 50);
        machine_write(0, GICD_BASE + offsets[i], 2, 50);
    }
    machine_write(0, GICD_BASE + SETSPI_NSR, 1, 50);
    machine_write(0, GICD_BASE + SETSPI_NSR, 8, 50);
    for (unsigned n = 0; n < 4; n++)
        assert_int_equal(machine_read(0, GICD_BASE + 0x200 + 4 * n, 4), 0);
    assert_int_equal(machine_read(0, SGIS(0) + 0x200, 4), 0);
    for (uint32_t offset = SETSPI_NSR; offset <= CLRSPI_SR; offset += 8)
        assert_int_equal(machine_read(0, GICD_BASE + offset, 4), 0);
    machine_stop();
}

/* Version 2 has implementation-defined registers there, and this one has none. */
static void version_2_has_no_such_registers(void **state)
{
    (void)state;
    start(2);
    machine_write(0, GICD_BASE + SETSPI_NSR, 4, 50);
    assert_false(is_pending(50));
    assert_int_equal(machine_read(0, GICD_BASE + 4, 4) & 1u << 16, 0);
    machine_stop();
}

static void the_host_sends_from_any_cpu(void **state)
{
    (void)state;
    for (unsigned version = 2; version <= 3; version++) {
        start(version);
        assert_int_equal(vcpu_gic_msi(NULL, 50, true), VCPU_ERR_INVALID);
        assert_int_equal(vcpu_gic_msi(machine.gic, 31, true), VCPU_ERR_INVALID);
        assert_int_equal(vcpu_gic_msi(machine.gic, 72, true), VCPU_ERR_INVALID);
        for (unsigned cpu = 0; cpu < MACHINE_CPUS; cpu++) {
            fake.here = cpu;
            assert_int_equal(vcpu_gic_msi(machine.gic, 71, true), VCPU_OK);
            fake.here = 0;
            machine_settle();
            assert_int_equal(handle(), 71);
        }
        /* It waits, and is nowhere. */
        machine_put(0);
        assert_false(machine_has_work(0));
        assert_int_equal(vcpu_gic_msi(machine.gic, 71, true), VCPU_OK);
        assert_true(machine_has_work(0));
        machine_stop();
    }
}

/* ---- GICv2m: the frame's own device ---- */

#define FRAME UINT64_C(0x08020000)

static struct vcpu_gic_v2m v2m;

static const struct vcpu_device_ops *frame;

/* The machine knows the device that was attached last; that is the interrupt controller again. */
static void attach(uint16_t first, uint16_t count)
{
    const struct vcpu_device_ops *ops = machine.ops;
    void *ctx = machine.ctx;

    v2m = (struct vcpu_gic_v2m){
        .gic = machine.gic, .frame = vcpu_ipa(FRAME), .first = first, .count = count};
    assert_int_equal(vcpu_gic_v2m_attach((struct vcpu_vm *)&machine, &v2m), VCPU_OK);
    assert_ptr_equal(machine.ctx, &v2m);
    frame = machine.ops;
    machine.ops = ops;
    machine.ctx = ctx;
}

static bool frame_access(uint64_t ipa, unsigned size, bool write, uint64_t *value)
{
    bool taken = frame->mmio(&v2m, &machine.vcpu[0], vcpu_ipa(ipa), size, write, value);

    machine_settle();
    return taken;
}

static uint64_t frame_read(uint64_t offset, unsigned size)
{
    uint64_t value = UINT64_MAX;

    assert_true(frame_access(FRAME + offset, size, false, &value));
    return value;
}

static void frame_write(uint64_t offset, unsigned size, uint64_t value)
{
    assert_true(frame_access(FRAME + offset, size, true, &value));
}

static void a_frame_sends_its_spis_and_no_others(void **state)
{
    uint64_t value = 50;

    (void)state;
    for (unsigned version = 2; version <= 3; version++) {
        start(version);
        attach(50, 8);
        assert_int_equal(frame_read(0x8, 4), 50 << 16 | 8);
        for (uint32_t intid = 0; intid < 1024; intid++) {
            frame_write(0x40, 4, intid);
            assert_int_equal(handle(), intid >= 50 && intid < 58 ? intid : SPURIOUS);
        }
        /* Another size, another register; and what is beyond the frame is another device's. */
        frame_write(0x40, 2, 50);
        frame_write(0x40, 8, 50);
        frame_write(0x44, 4, 50);
        frame_write(0x8, 4, 50);
        assert_int_equal(handle(), SPURIOUS);
        assert_int_equal(frame_read(0x40, 4), 0);
        assert_int_equal(frame_read(0x8, 8), 0);
        assert_int_equal(frame_read(0xffc, 4), 0);
        assert_false(frame_access(FRAME - 4, 4, true, &value));
        assert_false(frame_access(FRAME + 0x1000, 4, true, &value));
        machine_stop();
    }
}

static int attach_error(struct vcpu_vm *vm, struct vcpu_gic *gic, uint64_t ipa, unsigned first,
                        unsigned count)
{
    v2m = (struct vcpu_gic_v2m){
        .gic = gic, .frame = vcpu_ipa(ipa), .first = (uint16_t)first, .count = (uint16_t)count};
    return vcpu_gic_v2m_attach(vm, &v2m);
}

static void a_frame_that_cannot_be_is_refused(void **state)
{
    struct vcpu_vm *vm = (struct vcpu_vm *)&machine;

    (void)state;
    start(2);
    assert_int_equal(vcpu_gic_v2m_attach(vm, NULL), VCPU_ERR_INVALID);
    assert_int_equal(attach_error(NULL, machine.gic, FRAME, 50, 8), VCPU_ERR_INVALID);
    assert_int_equal(attach_error(vm, NULL, FRAME, 50, 8), VCPU_ERR_INVALID);
    /* The controller is of another VM. */
    assert_int_equal(attach_error((struct vcpu_vm *)&v2m, machine.gic, FRAME, 50, 8),
                     VCPU_ERR_INVALID);
    assert_int_equal(attach_error(vm, machine.gic, FRAME + 0x800, 50, 8), VCPU_ERR_INVALID);
    assert_int_equal(attach_error(vm, machine.gic, FRAME, 50, 0), VCPU_ERR_INVALID);
    assert_int_equal(attach_error(vm, machine.gic, FRAME, 31, 8), VCPU_ERR_INVALID);
    assert_int_equal(attach_error(vm, machine.gic, FRAME, 65, 8), VCPU_ERR_INVALID);
    assert_int_equal(attach_error(vm, machine.gic, FRAME, 65535, 65535), VCPU_ERR_INVALID);
    attach(32, 40);
    machine_stop();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_message_makes_an_edge_pending_once),
        cmocka_unit_test(a_level_stays_until_the_message_that_clears_it),
        cmocka_unit_test(a_wire_and_messages_have_each_a_level),
        cmocka_unit_test(what_is_no_message_is_ignored),
        cmocka_unit_test(version_2_has_no_such_registers),
        cmocka_unit_test(the_host_sends_from_any_cpu),
        cmocka_unit_test(a_frame_sends_its_spis_and_no_others),
        cmocka_unit_test(a_frame_that_cannot_be_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
