/* SPDX-License-Identifier: MIT */
/* Interrupts: finds out the GIC's version, and calls its driver. */
#include <kit/gic.h>

#include <stdbool.h>

#include <kit/arch.h>
#include <kit/cpu.h>
#include <kit/fdt.h>

#include "gic.h"

#define ID_AA64PFR0_GIC(r) ((r) >> 24 & 0xf)

static const struct gic_driver *driver;

/*
 * The ID register says only whether the CPU interface has system registers. That gives the version,
 * unless firmware runs a GICv3 as a GICv2: so the device tree is asked first.
 */
static bool is_gicv3(uint64_t dtb)
{
    if (kit_fdt_valid(dtb))
        return kit_fdt_compatible(dtb, "arm,gic-v3");
    return ID_AA64PFR0_GIC(kit_mrs(id_aa64pfr0_el1)) != 0;
}

int kit_gic_init(uint64_t dtb)
{
    bool v3 = is_gicv3(dtb);

    driver = v3 ? &kit_gicv3 : &kit_gicv2;
    driver->init_distributor();
    kit_gic_cpu_init();
    return v3 ? 3 : 2;
}

void kit_gic_cpu_init(void)
{
    driver->init_cpu(kit_cpu_id());
}

void kit_irq_enable(uint32_t intid)
{
    driver->enable(kit_cpu_id(), intid);
}

void kit_irq_disable(uint32_t intid)
{
    driver->disable(kit_cpu_id(), intid);
}

uint32_t kit_irq_ack(void)
{
    return driver->ack();
}

void kit_irq_end(uint32_t acknowledged)
{
    driver->end(acknowledged);
}

void kit_sgi_send(unsigned int cpu, uint32_t intid)
{
    /* The stores for the handler on the other CPU are visible before the interrupt is sent. */
    kit_dsb(ishst);
    driver->send(cpu, intid);
}
