/* SPDX-License-Identifier: MIT */
/* The functions that gic.c needs for each version. */
#ifndef KIT_GIC_DRIVER_H
#define KIT_GIC_DRIVER_H

#include <stdint.h>

#define GIC_FIRST_SPI 32u

/* The priority of all interrupts: the same, so that none is taken in the handler of another. */
#define GIC_PRIORITY 0xa0u

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
