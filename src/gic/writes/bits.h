/* SPDX-License-Identifier: MIT */
/*
 * Writes to the registers that have a bit for each interrupt, or two (GICD_ICFGR), in pieces of four
 * interrupts; and what a write of GICD_CTLR means for each vCPU, in pieces of four vCPUs that are
 * told. Pure, under the lock.
 */
#ifndef VCPU_GIC_WRITES_BITS_H
#define VCPU_GIC_WRITES_BITS_H

#include "gic/registers/registers.h"

/*
 * Begins a write to these of bank n, with its first piece. value: a bit for each of them. What is
 * left is in gic_cpu.write.
 */
void vcpu_gic_write_bits(struct vcpu_gic *gic, const struct gic_access *access, unsigned n,
                         uint32_t bits, uint32_t value, struct gic_news *news);

/* The next piece. */
void vcpu_gic_write_piece(struct vcpu_gic *gic, struct gic_cpu *cpu, struct gic_news *news);

#endif
