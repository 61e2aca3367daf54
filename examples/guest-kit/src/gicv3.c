/* SPDX-License-Identifier: MIT */
/*
 * GICv3: a distributor, a redistributor for each CPU, and the CPU interface in system registers.
 * Every interrupt is in group 1, which is signalled as IRQ.
 */
#include <stddef.h>

#include <kit/arch.h>
#include <kit/console.h>
#include <kit/cpu.h>
#include <kit/smccc.h>

#include "arm/field.h"
#include "gic.h"

#define GICD_CTLR       (KIT_GICD_BASE + 0x0000)
#define GICD_TYPER      (KIT_GICD_BASE + 0x0004)
#define GICD_IROUTER(i) (KIT_GICD_BASE + 0x6000 + 8 * (i))

/* In the distributor for SPIs, in the redistributor's SGI frame for SGIs and PPIs. */
#define GIC_IGROUPR(base, n)    ((base) + 0x080 + 4 * (n))
#define GIC_ISENABLER(base, n)  ((base) + 0x100 + 4 * (n))
#define GIC_ICENABLER(base, n)  ((base) + 0x180 + 4 * (n))
#define GIC_IPRIORITYR(base, i) ((base) + 0x400 + (i)) /* a byte each */

#define GICR_CTLR(base)  ((base) + 0x0000)
#define GICR_TYPER(base) ((base) + 0x0008)
#define GICR_WAKER(base) ((base) + 0x0014)
#define GICR_SGI_FRAME   UINT64_C(0x10000)

/* Bit 0 is group 0's if there is one security state, and group 1's as Non-secure sees it if two. */
#define GICD_CTLR_GROUP1 (BIT(0) | BIT(1))
#define GICD_CTLR_ARE    BIT(4)
#define GICD_CTLR_RWP    BIT(31)
#define GICD_TYPER_LINES GENMASK(4, 0)

#define GICR_CTLR_RWP       BIT(3)
#define GICR_TYPER_VLPIS    BIT(1)
#define GICR_TYPER_LAST     BIT(4)
#define GICR_TYPER_AFFINITY GENMASK(63, 32)
#define GICR_WAKER_SLEEP    BIT(1)
#define GICR_WAKER_ASLEEP   BIT(2)
#define GICR_FRAMES         UINT64_C(0x20000)
#define GICR_FRAMES_VLPIS   UINT64_C(0x40000)

#define ICC_SRE_SRE BIT(0)
#define ICC_PMR_ALL 0xff

#define MPIDR_AFF0 GENMASK(7, 0)
#define MPIDR_AFF1 GENMASK(15, 8)
#define MPIDR_AFF2 GENMASK(23, 16)
#define MPIDR_AFF3 GENMASK(39, 32)

#define SGI1R_TARGETS GENMASK(15, 0)
#define SGI1R_AFF1    GENMASK(23, 16)
#define SGI1R_INTID   GENMASK(27, 24)
#define SGI1R_AFF2    GENMASK(39, 32)
#define SGI1R_RS      GENMASK(47, 44)
#define SGI1R_AFF3    GENMASK(55, 48)

/* The SGI frame of each CPU, in the order of kit_cpu_id. */
static uint64_t sgi_frames[KIT_MAX_CPUS];

static void wait_while(uint64_t address, uint64_t bits)
{
    while ((kit_read32(address) & bits) != 0)
        kit_yield();
}

static void init_distributor(void)
{
    uint32_t lines;

    /* Affinity routing may change only with the groups disabled. */
    kit_write32(GICD_CTLR, 0);
    wait_while(GICD_CTLR, GICD_CTLR_RWP);
    kit_write32(GICD_CTLR, GICD_CTLR_ARE);
    lines = (uint32_t)FIELD_GET(GICD_TYPER_LINES, kit_read32(GICD_TYPER)) + 1;
    for (uint32_t n = 1; n < lines; n++)
        kit_write32(GIC_IGROUPR(KIT_GICD_BASE, n), UINT32_MAX);
    kit_write32(GICD_CTLR, GICD_CTLR_ARE | GICD_CTLR_GROUP1);
    wait_while(GICD_CTLR, GICD_CTLR_RWP);
}

/* The redistributor whose GICR_TYPER has this CPU's affinity. */
static uint64_t find_redistributor(unsigned int cpu)
{
    uint64_t mpidr = kit_cpu_affinity(cpu);
    uint64_t affinity = FIELD_GET(MPIDR_AFF3, mpidr) << 24 | (mpidr & GENMASK(23, 0));
    uint64_t base = KIT_GICR_BASE, typer;

    for (;;) {
        typer = kit_read64(GICR_TYPER(base));
        if (FIELD_GET(GICR_TYPER_AFFINITY, typer) == affinity)
            return base;
        if ((typer & GICR_TYPER_LAST) != 0)
            break;
        base += (typer & GICR_TYPER_VLPIS) != 0 ? GICR_FRAMES_VLPIS : GICR_FRAMES;
    }
    kit_printf("guest-kit: no redistributor for MPIDR 0x%lx: reset\n", mpidr);
    kit_reset();
}

static void init_cpu(unsigned int cpu)
{
    uint64_t base = find_redistributor(cpu);
    uint64_t frame = base + GICR_SGI_FRAME;

    kit_write32(GICR_WAKER(base), kit_read32(GICR_WAKER(base)) & (uint32_t)~GICR_WAKER_SLEEP);
    wait_while(GICR_WAKER(base), GICR_WAKER_ASLEEP);
    kit_write32(GIC_IGROUPR(frame, 0), UINT32_MAX);
    sgi_frames[cpu] = frame;

    kit_msr(icc_sre_el1, kit_mrs(icc_sre_el1) | ICC_SRE_SRE);
    kit_isb();
    kit_msr(icc_pmr_el1, ICC_PMR_ALL);
    kit_msr(icc_igrpen1_el1, 1);
    kit_isb();
}

/* Where the registers of an interrupt are, seen from a CPU. */
static uint64_t frame_of(unsigned int cpu, uint32_t intid)
{
    return intid < GIC_FIRST_SPI ? sgi_frames[cpu] : KIT_GICD_BASE;
}

static void enable(unsigned int cpu, uint32_t intid)
{
    uint64_t frame = frame_of(cpu, intid);

    kit_write8(GIC_IPRIORITYR(frame, intid), GIC_PRIORITY);
    if (intid >= GIC_FIRST_SPI)
        kit_write64(GICD_IROUTER(intid), kit_cpu_affinity(cpu));
    kit_write32(GIC_ISENABLER(frame, intid / 32), (uint32_t)BIT(intid % 32));
}

static void disable(unsigned int cpu, uint32_t intid)
{
    uint64_t frame = frame_of(cpu, intid);

    kit_write32(GIC_ICENABLER(frame, intid / 32), (uint32_t)BIT(intid % 32));
    if (intid < GIC_FIRST_SPI)
        wait_while(GICR_CTLR(frame - GICR_SGI_FRAME), GICR_CTLR_RWP);
    else
        wait_while(GICD_CTLR, GICD_CTLR_RWP);
}

static uint32_t ack(void)
{
    return (uint32_t)kit_mrs(icc_iar1_el1);
}

static void end(uint32_t acknowledged)
{
    kit_msr(icc_eoir1_el1, acknowledged);
    kit_isb();
}

static void send(unsigned int cpu, uint32_t sgi)
{
    uint64_t mpidr = kit_cpu_affinity(cpu);
    uint64_t aff0 = FIELD_GET(MPIDR_AFF0, mpidr);

    kit_msr(icc_sgi1r_el1, FIELD_PREP(SGI1R_AFF3, FIELD_GET(MPIDR_AFF3, mpidr)) |
                               FIELD_PREP(SGI1R_AFF2, FIELD_GET(MPIDR_AFF2, mpidr)) |
                               FIELD_PREP(SGI1R_AFF1, FIELD_GET(MPIDR_AFF1, mpidr)) |
                               FIELD_PREP(SGI1R_RS, aff0 / 16) | FIELD_PREP(SGI1R_INTID, sgi) |
                               FIELD_PREP(SGI1R_TARGETS, BIT(aff0 % 16)));
    kit_isb();
}

const struct gic_driver kit_gicv3 = {init_distributor, init_cpu, enable, disable, ack, end, send};
