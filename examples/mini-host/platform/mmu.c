/* SPDX-License-Identifier: MIT */
#include "mmu.h"

#include <stddef.h>

#include "arch.h"
#include "cache.h"
#include "layout.h"
#include "smp.h"

/* VMSAv8-64, 4 KiB granule, 48 bits of address: levels 0 to 3 of 512 descriptors. */
#define PAGE_SHIFT     12
#define LEVEL_BITS     9
#define LAST_LEVEL     3
#define LEVEL_SHIFT(l) (PAGE_SHIFT + LEVEL_BITS * (LAST_LEVEL - (l)))
#define LEVEL_SIZE(l)  (UINT64_C(1) << LEVEL_SHIFT(l))
#define FIRST_BLOCK    1 /* the level of 1 GiB blocks */
#define ADDRESS_BITS   48
#define ENTRIES        512
#define TABLE_PAGES    64

#define DESC_VALID    (UINT64_C(1) << 0)
#define DESC_TABLE    (UINT64_C(1) << 1) /* at level 3: a page */
#define DESC_ATTR(n)  ((uint64_t)(n) << 2)
#define DESC_AP1      (UINT64_C(1) << 6) /* RES1 in a regime with one exception level */
#define DESC_READONLY (UINT64_C(1) << 7)
#define DESC_INNER    (UINT64_C(3) << 8)
#define DESC_AF       (UINT64_C(1) << 10)
#define DESC_XN       (UINT64_C(1) << 54)
#define DESC_ADDRESS  UINT64_C(0x0000fffffffff000)

/* MAIR_EL2: attribute 0 is Device-nGnRE, 1 is Normal Write-Back, read and write allocate. */
#define ATTR_DEVICE 0
#define ATTR_NORMAL 1
#define MAIR        UINT64_C(0xff04)

/*
 * TCR_EL2 with E2H = 0: the walks are Inner Shareable and Write-Back, granule 4 KiB, bits 31 and 23
 * RES1. T0SZ and PS come on top.
 */
#define TCR_WALKS    ((UINT64_C(1) << 8) | (UINT64_C(1) << 10) | (UINT64_C(3) << 12))
#define TCR_RES1     ((UINT64_C(1) << 31) | (UINT64_C(1) << 23))
#define TCR_PS_SHIFT 16
#define PARANGE_MAX  5 /* 48 bits; more needs FEAT_LPA */

struct mmu_registers {
    uint64_t mair, tcr, ttbr;
};

_Static_assert(offsetof(struct mmu_registers, mair) == MMU_REGISTERS_MAIR, "layout.h");
_Static_assert(offsetof(struct mmu_registers, tcr) == MMU_REGISTERS_TCR, "layout.h");
_Static_assert(offsetof(struct mmu_registers, ttbr) == MMU_REGISTERS_TTBR, "layout.h");

/* What boot.S loads on each CPU. */
struct mmu_registers mmu_registers;

extern char image_start[], rodata_start[], data_start[], bss_start[], image_end[];

static struct {
    uint64_t tables[TABLE_PAGES][ENTRIES] __attribute__((aligned(4096)));
    unsigned used;
} mmu;

static uint64_t leaf(enum mmu_kind kind)
{
    const uint64_t normal = DESC_VALID | DESC_AF | DESC_AP1 | DESC_INNER | DESC_ATTR(ATTR_NORMAL);

    switch (kind) {
    case MMU_CODE:
        return normal | DESC_READONLY;
    case MMU_READONLY:
        return normal | DESC_READONLY | DESC_XN;
    case MMU_DEVICE:
        return DESC_VALID | DESC_AF | DESC_AP1 | DESC_ATTR(ATTR_DEVICE) | DESC_XN;
    case MMU_DATA:
    default:
        return normal | DESC_XN;
    }
}

static uint64_t *table_of(uint64_t descriptor)
{
    return (uint64_t *)(uintptr_t)(descriptor & DESC_ADDRESS);
}

/*
 * The table below *entry, made if there is none; NULL if there is no page left. A fresh one is
 * zero, as all of .bss, and visible to the walker before the entry that leads to it.
 */
static uint64_t *descend(uint64_t *entry)
{
    if ((*entry & DESC_VALID) == 0) {
        if (mmu.used == TABLE_PAGES)
            return NULL;
        __atomic_store_n(entry, (uintptr_t)mmu.tables[mmu.used++] | DESC_TABLE | DESC_VALID,
                         __ATOMIC_RELEASE);
    }
    return table_of(*entry);
}

/* Maps [at, end) in the table of this level that covers it. */
static bool map_level(uint64_t *table, unsigned level, uint64_t at, uint64_t end,
                      enum mmu_kind kind)
{
    uint64_t size = LEVEL_SIZE(level);

    while (at < end) {
        uint64_t *entry = &table[(at >> LEVEL_SHIFT(level)) % ENTRIES];
        uint64_t next = (at | (size - 1)) + 1;
        uint64_t stop = next < end ? next : end;
        bool is_table = level < LAST_LEVEL && (*entry & DESC_TABLE) != 0;
        bool is_whole = level >= FIRST_BLOCK && stop - at == size;

        if ((*entry & DESC_VALID) != 0 && !is_table) {
            /* A page or block is here already. */
        } else if (is_whole && !is_table) {
            *entry = at | leaf(kind) | (level == LAST_LEVEL ? DESC_TABLE : 0);
        } else {
            uint64_t *below = descend(entry);

            if (below == NULL || !map_level(below, level + 1, at, stop, kind))
                return false;
        }
        at = stop;
    }
    return true;
}

bool mmu_map(uint64_t address, uint64_t size, enum mmu_kind kind)
{
    uint64_t page = LEVEL_SIZE(LAST_LEVEL);
    uint64_t start = address & ~(page - 1);
    uint64_t end = (address + size + page - 1) & ~(page - 1);
    bool mapped;

    if (end < start || end > UINT64_C(1) << ADDRESS_BITS)
        return false;
    mapped = map_level(mmu.tables[0], 0, start, end, kind);
    /* Only invalid entries became valid: no TLB holds them, the walker must just see the stores. */
    arch_dsb();
    arch_isb();
    return mapped;
}

static void map_image(void)
{
    mmu_map((uintptr_t)image_start, (uintptr_t)(rodata_start - image_start), MMU_CODE);
    mmu_map((uintptr_t)rodata_start, (uintptr_t)(data_start - rodata_start), MMU_READONLY);
    mmu_map((uintptr_t)data_start, (uintptr_t)((char *)smp_stacks - data_start), MMU_DATA);
    for (unsigned i = 0; i < PLATFORM_MAX_CPUS; i++) {
        uintptr_t stack = (uintptr_t)smp_stacks[i] + PLATFORM_STACK_GUARD;

        mmu_map(stack, PLATFORM_STACKS_SIZE - PLATFORM_STACK_GUARD, MMU_DATA);
    }
    mmu_map((uintptr_t)smp_stacks + sizeof(smp_stacks),
            (uintptr_t)image_end - (uintptr_t)smp_stacks - sizeof(smp_stacks), MMU_DATA);
}

/*
 * Called by boot.S on the first CPU with the MMU off: the image and the device tree, whose size is
 * the second word of its header. The static pages suffice, so that nothing here can fail.
 */
void mmu_build(const void *fdt);
void mmu_build(const void *fdt)
{
    uint64_t parange = arch_read(id_aa64mmfr0_el1) & 0xf;

    mmu.used = 1; /* the root */
    map_image();
    mmu_map((uintptr_t)fdt, __builtin_bswap32(((const uint32_t *)fdt)[1]), MMU_READONLY);

    mmu_registers.mair = MAIR;
    mmu_registers.tcr = TCR_RES1 | TCR_WALKS | (64 - ADDRESS_BITS) |
                        ((parange < PARANGE_MAX ? parange : PARANGE_MAX) << TCR_PS_SHIFT);
    mmu_registers.ttbr = (uintptr_t)mmu.tables[0];
    /* All this was written past the caches; they may hold older lines of the image's end. */
    cache_invalidate(data_start, (size_t)(image_end - data_start));
}
