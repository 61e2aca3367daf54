/* SPDX-License-Identifier: MIT */
/*
 * The EL2 timer of the first CPU as an FIQ: its interrupt in Group 0, where the GIC has one
 * security state, as on QEMU virt.
 */
#ifndef FIQ_H
#define FIQ_H

#include <stdbool.h>

#include "machine.h"

/*
 * The timer's interrupt, enabled, comes as FIQ; or as IRQ again. On a GICv2 all the host's
 * interrupts change with it.
 */
void fiq_timer(const struct machine *machine, bool fiq);

/* Takes a pending FIQ: turns the timer off and ends the interrupt. False: none is pending. */
bool fiq_take(const struct machine *machine);

#endif
