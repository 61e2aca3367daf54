/* SPDX-License-Identifier: MIT */
/* GICv2: distributor and CPU interface are device registers. */
#include "bare-metal/gicv2.h"

#include <kit/arch.h>
#include <kit/config.h>

#include "bare-metal/gic.h"
#include "gic.h"

/* The bit of each CPU's interface, in the order of kit_cpu_id. */
static uint8_t interfaces[KIT_MAX_CPUS];

static void init_distributor(void)
{
    gicv2_init(KIT_GICD_BASE);
}

static void init_cpu(unsigned int cpu)
{
    interfaces[cpu] = gicv2_init_cpu(KIT_GICD_BASE, KIT_GICC_BASE, false);
}

static void enable(unsigned int cpu, uint32_t intid)
{
    if (intid >= GIC_FIRST_SPI)
        gicv2_route(KIT_GICD_BASE, intid, interfaces[cpu]);
    gic_enable_in(KIT_GICD_BASE, intid);
}

static void disable(unsigned int cpu, uint32_t intid)
{
    (void)cpu;
    gic_set_bit(KIT_GICD_BASE, GICD_ICENABLER, intid);
}

/* With an SGI's sender, who must go back. */
static uint32_t ack(void)
{
    return kit_read32(KIT_GICC_BASE + GICC_IAR);
}

static void end(uint32_t acknowledged)
{
    kit_write32(KIT_GICC_BASE + GICC_EOIR, acknowledged);
}

static void send(unsigned int cpu, uint32_t sgi)
{
    gicv2_send_sgi(KIT_GICD_BASE, sgi, interfaces[cpu]);
}

const struct gic_driver kit_gicv2 = {init_distributor, init_cpu, enable, disable, ack, end, send};
