/* SPDX-License-Identifier: MIT */
/* The functions that gic.c needs for each version. */
#ifndef KIT_GIC_DRIVER_H
#define KIT_GIC_DRIVER_H

#include <stdint.h>

struct gic_driver {
    void (*init_distributor)(void);
    void (*init_cpu)(unsigned int cpu);
    void (*enable)(unsigned int cpu, uint32_t intid);
    void (*disable)(unsigned int cpu, uint32_t intid);
    uint32_t (*ack)(void);
    void (*end)(uint32_t acknowledged);
    void (*send)(unsigned int cpu, uint32_t sgi);
};

extern const struct gic_driver kit_gicv2, kit_gicv3;

#endif
