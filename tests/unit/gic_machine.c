/* SPDX-License-Identifier: MIT */
#include "gic_machine.h"

#include "cmocka_all.h"

#include <string.h>

#include "gic/interface/interface.h"
#include "gic/model.h"

#define ICC_DIR VCPU_SYSREG(3, 0, 12, 11, 1)

#define PENDING (UINT64_C(1) << 62)
#define ACTIVE  (UINT64_C(1) << 63)

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

/* The CPU. */

void vcpu_cpu_relax(void)
{
    fail_msg("the lock is taken twice");
}

static struct machine_cpu *here(void)
{
    return &machine.cpu[fake.here];
}

static uint64_t read_lr(const struct vcpu_gic *gic, unsigned slot, uint64_t lr)
{
    (void)gic;
    (void)lr;
    return here()->lr[slot];
}

static void write_lr(const struct vcpu_gic *gic, unsigned slot, uint64_t lr)
{
    (void)gic;
    assert_in_range(slot, 0, machine.config.lrs - 1);
    here()->lr[slot] = lr;
}

static bool refill(const struct vcpu_gic *gic, unsigned slot, uint64_t lr)
{
    if (read_lr(gic, slot, lr) & (PENDING | ACTIVE))
        return false;
    write_lr(gic, slot, lr);
    return true;
}

static uint32_t read_hcr(const struct vcpu_gic *gic)
{
    (void)gic;
    return here()->hcr;
}

static void write_hcr(const struct vcpu_gic *gic, uint32_t hcr)
{
    (void)gic;
    here()->hcr = hcr;
}

static uint32_t read_vmcr(const struct vcpu_gic *gic)
{
    (void)gic;
    return here()->vmcr;
}

static void write_vmcr(const struct vcpu_gic *gic, uint32_t vmcr)
{
    (void)gic;
    here()->vmcr = vmcr;
}

static void read_apr(const struct vcpu_gic *gic, struct gic_cpu *cpu)
{
    (void)gic;
    cpu->apr[0][0] = here()->apr[0];
    cpu->apr[1][0] = here()->apr[1];
}

static void write_apr(const struct vcpu_gic *gic, const struct gic_cpu *cpu)
{
    (void)gic;
    here()->apr[0] = cpu->apr[0][0];
    here()->apr[1] = cpu->apr[1][0];
}

/* ICH_MISR_EL2. */
static bool wants_maintenance(const struct machine_cpu *cpu)
{
    unsigned pending = 0, valid = 0, eoi = 0;

    if (!(cpu->hcr & 1))
        return false;
    for (unsigned i = 0; i < machine.config.lrs; i++) {
        uint64_t state = cpu->lr[i] & (PENDING | ACTIVE);

        pending += state == PENDING;
        valid += state != 0;
        /* EOI, bit 41, with HW = 0 */
        eoi += !state && (cpu->lr[i] >> 41 & 1) && !(cpu->lr[i] >> 61 & 1);
    }
    return eoi || ((cpu->hcr >> 1 & 1) && valid <= 1) ||
           ((cpu->hcr >> 2 & 1) && (cpu->hcr >> 27)) || ((cpu->hcr >> 3 & 1) && !pending) ||
           ((cpu->hcr >> 4 & 1) && (cpu->vmcr & 1)) || ((cpu->hcr >> 5 & 1) && !(cpu->vmcr & 1)) ||
           ((cpu->hcr >> 6 & 1) && (cpu->vmcr & 2)) || ((cpu->hcr >> 7 & 1) && !(cpu->vmcr & 2));
}

static bool maintenance(const struct vcpu_gic *gic)
{
    (void)gic;
    return wants_maintenance(here());
}

static const struct gic_interface interface = {
    .read = read_lr,
    .write = write_lr,
    .refill = refill,
    .read_hcr = read_hcr,
    .write_hcr = write_hcr,
    .read_vmcr = read_vmcr,
    .write_vmcr = write_vmcr,
    .read_apr = read_apr,
    .write_apr = write_apr,
    .maintenance = maintenance,
};

bool vcpu_gic_probe_ich(struct vcpu_gic *gic)
{
    if (machine.config.version != 3)
        return false;
    gic->lrs = machine.config.lrs;
    gic->prebits = 5;
    gic->tdir = machine.config.tdir;
    gic->a3v = true;
    gic->interface = &interface;
    return true;
}

bool vcpu_gic_probe_gich(struct vcpu_gic *gic)
{
    if (machine.config.version != 2)
        return false;
    gic->lrs = machine.config.lrs;
    gic->prebits = 5;
    gic->interface = &interface;
    return true;
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
    machine.host = fake_host;
    machine.host.ctx = &machine;
    gic_config = machine_gic_config(config);
    assert_int_equal(vcpu_gic_create((struct vcpu_vm *)&machine, &gic_config, &machine.gic),
                     VCPU_OK);
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
        assert_int_equal(here()->lr[i], 0);
    assert_int_equal(here()->hcr, 0);
    assert_int_equal(here()->vmcr, 0);
    /* Or it left what the hardware, after a reset, may hold. */
    memset(here()->lr, 0xff, sizeof(here()->lr));
}

void machine_sync(unsigned v)
{
    unsigned turns = 0;

    if (machine.on[v] == NOWHERE)
        return;
    go_to(v);
    while (machine.notified[v] || wants_maintenance(here())) {
        machine.notified[v] = false;
        machine.ops->sync(machine.ctx, &machine.vcpu[v]);
        assert_in_range(++turns, 1, 2); /* a second one would be a storm of interrupts */
    }
}

void machine_settle(void)
{
    for (unsigned turn = 0; turn < 3; turn++)
        for (unsigned v = 0; v < machine.config.vcpus; v++)
            machine_sync(v);
}

uint64_t machine_read(unsigned v, uint64_t ipa, unsigned size)
{
    uint64_t data = 0;

    go_to(v);
    assert_true(
        machine.ops->mmio(machine.ctx, &machine.vcpu[v], vcpu_ipa(ipa), size, false, &data));
    return size == 8 ? data : data & ((UINT64_C(1) << (8 * size)) - 1);
}

void machine_write(unsigned v, uint64_t ipa, unsigned size, uint64_t value)
{
    go_to(v);
    assert_true(
        machine.ops->mmio(machine.ctx, &machine.vcpu[v], vcpu_ipa(ipa), size, true, &value));
}

bool machine_msr(unsigned v, uint32_t encoding, uint64_t value)
{
    go_to(v);
    return machine.ops->sysreg(machine.ctx, &machine.vcpu[v], encoding, true, &value);
}

/* The virtual CPU interface, as the architecture describes it. */

void machine_set_vmcr(unsigned v, uint32_t vmcr)
{
    go_to(v);
    here()->vmcr = vmcr;
    machine_sync(v);
}

unsigned machine_running(unsigned v)
{
    uint32_t apr;

    go_to(v);
    apr = here()->apr[0] | here()->apr[1];
    return apr ? (unsigned)__builtin_ctz(apr) << 3 : 0x100;
}

uint32_t machine_ack(unsigned v)
{
    unsigned best = 16, best_priority = machine_running(v);

    for (unsigned i = 0; i < machine.config.lrs && (here()->hcr & 1); i++) {
        uint64_t lr = here()->lr[i];
        unsigned priority = lr >> 48 & 0xff, group = lr >> 60 & 1;

        if ((lr & (PENDING | ACTIVE)) == PENDING && (here()->vmcr >> group & 1) &&
            priority < here()->vmcr >> 24 && priority < best_priority) {
            best = i;
            best_priority = priority;
        }
    }
    if (best == 16)
        return SPURIOUS;
    here()->lr[best] ^= PENDING | ACTIVE;
    here()->apr[here()->lr[best] >> 60 & 1] |= 1u << (best_priority >> 3);

    uint32_t iar = here()->lr[best] & 0x1fff;

    machine_sync(v);
    return iar;
}

static void deactivate_lr(unsigned v, uint32_t iar)
{
    unsigned found = 0;

    for (unsigned i = 0; i < machine.config.lrs; i++)
        if ((here()->lr[i] & 0x1fff) == iar && (here()->lr[i] & ACTIVE)) {
            here()->lr[i] &= ~ACTIVE;
            if (here()->lr[i] >> 61 & 1)
                *machine_physical(fake.here, here()->lr[i] >> 32 & 0x3ff) = 0;
            found++;
        }
    assert_in_range(found, 0, 1);
    if (!found)
        here()->hcr += 1u << 27;
    machine_sync(v);
}

void machine_eoi(unsigned v, uint32_t iar)
{
    unsigned group;

    go_to(v);
    assert_int_not_equal(machine_running(v), 0x100);
    /* The highest priority of the two, group 0 if they are the same. */
    group = !here()->apr[0] ||
            (here()->apr[1] & -here()->apr[1]) - 1 < (here()->apr[0] & -here()->apr[0]) - 1;
    if (!here()->apr[1])
        group = 0;
    here()->apr[group] &= here()->apr[group] - 1;
    if (!(here()->vmcr >> 9 & 1))
        deactivate_lr(v, iar);
}

void machine_dir(unsigned v, uint32_t iar)
{
    go_to(v);
    if (here()->hcr >> 14 & 1)
        assert_true(machine_msr(v, ICC_DIR, iar));
    else
        deactivate_lr(v, iar);
    machine_sync(v);
}

bool machine_has_work(unsigned v)
{
    if (machine.on[v] != NOWHERE)
        go_to(v);
    return machine.ops->has_work(machine.ctx, &machine.vcpu[v]);
}
