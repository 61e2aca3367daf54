/* SPDX-License-Identifier: MIT */
#include "flash_bank.h"

#include "cmocka_all.h"

#include <string.h>

struct flash flash;
struct flash_bank bank;

static const uint8_t *on_sector(void *ctx, uint64_t offset)
{
    assert_ptr_equal(ctx, &bank);
    assert_int_equal(offset % FLASH_SECTOR, 0);
    assert_true(offset < FLASH_SIZE);
    return offset / FLASH_SECTOR < 2 ? bank.sectors[offset / FLASH_SECTOR] : bank.erased;
}

static enum flash_memory on_change(void *ctx, uint64_t offset, uint8_t **sector)
{
    on_sector(ctx, offset);
    if (bank.later != 0) {
        bank.later--;
        return FLASH_LATER;
    }
    if (offset / FLASH_SECTOR >= 2)
        return FLASH_NONE;
    *sector = bank.sectors[offset / FLASH_SECTOR];
    return FLASH_THERE;
}

static void on_changed(void *ctx, uint64_t offset, uint64_t size)
{
    assert_ptr_equal(ctx, &bank);
    assert_int_equal(offset / FLASH_SECTOR, (offset + size - 1) / FLASH_SECTOR);
    assert_false(bank.shown); /* the guest must not see it half done */
    bank.changed_at = offset;
    bank.changed_size = size;
}

static void on_show(void *ctx, bool contents)
{
    assert_ptr_equal(ctx, &bank);
    assert_int_not_equal(contents, bank.shown);
    bank.shown = contents;
    bank.shows++;
}

static const struct flash_wires wires = {
    .sector = on_sector,
    .change = on_change,
    .changed = on_changed,
    .show = on_show,
};

int flash_bank_reset(void **state)
{
    (void)state;
    memset(&bank, 0xff, sizeof(bank));
    bank.shown = true;
    bank.shows = bank.later = 0;
    flash_init(&flash, &wires, &bank);
    return 0;
}

uint32_t wait_until_ready(unsigned *asked)
{
    uint32_t status = get(0);

    for (*asked = 1; (status & READY) != READY; ++*asked) {
        assert_int_equal(status & READY, BUSY);
        assert_true(*asked < 100);
        status = get(0);
    }
    return status;
}
