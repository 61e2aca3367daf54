/* SPDX-License-Identifier: MIT */
/*
 * Fills a guest's memory: its files and its device tree. What that takes depends on the size of the
 * memory, which can be large. So it is done in pieces of less than 10,000 instructions.
 */
#ifndef MINI_HOST_LOAD_H
#define MINI_HOST_LOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "machine/guest_fdt.h"

#define LOAD_MAX_PARTS 3u /* kernel, initrd, device tree */

/* What the guest finds at an address of its. */
struct load_part {
    uint64_t start, size;
    const void *contents;
};

struct load {
    struct load_part parts[LOAD_MAX_PARTS]; /* by ascending addresses */
    unsigned part_count;
    uint64_t fdt;                  /* the guest's address of its device tree */
    struct guest_fdt_places seeds; /* in the tree */
    uint64_t entry, x0; /* where the guest starts; the tree's address, 0 for a firmware */
    uint64_t at;        /* the guest's memory below this address is done */
};

struct guest;

/*
 * Once: finds a place for each file, and writes the device tree that each start copies. On an error
 * returns false with one line about it in error (size bytes).
 */
bool load_plan(struct guest *guest, char *error, size_t size);

/* At each start, when none of the guest's vCPUs runs. */
void load_begin(struct guest *guest);

/*
 * One piece, until it returns false: all is done. At the first start each byte that no file covers
 * becomes zero: it may be a secret of whoever had the memory before. At a reset such memory stays
 * as it is, as in a real machine: its contents are the guest's own.
 *
 * All memory is written back from the caches, for a guest with its caches off (vcpu/cache.h). The
 * pieces of one start may be done by several CPUs, one after the other.
 */
bool load_piece(struct guest *guest);

#endif
