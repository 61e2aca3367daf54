/* SPDX-License-Identifier: MIT */
/*
 * When a PMU's registers go to the CPU and come back, and what the interrupt controller is told; on
 * a machine of two CPUs, of which one is the one that the code runs on.
 */
#include "cmocka_all.h"

#include <string.h>

#include <vcpu/sysreg.h>

#include "fake_host.h"
#include "pmu/cpu.h"
#include "pmu/state.h"

#define PMCR    VCPU_SYSREG(3, 3, 9, 12, 0)
#define OVSCLR  VCPU_SYSREG(3, 3, 9, 12, 3)
#define CEID0   VCPU_SYSREG(3, 3, 9, 12, 6)
#define CEID1   VCPU_SYSREG(3, 3, 9, 12, 7)
#define CCNTR   VCPU_SYSREG(3, 3, 9, 13, 0)
#define OVSSET  VCPU_SYSREG(3, 3, 9, 14, 3)
#define INTSET  VCPU_SYSREG(3, 0, 9, 14, 1)
#define EVCNTR0 VCPU_SYSREG(3, 3, 14, 8, 0)
#define TYPER0  VCPU_SYSREG(3, 3, 14, 12, 0)

#define VCPUS 4u

static struct machine {
    struct pmu_bank bank[2];
    bool interrupts[2], guest[2];
    unsigned writes;
    uint64_t dfr0, pfr0;
    uint16_t max_vcpus;
    struct vcpu vcpu[VCPUS];
    const struct vcpu_device_ops *ops;
    int attach_error;
    bool level[VCPUS];
    unsigned told;
} machine;

static struct vcpu_pmu *pmu;

/* The library's other parts, as far as a device sees them. */

uint16_t vcpu_vm_max_vcpus(const struct vcpu_vm *vm)
{
    assert_ptr_equal(vm, &machine);
    return machine.max_vcpus;
}

uint64_t vcpu_vm_id(const struct vcpu_vm *vm, uint32_t encoding)
{
    assert_ptr_equal(vm, &machine);
    return encoding == VCPU_SYSREG(3, 0, 0, 5, 0)   ? machine.dfr0
           : encoding == VCPU_SYSREG(3, 0, 0, 4, 0) ? machine.pfr0
                                                    : 0;
}

uint8_t vcpu_vm_pmu_counters(const struct vcpu_vm *vm)
{
    assert_ptr_equal(vm, &machine);
    return 4;
}

int vcpu_vm_attach(struct vcpu_vm *vm, const struct vcpu_device_ops *ops, void *ctx)
{
    assert_ptr_equal(vm, &machine);
    assert_non_null(ctx);
    machine.ops = ops;
    return machine.attach_error;
}

/* The CPU. */

void vcpu_pmu_cpu_events(uint64_t pmceid[2])
{
    pmceid[0] = pmceid[1] = ~UINT64_C(0);
}

void vcpu_pmu_cpu_read(struct pmu_bank *bank)
{
    assert_false(machine.guest[fake.here]);
    *bank = machine.bank[fake.here];
}

void vcpu_pmu_cpu_fetch(struct pmu_bank *bank)
{
    const struct pmu_bank *cpu = &machine.bank[fake.here];

    memcpy(bank->counter, cpu->counter, sizeof(bank->counter));
    bank->overflow = cpu->overflow;
    bank->selr = cpu->selr;
}

void vcpu_pmu_cpu_write_guest(const struct pmu_bank *bank, bool interrupts)
{
    machine.bank[fake.here] = *bank;
    machine.interrupts[fake.here] = interrupts;
    machine.guest[fake.here] = true;
    machine.writes++;
}

void vcpu_pmu_cpu_write_host(const struct pmu_bank *bank)
{
    assert_true(machine.guest[fake.here]);
    machine.bank[fake.here] = *bank;
    machine.guest[fake.here] = false;
}

/* The host. */

static void set_ppi(void *ctx, struct vcpu *vcpu, uint32_t intid, bool level)
{
    assert_ptr_equal(ctx, &machine);
    assert_int_equal(intid, 23);
    assert_int_not_equal(machine.level[vcpu->index], level);
    machine.level[vcpu->index] = level;
    machine.told++;
}

/* ---- */

static const struct vcpu_pmu_config config = {
    .host = &fake_host, .ctx = &machine, .set_ppi = set_ppi};

static int create(const struct vcpu_pmu_config *with)
{
    return vcpu_pmu_create((struct vcpu_vm *)&machine, with, &pmu);
}

static int set_up(void **state)
{
    (void)state;
    fake_reset();
    memset(&machine, 0, sizeof(machine));
    machine.dfr0 = 4 << 8;
    machine.pfr0 = 2;
    machine.max_vcpus = VCPUS;
    for (uint16_t i = 0; i < VCPUS; i++) {
        machine.vcpu[i].index = i;
        machine.vcpu[i].regs.pstate = 5;
    }
    assert_int_equal(create(&config), VCPU_OK);
    for (unsigned i = 0; i < VCPUS; i++)
        machine.ops->reset(pmu, &machine.vcpu[i]);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    assert_int_equal(vcpu_pmu_destroy(pmu), VCPU_OK);
    assert_int_equal(fake.freed, fake.pages);
    return 0;
}

static void load(unsigned cpu, unsigned vcpu)
{
    fake.here = cpu;
    machine.ops->load(pmu, &machine.vcpu[vcpu]);
}

static void put(unsigned vcpu)
{
    machine.ops->put(pmu, &machine.vcpu[vcpu]);
}

static void write(unsigned vcpu, uint32_t encoding, uint64_t value)
{
    assert_true(machine.ops->sysreg(pmu, &machine.vcpu[vcpu], encoding, true, &value));
}

static uint64_t read(unsigned vcpu, uint32_t encoding)
{
    uint64_t value = 0;

    assert_true(machine.ops->sysreg(pmu, &machine.vcpu[vcpu], encoding, false, &value));
    return value;
}

static void each_cpu_has_its_host_back(void **state)
{
    struct pmu_bank before[2];

    (void)state;
    memset(&machine.bank[0], 0x11, sizeof(struct pmu_bank));
    memset(&machine.bank[1], 0x22, sizeof(struct pmu_bank));
    memcpy(before, machine.bank, sizeof(before));
    load(0, 0);
    assert_int_equal(read(0, CCNTR), 0);
    write(0, CCNTR, 100);
    machine.bank[0].counter[31] += 23; /* it counts */
    put(0);
    load(1, 0);
    assert_int_equal(read(0, CCNTR), 123);
    put(0);
    assert_memory_equal(before, machine.bank, sizeof(before));
}

static void vcpus_have_each_their_own(void **state)
{
    (void)state;
    for (unsigned i = 0; i < VCPUS; i++) {
        load(0, i);
        assert_int_equal(read(i, CCNTR), 0);
        write(i, CCNTR, 1000 + i);
        write(i, TYPER0, 0x100 + i);
        put(i);
    }
    for (unsigned i = 0; i < VCPUS; i++) {
        load(1, i);
        assert_int_equal(read(i, CCNTR), 1000 + i);
        assert_int_equal(read(i, TYPER0), 0x100 + i);
        put(i);
    }
}

static void reading_leaves_the_cpu_alone(void **state)
{
    unsigned writes;

    (void)state;
    load(0, 0);
    writes = machine.writes;
    read(0, PMCR);
    read(0, CCNTR);
    read(0, OVSSET);
    assert_int_equal(machine.writes, writes);
}

/* From the interrupt until the guest has cleared it the CPU is not to raise it again. */
static void an_overflow_is_told_once(void **state)
{
    (void)state;
    load(0, 1);
    write(1, INTSET, 1);
    write(1, PMCR, 1);
    assert_true(machine.interrupts[0]);
    machine.bank[0].overflow = 1;
    assert_int_equal(vcpu_pmu_interrupt(pmu, &machine.vcpu[1]), VCPU_OK);
    assert_true(machine.level[1]);
    assert_false(machine.interrupts[0]);
    assert_int_equal(vcpu_pmu_interrupt(pmu, &machine.vcpu[1]), VCPU_OK);
    assert_int_equal(machine.told, 1);
    put(1);
    load(1, 1);
    assert_false(machine.interrupts[1]);
    write(1, OVSCLR, 1);
    assert_false(machine.level[1]);
    assert_true(machine.interrupts[1]);
    assert_int_equal(machine.told, 2);
}

static void an_overflow_before_a_put_is_told_by_it(void **state)
{
    (void)state;
    load(0, 2);
    write(2, INTSET, 2);
    write(2, PMCR, 1);
    machine.bank[0].overflow = 2;
    put(2);
    assert_true(machine.level[2]);
    assert_int_equal(vcpu_pmu_interrupt(pmu, &machine.vcpu[2]), VCPU_ERR_STATE);
    machine.ops->reset(pmu, &machine.vcpu[2]);
    assert_false(machine.level[2]);
}

static void an_interrupt_is_that_cpus_only(void **state)
{
    (void)state;
    assert_int_equal(vcpu_pmu_interrupt(pmu, &machine.vcpu[0]), VCPU_ERR_STATE);
    load(1, 0);
    fake.here = 0;
    assert_int_equal(vcpu_pmu_interrupt(pmu, &machine.vcpu[0]), VCPU_ERR_STATE);
    assert_int_equal(vcpu_pmu_interrupt(pmu, NULL), VCPU_ERR_INVALID);
    assert_int_equal(vcpu_pmu_interrupt(NULL, &machine.vcpu[0]), VCPU_ERR_INVALID);
}

static void another_interrupt_is_none_of_the_guests(void **state)
{
    (void)state;
    load(0, 0);
    write(0, INTSET, 1);
    machine.bank[0].overflow = 1; /* but PMCR.E = 0 */
    assert_int_equal(vcpu_pmu_interrupt(pmu, &machine.vcpu[0]), VCPU_OK);
    assert_int_equal(machine.told, 0);
}

/* Without the hook the guest takes the physical interrupt. */
static void a_guest_with_the_interrupt_itself_keeps_it(void **state)
{
    const struct vcpu_pmu_config direct = {.host = &fake_host};

    (void)state;
    assert_int_equal(vcpu_pmu_destroy(pmu), VCPU_OK);
    assert_int_equal(create(&direct), VCPU_OK);
    load(0, 0);
    write(0, INTSET, 1);
    write(0, OVSSET, 1);
    write(0, PMCR, 1);
    assert_true(machine.interrupts[0]);
    put(0);
}

static void counters_have_32_bits(void **state)
{
    uint64_t value = 0;

    (void)state;
    load(0, 0);
    machine.bank[0].counter[0] = UINT64_C(0x300000007); /* as with FEAT_PMUv3p5 */
    assert_int_equal(read(0, EVCNTR0), 7);
    assert_int_equal(machine.ops->reg(pmu, &machine.vcpu[0], EVCNTR0, VCPU_REG_OP_GET, &value),
                     VCPU_OK);
    assert_int_equal(value, 7);
}

static int set_reg(unsigned vcpu, uint32_t encoding, uint64_t value)
{
    return machine.ops->reg(pmu, &machine.vcpu[vcpu], encoding, VCPU_REG_OP_SET, &value);
}

/* By vcpu/reg.h: a vCPU in no CPU, which may be waiting for the interrupt; and one that is in one. */
static void a_register_that_is_set_moves_the_line(void **state)
{
    (void)state;
    for (unsigned resident = 0; resident < 2; resident++) {
        if (resident)
            load(0, 3);
        assert_int_equal(set_reg(3, PMCR, 4 << 11 | 1), VCPU_OK);
        assert_int_equal(set_reg(3, OVSSET, 2), VCPU_OK);
        assert_false(machine.level[3]);
        assert_int_equal(set_reg(3, INTSET, 2), VCPU_OK);
        assert_true(machine.level[3]);
        assert_int_equal(set_reg(3, OVSSET, 1), VCPU_OK);
        assert_false(machine.level[3]);
        assert_int_equal(set_reg(3, INTSET, 4), VCPU_OK);
    }
}

static void other_registers_are_not_its(void **state)
{
    uint64_t value = 0;
    unsigned writes;

    (void)state;
    load(0, 0);
    writes = machine.writes;
    assert_false(
        machine.ops->sysreg(pmu, &machine.vcpu[0], VCPU_SYSREG(3, 3, 14, 2, 1), true, &value));
    assert_false(
        machine.ops->sysreg(pmu, &machine.vcpu[0], VCPU_SYSREG(3, 3, 14, 8, 4), true, &value));
    assert_int_equal(machine.writes, writes);
}

static void old_versions_have_fewer_events(void **state)
{
    (void)state;
    load(0, 0);
    write(0, TYPER0, 0xffff);
    assert_int_equal(read(0, TYPER0), 0xffff);
    assert_int_equal(read(0, CEID0), ~UINT64_C(0));
    assert_int_equal(read(0, CEID1), ~UINT64_C(0xe0000000)); /* no STALL_SLOT */
    assert_int_equal(read(0, PMCR), 4 << 11);
    assert_int_equal(vcpu_pmu_destroy(pmu), VCPU_OK);

    machine.dfr0 = 1 << 8;
    machine.pfr0 = 1; /* no AArch32 */
    machine.guest[0] = false;
    assert_int_equal(create(&config), VCPU_OK);
    load(0, 0);
    write(0, TYPER0, 0xffff);
    assert_int_equal(read(0, TYPER0), 0x3ff);
    assert_int_equal(read(0, CEID0), 0xffffffff);
    assert_int_equal(read(0, CEID1), 0x1fffffff);
    assert_int_equal(read(0, PMCR), 4 << 11 | 0x40);
    write(0, PMCR, 1);
    assert_int_equal(machine.bank[0].pmcr, 0x41); /* LC is RES1, in the CPU as well */
}

static void half_a_register_is_an_aarch32_programs(void **state)
{
    (void)state;
    load(0, 0);
    write(0, CCNTR, UINT64_C(0x1111111122222222));
    machine.vcpu[0].exit.esr_el2 = UINT64_C(3) << 26;
    write(0, CCNTR, 5);
    machine.vcpu[0].exit.esr_el2 = UINT64_C(0x18) << 26;
    assert_int_equal(read(0, CCNTR), UINT64_C(0x1111111100000005));
}

static void memory_that_is_missing_is_no_leak(void **state)
{
    struct vcpu_pmu *const made = pmu;

    (void)state;
    for (machine.max_vcpus = 1; machine.max_vcpus <= 256; machine.max_vcpus += 51) {
        unsigned pages = 1 + (machine.max_vcpus + 2u) / 3;

        for (unsigned most = 0; most <= pages; most++) {
            size_t before = fake.pages, freed = fake.freed;
            int error;

            fake.allocations_left = (int)most;
            error = create(&config);
            assert_int_equal(error, most < pages ? VCPU_ERR_NO_MEMORY : VCPU_OK);
            if (!error)
                assert_int_equal(vcpu_pmu_destroy(pmu), VCPU_OK);
            assert_int_equal(fake.pages - before, most);
            assert_int_equal(fake.freed - freed, most);
        }
    }
    machine.max_vcpus = VCPUS;
    fake.allocations_left = -1;
    machine.attach_error = VCPU_ERR_STATE;
    assert_int_equal(create(&config), VCPU_ERR_STATE);
    machine.dfr0 = 0;
    assert_int_equal(create(&config), VCPU_ERR_STATE);
    pmu = made;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(each_cpu_has_its_host_back),
        TEST(vcpus_have_each_their_own),
        TEST(reading_leaves_the_cpu_alone),
        TEST(an_overflow_is_told_once),
        TEST(an_overflow_before_a_put_is_told_by_it),
        TEST(an_interrupt_is_that_cpus_only),
        TEST(another_interrupt_is_none_of_the_guests),
        TEST(a_guest_with_the_interrupt_itself_keeps_it),
        TEST(counters_have_32_bits),
        TEST(a_register_that_is_set_moves_the_line),
        TEST(other_registers_are_not_its),
        TEST(old_versions_have_fewer_events),
        TEST(half_a_register_is_an_aarch32_programs),
        TEST(memory_that_is_missing_is_no_leak),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
