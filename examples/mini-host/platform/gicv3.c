/* SPDX-License-Identifier: MIT */
#include "exit.h"
#include "gic.h"
#include "gic_driver.h"
#include "smp.h"

#define ICC_SRE_ENABLE 0xf /* SRE, no bypass of FIQ and IRQ, Enable for EL1 */

static struct {
    uint64_t distributor, redistributors;
    uint64_t sgi_frame[PLATFORM_MAX_CPUS];
    uint64_t sgi_to[PLATFORM_MAX_CPUS]; /* ICC_SGI1R_EL1 for SGI 0 to that CPU */
} gicv3;

static void init(const struct machine_gic *gic)
{
    gicv3.distributor = gic->distributor.base;
    gicv3.redistributors = gic->redistributors.base;
    gicv3_init(gicv3.distributor);
    for (unsigned cpu = 0; cpu < smp_count(); cpu++)
        gicv3.sgi_to[cpu] = gicv3_sgi_to(smp_cpu(cpu)->mpidr, 0);
}

/* Lets this CPU's EL1 use the system registers. EL2's others exist only after the ISB, too. */
static void give_away(void)
{
    arch_write(icc_sre_el2, ICC_SRE_ENABLE);
    arch_isb();
}

static void init_cpu(void)
{
    const struct smp_cpu *cpu = smp_this();
    uint64_t redistributor = gicv3_find_redistributor(gicv3.redistributors, cpu->mpidr);

    if (redistributor == 0)
        exit_panic("the GIC has no redistributor for CPU %u", cpu->index);
    give_away();
    gicv3.sgi_frame[cpu->index] = gicv3_init_cpu(redistributor, true);
}

static uint64_t frame(uint32_t intid)
{
    return intid < GIC_FIRST_SPI ? gicv3.sgi_frame[smp_this()->index] : gicv3.distributor;
}

static void route(uint32_t intid)
{
    gicv3_route(gicv3.distributor, intid, smp_this()->mpidr);
}

static void send_sgi(unsigned cpu, uint32_t intid)
{
    arch_write(icc_sgi1r_el1, gicv3.sgi_to[cpu] | (uint64_t)intid << ICC_SGI1R_INTID_SHIFT);
    arch_isb();
}

const struct gic_driver gicv3_driver = {
    .init = init,
    .init_cpu = init_cpu,
    .give_away = give_away,
    .frame = frame,
    .route = route,
    .send_sgi = send_sgi,
};
