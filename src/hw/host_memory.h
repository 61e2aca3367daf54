/* SPDX-License-Identifier: MIT */
/* Memory from the host's hooks. */
#ifndef VCPU_HW_HOST_MEMORY_H
#define VCPU_HW_HOST_MEMORY_H

#include <stdbool.h>

#include <vcpu/host.h>

#include "hw/memory.h"

/* Does the host have the memory hooks, which every host must have? */
static inline bool host_memory_hooks_exist(const struct vcpu_host *host)
{
    return host && host->alloc_pages && host->free_pages && host->phys_to_virt;
}

/* The number of pages for this many bytes: a power of two, as alloc_pages needs it. */
static inline size_t host_memory_pages(size_t size)
{
    size_t pages = 1;

    while (pages * VCPU_PAGE_SIZE < size)
        pages *= 2;
    return pages;
}

/* Contiguous pages of zeros, at *pa; NULL if the host has none. */
static inline void *host_memory_take(const struct vcpu_host *host, size_t pages, vcpu_pa_t *pa)
{
    void *memory;

    *pa = host->alloc_pages(host->ctx, pages);
    if (vcpu_pa_is_none(*pa))
        return NULL;
    memory = host->phys_to_virt(host->ctx, *pa);
    memset(memory, 0, pages * VCPU_PAGE_SIZE);
    return memory;
}

#endif
