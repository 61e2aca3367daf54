/* SPDX-License-Identifier: MIT */
/* The driver's functions for one version, which gic.c calls. They are those of gic.h. */
#ifndef PLATFORM_GIC_DRIVER_H
#define PLATFORM_GIC_DRIVER_H

#include <stdint.h>

#include "machine.h"

struct gic_driver {
    void (*init)(const struct machine_gic *gic);
    void (*init_cpu)(void);
    void (*give_away)(void);
    /* The address of the register frame that has the interrupt's GICD_I... banks. */
    uint64_t (*frame)(uint32_t intid);
    /* Makes an interrupt one of the host's: its group, and for an SPI its target, this CPU. */
    void (*claim)(uint32_t intid);
    uint32_t (*acknowledge)(void);
    void (*drop)(uint32_t intid);
    void (*deactivate)(uint32_t intid);
    void (*send_sgi)(unsigned cpu, uint32_t intid);
};

extern const struct gic_driver gicv2_driver, gicv3_driver;

/* Registers that GICD and GICR's SGI frame have alike, one bit or byte an INTID. */
#define GICD_CTLR       0x0000u
#define GICD_TYPER      0x0004u
#define GICD_IGROUPR    0x0080u
#define GICD_ISENABLER  0x0100u
#define GICD_ICENABLER  0x0180u
#define GICD_ISPENDR    0x0200u
#define GICD_ISACTIVER  0x0300u
#define GICD_ICACTIVER  0x0380u
#define GICD_IPRIORITYR 0x0400u
#define GICD_ITARGETSR  0x0800u

/* Any priority between the highest and the mask's 0xff does. */
#define GIC_PRIORITY    0xa0u
#define GIC_PRIORITY_X4 0xa0a0a0a0u
#define GIC_MASK_NONE   0xffu

#endif
