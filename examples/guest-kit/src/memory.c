/* SPDX-License-Identifier: MIT */
/* Changes of the page tables. */
#include <kit/memory.h>

#include <stdbool.h>
#include <stddef.h>

#include <kit/arch.h>
#include <kit/cpu.h>

#include "internal.h"
#include "tables.h"

#define ENTRIES 512u

#define LAST_LEVEL 3u

#define KNOWN_ATTRIBUTES (3u | KIT_WRITE | KIT_EXEC | KIT_USER)
#define TYPE_ATTRIBUTE   3u

#define DESC_PERMISSIONS (DESC_AP_EL0 | DESC_AP_RO | DESC_PXN | DESC_UXN)

/* TLBI VAE1IS takes VA[55:12]. */
#define TLBI_VA(va) ((va) >> 12 & UINT64_C(0xfffffffffff))

/* CTR_EL0: log2 of the words of the smallest data and instruction cache lines. */
#define CTR_DMINLINE(r) ((r) >> 16 & 0xf)
#define CTR_IMINLINE(r) (0xf & (r))

enum operation { MAP, UNMAP, PROTECT };

struct change {
    enum operation operation;
    uint64_t va, pa, size;
    uint64_t attributes; /* in the descriptor's form */
};

static size_t spare_used;
static struct kit_lock tables_lock;

/* How much an entry of a level translates: 1 GiB, 2 MiB, 4 KiB. */
static uint64_t span(unsigned int level)
{
    return UINT64_C(1) << (12 + 9 * (LAST_LEVEL - level));
}

static bool is_table(uint64_t entry, unsigned int level)
{
    return level < LAST_LEVEL && (entry & DESC_TYPE) == DESC_TABLE;
}

static uint64_t leaf_type(unsigned int level)
{
    return level == LAST_LEVEL ? DESC_PAGE : DESC_BLOCK;
}

static uint64_t leaf_attributes(uint32_t attributes)
{
    uint64_t leaf = DESC_AF | DESC_SH_INNER | DESC_PXN | DESC_UXN;

    leaf |= DESC_ATTR(attributes & TYPE_ATTRIBUTE);
    if ((attributes & KIT_WRITE) == 0)
        leaf |= DESC_AP_RO;
    if ((attributes & KIT_USER) != 0)
        leaf |= DESC_AP_EL0;
    if ((attributes & KIT_EXEC) != 0)
        leaf &= (attributes & KIT_USER) != 0 ? ~DESC_UXN : ~DESC_PXN;
    return leaf;
}

static void store(uint64_t *entry, uint64_t value)
{
    *(volatile uint64_t *)entry = value;
    kit_dsb(ishst);
}

static void invalidate_tlb(uint64_t va)
{
    __asm__ volatile("tlbi vae1is, %0" ::"r"(TLBI_VA(va)) : "memory");
}

/*
 * An entry that was invalid is in no TLB. A change of permissions alone may be written over the old
 * entry. All else needs break-before-make: two entries for one address in the TLBs at the same time
 * may differ in output, type or size.
 */
static void replace(uint64_t *entry, uint64_t va, uint64_t value)
{
    uint64_t old = *entry;

    if ((old & DESC_VALID) == 0) {
        store(entry, value);
    } else if (value == 0 || ((old ^ value) & ~DESC_PERMISSIONS) == 0) {
        store(entry, value);
        invalidate_tlb(va);
    } else {
        store(entry, 0);
        invalidate_tlb(va);
        kit_dsb(ish);
        store(entry, value);
    }
}

/* Puts a table under an entry that is invalid or a block, and that goes on meaning the same. */
static bool split(uint64_t *entry, uint64_t va, unsigned int level)
{
    uint64_t old = *entry;
    uint64_t *table;

    if (spare_used == KIT_SPARE_TABLES)
        return false;
    table = kit_spare_tables[spare_used++];
    for (size_t i = 0; i < ENTRIES; i++)
        table[i] = (old & DESC_VALID) == 0
                       ? 0
                       : ((old & ~DESC_TYPE) | leaf_type(level + 1)) + i * span(level + 1);
    kit_dsb(ishst);
    replace(entry, va, (uint64_t)table | DESC_TABLE);
    return true;
}

/* The change can be made in one entry of this level. */
static bool fits(const struct change *c, unsigned int level)
{
    uint64_t addresses = c->operation == MAP ? c->va | c->pa : c->va;

    return addresses % span(level) == 0 && c->size >= span(level);
}

/* Makes the first part of the change, and cuts it off. */
static int change_first(struct change *c)
{
    uint64_t *table = kit_root_table;
    uint64_t *entry, done;
    unsigned int level = 1;

    for (;; level++) {
        entry = &table[c->va / span(level) % ENTRIES];
        if (!is_table(*entry, level)) {
            bool nothing = c->operation != MAP && (*entry & DESC_VALID) == 0;

            if (nothing || fits(c, level))
                break;
            if (!split(entry, c->va, level))
                return KIT_MEMORY_NO_TABLES;
        }
        table = (uint64_t *)(*entry & DESC_ADDRESS);
    }

    if (c->operation == MAP) {
        replace(entry, c->va, c->pa | c->attributes | leaf_type(level));
    } else if ((*entry & DESC_VALID) == 0) {
        if (c->operation == PROTECT)
            return KIT_MEMORY_NOT_MAPPED;
    } else if (c->operation == PROTECT) {
        replace(entry, c->va, (*entry & DESC_ADDRESS) | c->attributes | leaf_type(level));
    } else {
        replace(entry, c->va, 0);
    }

    /* To the end of the entry: where there is nothing to unmap, va may lie inside of it. */
    done = span(level) - c->va % span(level);
    if (done > c->size)
        done = c->size;
    c->va += done;
    c->pa += done;
    c->size -= done;
    return 0;
}

static bool in_range(uint64_t address, uint64_t size, unsigned int bits)
{
    uint64_t end = UINT64_C(1) << bits;

    return address % KIT_PAGE_SIZE == 0 && address <= end && size <= end - address;
}

static int change(struct change c)
{
    int error = 0;
    uint64_t daif;

    if (c.size == 0 || c.size % KIT_PAGE_SIZE != 0 || !in_range(c.va, c.size, KIT_VA_BITS) ||
        !in_range(c.pa, c.size, 48))
        return KIT_MEMORY_INVALID;

    daif = kit_irq_mask();
    kit_lock(&tables_lock);
    while (c.size > 0 && error == 0)
        error = change_first(&c);
    /* The invalidations are complete on all CPUs, and walks from here on see the new entries. */
    kit_dsb(ish);
    kit_isb();
    kit_unlock(&tables_lock);
    kit_irq_restore(daif);
    return error;
}

static bool known(uint32_t attributes)
{
    return (attributes & ~KNOWN_ATTRIBUTES) == 0 &&
           (attributes & TYPE_ATTRIBUTE) <= KIT_NONCACHEABLE;
}

int kit_map(uint64_t va, uint64_t pa, uint64_t size, uint32_t attributes)
{
    if (!known(attributes))
        return KIT_MEMORY_INVALID;
    return change((struct change){MAP, va, pa, size, leaf_attributes(attributes)});
}

int kit_unmap(uint64_t va, uint64_t size)
{
    return change((struct change){UNMAP, va, 0, size, 0});
}

int kit_protect(uint64_t va, uint64_t size, uint32_t attributes)
{
    if (!known(attributes))
        return KIT_MEMORY_INVALID;
    return change((struct change){PROTECT, va, 0, size, leaf_attributes(attributes)});
}

void kit_sync_code(const void *start, uint64_t size)
{
    uint64_t first = (uint64_t)start, end = first + size;
    uint64_t ctr = kit_mrs(ctr_el0);
    uint64_t dline = UINT64_C(4) << CTR_DMINLINE(ctr);
    uint64_t iline = UINT64_C(4) << CTR_IMINLINE(ctr);

    for (uint64_t a = first & ~(dline - 1); a < end; a += dline)
        __asm__ volatile("dc cvau, %0" ::"r"(a) : "memory");
    kit_dsb(ish);
    for (uint64_t a = first & ~(iline - 1); a < end; a += iline)
        __asm__ volatile("ic ivau, %0" ::"r"(a) : "memory");
    kit_dsb(ish);
    kit_isb();
}
