/* SPDX-License-Identifier: MIT */
/* Interrupts: the needed part of GICv2 and GICv3. */
#ifndef KIT_GIC_H
#define KIT_GIC_H

#include <stdint.h>

/* INTIDs: 0-15 are SGIs, 16-31 PPIs, 32-1019 SPIs. */
#define KIT_IRQ_VIRTUAL_TIMER  27u
#define KIT_IRQ_PHYSICAL_TIMER 30u
#define KIT_IRQ_PL011          33u

#define KIT_INTID(acknowledged) (0x3ffu & (acknowledged))
#define KIT_IRQ_NONE            1023u

/*
 * Finds out the version, from the device tree or, if dtb is 0, from the CPU's ID register. Sets up
 * the distributor and this CPU's interface. Returns 2 or 3. Once, before the others call
 * kit_gic_cpu_init.
 */
int kit_gic_init(uint64_t dtb);
void kit_gic_cpu_init(void);

/*
 * SGIs and PPIs: on this CPU. An SPI goes to the CPU that enables it. A GICv2 may keep SGIs enabled
 * for good.
 */
void kit_irq_enable(uint32_t intid);
void kit_irq_disable(uint32_t intid);

/*
 * In the IRQ handler: takes the interrupt. KIT_INTID() of the result is its number, or KIT_IRQ_NONE
 * if there is none any more. Every other result must be given to kit_irq_end.
 */
uint32_t kit_irq_ack(void);
void kit_irq_end(uint32_t acknowledged);

/* Sends an SGI to a CPU by its kit_cpu_id, one that has called kit_gic_cpu_init. */
void kit_sgi_send(unsigned int cpu, uint32_t intid);

#endif
