/* SPDX-License-Identifier: MIT */
/*
 * The guest's own page tables: one set for all CPUs, 39 bits of VA, 4 KiB pages. At the start VA is
 * PA. The first GiB is Device and never executable. RAM is Normal Write-Back and not executable,
 * except the image: its code and its constants cannot be written.
 */
#ifndef KIT_MEMORY_H
#define KIT_MEMORY_H

#include <stdint.h>

#define KIT_PAGE_SIZE UINT64_C(4096)
#define KIT_VA_BITS   39

enum {
    /* The memory type: one of these. */
    KIT_NORMAL = 0,       /* Normal, Write-Back, Inner Shareable */
    KIT_DEVICE = 1,       /* Device-nGnRE */
    KIT_NONCACHEABLE = 2, /* Normal, Non-cacheable */
    /* Reading is always allowed. The other permissions: */
    KIT_WRITE = 1 << 4,
    KIT_EXEC = 1 << 5, /* at EL1; at EL0 instead if KIT_USER */
    KIT_USER = 1 << 6, /* to EL0 as well */
};

enum kit_memory_error {
    KIT_MEMORY_INVALID = -1,    /* not page aligned, size 0, out of range, unknown attributes */
    KIT_MEMORY_NO_TABLES = -2,  /* all KIT_SPARE_TABLES are in use */
    KIT_MEMORY_NOT_MAPPED = -3, /* kit_protect: a page of it is not mapped */
};

/*
 * Each returns 0 or an error, and has taken effect on all CPUs when it returns. After an error part
 * of the range can have changed. A page with another mapping, and a block that must be split, is
 * unmapped for a moment (break-before-make): no CPU may use it then. A change of permissions only
 * has no such gap.
 */
int kit_map(uint64_t va, uint64_t pa, uint64_t size, uint32_t attributes);
int kit_unmap(uint64_t va, uint64_t size);
int kit_protect(uint64_t va, uint64_t size, uint32_t attributes);

/*
 * For code that was just written: cleans the data cache and invalidates the instruction caches of
 * all CPUs. Then each CPU that runs it needs an ISB; this one has had it.
 */
void kit_sync_code(const void *start, uint64_t size);

#endif
