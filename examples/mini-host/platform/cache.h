/* SPDX-License-Identifier: MIT */
/* Data cache maintenance by address, to the point of coherency. */
#ifndef PLATFORM_CACHE_H
#define PLATFORM_CACHE_H

#include <stddef.h>

/*
 * Writes the range back to memory, for someone who reads it with caches off: a CPU that was just
 * started, a guest before it turns its MMU on.
 */
void cache_clean(const void *start, size_t size);

/* Drops what the cache holds of a range that was written with caches off. */
void cache_invalidate(const void *start, size_t size);

#endif
