/* SPDX-License-Identifier: MIT */
#include "gic.h"
#include "gic_driver.h"
#include "layout.h"
#include "mmio.h"
#include "smp.h"

#define GICC_CTLR 0x0000u
#define GICC_PMR  0x0004u
#define GICC_IAR  0x000cu
#define GICC_EOIR 0x0010u
#define GICC_DIR  0x1000u

#define GICD_SGIR             0x0f00u
#define GICD_SGIR_TARGETS(m)  ((uint32_t)(m) << 16)
#define GICV2_ENABLE          0x1u
#define GICC_CTLR_EOIMODE     0x200u
#define GICV2_INTID(iar)      (0x3ffu & (iar))
#define GICV2_SGI_SOURCE(iar) (0x1c00u & (iar))

static struct {
    uint64_t distributor, cpu_interface;
    uint8_t targets[PLATFORM_MAX_CPUS]; /* each CPU's bit in GICD_ITARGETSR */
    uint32_t sgi_source[PLATFORM_MAX_CPUS];
} gicv2;

static void init(const struct machine_gic *gic)
{
    gicv2.distributor = gic->distributor.base;
    gicv2.cpu_interface = gic->cpu_interface.base;
    mmio_write32(gicv2.distributor + GICD_CTLR, GICV2_ENABLE);
}

static void init_cpu(void)
{
    /* The first eight bytes are read-only and give the CPU that reads them its own bit. */
    gicv2.targets[smp_this()->index] = mmio_read8(gicv2.distributor + GICD_ITARGETSR);
    mmio_write32(gicv2.cpu_interface + GICC_PMR, GIC_MASK_NONE);
    mmio_write32(gicv2.cpu_interface + GICC_CTLR, GICV2_ENABLE | GICC_CTLR_EOIMODE);
}

/* Its CPU interface is memory: whoever has that mapped has it. */
static void give_away(void)
{
}

static uint64_t frame(uint32_t intid)
{
    (void)intid; /* the distributor banks the first 32 by CPU */
    return gicv2.distributor;
}

/*
 * The group stays: Non-secure code sees Group 1 alone, and on a GIC with one security state
 * interrupts are in Group 0, which is what GICC_IAR acknowledges there.
 */
static void claim(uint32_t intid)
{
    if (intid >= GIC_FIRST_SPI)
        mmio_write8(gicv2.distributor + GICD_ITARGETSR + intid, gicv2.targets[smp_this()->index]);
}

/* An SGI is ended with the number of the CPU that sent it. */
static uint32_t acknowledge(void)
{
    uint32_t iar = mmio_read32(gicv2.cpu_interface + GICC_IAR);

    gicv2.sgi_source[smp_this()->index] = GICV2_SGI_SOURCE(iar);
    return GICV2_INTID(iar);
}

static uint32_t with_source(uint32_t intid)
{
    return intid < GIC_FIRST_PPI ? intid | gicv2.sgi_source[smp_this()->index] : intid;
}

static void drop(uint32_t intid)
{
    mmio_write32(gicv2.cpu_interface + GICC_EOIR, with_source(intid));
}

static void deactivate(uint32_t intid)
{
    mmio_write32(gicv2.cpu_interface + GICC_DIR, with_source(intid));
}

static void send_sgi(unsigned cpu, uint32_t intid)
{
    mmio_write32(gicv2.distributor + GICD_SGIR, GICD_SGIR_TARGETS(gicv2.targets[cpu]) | intid);
}

const struct gic_driver gicv2_driver = {
    .init = init,
    .init_cpu = init_cpu,
    .give_away = give_away,
    .frame = frame,
    .claim = claim,
    .acknowledge = acknowledge,
    .drop = drop,
    .deactivate = deactivate,
    .send_sgi = send_sgi,
};
