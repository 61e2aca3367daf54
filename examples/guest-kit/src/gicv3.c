/* SPDX-License-Identifier: MIT */
/* GICv3. */
#include "bare-metal/gicv3.h"

#include <kit/arch.h>
#include <kit/console.h>
#include <kit/cpu.h>
#include <kit/smccc.h>

#include "bare-metal/gic.h"
#include "gic.h"

#define ICC_SRE_SRE 1u

/* The SGI frame of each CPU, in the order of kit_cpu_id. */
static uint64_t sgi_frames[KIT_MAX_CPUS];

static void init_distributor(void)
{
    gicv3_init(KIT_GICD_BASE);
}

static void init_cpu(unsigned int cpu)
{
    uint64_t mpidr = kit_cpu_affinity(cpu);
    uint64_t redistributor = gicv3_find_redistributor(KIT_GICR_BASE, mpidr);

    if (redistributor == 0) {
        kit_printf("guest-kit: no redistributor for MPIDR 0x%lx: reset\n", mpidr);
        kit_reset();
    }
    kit_msr(icc_sre_el1, kit_mrs(icc_sre_el1) | ICC_SRE_SRE);
    kit_isb();
    sgi_frames[cpu] = gicv3_init_cpu(redistributor, false);
}

/* Where the registers of an interrupt are, seen from a CPU. */
static uint64_t frame_of(unsigned int cpu, uint32_t intid)
{
    return intid < GIC_FIRST_SPI ? sgi_frames[cpu] : KIT_GICD_BASE;
}

static void enable(unsigned int cpu, uint32_t intid)
{
    if (intid >= GIC_FIRST_SPI)
        gicv3_route(KIT_GICD_BASE, intid, kit_cpu_affinity(cpu));
    gic_enable_in(frame_of(cpu, intid), intid);
}

static void disable(unsigned int cpu, uint32_t intid)
{
    uint64_t frame = frame_of(cpu, intid);

    gic_set_bit(frame, GICD_ICENABLER, intid);
    gicv3_wait(frame, intid < GIC_FIRST_SPI);
}

static uint32_t ack(void)
{
    return ICC_IAR1_INTID(kit_mrs(icc_iar1_el1));
}

static void end(uint32_t acknowledged)
{
    kit_msr(icc_eoir1_el1, acknowledged);
    kit_isb();
}

static void send(unsigned int cpu, uint32_t sgi)
{
    kit_msr(icc_sgi1r_el1, gicv3_sgi_to(kit_cpu_affinity(cpu), sgi));
    kit_isb();
}

const struct gic_driver kit_gicv3 = {init_distributor, init_cpu, enable, disable, ack, end, send};
