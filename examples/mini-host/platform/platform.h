/* SPDX-License-Identifier: MIT */
/* The start of a host. */
#ifndef PLATFORM_H
#define PLATFORM_H

#include "machine.h"

/*
 * The host's own part: called on the first CPU at EL2 with MMU and caches on, IRQs masked, the
 * console and the memory allocator ready. Other CPUs wait for smp_start, the GIC for gic_init.
 * When it returns the machine is powered off with success.
 */
void host_main(const struct machine *machine);

#endif
