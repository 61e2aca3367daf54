/* SPDX-License-Identifier: MIT */
/*
 * A bitmap from the lowest to the highest page of RAM; a set bit is a page in use. A request takes
 * the first fit, and does not begin at the beginning: a guest decides when some requests are made
 * (resets, flash), and all guests' memory is in use by then. For requests of large blocks there is a
 * bitmap of blocks, because all of RAM is looked through when there is no block any more.
 */
#include "memory.h"

#include <string.h>

#include "lock.h"
#include "mmu.h"

/* Requests of such an alignment are of large blocks: of this size, or several of them. */
#define BLOCK_ALIGN UINT64_C(0x200000)
#define BLOCK_PAGES (BLOCK_ALIGN / MEMORY_PAGE_SIZE)

extern char image_start[], image_end[];

static struct {
    uint64_t base; /* of the first page and block */
    size_t pages, blocks, free;
    size_t lowest;       /* no page below it is free, */
    size_t lowest_block; /* and no block below this */
    uint8_t *used;       /* one bit a page, */
    uint8_t *used_block; /* and a block: one of its pages is in use */
    struct lock lock;
} memory;

static bool is_set(const uint8_t *map, size_t n)
{
    return (map[n / 8] >> (n % 8) & 1) != 0;
}

static void mark(size_t page, bool used)
{
    uint8_t bit = (uint8_t)(1u << (page % 8));

    if (is_set(memory.used, page) == used)
        return;
    memory.used[page / 8] ^= bit;
    memory.free += used ? (size_t)-1 : 1;
}

/* Pages that are all in use, or all not, and become the other. */
static void mark_run(size_t page, size_t count, bool used)
{
    for (size_t end = page + count; page < end;) {
        if (page % 8 == 0 && end - page >= 8) {
            memory.used[page / 8] = used ? 0xff : 0;
            memory.free += used ? (size_t)-8 : 8;
            page += 8;
        } else {
            mark(page++, used);
        }
    }
}

/* The first bit of this kind from one on, or end if all are of the other kind. */
static size_t find(const uint8_t *map, size_t at, size_t end, bool set)
{
    const uint8_t others = set ? 0 : 0xff;

    while (at < end) {
        if (at % 8 == 0 && map[at / 8] == others)
            at += 8;
        else if (is_set(map, at) == set)
            return at;
        else
            at++;
    }
    return end;
}

/* The blocks that these pages are in. */
static void look_at_blocks(size_t page, size_t end)
{
    for (size_t block = page / BLOCK_PAGES; block * BLOCK_PAGES < end; block++) {
        const size_t first = block * BLOCK_PAGES, next = first + BLOCK_PAGES;
        const uint8_t bit = (uint8_t)(1u << (block % 8));

        if (find(memory.used, first, next, true) != next) {
            memory.used_block[block / 8] |= bit;
        } else {
            memory.used_block[block / 8] &= (uint8_t)~bit;
            if (block < memory.lowest_block)
                memory.lowest_block = block;
        }
    }
}

/* Marks the pages of a region: those it touches if they become used, else those inside it. */
static void mark_region(const struct machine_region *region, bool used)
{
    uint64_t round = MEMORY_PAGE_SIZE - 1;
    uint64_t start = region->base + (used ? 0 : round);
    uint64_t end = region->base + region->size + (used ? round : 0);

    for (uint64_t at = start & ~round; at + MEMORY_PAGE_SIZE <= (end & ~round);
         at += MEMORY_PAGE_SIZE) {
        if (at >= memory.base && (at - memory.base) / MEMORY_PAGE_SIZE < memory.pages)
            mark((at - memory.base) / MEMORY_PAGE_SIZE, used);
    }
}

/* All of RAM but the image, which is mapped already, with holes that must stay. */
static bool map_ram(const struct machine *machine)
{
    for (unsigned i = 0; i < machine->ram_count; i++) {
        uint64_t start = machine->ram[i].base, end = start + machine->ram[i].size;
        uint64_t hole = (uintptr_t)image_start, hole_end = (uintptr_t)image_end;

        if (hole >= start && hole_end <= end) {
            if (!mmu_map(start, hole - start, MMU_DATA) ||
                !mmu_map(hole_end, end - hole_end, MMU_DATA))
                return false;
        } else if (!mmu_map(start, end - start, MMU_DATA)) {
            return false;
        }
    }
    return true;
}

static bool overlap(const struct machine_region *a, const struct machine_region *b)
{
    return a->base < b->base + b->size && b->base < a->base + a->size;
}

/* Memory that must stay as it is: the image and the tree first, then what the tree names. */
static struct machine_region kept(const struct machine *machine, unsigned index)
{
    struct machine_region image = {(uintptr_t)image_start, (uintptr_t)(image_end - image_start)};
    struct machine_region fdt = {
        (uintptr_t)machine->fdt,
        __builtin_bswap32(((const uint32_t *)machine->fdt)[1]),
    };

    if (index == 0)
        return image;
    return index == 1 ? fdt : machine->reserved[index - 2];
}

/* Finds a place for the bitmap itself: after one of the kept regions, or at the start of RAM. */
static bool find_bitmap(const struct machine *machine, struct machine_region *bitmap)
{
    unsigned kept_count = machine->reserved_count + 2;

    for (unsigned i = 0; i < kept_count; i++) {
        struct machine_region behind = kept(machine, i);
        bool is_free = true, is_ram = false;

        bitmap->base =
            (behind.base + behind.size + MEMORY_PAGE_SIZE - 1) & ~(uint64_t)(MEMORY_PAGE_SIZE - 1);
        for (unsigned j = 0; j < kept_count; j++) {
            struct machine_region other = kept(machine, j);

            is_free &= !overlap(bitmap, &other);
        }
        for (unsigned j = 0; j < machine->ram_count; j++)
            is_ram |= bitmap->base >= machine->ram[j].base &&
                      bitmap->base + bitmap->size <= machine->ram[j].base + machine->ram[j].size;
        if (is_free && is_ram)
            return true;
    }
    return false;
}

const char *memory_init(const struct machine *machine)
{
    uint64_t start = UINT64_MAX, end = 0;
    struct machine_region bitmap;

    for (unsigned i = 0; i < machine->ram_count; i++) {
        const struct machine_region *ram = &machine->ram[i];

        start = ram->base < start ? ram->base : start;
        end = ram->base + ram->size > end ? ram->base + ram->size : end;
    }
    memory.base = start & ~(BLOCK_ALIGN - 1);
    memory.blocks = (end - memory.base + BLOCK_ALIGN - 1) / BLOCK_ALIGN;
    memory.pages = memory.blocks * BLOCK_PAGES;
    bitmap.size = (memory.pages + memory.blocks + 7) / 8;
    if (!map_ram(machine))
        return "too few pages to map the memory";
    if (!find_bitmap(machine, &bitmap))
        return "no room for the memory map";

    memory.used = (uint8_t *)(uintptr_t)bitmap.base;
    memory.used_block = memory.used + memory.pages / 8;
    memset(memory.used, 0xff, bitmap.size);
    for (unsigned i = 0; i < machine->ram_count; i++)
        mark_region(&machine->ram[i], false);
    for (unsigned i = 0; i < machine->reserved_count + 2; i++) {
        struct machine_region region = kept(machine, i);

        mark_region(&region, true);
    }
    mark_region(&bitmap, true);
    look_at_blocks(0, memory.pages);
    return NULL;
}

static size_t align_page(size_t page, uint64_t align)
{
    uint64_t address = memory.base + page * MEMORY_PAGE_SIZE;

    return (((address + align - 1) & ~(align - 1)) - memory.base) / MEMORY_PAGE_SIZE;
}

/* The first run of free pages; memory.pages if there is none. */
static size_t find_pages(size_t pages, uint64_t align)
{
    size_t page;

    memory.lowest = find(memory.used, memory.lowest, memory.pages, false);
    page = align_page(memory.lowest, align);
    while (page < memory.pages && pages <= memory.pages - page) {
        size_t stop = find(memory.used, page, page + pages, true);

        if (stop == page + pages)
            return page;
        page = align_page(find(memory.used, stop, memory.pages, false), align);
    }
    return memory.pages;
}

/* The same, of whole blocks. */
static size_t find_blocks(size_t pages, uint64_t align)
{
    const size_t blocks = (pages + BLOCK_PAGES - 1) / BLOCK_PAGES;
    size_t block = find(memory.used_block, memory.lowest_block, memory.blocks, false);

    memory.lowest_block = block;
    for (;;) {
        size_t stop;

        block = align_page(block * BLOCK_PAGES, align) / BLOCK_PAGES;
        if (block >= memory.blocks || blocks > memory.blocks - block)
            return memory.pages;
        stop = find(memory.used_block, block, block + blocks, true);
        if (stop == block + blocks)
            return block * BLOCK_PAGES;
        block = find(memory.used_block, stop, memory.blocks, false);
    }
}

uint64_t memory_alloc(size_t pages, uint64_t align)
{
    uint64_t daif = lock_acquire(&memory.lock);
    size_t page = align >= BLOCK_ALIGN ? find_blocks(pages, align) : find_pages(pages, align);

    if (page != memory.pages) {
        mark_run(page, pages, true);
        look_at_blocks(page, page + pages);
    }
    lock_release(&memory.lock, daif);
    return page == memory.pages ? MEMORY_NONE : memory.base + page * MEMORY_PAGE_SIZE;
}

void memory_free(uint64_t address, size_t pages)
{
    const size_t page = (address - memory.base) / MEMORY_PAGE_SIZE;
    uint64_t daif = lock_acquire(&memory.lock);

    mark_run(page, pages, false);
    if (page < memory.lowest)
        memory.lowest = page;
    look_at_blocks(page, page + pages);
    lock_release(&memory.lock, daif);
}

size_t memory_free_pages(void)
{
    return memory.free;
}
