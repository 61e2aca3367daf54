/* SPDX-License-Identifier: MIT */
/* Writes to the registers that have a bit for each interrupt. Pure, under the lock. */
#ifndef VCPU_GIC_WRITES_BITS_H
#define VCPU_GIC_WRITES_BITS_H

#include "gic/registers.h"

/* Takes up to four bits out of rest: the lock is freed between one four and the next. */
static inline uint32_t gic_four_of(uint32_t *rest)
{
    uint32_t some = *rest & 0xfu << (__builtin_ctz(*rest) & 28);

    *rest &= ~some;
    return some;
}

/* Any write to one of them. */
void vcpu_gic_write_bits(struct vcpu_gic *gic, const struct gic_access *access, unsigned n,
                         uint32_t value, struct gic_news *news);

#endif
