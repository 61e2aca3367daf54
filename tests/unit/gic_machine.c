/* SPDX-License-Identifier: MIT */
#include "gic_machine.h"

#include "random.h"

#include "cmocka_all.h"

#include <string.h>

#include <vcpu/psci.h>

#include "hw/cpu.h"

#define ICC_DIR VCPU_SYSREG(3, 0, 12, 11, 1)

struct machine machine;

/* The library's other parts, as far as a device sees them. */

uint64_t vcpu_mpidr(const struct vcpu *vcpu)
{
    unsigned v = vcpu_index(vcpu);

    return machine.config.mpidr ? machine.config.mpidr(v) : v;
}

struct vcpu *vcpu_vm_vcpu(const struct vcpu_vm *vm, size_t index)
{
    assert_ptr_equal(vm, &machine);
    return index < machine.config.vcpus ? &machine.vcpu[index] : NULL;
}

enum vcpu_power vcpu_power(const struct vcpu *vcpu)
{
    return machine.off[vcpu_index(vcpu)] ? VCPU_POWER_OFF : VCPU_POWER_ON;
}

int vcpu_vm_attach(struct vcpu_vm *vm, const struct vcpu_device_ops *ops, void *ctx)
{
    assert_ptr_equal(vm, &machine);
    machine.ops = ops;
    machine.ctx = ctx;
    return VCPU_OK;
}

void vcpu_device_watch(struct vcpu *vcpu)
{
    (void)vcpu;
}

void vcpu_device_notify(struct vcpu *vcpu)
{
    machine.notified[vcpu_index(vcpu)] = true;
    machine.notifications++;
}

void vcpu_device_wake(struct vcpu *vcpu)
{
    machine.woken[vcpu_index(vcpu)] = true;
}

/* It has no hook to call. The host is first, and a sync comes before the guest goes on. */
void vcpu_device_postpone(struct vcpu *vcpu)
{
    machine.notified[vcpu_index(vcpu)] = machine.postponed[vcpu_index(vcpu)] = true;
}

/* After so many looks the host has an interrupt. */
static void let_interrupts_come(void)
{
    if (machine.interrupts)
        fake.looks = random64(&machine.interrupts) % 3;
}

void vcpu_device_resync(struct vcpu *vcpu)
{
    machine.notified[vcpu_index(vcpu)] = true;
}

/* The CPU. */

void vcpu_cpu_relax(void)
{
    fail_msg("the lock is taken twice");
}

struct machine_cpu *machine_here(void)
{
    return &machine.cpu[fake.here];
}

/* The host. */

/* A PPI's state is each CPU's own. */
unsigned *machine_physical(unsigned cpu, uint32_t physical)
{
    return physical < 32 ? &machine.cpu[cpu].ppi_active[physical]
                         : &machine.physical_active[physical];
}

static void set_active(void *ctx, uint16_t physical, bool active)
{
    assert_ptr_equal(ctx, &machine);
    *machine_physical(fake.here, physical) = active;
    machine.set_actives++;
}

/* A PPI's device is in the CPU with its vCPU: there must be one. */
bool machine_is_asserted(void *ctx, uint16_t physical)
{
    unsigned v = 0;

    assert_ptr_equal(ctx, &machine);
    machine.asked++;
    if (physical >= 32)
        return machine.spi_asserted[physical];
    while (machine.on[v] != fake.here)
        assert_in_range(++v, 0, machine.config.vcpus - 1u);
    return machine.ppi_asserted[v][physical];
}

struct vcpu_gic_config machine_gic_config(const struct machine_config *config)
{
    return (struct vcpu_gic_config){
        .host = &machine.host,
        .version = config->version,
        .spis = config->spis,
        .max_vcpus = config->vcpus,
        .distributor = vcpu_ipa(GICD_BASE),
        .redistributors = vcpu_ipa(GICR_BASE),
        .gich = &machine,
        .cpu_interface = vcpu_ipa(config->version == 2 && config->tdir ? GICC_BASE : 0),
        .set_active = set_active,
    };
}

void machine_start(const struct machine_config *config)
{
    struct vcpu_gic_config gic_config;

    fake_reset();
    memset(&machine, 0, sizeof(machine));
    for (unsigned v = 0; v < sizeof(machine.vcpu) / sizeof(machine.vcpu[0]); v++)
        machine.vcpu[v].index = (uint16_t)v;
    machine.config = *config;
    gic_virtual = (struct gic_virtual){.version = config->version,
                                       .lrs = config->lrs,
                                       .prebits = config->prebits ? config->prebits : 5,
                                       .tdir = config->tdir};
    machine.host = fake_host;
    machine.host.ctx = &machine;
    gic_config = machine_gic_config(config);
    assert_int_equal(vcpu_gic_create((struct vcpu_vm *)&machine, &gic_config, &machine.gic),
                     VCPU_OK);
    if (config->shares)
        assert_int_equal(vcpu_gic_share(machine.gic), VCPU_OK);
    for (unsigned v = 0; v < config->vcpus; v++) {
        machine.on[v] = NOWHERE;
        machine.ops->reset(machine.ctx, &machine.vcpu[v]);
    }
}

void machine_stop(void)
{
    assert_int_equal(vcpu_gic_destroy(machine.gic), VCPU_OK);
    assert_int_equal(fake.freed, fake.pages);
}

void machine_load(unsigned v, unsigned cpu)
{
    assert_int_equal(machine.on[v], NOWHERE);
    for (unsigned other = 0; other < machine.config.vcpus; other++)
        assert_int_not_equal(machine.on[other], cpu);
    fake.here = cpu;
    machine.on[v] = cpu;
    machine.ops->load(machine.ctx, &machine.vcpu[v]);
    machine_sync(v);
}

static void go_to(unsigned v)
{
    assert_int_not_equal(machine.on[v], NOWHERE);
    fake.here = machine.on[v];
}

void machine_put(unsigned v)
{
    go_to(v);
    machine.ops->put(machine.ctx, &machine.vcpu[v]);
    machine.on[v] = NOWHERE;
    /* Whoever comes next may not have this controller, nor any. */
    for (unsigned i = 0; i < machine.config.lrs; i++)
        assert_int_equal(machine_here()->lr[i], 0);
    assert_int_equal(machine_here()->hcr, 0);
    assert_false(machine_here()->posted);
    assert_int_equal(machine_here()->vmcr, 0);
    /* Or it left what the hardware, after a reset, may hold. */
    memset(machine_here()->lr, 0xff, sizeof(machine_here()->lr));
}

void machine_sync(unsigned v)
{
    unsigned turns = 0;

    if (machine.on[v] == NOWHERE)
        return;
    go_to(v);
    while (machine.notified[v] || virtual_maintenance(machine_here())) {
        machine.notified[v] = machine.postponed[v] = false;
        let_interrupts_come();
        machine.ops->sync(machine.ctx, &machine.vcpu[v]);
        if (machine.postponed[v])
            continue;
        assert_in_range(++turns, 1, 2); /* a second one would be a storm of interrupts */
    }
}

void machine_settle(void)
{
    for (unsigned turn = 0; turn < 3; turn++)
        for (unsigned v = 0; v < machine.config.vcpus; v++)
            machine_sync(v);
}

/*
 * The guest's instruction is over when what was postponed of it is done. The vCPU may leave its CPU
 * before that.
 */
static void finish(unsigned v)
{
    while (machine.interrupts && machine.postponed[v]) {
        uint32_t here = machine.on[v];

        if (random64(&machine.interrupts) % 4 == 0) {
            machine_put(v);
            machine_load(v, here);
        }
        machine_sync(v);
    }
}

uint64_t machine_read(unsigned v, uint64_t ipa, unsigned size)
{
    uint64_t data = 0;

    go_to(v);
    let_interrupts_come();
    assert_true(
        machine.ops->mmio(machine.ctx, &machine.vcpu[v], vcpu_ipa(ipa), size, false, &data));
    finish(v);
    return size == 8 ? data : data & ((UINT64_C(1) << (8 * size)) - 1);
}

void machine_write(unsigned v, uint64_t ipa, unsigned size, uint64_t value)
{
    go_to(v);
    let_interrupts_come();
    assert_true(
        machine.ops->mmio(machine.ctx, &machine.vcpu[v], vcpu_ipa(ipa), size, true, &value));
    finish(v);
}

bool machine_msr(unsigned v, uint32_t encoding, uint64_t value)
{
    go_to(v);
    let_interrupts_come();
    if (!machine.ops->sysreg(machine.ctx, &machine.vcpu[v], encoding, true, &value))
        return false;
    finish(v);
    return true;
}

/* The virtual CPU interface, as the architecture describes it. */

void machine_set_vmcr(unsigned v, uint32_t vmcr)
{
    go_to(v);
    machine_here()->vmcr = vmcr;
    machine_sync(v);
}

unsigned machine_running(unsigned v)
{
    go_to(v);
    return virtual_running(machine_here());
}

uint32_t machine_ack(unsigned v)
{
    uint32_t iar;

    go_to(v);
    iar = virtual_ack(machine_here());
    if (iar != SPURIOUS)
        machine_sync(v);
    return iar;
}

static void deactivate(unsigned v, uint32_t iar)
{
    uint32_t physical = virtual_deactivate(machine_here(), iar);

    if (physical)
        *machine_physical(fake.here, physical) = 0;
    machine_sync(v);
}

void machine_eoi(unsigned v, uint32_t iar)
{
    go_to(v);
    assert_int_not_equal(machine_running(v), 0x100);
    virtual_drop(machine_here());
    if (!(machine_here()->vmcr >> 9 & 1))
        deactivate(v, iar);
}

void machine_dir(unsigned v, uint32_t iar)
{
    go_to(v);
    if (machine.config.version == 2 && machine.config.tdir)
        machine_write(v, GICC_BASE + 0x1000, 4, iar);
    else if (machine_here()->hcr >> 14 & 1)
        assert_true(machine_msr(v, ICC_DIR, iar));
    else
        deactivate(v, iar);
    machine_sync(v);
}

bool machine_has_work(unsigned v)
{
    if (machine.on[v] != NOWHERE)
        go_to(v);
    return machine.ops->has_work(machine.ctx, &machine.vcpu[v]);
}
