/* SPDX-License-Identifier: MIT */
/*
 * Where the seeds come from that guests find in their device trees: the machine's own rng-seed, and
 * the CPU's random numbers (FEAT_RNG).
 */
#ifndef MINI_HOST_SEEDS_H
#define MINI_HOST_SEEDS_H

#include <stdbool.h>
#include <stddef.h>

#include "machine.h"
#include "machine/guest_fdt.h"

/*
 * Takes the machine's seed, which nobody finds in memory after this. Prints a line if the machine
 * has no seed that entropy_refuse_seed lets pass, and its CPU gives no random numbers. Once, before
 * any guest.
 */
void seeds_init(const struct machine *machine);

bool seeds_are_there(void);

/* Others at each call, on any CPU. False: there are none. */
bool seeds_draw(struct guest_fdt_seeds *seeds);
bool seeds_draw_bytes(void *out, size_t size);

#endif
