/* SPDX-License-Identifier: MIT */
/* GICv2: distributor and CPU interface are device registers. */
#include <kit/arch.h>
#include <kit/config.h>

#include "arm/field.h"
#include "gic.h"

#define GICD_CTLR          (KIT_GICD_BASE + 0x000)
#define GICD_ISENABLER(n)  (KIT_GICD_BASE + 0x100 + 4 * (n))
#define GICD_ICENABLER(n)  (KIT_GICD_BASE + 0x180 + 4 * (n))
#define GICD_IPRIORITYR(i) (KIT_GICD_BASE + 0x400 + (i)) /* a byte each */
#define GICD_ITARGETSR(i)  (KIT_GICD_BASE + 0x800 + (i)) /* a byte each */
#define GICD_SGIR          (KIT_GICD_BASE + 0xf00)

#define GICC_CTLR (KIT_GICC_BASE + 0x00)
#define GICC_PMR  (KIT_GICC_BASE + 0x04)
#define GICC_IAR  (KIT_GICC_BASE + 0x0c)
#define GICC_EOIR (KIT_GICC_BASE + 0x10)

#define CTLR_ENABLE 1u
#define PMR_ALL     0xffu

#define SGIR_TARGETS GENMASK(23, 16)

/* The bit of each CPU's interface, in the order of kit_cpu_id. */
static uint8_t interfaces[KIT_MAX_CPUS];

static void init_distributor(void)
{
    kit_write32(GICD_CTLR, CTLR_ENABLE);
}

static void init_cpu(unsigned int cpu)
{
    uint8_t interface = 0;

    /* Those of the SGIs are read-only and tell who is asking; all zero where there is one CPU. */
    for (uint32_t sgi = 0; sgi < 16 && interface == 0; sgi++)
        interface = kit_read8(GICD_ITARGETSR(sgi));
    interfaces[cpu] = interface != 0 ? interface : 1;
    kit_write32(GICC_PMR, PMR_ALL);
    kit_write32(GICC_CTLR, CTLR_ENABLE);
}

static void enable(unsigned int cpu, uint32_t intid)
{
    kit_write8(GICD_IPRIORITYR(intid), GIC_PRIORITY);
    if (intid >= GIC_FIRST_SPI)
        kit_write8(GICD_ITARGETSR(intid), interfaces[cpu]);
    kit_write32(GICD_ISENABLER(intid / 32), (uint32_t)BIT(intid % 32));
}

static void disable(unsigned int cpu, uint32_t intid)
{
    (void)cpu;
    kit_write32(GICD_ICENABLER(intid / 32), (uint32_t)BIT(intid % 32));
}

/* For an SGI the sender's number is in bits 12:10, and must go back. */
static uint32_t ack(void)
{
    return kit_read32(GICC_IAR);
}

static void end(uint32_t acknowledged)
{
    kit_write32(GICC_EOIR, acknowledged);
}

static void send(unsigned int cpu, uint32_t sgi)
{
    kit_write32(GICD_SGIR, (uint32_t)FIELD_PREP(SGIR_TARGETS, interfaces[cpu]) | sgi);
}

const struct gic_driver kit_gicv2 = {init_distributor, init_cpu, enable, disable, ack, end, send};
