/* SPDX-License-Identifier: MIT */
/*
 * Device registers: mmio_read8 to mmio_read64, mmio_write8 to mmio_write64. In assembly, so that the
 * compiler can neither split an access nor choose an addressing mode that leaves no syndrome
 * (ESR_EL2.ISV): it is by the syndrome that a hypervisor knows what the instruction does.
 */
#ifndef BARE_METAL_MMIO_H
#define BARE_METAL_MMIO_H

#include <stdint.h>

#define MMIO_(bits, suffix, reg)                                                                   \
    static inline uint##bits##_t mmio_read##bits(uint64_t address)                                 \
    {                                                                                              \
        uint##bits##_t value;                                                                      \
        __asm__ volatile("ldr" suffix " %" reg "0, [%1]" : "=r"(value) : "r"(address) : "memory"); \
        return value;                                                                              \
    }                                                                                              \
    static inline void mmio_write##bits(uint64_t address, uint##bits##_t value)                    \
    {                                                                                              \
        __asm__ volatile("str" suffix " %" reg "0, [%1]" ::"rZ"(value), "r"(address) : "memory");  \
    }

MMIO_(8, "b", "w")
MMIO_(16, "h", "w")
MMIO_(32, "", "w")
MMIO_(64, "", "x")
#undef MMIO_

#endif
