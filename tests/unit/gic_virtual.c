/* SPDX-License-Identifier: MIT */
#include "gic_virtual.h"

#include <assert.h>
#include <string.h>

#include "gic/interface/interface.h"
#include "gic/model.h"

#define PENDING (UINT64_C(1) << 62)
#define ACTIVE  (UINT64_C(1) << 63)

struct gic_virtual gic_virtual;

static uint64_t read_lr(const struct vcpu_gic *gic, unsigned slot, uint64_t lr)
{
    (void)gic;
    (void)lr;
    return machine_here()->lr[slot];
}

static void write_lr(const struct vcpu_gic *gic, unsigned slot, uint64_t lr)
{
    (void)gic;
    assert(slot < gic_virtual.lrs);
    machine_here()->lr[slot] = lr;
    machine_here()->posted = true;
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
    machine_here()->posted = false;
    return machine_here()->hcr;
}

static void write_hcr(const struct vcpu_gic *gic, uint32_t hcr)
{
    (void)gic;
    machine_here()->hcr = hcr;
    machine_here()->posted = true;
}

static uint32_t read_vmcr(const struct vcpu_gic *gic)
{
    (void)gic;
    return machine_here()->vmcr;
}

static void write_vmcr(const struct vcpu_gic *gic, uint32_t vmcr)
{
    (void)gic;
    machine_here()->vmcr = vmcr;
    machine_here()->posted = true;
}

static void read_apr(const struct vcpu_gic *gic, struct gic_cpu *cpu)
{
    (void)gic;
    memcpy(cpu->apr, machine_here()->apr, sizeof(cpu->apr));
}

static void write_apr(const struct vcpu_gic *gic, const struct gic_cpu *cpu)
{
    (void)gic;
    memcpy(machine_here()->apr, cpu->apr, sizeof(cpu->apr));
}

static bool maintenance(const struct vcpu_gic *gic)
{
    (void)gic;
    return virtual_maintenance(machine_here());
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
    if (gic_virtual.version != 3)
        return false;
    gic->all_lrs = gic_virtual.lrs;
    gic->prebits = gic_virtual.prebits;
    gic->told = gic_virtual.tdir;
    gic->hcr = 1u | (uint32_t)gic_virtual.tdir << 14;
    gic->a3v = true;
    gic->interface = &interface;
    return true;
}

bool vcpu_gic_probe_gich(struct vcpu_gic *gic)
{
    if (gic_virtual.version != 2)
        return false;
    gic->all_lrs = gic_virtual.lrs;
    gic->prebits = gic_virtual.prebits;
    gic->hcr = 1;
    gic->interface = &interface;
    return true;
}

bool virtual_maintenance(const struct machine_cpu *cpu)
{
    unsigned pending = 0, valid = 0, eoi = 0;

    if (!(cpu->hcr & 1))
        return false;
    for (unsigned i = 0; i < gic_virtual.lrs; i++) {
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

/* The first bit of the active priorities of this group; 128 if there is none. */
static unsigned first_active(const struct machine_cpu *cpu, unsigned group)
{
    for (unsigned n = 0; n < 4; n++)
        if (cpu->apr[group][n])
            return 32 * n + (unsigned)__builtin_ctz(cpu->apr[group][n]);
    return 128;
}

unsigned virtual_running(const struct machine_cpu *cpu)
{
    unsigned first = first_active(cpu, 0), other = first_active(cpu, 1);

    if (other < first)
        first = other;
    return first == 128 ? 0x100 : first << (8 - gic_virtual.prebits);
}

/*
 * The group priority: without the bits that the binary point cuts off. VMCR has that of group 0 in
 * 23:21, that of group 1 in 20:18, and in bit 4 whether the first is for both.
 */
static unsigned group_priority(const struct machine_cpu *cpu, uint64_t lr)
{
    bool second = (lr >> 60 & 1) && !(cpu->vmcr >> 4 & 1);
    unsigned lowest = second ? cpu->vmcr >> 18 & 7 : (cpu->vmcr >> 21 & 7) + 1;

    return (unsigned)(lr >> 48 & 0xff) >> lowest << lowest;
}

/* The list register of the interrupt that is signalled; 16 if there is none. */
static unsigned best_of(const struct machine_cpu *cpu)
{
    unsigned best = 16, best_priority = 0x100;

    for (unsigned i = 0; i < gic_virtual.lrs && (cpu->hcr & 1); i++) {
        uint64_t lr = cpu->lr[i];
        unsigned priority = lr >> 48 & 0xff, group = lr >> 60 & 1;

        if ((lr & (PENDING | ACTIVE)) == PENDING && (cpu->vmcr >> group & 1) &&
            priority < cpu->vmcr >> 24 && priority < best_priority &&
            group_priority(cpu, lr) < virtual_running(cpu)) {
            best = i;
            best_priority = priority;
        }
    }
    return best;
}

bool virtual_signals(const struct machine_cpu *cpu)
{
    return best_of(cpu) < 16;
}

uint32_t virtual_ack(struct machine_cpu *cpu)
{
    unsigned best = best_of(cpu), at;

    if (best == 16)
        return SPURIOUS;
    at = group_priority(cpu, cpu->lr[best]) >> (8 - gic_virtual.prebits);
    cpu->lr[best] ^= PENDING | ACTIVE;
    cpu->apr[gic_virtual.version == 3 && (cpu->lr[best] >> 60 & 1)][at / 32] |= 1u << at % 32;
    return cpu->lr[best] & 0x1fff;
}

void virtual_drop(struct machine_cpu *cpu)
{
    /* The highest priority of the two, group 0 if they are the same. */
    unsigned group = first_active(cpu, 1) < first_active(cpu, 0), at = first_active(cpu, group);

    if (at < 128)
        cpu->apr[group][at / 32] &= ~(1u << at % 32);
}

uint32_t virtual_deactivate(struct machine_cpu *cpu, uint32_t iar)
{
    uint32_t physical = 0;
    unsigned found = 0;

    for (unsigned i = 0; i < gic_virtual.lrs; i++)
        if ((cpu->lr[i] & 0x1fff) == iar && (cpu->lr[i] & ACTIVE)) {
            cpu->lr[i] &= ~ACTIVE;
            if (cpu->lr[i] >> 61 & 1)
                physical = cpu->lr[i] >> 32 & 0x3ff;
            found++;
        }
    assert(found <= 1);
    if (!found)
        cpu->hcr += 1u << 27;
    return physical;
}
