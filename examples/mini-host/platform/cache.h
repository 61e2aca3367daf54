/* SPDX-License-Identifier: MIT */
/* Cache maintenance: of data by address, to the point of coherency; of instructions as a whole. */
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

/* Both: for what someone may have written either way. */
void cache_clean_invalidate(const void *start, size_t size);

/*
 * After code was written where there may have been other code, and was cleaned: no CPU's
 * instruction cache has the other any more.
 */
void cache_drop_code(void);

#endif
