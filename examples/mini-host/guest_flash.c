/* SPDX-License-Identifier: MIT */
#include "guest_flash.h"

#include <string.h>

#include <vcpu/cache.h>

#include "host.h"
#include "memory.h"

#define BLOCK_PAGES (GUEST_FLASH_BLOCK / MEMORY_PAGE_SIZE)
#define MAX_SPAN    8u /* blocks of a bank that are mapped at the same time */

/* Stands for all blocks that are erased, in all guests. Never written to once it is made. */
static uint64_t erased;

static void *pointer(uint64_t address)
{
    return (void *)(uintptr_t)address;
}

/* For guests that read it with their caches off. */
static void make_ready(const void *start, uint64_t size)
{
    host_demand(vcpu_cache_clean(start, size, false));
}

static void erase(uint64_t address, uint64_t size)
{
    memset(pointer(address), 0xff, size);
    make_ready(pointer(address), size);
}

/* Its contents may be anything; 0 if there is none. */
static uint64_t allocate_block(void)
{
    uint64_t block = memory_alloc(BLOCK_PAGES, GUEST_FLASH_BLOCK);

    return block == MEMORY_NONE ? 0 : block;
}

/* The first of the mapped blocks, and how many there are from it to the last one. */
static unsigned first_mapped(uint32_t mapped)
{
    return (unsigned)__builtin_ctz(mapped);
}

static unsigned span_of(uint32_t mapped)
{
    return 32 - (unsigned)__builtin_clz(mapped) - first_mapped(mapped);
}

/* Whole blocks: nothing is split, so that it cannot fail. */
static void unmap_bank(struct guest_flash_bank *bank)
{
    if (bank->mapped == 0)
        return;
    vcpu_stage2_unmap(bank->owner->stage2,
                      vcpu_ipa(bank->base + first_mapped(bank->mapped) * GUEST_FLASH_BLOCK),
                      span_of(bank->mapped) * GUEST_FLASH_BLOCK);
    bank->mapped = 0;
}

/*
 * Blocks are mapped when the guest reads them, one at a time, and not more than some that are close
 * together: to map or unmap all of a bank takes long. Without memory for tables they stay unmapped:
 * reading goes on, slowly, but code cannot be executed.
 */
static bool map_block(struct guest_flash_bank *bank, uint64_t index)
{
    const uint32_t bit = UINT32_C(1) << index;
    uint64_t block = bank->blocks[index] != 0 ? bank->blocks[index] : erased;
    uint64_t at = bank->base + index * GUEST_FLASH_BLOCK;

    if ((bank->mapped & bit) != 0)
        return true;
    if (span_of(bank->mapped | bit) > MAX_SPAN)
        unmap_bank(bank);
    if (vcpu_stage2_map(bank->owner->stage2, vcpu_ipa(at), vcpu_pa(block), GUEST_FLASH_BLOCK,
                        VCPU_S2_READ | VCPU_S2_EXECUTE) != VCPU_OK)
        return false;
    bank->mapped |= bit;
    return true;
}

static const uint8_t *on_sector(void *ctx, uint64_t offset)
{
    const struct guest_flash_bank *bank = ctx;
    const uint64_t block = bank->blocks[offset / GUEST_FLASH_BLOCK];

    return (const uint8_t *)pointer(block != 0 ? block : erased) + offset % GUEST_FLASH_BLOCK;
}

/*
 * Contents change while they are not shown: what is mapped is looked up when they are again. A new
 * block is erased piece by piece, at the guest's questions whether the flash is ready: it is large.
 */
static enum flash_memory on_change(void *ctx, uint64_t offset, uint8_t **sector)
{
    struct guest_flash_bank *bank = ctx;
    uint64_t *block = &bank->blocks[offset / GUEST_FLASH_BLOCK];

    if (*block == 0) {
        if (bank->fresh == 0) {
            bank->fresh = allocate_block();
            bank->fresh_done = 0;
            return bank->fresh == 0 ? FLASH_NONE : FLASH_LATER;
        }
        erase(bank->fresh + bank->fresh_done, FLASH_PIECE);
        bank->fresh_done += FLASH_PIECE;
        if (bank->fresh_done == GUEST_FLASH_BLOCK) {
            *block = bank->fresh;
            bank->fresh = 0;
        }
        return FLASH_LATER;
    }
    *sector = (uint8_t *)pointer(*block) + offset % GUEST_FLASH_BLOCK;
    return FLASH_THERE;
}

static void on_changed(void *ctx, uint64_t offset, uint64_t size)
{
    const struct guest_flash_bank *bank = ctx;

    make_ready((uint8_t *)pointer(bank->blocks[offset / GUEST_FLASH_BLOCK]) +
                   offset % GUEST_FLASH_BLOCK,
               size);
}

static void on_show(void *ctx, bool contents)
{
    struct guest_flash_bank *bank = ctx;

    bank->shown = contents;
    if (!contents)
        unmap_bank(bank);
}

static const struct flash_wires wires = {
    .sector = on_sector,
    .change = on_change,
    .changed = on_changed,
    .show = on_show,
};

/* The file, in the first bank's blocks. */
static bool fill(struct guest_flash_bank *bank, const struct machine_region *file)
{
    for (uint64_t done = 0; done < file->size; done += GUEST_FLASH_BLOCK) {
        uint64_t left = file->size - done;
        uint64_t block = allocate_block();

        if (block == 0)
            return false;
        erase(block, GUEST_FLASH_BLOCK);
        memcpy(pointer(block), pointer(file->base + done),
               left < GUEST_FLASH_BLOCK ? left : GUEST_FLASH_BLOCK);
        make_ready(pointer(block), GUEST_FLASH_BLOCK);
        bank->blocks[done / GUEST_FLASH_BLOCK] = block;
    }
    return true;
}

const char *guest_flash_create(struct guest_flash *flash, struct vcpu_stage2 *stage2,
                               const struct machine_region *firmware)
{
    if (firmware->size > FLASH_SIZE)
        return "the firmware is larger than its flash memory";
    if (erased == 0) {
        erased = allocate_block();
        if (erased == 0)
            return "no memory for flash";
        erase(erased, GUEST_FLASH_BLOCK);
    }
    *flash = (struct guest_flash){.stage2 = stage2};
    for (unsigned i = 0; i < VIRT_FLASH_BANKS; i++) {
        struct guest_flash_bank *bank = &flash->banks[i];

        bank->owner = flash;
        bank->base = VIRT_FLASH_BASE + i * FLASH_SIZE;
        flash_init(&bank->flash, &wires, bank);
        if (i == 0 && !fill(bank, firmware))
            return "no memory for the firmware";
        bank->shown = true;
    }
    return NULL;
}

void guest_flash_reset(struct guest_flash *flash)
{
    for (unsigned i = 0; i < VIRT_FLASH_BANKS; i++)
        flash_reset(&flash->banks[i].flash);
}

static struct guest_flash_bank *find_bank(struct guest_flash *flash, uint64_t ipa)
{
    uint64_t index = (ipa - VIRT_FLASH_BASE) / FLASH_SIZE;

    return index < VIRT_FLASH_BANKS ? &flash->banks[index] : NULL;
}

bool guest_flash_access(struct guest_flash *flash, uint64_t ipa, unsigned size, bool write,
                        uint64_t *data)
{
    struct guest_flash_bank *bank = find_bank(flash, ipa);
    uint64_t offset, daif;

    if (bank == NULL)
        return false;
    offset = ipa - bank->base;
    daif = lock_acquire(&flash->lock);
    if (write)
        flash_write(&bank->flash, offset, size, *data);
    else
        *data = flash_read(&bank->flash, offset, size);
    if (!write && bank->shown)
        map_block(bank, offset / GUEST_FLASH_BLOCK);
    lock_release(&flash->lock, daif);
    return true;
}

enum guest_flash_fault guest_flash_map(struct guest_flash *flash, uint64_t ipa)
{
    struct guest_flash_bank *bank = find_bank(flash, ipa);
    enum guest_flash_fault result = GUEST_FLASH_NOT;
    uint64_t daif;

    if (bank == NULL)
        return result;
    daif = lock_acquire(&flash->lock);
    if (bank->shown)
        result = map_block(bank, (ipa - bank->base) / GUEST_FLASH_BLOCK) ? GUEST_FLASH_MAPPED
                                                                         : GUEST_FLASH_NO_TABLE;
    lock_release(&flash->lock, daif);
    return result;
}
