/* SPDX-License-Identifier: MIT */
#include "arch.h"
#include "gic.h"
#include "gic_driver.h"
#include "mmio.h"
#include "smp.h"

#define GICD_CTLR_ENABLE_GROUP1 0x2u
#define GICD_CTLR_ARE           0x10u
#define GICD_CTLR_RWP           (UINT32_C(1) << 31)
#define GICD_IROUTER            0x6000u

/* A redistributor: the frame of the CPU itself, then that of its SGIs and PPIs. */
#define GICR_TYPER     0x0008u
#define GICR_WAKER     0x0014u
#define GICR_SGI_FRAME 0x10000u
#define GICR_STRIDE    0x20000u

#define GICR_TYPER_VLPIS           (UINT64_C(1) << 1)
#define GICR_TYPER_LAST            (UINT64_C(1) << 4)
#define GICR_TYPER_AFFINITY(typer) ((uint32_t)((typer) >> 32))
#define GICR_WAKER_PROCESSOR_SLEEP 0x2u
#define GICR_WAKER_CHILDREN_ASLEEP 0x4u

#define ICC_SRE_EL2      s3_4_c12_c9_5
#define ICC_PMR_EL1      s3_0_c4_c6_0
#define ICC_IAR1_EL1     s3_0_c12_c12_0
#define ICC_EOIR1_EL1    s3_0_c12_c12_1
#define ICC_DIR_EL1      s3_0_c12_c11_1
#define ICC_CTLR_EL1     s3_0_c12_c12_4
#define ICC_IGRPEN1_EL1  s3_0_c12_c12_7
#define ICC_SGI1R_EL1    s3_0_c12_c11_5
#define ICC_SRE_ENABLE   0xf /* SRE, no bypass of FIQ and IRQ, Enable for EL1 */
#define ICC_IAR_INTID    0xffffff
#define ICC_CTLR_EOIMODE 0x2

/* ICC_SGI1R_EL1: Aff3-Aff1, and Aff0 as a range of 16 and a bit in it. */
#define SGI1R(intid, aff3, aff2, aff1, aff0)                                                       \
    ((uint64_t)(aff3) << 48 | (uint64_t)(aff2) << 32 | (uint64_t)(aff1) << 16 |                    \
     (uint64_t)((aff0) / 16) << 44 | UINT64_C(1) << ((aff0) % 16) | (uint64_t)(intid) << 24)

static struct {
    uint64_t distributor;
    uint64_t first, end; /* of the region of redistributors */
    uint64_t redistributor[PLATFORM_MAX_CPUS];
} gicv3;

static void init(const struct machine_gic *gic)
{
    gicv3.distributor = gic->distributor.base;
    gicv3.first = gic->redistributors.base;
    gicv3.end = gicv3.first + gic->redistributors.size;
    mmio_write32(gicv3.distributor + GICD_CTLR, GICD_CTLR_ARE | GICD_CTLR_ENABLE_GROUP1);
    while ((mmio_read32(gicv3.distributor + GICD_CTLR) & GICD_CTLR_RWP) != 0)
        __asm__ volatile("yield");
}

/* The redistributor whose affinity is the CPU's; 0 if the region has none. */
static uint64_t find_redistributor(uint64_t mpidr)
{
    uint32_t affinity = (uint32_t)(mpidr >> 32 & 0xff) << 24 | (uint32_t)(mpidr & 0xffffff);
    uint64_t at = gicv3.first;

    while (at < gicv3.end) {
        uint64_t typer = mmio_read64(at + GICR_TYPER);

        if (GICR_TYPER_AFFINITY(typer) == affinity)
            return at;
        if ((typer & GICR_TYPER_LAST) != 0)
            break;
        at += (typer & GICR_TYPER_VLPIS) != 0 ? 2 * GICR_STRIDE : GICR_STRIDE;
    }
    return 0;
}

static void wake(uint64_t redistributor)
{
    uint32_t waker = mmio_read32(redistributor + GICR_WAKER);

    mmio_write32(redistributor + GICR_WAKER, waker & ~GICR_WAKER_PROCESSOR_SLEEP);
    while ((mmio_read32(redistributor + GICR_WAKER) & GICR_WAKER_CHILDREN_ASLEEP) != 0)
        __asm__ volatile("yield");
}

/* Lets this CPU's EL1 use the system registers. EL2's others exist only after the ISB, too. */
static void give_away(void)
{
    arch_write(ICC_SRE_EL2, ICC_SRE_ENABLE);
    arch_isb();
}

static void init_cpu(void)
{
    const struct smp_cpu *cpu = smp_this();
    uint64_t redistributor = find_redistributor(cpu->mpidr);

    gicv3.redistributor[cpu->index] = redistributor;
    wake(redistributor);
    give_away();
    arch_write(ICC_CTLR_EL1, ICC_CTLR_EOIMODE);
    arch_write(ICC_PMR_EL1, GIC_MASK_NONE);
    arch_write(ICC_IGRPEN1_EL1, 1);
    arch_isb();
}

static uint64_t frame(uint32_t intid)
{
    return intid < GIC_FIRST_SPI ? gicv3.redistributor[smp_this()->index] + GICR_SGI_FRAME
                                 : gicv3.distributor;
}

static void claim(uint32_t intid)
{
    uint64_t group = frame(intid) + GICD_IGROUPR + intid / 32 * 4;

    mmio_write32(group, mmio_read32(group) | UINT32_C(1) << (intid % 32));
    if (intid >= GIC_FIRST_SPI)
        mmio_write64(gicv3.distributor + GICD_IROUTER + intid * 8, smp_this()->mpidr);
}

/* The DSB orders the read of IAR1 before what the handler reads from the device. */
static uint32_t acknowledge(void)
{
    uint32_t intid = (uint32_t)(arch_read(ICC_IAR1_EL1) & ICC_IAR_INTID);

    arch_dsb();
    return intid;
}

static void drop(uint32_t intid)
{
    arch_write(ICC_EOIR1_EL1, intid);
    arch_isb();
}

static void deactivate(uint32_t intid)
{
    arch_write(ICC_DIR_EL1, intid);
    arch_isb();
}

static void send_sgi(unsigned cpu, uint32_t intid)
{
    uint64_t mpidr = smp_cpu(cpu)->mpidr;

    arch_write(ICC_SGI1R_EL1, SGI1R(intid, mpidr >> 32 & 0xff, mpidr >> 16 & 0xff,
                                    mpidr >> 8 & 0xff, mpidr & 0xff));
    arch_isb();
}

const struct gic_driver gicv3_driver = {
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
