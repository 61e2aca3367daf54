/* SPDX-License-Identifier: MIT */
/*
 * The interrupt controller, GICv2 or GICv3, for the host itself, at one priority.
 */
#ifndef PLATFORM_GIC_H
#define PLATFORM_GIC_H

#include <stdbool.h>
#include <stdint.h>

#include "arch.h"
#include "bare-metal/gic.h"
#include "bare-metal/gicv2.h"
#include "bare-metal/gicv3.h"
#include "bare-metal/mmio.h"
#include "machine.h"

/*
 * Chooses the driver. Then call gic_init once and gic_init_cpu on each CPU. Or, for a host that
 * gives a guest the whole controller, gic_give_away on each CPU, and no other function.
 */
void gic_find(const struct machine *machine);
void gic_init(void);
void gic_init_cpu(void);
void gic_give_away(void);

/* An SGI or PPI of this CPU, or an SPI, which then comes to the CPU that enables it. */
void gic_enable(uint32_t intid);
void gic_disable(uint32_t intid);

/* Is the interrupt pending; SGIs and PPIs: on this CPU. */
bool gic_is_pending(uint32_t intid);

/*
 * QEMU's GICv2 (7.2 and 10.0) does not signal a physical interrupt that is pending when the guest's
 * own end of interrupt makes it inactive (HW = 1): not before some other interrupt or register of
 * the distributor changes. This makes it look at this CPU's interrupts again, and costs a store. A
 * real GICv2, and any GICv3, has no need of it: there nothing is done, or nothing changes.
 */
void gic_look_again(void);

/* Sets or clears the active state: of an SPI, or of a PPI of this CPU. In effect at the return. */
void gic_set_active(uint32_t intid, bool active);

/* SGI 0-15 to the CPU with this number (smp.h), after all earlier stores. */
void gic_send_sgi(unsigned cpu, uint32_t intid);

/* ---- What each interrupt takes: inline, because guests wait for it ---- */

/* Of a GICv2: the registers of the CPU interface. 0: a GICv3, whose are system registers. */
extern uint64_t gic_cpu_interface;

/* The INTID of what gic_acknowledge returns. An SGI of a GICv2 has its sender beside it. */
#define GIC_INTID(acknowledged) (0x3ffu & (acknowledged))

/*
 * Takes the most urgent pending interrupt of this CPU; GIC_INTID is GIC_INTIDS or above if there is
 * none. The DSB orders this before what the handler reads, and before the next vcpu_run: see send_kick
 * in vcpu/host.h.
 */
static inline uint32_t gic_acknowledge(void)
{
    uint32_t acknowledged = gic_cpu_interface == 0 ? (uint32_t)arch_read(icc_iar1_el1)
                                                   : mmio_read32(gic_cpu_interface + GICC_IAR);

    arch_dsb();
    return acknowledged;
}

/*
 * The end of an interrupt that gic_acknowledge returned has two halves (EOImode = 1): with its priority
 * dropped others come again, and it itself does once it is not active any more. Between the two it
 * may be a guest's, whose own end of interrupt is then the second half. gic_end is both. On the CPU
 * that took it.
 */
static inline void gic_drop(uint32_t acknowledged)
{
    if (gic_cpu_interface != 0) {
        mmio_write32(gic_cpu_interface + GICC_EOIR, acknowledged);
        return;
    }
    arch_write(icc_eoir1_el1, acknowledged);
    arch_isb();
}

static inline void gic_deactivate(uint32_t acknowledged)
{
    if (gic_cpu_interface != 0) {
        mmio_write32(gic_cpu_interface + GICC_DIR, acknowledged);
        return;
    }
    arch_write(icc_dir_el1, acknowledged);
    arch_isb();
}

static inline void gic_end(uint32_t acknowledged)
{
    gic_drop(acknowledged);
    gic_deactivate(acknowledged);
}

/*
 * gic_acknowledge, and gic_drop if it is this interrupt, a PPI: no other CPU sends those, so no DSB.
 * False: it is another one, or none.
 */
static inline bool gic_take_ppi(uint64_t intid, uint64_t *acknowledged)
{
    if (gic_cpu_interface == 0) {
        *acknowledged = arch_read(icc_iar1_el1);
        if (__builtin_expect(*acknowledged == intid, 1)) {
            arch_write(icc_eoir1_el1, intid);
            arch_isb();
            return true;
        }
    } else {
        *acknowledged = mmio_read32(gic_cpu_interface + GICC_IAR);
        if (*acknowledged == intid) {
            mmio_write32(gic_cpu_interface + GICC_EOIR, (uint32_t)intid);
            return true;
        }
    }
    arch_dsb();
    return false;
}

#endif
