/* SPDX-License-Identifier: MIT */
#include "fiq.h"

#include "arch.h"
#include "bare-metal/mmio.h"
#include "gic.h"
#include "timer.h"

#define GICC_CTLR       0x0000u
#define GICC_CTLR_FIQEN 0x8u
#define GICD_CTLR_GRP0  0x1u
#define GICR_SGI_FRAME  0x10000u
#define ICC_IAR0_EL1    s3_0_c12_c8_0
#define ICC_EOIR0_EL1   s3_0_c12_c8_1
#define ICC_IGRPEN0_EL1 s3_0_c12_c12_6
#define ICC_IAR_INTID   0xffffff

/* The platform leaves all interrupts in Group 0 there: FIQEn is what makes FIQs of them. */
static void gicv2(const struct machine *machine, bool fiq)
{
    uint64_t ctlr = machine->gic.cpu_interface.base + GICC_CTLR;
    uint32_t value = mmio_read32(ctlr) & ~GICC_CTLR_FIQEN;

    mmio_write32(ctlr, value | (fiq ? GICC_CTLR_FIQEN : 0));
}

/* The first redistributor is the first CPU's. */
static void gicv3(const struct machine *machine, bool fiq)
{
    uint64_t group = machine->gic.redistributors.base + GICR_SGI_FRAME + GICD_IGROUPR;
    uint64_t ctlr = machine->gic.distributor.base + GICD_CTLR;
    uint32_t bit = UINT32_C(1) << machine->hyp_timer_intid;

    mmio_write32(group, (mmio_read32(group) & ~bit) | (fiq ? 0 : bit));
    mmio_write32(ctlr, mmio_read32(ctlr) | GICD_CTLR_GRP0);
    arch_write(ICC_IGRPEN0_EL1, 1);
    arch_isb();
}

void fiq_timer(const struct machine *machine, bool fiq)
{
    if (machine->gic.version == 2)
        gicv2(machine, fiq);
    else
        gicv3(machine, fiq);
    arch_dsb();
}

bool fiq_take(const struct machine *machine)
{
    uint32_t intid;

    if (machine->gic.version == 2)
        intid = gic_acknowledge();
    else
        intid = (uint32_t)(arch_read(ICC_IAR0_EL1) & ICC_IAR_INTID);
    if (intid >= GIC_INTIDS)
        return false;

    timer_clear();
    if (machine->gic.version == 2) {
        gic_end(intid);
    } else {
        arch_write(ICC_EOIR0_EL1, intid);
        arch_isb();
        gic_deactivate(intid);
    }
    return true;
}
