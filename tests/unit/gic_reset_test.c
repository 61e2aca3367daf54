/* SPDX-License-Identifier: MIT */
/* A controller that was reset is as a new one, except for lines and what stands for physical ones. */
#include "cmocka_all.h"

#include <string.h>

#include "gic_machine.h"
#include "gic_queues.h"
#include "random.h"

#define VCPUS   3u
#define SPIS    75u
#define WORDS_D 0x10000u
#define MAPPED  50u

static void start(unsigned version)
{
    struct machine_config config = {
        .version = (uint8_t)version, .vcpus = VCPUS, .spis = SPIS, .lrs = 4, .tdir = true};

    machine_start(&config);
    assert_int_equal(vcpu_gic_map_hw(machine.gic, MAPPED, 100), VCPU_OK);
}

/* All words of a frame, by the first vCPU. */
static void read_frame(uint64_t base, uint32_t size, uint32_t *words)
{
    for (uint32_t offset = 0; offset < size; offset += 4)
        words[offset / 4] = (uint32_t)machine_read(0, base + offset, 4);
}

static void read_all(uint32_t words[5][WORDS_D / 4])
{
    bool v3 = machine.config.version == 3;

    machine_load(0, 0);
    read_frame(GICD_BASE, v3 ? 0x10000 : 0x1000, words[0]);
    for (unsigned v = 0; v3 && v < VCPUS; v++)
        read_frame(SGIS(v), 0x10000, words[1 + v]);
    if (v3)
        read_frame(GICR(0), 0x10000, words[4]);
    machine_put(0);
}

/* Writes everywhere, takes and leaves. */
static void use(uint64_t *random)
{
    bool v3 = machine.config.version == 3;

    for (unsigned v = 0; v < VCPUS; v++) {
        machine_load(v, v);
        machine_set_vmcr(v, 0xf8000003);
    }
    for (unsigned i = 0; i < 2000; i++) {
        unsigned v = random64(random) >> 20 & 1;
        uint64_t value = random64(random);
        uint32_t offset = (uint32_t)(value >> 40) & 0xffc;

        machine_write(v, GICD_BASE + offset, 4, value);
        if (v3)
            machine_write(v, SGIS(value >> 32 & 1) + offset, 4, value);
        if (v3)
            machine_write(v, GICD_BASE + 0x6100 + (value >> 20 & 0x3f8), 8, value & 3);
        machine_settle();
        if (value >> 37 & 1)
            (void)machine_ack(v);
    }
    if (v3)
        machine_write(0, GICR(0) + 0x14, 4, 0);
    machine_write(0, GICD_BASE + 0x200 + 4, 4, 1u << (MAPPED - 32));
    for (unsigned v = 0; v < VCPUS; v++)
        machine_put(v);
}

static void it_is_as_a_new_one(void **state)
{
    static uint32_t fresh[5][WORDS_D / 4], used[5][WORDS_D / 4], again[5][WORDS_D / 4];
    uint64_t random = 1;

    (void)state;
    for (unsigned version = 2; version <= 3; version++)
        for (unsigned turn = 0; turn < 5; turn++) {
            memset(fresh, 0, sizeof(fresh));
            memset(again, 0, sizeof(again));
            start(version);
            read_all(fresh);
            use(&random);
            read_all(used);
            assert_memory_not_equal(fresh, used, sizeof(fresh));
            machine.physical_active[100] = true;
            assert_int_equal(vcpu_gic_reset(machine.gic), VCPU_OK);
            assert_false(machine.physical_active[100]);
            queues_check();
            read_all(again);
            assert_memory_equal(fresh, again, sizeof(fresh));

            /* Nothing waits for anybody, in any state of the masks. */
            machine_load(0, 0);
            assert_int_equal(machine_here()->vmcr, 0);
            assert_int_equal(virtual_running(machine_here()), 0x100);
            machine_set_vmcr(0, 0xf8000003);
            machine_write(0, GICD_BASE, 4, 3);
            machine_settle();
            assert_int_equal(machine_ack(0), SPURIOUS);
            assert_false(machine_has_work(0));
            machine_stop();
        }
}

static void lines_and_mappings_stay(void **state)
{
    (void)state;
    start(3);
    fake.here = 0;
    assert_int_equal(vcpu_gic_set_line(machine.gic, 40, true), VCPU_OK);
    assert_int_equal(vcpu_gic_reset(machine.gic), VCPU_OK);
    machine_load(0, 0);
    machine_set_vmcr(0, 0xf8000003);
    machine_write(0, GICD_BASE, 4, 3);
    machine_write(0, GICD_BASE + 0x104, 4, ~0u);
    machine_settle();
    assert_int_equal(machine_ack(0), 40);
    machine_eoi(0, 40);
    assert_int_equal(vcpu_gic_set_line(machine.gic, 40, false), VCPU_OK);
    machine_settle();

    machine.physical_active[100] = true;
    assert_int_equal(vcpu_gic_set_line(machine.gic, MAPPED, true), VCPU_OK);
    machine_settle();
    assert_int_equal(machine_ack(0), MAPPED);
    machine_eoi(0, MAPPED);
    assert_false(machine.physical_active[100]);
    machine_stop();
}

static void open_for(unsigned v)
{
    machine_load(v, v);
    machine_set_vmcr(v, 0xf8000003);
    machine_write(v, GICD_BASE, 4, 3);
    machine_write(v, (machine.config.version == 3 ? SGIS(v) : GICD_BASE) + 0x100, 4, ~0u);
    machine_write(v, GICD_BASE + 0x104, 4, ~0u);
    machine_settle();
}

/* SGI 1 to vCPU 1. */
static void send(unsigned from)
{
    if (machine.config.version == 3)
        assert_true(machine_msr(from, VCPU_SYSREG(3, 0, 12, 11, 5), 1 << 24 | 2));
    else
        machine_write(from, GICD_BASE + 0xf00, 4, 2 << 16 | 1);
}

static void what_was_sent_before_does_not_come(void **state)
{
    (void)state;
    for (unsigned version = 2; version <= 3; version++) {
        start(version);
        open_for(1);
        machine_put(1);
        open_for(0);
        send(0);
        assert_true(machine_has_work(1));
        machine_put(0);
        assert_int_equal(vcpu_gic_reset(machine.gic), VCPU_OK);
        assert_false(machine_has_work(1));
        open_for(1);
        assert_int_equal(machine_ack(1), SPURIOUS);
        open_for(2);
        send(2);
        machine_settle();

        uint32_t iar = machine_ack(1);

        assert_int_equal(iar, version == 2 ? 2 << 10 | 1 : 1);
        machine_eoi(1, iar);
        machine_settle();
        assert_int_equal(machine_ack(1), SPURIOUS);
        machine_stop();
    }
}

static void a_waiting_vcpu_has_no_work_any_more(void **state)
{
    (void)state;
    start(3);
    open_for(0);
    machine_write(0, GICD_BASE + 0x6000 + 8 * 40, 8, 2); /* to vCPU 2 */
    machine_write(0, GICD_BASE + 0x204, 4, 1u << 8);
    machine_write(0, GICD_BASE + 0x40, 4, 41); /* a message's level */
    machine_settle();
    assert_true(machine_has_work(2));
    machine_put(0);
    assert_int_equal(vcpu_gic_reset(machine.gic), VCPU_OK);
    assert_false(machine_has_work(2));
    open_for(0);
    machine_write(0, GICD_BASE + 0x204, 4, 1u << 8);
    machine_settle();
    assert_int_equal(machine_ack(0), 40); /* routed to affinity 0 */
    machine_eoi(0, 40);
    machine_settle();
    assert_int_equal(machine_ack(0), SPURIOUS);
    machine_stop();
}

static void a_vcpu_in_a_cpu_is_in_the_way(void **state)
{
    (void)state;
    start(3);
    machine_load(2, 1);
    machine_write(2, GICD_BASE, 4, 3);
    assert_int_equal(vcpu_gic_reset(machine.gic), VCPU_ERR_STATE);
    assert_int_equal(machine_read(2, GICD_BASE, 4), 0x53);
    machine_put(2);
    assert_int_equal(vcpu_gic_reset(machine.gic), VCPU_OK);
    assert_int_equal(vcpu_gic_reset(NULL), VCPU_ERR_INVALID);
    machine_stop();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_as_a_new_one),
        cmocka_unit_test(lines_and_mappings_stay),
        cmocka_unit_test(what_was_sent_before_does_not_come),
        cmocka_unit_test(a_waiting_vcpu_has_no_work_any_more),
        cmocka_unit_test(a_vcpu_in_a_cpu_is_in_the_way),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
