/* SPDX-License-Identifier: MIT */
/*
 * The virtual CPU interface of GICv2: memory-mapped registers, banked for the CPU that accesses
 * them.
 */
#include "gic/lists/lr.h"
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

static bool refill(const struct vcpu_gic *gic, unsigned slot, uint64_t lr)
{
    uint32_t gich = mmio_read32(gic->gich, GICH_LR + 4 * slot);

    if (gich & GICH_LR_State)
        return false;
    mmio_write32(gic->gich, GICH_LR + 4 * slot, lr_to_gich_again(gich, lr));
    return true;
}

static uint32_t read_hcr(const struct vcpu_gic *gic)
{
    return mmio_read32(gic->gich, GICH_HCR);
}

static void write_hcr(const struct vcpu_gic *gic, uint32_t hcr)
{
    mmio_write32(gic->gich, GICH_HCR, hcr);
}

static uint32_t read_vmcr(const struct vcpu_gic *gic)
{
    return mmio_read32(gic->gich, GICH_VMCR);
}

static void write_vmcr(const struct vcpu_gic *gic, uint32_t vmcr)
{
    mmio_write32(gic->gich, GICH_VMCR, vmcr);
}

static void read_apr(const struct vcpu_gic *gic, struct gic_cpu *cpu)
{
    cpu->apr[0][0] = mmio_read32(gic->gich, GICH_APR);
}

static void write_apr(const struct vcpu_gic *gic, const struct gic_cpu *cpu)
{
    mmio_write32(gic->gich, GICH_APR, cpu->apr[0][0]);
}

static bool maintenance(const struct vcpu_gic *gic)
{
    return mmio_read32(gic->gich, GICH_MISR) != 0;
}

static const struct gic_interface interface = {
    .read = read,
    .write = write,
    .refill = refill,
    .read_hcr = read_hcr,
    .write_hcr = write_hcr,
    .read_vmcr = read_vmcr,
    .write_vmcr = write_vmcr,
    .read_apr = read_apr,
    .write_apr = write_apr,
    .maintenance = maintenance,
};

bool vcpu_gic_probe_gich(struct vcpu_gic *gic)
{
    gic->all_lrs = (uint8_t)((mmio_read32(gic->gich, GICH_VTR) & 0x3f) + 1);
    gic->prebits = 5;
    gic->hcr = ICH_HCR_En;
    gic->interface = &interface;
    return true;
}
