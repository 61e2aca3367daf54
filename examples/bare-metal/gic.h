/* SPDX-License-Identifier: MIT */
/*
 * The interrupt controller, for a host at EL2 or a guest at EL1. This file, gicv2.h and gicv3.h
 * have its set-up, which is the same for both. Each takes and ends interrupts with code of its own.
 */
#ifndef BARE_METAL_GIC_H
#define BARE_METAL_GIC_H

#include <stdint.h>

#define GIC_FIRST_PPI 16u
#define GIC_FIRST_SPI 32u
#define GIC_INTIDS    1020u /* from here on INTIDs mean "none" */

/* All interrupts have this one: none is taken in the handler of another. */
#define GIC_PRIORITY 0xa0u

/* The mask that lets all priorities through. */
#define GIC_MASK_NONE 0xffu

/*
 * Registers of the distributor. Of a GICv3 those with one bit or byte an INTID are there for SPIs
 * alone; a CPU's SGIs and PPIs have theirs, laid out alike, in its redistributor's SGI frame.
 */
#define GICD_CTLR       0x0000u
#define GICD_TYPER      0x0004u
#define GICD_IGROUPR    0x0080u
#define GICD_ISENABLER  0x0100u
#define GICD_ICENABLER  0x0180u
#define GICD_ISPENDR    0x0200u
#define GICD_ISACTIVER  0x0300u
#define GICD_ICACTIVER  0x0380u
#define GICD_IPRIORITYR 0x0400u

/* Writes an interrupt's bit to a register of one bit an INTID, in the frame that has it. */
void gic_set_bit(uint64_t frame, uint32_t offset, uint32_t intid);

/* Sets the interrupt's priority and enables it. */
void gic_enable_in(uint64_t frame, uint32_t intid);

#endif
