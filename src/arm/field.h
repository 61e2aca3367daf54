/* SPDX-License-Identifier: MIT */
/* A field of a register is one mask. These macros do the shifting. */
#ifndef VCPU_ARM_FIELD_H
#define VCPU_ARM_FIELD_H

#include <stdint.h>

#define BIT(n) (UINT64_C(1) << (n))

/* Bits high to low, both included. */
#define GENMASK(high, low) ((~UINT64_C(0) >> (63 - (high))) & (~UINT64_C(0) << (low)))

#define FIELD_SHIFT(mask)       (__builtin_ctzll(mask))
#define FIELD_GET(mask, value)  (((uint64_t)(value) & (mask)) >> FIELD_SHIFT(mask))
#define FIELD_PREP(mask, value) (((uint64_t)(value) << FIELD_SHIFT(mask)) & (mask))

#endif
