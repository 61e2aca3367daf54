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
    /* An SPI comes to this CPU. */
    void (*route)(uint32_t intid);
    void (*send_sgi)(unsigned cpu, uint32_t intid);
};

extern const struct gic_driver gicv2_driver, gicv3_driver;

#endif
