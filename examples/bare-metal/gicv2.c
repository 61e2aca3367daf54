/* SPDX-License-Identifier: MIT */
#include "gicv2.h"

#include "gic.h"
#include "mmio.h"

#define GICD_ITARGETSR 0x0800u /* a byte an INTID */
#define GICD_SGIR      0x0f00u
#define GICC_CTLR      0x0000u
#define GICC_PMR       0x0004u

#define CTLR_ENABLE          0x1u
#define GICC_CTLR_EOIMODE    0x200u
#define GICD_SGIR_TARGETS(m) ((uint32_t)(m) << 16)

void gicv2_init(uint64_t distributor)
{
    mmio_write32(distributor + GICD_CTLR, CTLR_ENABLE);
}

/*
 * The groups stay: Non-secure code sees Group 1 alone, and on a GIC with one security state
 * interrupts are in Group 0, which is what GICC_IAR acknowledges there.
 */
uint8_t gicv2_init_cpu(uint64_t distributor, uint64_t cpu_interface, bool split_end)
{
    uint8_t self = 0;

    /* The targets of SGIs are read-only and tell who is asking; all zero where there is one CPU. */
    for (uint32_t sgi = 0; sgi < GIC_FIRST_PPI && self == 0; sgi++)
        self = mmio_read8(distributor + GICD_ITARGETSR + sgi);
    mmio_write32(cpu_interface + GICC_PMR, GIC_MASK_NONE);
    mmio_write32(cpu_interface + GICC_CTLR, CTLR_ENABLE | (split_end ? GICC_CTLR_EOIMODE : 0));
    return self != 0 ? self : 1;
}

void gicv2_route(uint64_t distributor, uint32_t intid, uint8_t targets)
{
    mmio_write8(distributor + GICD_ITARGETSR + intid, targets);
}

void gicv2_send_sgi(uint64_t distributor, uint32_t intid, uint8_t targets)
{
    mmio_write32(distributor + GICD_SGIR, GICD_SGIR_TARGETS(targets) | intid);
}
