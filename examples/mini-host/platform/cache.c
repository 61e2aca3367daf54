/* SPDX-License-Identifier: MIT */
#include "cache.h"

#include <stdint.h>
#include <string.h>

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

/*
 * DCZID_EL0: log2 of the words that DC ZVA writes, or that it is prohibited.
 */
void cache_zero(void *start, size_t size)
{
    const uint64_t dczid = arch_read(dczid_el0);
    const uintptr_t block = (uintptr_t)4 << (dczid & 0xf), end = (uintptr_t)start + size;
    const uintptr_t first = ((uintptr_t)start + block - 1) & ~(block - 1),
                    last = end & ~(block - 1);

    if ((dczid & 0x10) != 0 || first >= last) {
        memset(start, 0, size);
        return;
    }
    memset(start, 0, first - (uintptr_t)start);
    for (uintptr_t at = first; at < last; at += block)
        __asm__ volatile("dc zva, %0" ::"r"(at) : "memory");
    memset((void *)last, 0, end - last);
}
