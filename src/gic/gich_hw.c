/* SPDX-License-Identifier: MIT */
/* The virtual CPU interface of GICv2: registers in memory, of the CPU that accesses them. */
#include "gic/lr.h"
#include "gic/model.h"
#include "hw/mmio.h"

static uint64_t read(const struct vcpu_gic *gic, unsigned slot, uint64_t lr)
{
    return lr_with_gich_state(lr, mmio_read32(gic->gich, GICH_LR + 4 * slot));
}

static void write(const struct vcpu_gic *gic, unsigned slot, uint64_t lr)
{
    mmio_write32(gic->gich, GICH_LR + 4 * slot, lr_to_gich(lr));
}

static void fetch(const struct vcpu_gic *gic, struct gic_cpu *cpu)
{
    for (uint32_t slots = cpu->used; slots; slots &= slots - 1) {
        unsigned slot = (unsigned)__builtin_ctz(slots);

        cpu->lr[slot] = read(gic, slot, cpu->lr[slot]);
    }
    cpu->vmcr = mmio_read32(gic->gich, GICH_VMCR);
    if (cpu->left & GIC_LEFT_ACTIVE)
        cpu->eois = (uint32_t)FIELD_GET(ICH_HCR_EOIcount, mmio_read32(gic->gich, GICH_HCR));
}

static void store(const struct vcpu_gic *gic, struct gic_cpu *cpu)
{
    for (uint32_t slots = cpu->used | cpu->loaded; slots; slots &= slots - 1) {
        unsigned slot = (unsigned)__builtin_ctz(slots);

        write(gic, slot, cpu->lr[slot]);
    }
    cpu->loaded = cpu->used;
    mmio_write32(gic->gich, GICH_HCR, cpu->hcr);
}

static void fetch_apr(const struct vcpu_gic *gic, struct gic_cpu *cpu)
{
    cpu->apr[0][0] = mmio_read32(gic->gich, GICH_APR);
}

static void enter(const struct vcpu_gic *gic, const struct gic_cpu *cpu)
{
    mmio_write32(gic->gich, GICH_VMCR, cpu->vmcr);
    mmio_write32(gic->gich, GICH_APR, cpu->apr[0][0]);
}

static void leave(const struct vcpu_gic *gic)
{
    mmio_write32(gic->gich, GICH_HCR, 0);
}

static bool maintenance(const struct vcpu_gic *gic)
{
    return mmio_read32(gic->gich, GICH_MISR) != 0;
}

static const struct gic_interface interface = {
    .fetch = fetch,
    .store = store,
    .read = read,
    .write = write,
    .fetch_apr = fetch_apr,
    .enter = enter,
    .leave = leave,
    .maintenance = maintenance,
};

bool vcpu_gic_probe_gich(struct vcpu_gic *gic)
{
    uint32_t lrs = (mmio_read32(gic->gich, GICH_VTR) & 0x3f) + 1;

    gic->lrs = (uint8_t)(lrs < GIC_MAX_LRS ? lrs : GIC_MAX_LRS);
    gic->prebits = 5;
    gic->interface = &interface;
    return true;
}
