/* SPDX-License-Identifier: MIT */
#include "gic.h"

#include "gic_driver.h"
#include "mmu.h"

static const struct machine_gic *gic;
static const struct gic_driver *driver;
uint64_t gic_cpu_interface;

void gic_find(const struct machine *machine)
{
    gic = &machine->gic;
    driver = gic->version == 3 ? &gicv3_driver : &gicv2_driver;
    gic_cpu_interface = gic->version == 3 ? 0 : gic->cpu_interface.base;
}

void gic_init(void)
{
    mmu_map(gic->distributor.base, gic->distributor.size, MMU_DEVICE);
    if (gic->version == 3)
        mmu_map(gic->redistributors.base, gic->redistributors.size, MMU_DEVICE);
    else
        mmu_map(gic->cpu_interface.base, gic->cpu_interface.size, MMU_DEVICE);
    if (gic->hypervisor.size != 0)
        mmu_map(gic->hypervisor.base, gic->hypervisor.size, MMU_DEVICE);
    driver->init(gic);
}

void gic_init_cpu(void)
{
    driver->init_cpu();
}

void gic_give_away(void)
{
    driver->give_away();
}

void gic_enable(uint32_t intid)
{
    if (intid >= GIC_FIRST_SPI)
        driver->route(intid);
    gic_enable_in(driver->frame(intid), intid);
}

void gic_disable(uint32_t intid)
{
    gic_set_bit(driver->frame(intid), GICD_ICENABLER, intid);
}

bool gic_is_pending(uint32_t intid)
{
    uint64_t bank = driver->frame(intid) + GICD_ISPENDR + intid / 32 * 4;

    return (mmio_read32(bank) >> intid % 32 & 1) != 0;
}

/* Zeroes in a register that sets what is written as ones: no GIC's state changes by that. */
void gic_look_again(void)
{
    if (gic->version == 2)
        mmio_write32(gic->distributor.base + GICD_ISPENDR, 0);
}

void gic_set_active(uint32_t intid, bool active)
{
    uint64_t frame = driver->frame(intid);
    uint32_t offset = active ? GICD_ISACTIVER : GICD_ICACTIVER;

    /* gic_take_ppi has none: its acknowledge comes before this. */
    arch_dsb();
    gic_set_bit(frame, offset, intid);
    /* It has taken effect when it is read back. */
    (void)mmio_read32(frame + offset + intid / 32 * 4);
    arch_dsb();
}

void gic_send_sgi(unsigned cpu, uint32_t intid)
{
    arch_dsb();
    driver->send_sgi(cpu, intid);
}
