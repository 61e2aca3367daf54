/* SPDX-License-Identifier: MIT */
#include "cache.h"

#include <stdint.h>

#include "arch.h"

/* CTR_EL0.DminLine: log2 of the words of the smallest data cache line. */
static uintptr_t line_size(void)
{
    return (uintptr_t)4 << ((arch_read(ctr_el0) >> 16) & 0xf);
}

/* One instruction of cache maintenance for each line of a range. */
#define FOR_EACH_LINE(instruction, start, size)                                                    \
    do {                                                                                           \
        const uintptr_t line_ = line_size(), end_ = (uintptr_t)(start) + (size);                   \
        for (uintptr_t at_ = (uintptr_t)(start) & ~(line_ - 1); at_ < end_; at_ += line_)          \
            __asm__ volatile("dc " instruction ", %0" ::"r"(at_) : "memory");                      \
        arch_dsb();                                                                                \
    } while (0)

void cache_clean(const void *start, size_t size)
{
    FOR_EACH_LINE("cvac", start, size);
}

void cache_invalidate(const void *start, size_t size)
{
    FOR_EACH_LINE("ivac", start, size);
}
