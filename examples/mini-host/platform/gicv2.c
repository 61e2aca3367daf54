/* SPDX-License-Identifier: MIT */
#include "gic.h"
#include "gic_driver.h"
#include "layout.h"
#include "smp.h"

static struct {
    uint64_t distributor, cpu_interface;
    uint8_t targets[PLATFORM_MAX_CPUS]; /* each CPU's bit among the targets of interrupts */
} gicv2;

static void init(const struct machine_gic *gic)
{
    gicv2.distributor = gic->distributor.base;
    gicv2.cpu_interface = gic->cpu_interface.base;
    gicv2_init(gicv2.distributor);
}

static void init_cpu(void)
{
    gicv2.targets[smp_this()->index] = gicv2_init_cpu(gicv2.distributor, gicv2.cpu_interface, true);
}

/* The CPU interface is memory-mapped: who has it mapped, has it. */
static void give_away(void)
{
}

static uint64_t frame(uint32_t intid)
{
    (void)intid; /* the distributor banks the first 32 by CPU */
    return gicv2.distributor;
}

static void route(uint32_t intid)
{
    gicv2_route(gicv2.distributor, intid, gicv2.targets[smp_this()->index]);
}

static void send_sgi(unsigned cpu, uint32_t intid)
{
    gicv2_send_sgi(gicv2.distributor, intid, gicv2.targets[cpu]);
}

const struct gic_driver gicv2_driver = {
    .init = init,
    .init_cpu = init_cpu,
    .give_away = give_away,
    .frame = frame,
    .route = route,
    .send_sgi = send_sgi,
};
