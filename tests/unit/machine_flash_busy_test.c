/* SPDX-License-Identifier: MIT */
/* The flash while it erases, or waits for memory: no access takes long, and none goes astray. */
#include "cmocka_all.h"

#include <string.h>

#include "flash_bank.h"

/* So that no access takes long: see the callback. */
static void a_sector_is_erased_by_the_piece(void **state)
{
    uint64_t end = FLASH_SECTOR;
    unsigned asked;

    (void)state;
    memset(bank.sectors, 0, sizeof(bank.sectors));
    put(FLASH_SECTOR, ERASE);
    put(FLASH_SECTOR, CONFIRM);
    for (;;) {
        assert_int_equal(bank.changed_at, end);
        assert_int_equal(bank.changed_size, FLASH_PIECE);
        end += FLASH_PIECE;
        assert_int_equal(bank.sectors[1][end - FLASH_SECTOR - 1], 0xff);
        if (end == 2 * FLASH_SECTOR)
            break;
        assert_int_equal(bank.sectors[1][end - FLASH_SECTOR], 0);
        assert_int_equal(get(0), end + FLASH_PIECE < 2 * FLASH_SECTOR ? BUSY : READY);
    }
    assert_int_equal(wait_until_ready(&asked), READY);
    assert_int_equal(asked, 1);
}

/* Nor do its questions change it: the mode stays, and with it what the guest is shown. */
static void a_busy_bank_takes_no_command(void **state)
{
    unsigned asked;

    (void)state;
    memset(bank.sectors, 0, sizeof(bank.sectors));
    put(0, ERASE);
    put(0, CONFIRM);
    put(0, READ);
    assert_false(bank.shown);
    assert_int_equal(get(0), BUSY);
    put(FLASH_SECTOR, ERASE);
    put(FLASH_SECTOR, CONFIRM);
    put(0, PROGRAM);
    put(0, 0x12345678);
    assert_int_equal(wait_until_ready(&asked), READY);
    assert_memory_equal(bank.sectors[0], bank.erased, FLASH_SECTOR);
    assert_int_equal(bank.sectors[1][0], 0);
    put(0, READ);
    assert_true(bank.shown);
}

/* A block of memory that is still being made for it. */
static void it_is_busy_until_there_is_memory(void **state)
{
    unsigned asked;

    (void)state;
    bank.later = 3; /* the first question is the command's own */
    put(0x400, BUFFER);
    put(0x400, 0);
    put(0x404, 0x12345678);
    put(0x400, CONFIRM);
    assert_int_equal(bank.later, 2);
    assert_int_equal(bank.sectors[0][0x404], 0xff);
    assert_int_equal(wait_until_ready(&asked), READY);
    assert_int_equal(asked, 3);
    assert_int_equal(bank.sectors[0][0x404], 0x78);
    assert_int_equal(bank.sectors[0][0x400], 0xff);

    bank.later = 2;
    put(4, PROGRAM);
    put(4, 0x12345678);
    assert_int_equal(wait_until_ready(&asked), READY);
    assert_int_equal(asked, 2);
    put(0, READ);
    assert_int_equal(get(4), 0x12345678);
    assert_int_equal(get(0), UINT32_MAX);
}

static void a_reset_ends_an_erasure_where_it_is(void **state)
{
    (void)state;
    memset(bank.sectors, 0, sizeof(bank.sectors));
    put(0, ERASE);
    put(0, CONFIRM);
    flash_reset(&flash);
    assert_true(bank.shown);
    assert_int_equal(get(FLASH_PIECE - 4), UINT32_MAX);
    assert_int_equal(get(FLASH_PIECE), 0);
    put(0, STATUS);
    assert_int_equal(get(0), READY);
    assert_int_equal(bank.sectors[0][FLASH_PIECE], 0);
}

#define TEST(name) cmocka_unit_test_setup(name, flash_bank_reset)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_sector_is_erased_by_the_piece),
        TEST(a_busy_bank_takes_no_command),
        TEST(it_is_busy_until_there_is_memory),
        TEST(a_reset_ends_an_erasure_where_it_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
