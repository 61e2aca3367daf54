/* SPDX-License-Identifier: MIT */
/* A general register operand of an instruction. */
#ifndef VCPU_DECODE_REGISTER_H
#define VCPU_DECODE_REGISTER_H

#include <stdint.h>

/* In a load, a store or a system register access, number 31 is the zero register, not SP. */
#define REGISTER_ZERO 31u

/* reg: 0 to 31. */
static inline uint64_t register_read(const uint64_t x[31], uint64_t reg)
{
    return reg == REGISTER_ZERO ? 0 : x[reg];
}

static inline void register_write(uint64_t x[31], uint64_t reg, uint64_t value)
{
    if (reg != REGISTER_ZERO)
        x[reg] = value;
}

/*
 * The number of upper bits of a 64-bit register that data of 1, 2, 4 or 8 bytes does not use.
 * Modulo 64, so that it is a valid shift for any number.
 */
static inline unsigned register_unused_bits(unsigned bytes)
{
    return (0u - 8u * bytes) % 64u;
}

static inline uint64_t register_cut(uint64_t value, unsigned bytes)
{
    unsigned unused = register_unused_bits(bytes);

    return value << unused >> unused;
}

#endif
