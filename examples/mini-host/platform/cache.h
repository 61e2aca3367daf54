/* SPDX-License-Identifier: MIT */
/*
 * Cache maintenance of data by address, to the point of coherency, for the platform's own start. The
 * platform does not use the library, whose vcpu/cache.h is for guests' memory.
 */
#ifndef PLATFORM_CACHE_H
#define PLATFORM_CACHE_H

#include <stddef.h>

/* Writes the range back to memory, for a CPU that was just started and has its caches off. */
void cache_clean(const void *start, size_t size);

/* Drops what the cache holds of a range that was written with caches off. */
void cache_invalidate(const void *start, size_t size);

/* memset(start, 0, size) for large ranges of Normal memory, a block at a time (DC ZVA). */
void cache_zero(void *start, size_t size);

#endif
