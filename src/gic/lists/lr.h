/* SPDX-License-Identifier: MIT */
/*
 * Pure: the two forms of a list register. Values in memory have the form of ICH_LR<n>_EL2. For an
 * SGI of version 2, vINTID has the source in bits 12:10, as GICC_IAR shows it.
 */
#ifndef VCPU_GIC_LISTS_LR_H
#define VCPU_GIC_LISTS_LR_H

#include <stdint.h>

#include "arm/gic.h"

#define LR_INTID  GENMASK(9, 0)
#define LR_SOURCE GENMASK(12, 10)

static inline uint32_t lr_intid(uint64_t lr)
{
    return (uint32_t)FIELD_GET(LR_INTID, lr);
}

static inline uint8_t lr_source(uint64_t lr)
{
    return (uint8_t)FIELD_GET(LR_SOURCE, lr);
}

static inline uint64_t lr_with_source(unsigned source)
{
    return FIELD_PREP(LR_SOURCE, source);
}

static inline uint32_t lr_to_gich(uint64_t lr)
{
    uint64_t gich = FIELD_PREP(GICH_LR_VirtualID, lr_intid(lr)) |
                    FIELD_PREP(GICH_LR_State, FIELD_GET(ICH_LR_State, lr)) |
                    FIELD_PREP(GICH_LR_Priority, FIELD_GET(ICH_LR_Priority, lr) >> 3);

    if (lr & ICH_LR_Group)
        gich |= GICH_LR_Grp1;
    if (lr & ICH_LR_HW)
        gich |= GICH_LR_HW | FIELD_PREP(GICH_LR_PhysicalID, FIELD_GET(ICH_LR_pINTID, lr));
    else
        gich |= FIELD_PREP(GICH_LR_CPUID, lr_source(lr)) | (lr & ICH_LR_EOI ? GICH_LR_EOI : 0);
    return (uint32_t)gich;
}

/*
 * The same, where `gich` was another lr that differs only in the source, and the guest has used it.
 */
static inline uint32_t lr_to_gich_again(uint32_t gich, uint64_t lr)
{
    gich |= (uint32_t)FIELD_PREP(GICH_LR_State, LR_PENDING);
    return gich & GICH_LR_HW ? gich
                             : (gich & ~(uint32_t)GICH_LR_CPUID) |
                                   (uint32_t)FIELD_PREP(GICH_LR_CPUID, lr_source(lr));
}

/* The guest changes only the state of a list register. */
static inline uint64_t lr_with_gich_state(uint64_t lr, uint32_t gich)
{
    return (lr & ~ICH_LR_State) | FIELD_PREP(ICH_LR_State, FIELD_GET(GICH_LR_State, gich));
}

#endif
