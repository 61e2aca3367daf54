/* SPDX-License-Identifier: MIT */
#include "gic.h"

#include "arch.h"
#include "mmio.h"

void gic_set_bit(uint64_t frame, uint32_t offset, uint32_t intid)
{
    mmio_write32(frame + offset + intid / 32 * 4, UINT32_C(1) << (intid % 32));
    arch_dsb();
}

void gic_enable_in(uint64_t frame, uint32_t intid)
{
    mmio_write8(frame + GICD_IPRIORITYR + intid, GIC_PRIORITY);
    gic_set_bit(frame, GICD_ISENABLER, intid);
}
