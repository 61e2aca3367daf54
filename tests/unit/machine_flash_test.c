/* SPDX-License-Identifier: MIT */
/* The flash as drivers use it: JEDEC's query and Intel's commands, on a bus of two 16-bit chips. */
#include "cmocka_all.h"

#include <stdlib.h>
#include <string.h>

#include "flash_bank.h"

static void it_begins_as_memory(void **state)
{
    (void)state;
    memcpy(bank.sectors[1] + 8, "\x11\x22\x33\x44\x55\x66\x77\x88\x99", 9);
    assert_true(flash_read(&flash, FLASH_SECTOR + 8, 8) == UINT64_C(0x8877665544332211));
    assert_int_equal(get(FLASH_SECTOR + 9), 0x55443322);
    assert_int_equal(flash_read(&flash, FLASH_SECTOR + 16, 1), 0x99);
    assert_int_equal(flash_read(&flash, FLASH_SIZE - 2, 2), 0xffff);
    /* Across the end, and across sectors. */
    assert_true(flash_read(&flash, FLASH_SIZE - 4, 8) == UINT64_MAX);
    bank.sectors[0][FLASH_SECTOR - 1] = 0xab;
    bank.sectors[1][0] = 0xcd;
    assert_int_equal(flash_read(&flash, FLASH_SECTOR - 1, 2), 0xcdab);
    assert_int_equal(bank.shows, 0);
}

/* Chip address n is at offset 4 n; both chips answer, each on its half. */
static uint32_t queried(uint32_t address)
{
    uint32_t value = get(address * 4);

    assert_int_equal(value >> 16, value & 0xffff);
    assert_int_equal(value & 0xff00, 0);
    return value & 0xff;
}

static void the_query_tells_the_geometry(void **state)
{
    uint64_t chip, sector, count;

    (void)state;
    put(0x55 * 4, QUERY);
    assert_false(bank.shown);
    assert_int_equal(queried(0x10), 'Q');
    assert_int_equal(queried(0x11), 'R');
    assert_int_equal(queried(0x12), 'Y');
    assert_int_equal(queried(0x13) | queried(0x14) << 8, 1); /* Intel, extended */
    assert_int_equal(queried(queried(0x15)), 'P');
    assert_int_equal(queried(queried(0x15) + 1), 'R');
    assert_int_equal(queried(queried(0x15) + 2), 'I');
    assert_int_equal(queried(0x17) | queried(0x18) << 8, 0); /* no other command set */
    chip = UINT64_C(1) << queried(0x27);
    assert_int_equal(2 * chip, FLASH_SIZE);
    assert_int_equal(queried(0x28) | queried(0x29) << 8, 1); /* x16 */
    assert_int_equal(2u << queried(0x2a), FLASH_BUFFER);
    assert_int_not_equal(queried(0x20), 0); /* U-Boot: else no buffer is used */
    assert_int_equal(queried(0x2c), 1);
    count = (queried(0x2d) | queried(0x2e) << 8) + 1;
    sector = (queried(0x2f) | queried(0x30) << 8) * 256;
    assert_int_equal(2 * sector, FLASH_SECTOR);
    assert_int_equal(count * sector, chip);
    /* Nothing at the ends. */
    assert_int_equal(queried(0x0f), 0);
    assert_int_equal(queried(0x3f), 0);
    assert_int_equal(queried(0x400000), 0);
    /* Narrower and wider. */
    assert_int_equal(flash_read(&flash, 0x40, 1), 'Q');
    assert_int_equal(flash_read(&flash, 0x41, 1), 0);
    assert_int_equal(flash_read(&flash, 0x42, 2), 'Q');
    assert_true(flash_read(&flash, 0x40, 8) == UINT64_C(0x0052005200510051));
    put(0, READ);
    assert_true(bank.shown);
    assert_int_equal(get(0x40), UINT32_MAX);
}

static void the_identity_is_that_of_each_sector(void **state)
{
    (void)state;
    put(0, IDENTITY);
    for (uint64_t sector = 0; sector < FLASH_SIZE; sector += FLASH_SIZE / 4) {
        assert_int_equal(get(sector), 0x00890089);
        assert_int_equal(get(sector + 4), 0x00180018);
        assert_int_equal(get(sector + 8), 0); /* not locked */
    }
}

static void programming_clears_bits_only(void **state)
{
    (void)state;
    put(0x100, PROGRAM);
    assert_false(bank.shown);
    put(0x100, 0x12345678);
    assert_int_equal(get(0), READY);
    assert_int_equal(bank.changed_at, 0x100);
    assert_int_equal(bank.changed_size, 4);
    put(0x100, 0x00100010); /* the older command */
    put(0x100, 0xff00ff00);
    put(0, READ);
    assert_int_equal(get(0x100), 0x12005600);
    assert_int_equal(get(0xfc), UINT32_MAX);
    assert_int_equal(get(0x104), UINT32_MAX);
    /* Two bytes at the sector's end: the second is not of the next sector. */
    put(0, PROGRAM);
    flash_write(&flash, FLASH_SECTOR - 1, 2, 0);
    assert_int_equal(bank.sectors[0][FLASH_SECTOR - 1], 0);
    assert_int_equal(bank.sectors[1][0], 0xff);
}

/* Data that looks like a command is data. */
static void commands_are_data_where_data_is_due(void **state)
{
    (void)state;
    put(0, PROGRAM);
    put(0, READ);
    assert_int_equal(get(0), READY);
    put(0, READ);
    assert_int_equal(get(0), READ);
}

static void erasing_takes_a_confirmation_and_a_sector(void **state)
{
    unsigned asked;

    (void)state;
    memset(bank.sectors, 0, sizeof(bank.sectors));
    put(FLASH_SECTOR + 0x1234, ERASE);
    put(FLASH_SECTOR + 0x1234, CONFIRM);
    assert_int_equal(wait_until_ready(&asked), READY);
    assert_memory_equal(bank.sectors[1], bank.erased, FLASH_SECTOR);
    assert_int_equal(bank.sectors[0][FLASH_SECTOR - 1], 0);

    put(0, ERASE);
    put(0, READ); /* no confirmation: both error bits */
    assert_int_equal(get(0), READY | ERASE_FAILS | PROGRAM_FAILS);
    assert_int_equal(bank.sectors[0][0], 0);
    put(0, CLEAR);
    assert_int_equal(get(0), READY);
}

static void a_buffer_is_programmed_when_confirmed(void **state)
{
    (void)state;
    put(0x400, BUFFER);
    assert_int_equal(get(0x400), READY);
    put(0x400, 0x00020002); /* three words */
    put(0x440, 0x11111111);
    put(0x448, 0x33333333);
    put(0x444, 0x22222222);
    assert_int_equal(bank.sectors[0][0x440], 0xff);
    put(0x400, CONFIRM);
    assert_int_equal(get(0x400), READY);
    put(0, READ);
    assert_int_equal(get(0x43c), UINT32_MAX);
    assert_int_equal(get(0x440), 0x11111111);
    assert_int_equal(get(0x444), 0x22222222);
    assert_int_equal(get(0x448), 0x33333333);
    assert_int_equal(get(0x44c), UINT32_MAX);
}

static void a_buffer_holds_all_that_the_query_says(void **state)
{
    (void)state;
    put(FLASH_SECTOR, BUFFER);
    put(FLASH_SECTOR, FLASH_BUFFER / 4 - 1);
    for (uint32_t i = 0; i < FLASH_BUFFER / 4; i++)
        put(FLASH_SECTOR + 4 * i, i);
    put(FLASH_SECTOR, CONFIRM);
    assert_int_equal(get(0), READY);
    for (uint32_t i = 0; i < FLASH_BUFFER / 4; i++)
        assert_int_equal(bank.sectors[1][4 * i], i & 0xff);

    put(0, BUFFER);
    put(0, FLASH_BUFFER / 4); /* one more */
    assert_int_equal(get(0), READY | ERASE_FAILS | PROGRAM_FAILS);
    put(0, READ); /* a command again */
    assert_true(bank.shown);
}

static void a_buffer_that_is_wrong_changes_nothing(void **state)
{
    static const uint64_t wrong[] = {0x800, 0x3fc, FLASH_SIZE - 4, 0x7fe};

    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        flash_bank_reset(NULL);
        put(0x400, BUFFER);
        put(0x400, 1);
        put(0x400, 0);
        put(wrong[i], 0); /* another buffer's, or half of it is */
        put(0x400, CONFIRM);
        assert_int_equal(get(0), READY | ERASE_FAILS | PROGRAM_FAILS);
        assert_memory_equal(bank.sectors[0], bank.erased, FLASH_SECTOR);
        /* The next one is right again. */
        put(0x400, CLEAR);
        put(0x400, BUFFER);
        put(0x400, 0);
        put(0x400, 0x12345678);
        put(0x400, CONFIRM);
        assert_int_equal(get(0), READY);
        assert_int_equal(bank.sectors[0][0x400], 0x78);
    }
    flash_bank_reset(NULL);
    put(0x400, BUFFER);
    put(0x400, 0);
    put(0x400, 0);
    put(0x400, READ); /* not confirmed */
    assert_int_equal(get(0), READY | ERASE_FAILS | PROGRAM_FAILS);
    assert_memory_equal(bank.sectors[0], bank.erased, FLASH_SECTOR);
}

/* An earlier error that nobody cleared does not stop what is right. */
static void errors_stay_until_cleared(void **state)
{
    (void)state;
    put(0, ERASE);
    put(0, READ);
    put(0, BUFFER);
    put(0, 0);
    put(0, 0x12345678);
    put(0, CONFIRM);
    assert_int_equal(get(0), READY | ERASE_FAILS | PROGRAM_FAILS);
    put(0, READ);
    assert_int_equal(get(0), 0x12345678);
    put(0, STATUS);
    assert_int_equal(get(0), READY | ERASE_FAILS | PROGRAM_FAILS);
    put(0, CLEAR);
    put(0, STATUS);
    assert_int_equal(get(0), READY);
}

static void without_memory_it_fails_as_a_chip_does(void **state)
{
    (void)state;
    put(4 * FLASH_SECTOR, PROGRAM);
    put(4 * FLASH_SECTOR, 0);
    assert_int_equal(get(0), READY | PROGRAM_FAILS);
    put(0, CLEAR);
    put(4 * FLASH_SECTOR, ERASE);
    put(4 * FLASH_SECTOR, CONFIRM);
    assert_int_equal(get(0), READY | ERASE_FAILS);
}

static void locking_is_accepted(void **state)
{
    (void)state;
    put(0, LOCK);
    put(0, 0x00010001);
    assert_int_equal(get(0), READY);
    put(0, PROGRAM);
    put(0, 0);
    assert_int_equal(get(0), READY);
    assert_int_equal(bank.sectors[0][0], 0);
}

/* A driver that looks for another kind of chip writes what this one does not know. */
static void what_it_does_not_know_ends_in_memory(void **state)
{
    (void)state;
    put(0, QUERY);
    put(0, 0x00f000f0);
    assert_true(bank.shown);
    put(0xaaa, 0x00aa00aa);
    assert_true(bank.shown);
    assert_int_equal(get(0), UINT32_MAX);
}

static void a_reset_ends_every_command(void **state)
{
    static const uint32_t commands[] = {IDENTITY, QUERY, STATUS, PROGRAM, BUFFER, ERASE, LOCK};

    (void)state;
    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
        put(0, commands[i]);
        assert_false(bank.shown);
        flash_reset(&flash);
        assert_true(bank.shown);
        put(0, STATUS); /* a command, not data */
        assert_int_equal(get(0), READY);
        put(0, READ);
    }
    assert_memory_equal(bank.sectors[0], bank.erased, FLASH_SECTOR);
}

/* Whatever a guest writes, in whatever order, it stays within the bank (see the callbacks). */
static void no_sequence_of_accesses_leaves_the_bank(void **state)
{
    static const uint8_t commands[] = {0xff, 0x90, 0x98, 0x70, 0x50, 0x40,
                                       0x10, 0xe8, 0x20, 0x60, 0xd0, 0x00};

    (void)state;
    srand(1);
    for (unsigned i = 0; i < 200000; i++) {
        unsigned size = 1u << (rand() & 3);
        uint64_t offset = (uint64_t)rand() % FLASH_SIZE;

        if (rand() % 2 != 0)
            offset = FLASH_SECTOR * (rand() % 3u) + (uint64_t)rand() % 2048;
        if (rand() % 8 == 0)
            offset = FLASH_SIZE - 1 - (uint64_t)rand() % 16;
        if (rand() % 64 == 0)
            bank.later = (unsigned)rand() % 4;
        if (rand() % 4 == 0)
            flash_read(&flash, offset, size);
        else
            flash_write(&flash, offset, size,
                        rand() % 4 == 0 ? (uint64_t)rand() : commands[rand() % 12]);
    }
}

#define TEST(name) cmocka_unit_test_setup(name, flash_bank_reset)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(it_begins_as_memory),
        TEST(the_query_tells_the_geometry),
        TEST(the_identity_is_that_of_each_sector),
        TEST(programming_clears_bits_only),
        TEST(commands_are_data_where_data_is_due),
        TEST(erasing_takes_a_confirmation_and_a_sector),
        TEST(a_buffer_is_programmed_when_confirmed),
        TEST(a_buffer_holds_all_that_the_query_says),
        TEST(a_buffer_that_is_wrong_changes_nothing),
        TEST(errors_stay_until_cleared),
        TEST(without_memory_it_fails_as_a_chip_does),
        TEST(locking_is_accepted),
        TEST(what_it_does_not_know_ends_in_memory),
        TEST(a_reset_ends_every_command),
        TEST(no_sequence_of_accesses_leaves_the_bank),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
