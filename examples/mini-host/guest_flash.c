/* SPDX-License-Identifier: MIT */
#include "guest_flash.h"

#include <string.h>

#include <vcpu/cache.h>

#include "host.h"
#include "memory.h"

#define BLOCK_PAGES (GUEST_FLASH_BLOCK / MEMORY_PAGE_SIZE)

/* Stands for all blocks that are erased, in all guests. Never written to once it is made. */
static uint64_t erased;

static void *pointer(uint64_t address)
{
    return (void *)(uintptr_t)address;
}

static uint64_t allocate_block(void)
{
    uint64_t block = memory_alloc(BLOCK_PAGES, GUEST_FLASH_BLOCK);

    if (block == MEMORY_NONE)
        return 0;
    memset(pointer(block), 0xff, GUEST_FLASH_BLOCK);
    return block;
}

/* For guests that read it with their caches off. */
static void make_ready(const void *start, uint64_t size)
{
    host_demand(vcpu_cache_clean(start, size, false));
}

static bool map_block(struct guest_flash_bank *bank, unsigned index)
{
    uint64_t block = bank->blocks[index] != 0 ? bank->blocks[index] : erased;
    uint64_t at = bank->base + index * GUEST_FLASH_BLOCK;

    return vcpu_stage2_map(bank->owner->stage2, vcpu_ipa(at), vcpu_pa(block), GUEST_FLASH_BLOCK,
                           VCPU_S2_READ | VCPU_S2_EXECUTE) == VCPU_OK;
}

/* Without memory for tables it stays unmapped, and its guest is slow. */
static void map_bank(struct guest_flash_bank *bank)
{
    bank->mapped = true;
    for (unsigned i = 0; i < GUEST_FLASH_BLOCKS; i++)
        bank->mapped = bank->mapped && map_block(bank, i);
}

static void unmap_bank(struct guest_flash_bank *bank)
{
    /* Whole blocks: nothing is split, so that it cannot fail. */
    vcpu_stage2_unmap(bank->owner->stage2, vcpu_ipa(bank->base), FLASH_SIZE);
    bank->mapped = false;
}

/* Contents change while they are not shown: what is mapped is looked up when they are again. */
static uint8_t *on_sector(void *ctx, uint64_t offset, bool change)
{
    struct guest_flash_bank *bank = ctx;
    uint64_t *block = &bank->blocks[offset / GUEST_FLASH_BLOCK];

    if (*block == 0 && change)
        *block = allocate_block();
    if (*block == 0 && change)
        return NULL;
    return (uint8_t *)pointer(*block != 0 ? *block : erased) + offset % GUEST_FLASH_BLOCK;
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
    if (contents)
        map_bank(ctx);
    else
        unmap_bank(ctx);
}

static const struct flash_wires wires = {
    .sector = on_sector,
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
        make_ready(pointer(erased), GUEST_FLASH_BLOCK);
    }
    *flash = (struct guest_flash){.stage2 = stage2};
    for (unsigned i = 0; i < VIRT_FLASH_BANKS; i++) {
        struct guest_flash_bank *bank = &flash->banks[i];

        bank->owner = flash;
        bank->base = VIRT_FLASH_BASE + i * FLASH_SIZE;
        flash_init(&bank->flash, &wires, bank);
        if (i == 0 && !fill(bank, firmware))
            return "no memory for the firmware";
        map_bank(bank);
        if (!bank->mapped)
            return "the flash cannot be mapped";
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
    uint64_t daif;

    if (bank == NULL)
        return false;
    daif = lock_acquire(&flash->lock);
    if (write)
        flash_write(&bank->flash, ipa - bank->base, size, *data);
    else
        *data = flash_read(&bank->flash, ipa - bank->base, size);
    lock_release(&flash->lock, daif);
    return true;
}

bool guest_flash_is_mapped(struct guest_flash *flash, uint64_t ipa)
{
    const struct guest_flash_bank *bank = find_bank(flash, ipa);
    uint64_t daif;
    bool mapped;

    if (bank == NULL)
        return false;
    daif = lock_acquire(&flash->lock);
    mapped = bank->mapped;
    lock_release(&flash->lock, daif);
    return mapped;
}
