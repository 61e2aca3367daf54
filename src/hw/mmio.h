/* SPDX-License-Identifier: MIT */
/* Device registers of 32 bits, at an address mapped as Device memory. */
#ifndef VCPU_HW_MMIO_H
#define VCPU_HW_MMIO_H

#include <stdint.h>

/*
 * One load or store of exactly this size and addressing mode, which nothing may split or merge. The
 * load is a load-acquire: beside exclusive accesses a plain one from Device memory can stop a
 * Cortex-A57 (erratum 832075) for ever.
 */
static inline uint32_t mmio_read32(const volatile void *base, uint32_t offset)
{
    uint32_t value;

    __asm__ volatile("ldar %w0, [%1]" : "=r"(value) : "r"((uintptr_t)base + offset) : "memory");
    return value;
}

static inline void mmio_write32(volatile void *base, uint32_t offset, uint32_t value)
{
    __asm__ volatile("str %w0, [%1]" : : "rZ"(value), "r"((uintptr_t)base + offset) : "memory");
}

#endif
