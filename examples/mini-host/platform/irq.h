/* SPDX-License-Identifier: MIT */
/* The host's interrupts, one handler an INTID. */
#ifndef PLATFORM_IRQ_H
#define PLATFORM_IRQ_H

#include <stdbool.h>
#include <stdint.h>

/* Called with IRQs masked on the CPU that took the interrupt. Before other CPUs run. */
void irq_register(uint32_t intid, void (*handler)(void));

/*
 * The same for an interrupt that stays active when the handler returns, because a guest has it from
 * there on and ends it. If not, the handler calls gic_deactivate.
 */
void irq_register_handover(uint32_t intid, void (*handler)(void));

/* Handles and ends what gic_acknowledge returned. False: that was no interrupt. */
bool irq_take(uint32_t acknowledged);

/* Takes all pending interrupts: from the vectors, or from a host that has just left a guest. */
void irq_handle(void);

#endif
