/* SPDX-License-Identifier: MIT */
#include "cache.h"

#include <stdint.h>

#include "arch.h"

/* CTR_EL0.DminLine: log2 of the words of the smallest data cache line. */
static uintptr_t line_size(void)
{
    return (uintptr_t)4 << ((arch_read(ctr_el0) >> 16) & 0xf);
}

void cache_clean(const void *start, size_t size)
{
    uintptr_t line = line_size();
    uintptr_t end = (uintptr_t)start + size;

    for (uintptr_t at = (uintptr_t)start & ~(line - 1); at < end; at += line)
        __asm__ volatile("dc cvac, %0" ::"r"(at) : "memory");
    arch_dsb();
}

void cache_drop_code(void)
{
    __asm__ volatile("ic ialluis" ::: "memory");
    arch_dsb();
    arch_isb();
}

void cache_invalidate(const void *start, size_t size)
{
    uintptr_t line = line_size();
    uintptr_t end = (uintptr_t)start + size;

    for (uintptr_t at = (uintptr_t)start & ~(line - 1); at < end; at += line)
        __asm__ volatile("dc ivac, %0" ::"r"(at) : "memory");
    arch_dsb();
}

void cache_clean_invalidate(const void *start, size_t size)
{
    uintptr_t line = line_size();
    uintptr_t end = (uintptr_t)start + size;

    for (uintptr_t at = (uintptr_t)start & ~(line - 1); at < end; at += line)
        __asm__ volatile("dc civac, %0" ::"r"(at) : "memory");
    arch_dsb();
}
