/* SPDX-License-Identifier: MIT */
/* Physical memory in pages of 4 KiB. Any CPU. */
#ifndef PLATFORM_MEMORY_H
#define PLATFORM_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "machine.h"

#define MEMORY_PAGE_SIZE 4096u
#define MEMORY_NONE      UINT64_MAX

/*
 * Maps the machine's RAM and manages it, except the image, the device tree, the boot modules and
 * the tree's reserved memory. The platform calls it once. Returns NULL, or what went wrong.
 */
const char *memory_init(const struct machine *machine);

/*
 * `pages` of contiguous memory whose address is a multiple of `align` bytes (a power of two, at
 * least a page). Its contents may be anything. MEMORY_NONE if there is no such run.
 */
uint64_t memory_alloc(size_t pages, uint64_t align);

/* Takes back what memory_alloc gave, or a part of it. */
void memory_free(uint64_t address, size_t pages);

/* Pages not in use. */
size_t memory_free_pages(void);

#endif
