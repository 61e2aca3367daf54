/* SPDX-License-Identifier: MIT */
/* Fills a guest's memory: its files and its device tree. */
#ifndef MINI_HOST_LOAD_H
#define MINI_HOST_LOAD_H

#include "guest.h"

/* Where the guest starts. */
struct load_entry {
    uint64_t pc;
    uint64_t x0; /* the address of the device tree; 0 for a firmware */
};

/*
 * Puts the guest's files into its memory, and a device tree; the rest of it stays as it is. Then
 * writes all of it back from the caches, for a guest with its caches off (vcpu/cache.h). On an error
 * returns false with one line about it in error (size bytes).
 */
bool load_guest(const struct guest *guest, struct load_entry *entry, char *error, size_t size);

#endif
