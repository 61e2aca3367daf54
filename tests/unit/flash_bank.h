/* SPDX-License-Identifier: MIT */
/* A bank of flash with two sectors of memory, and its commands: each goes to both chips. */
#ifndef FLASH_BANK_H
#define FLASH_BANK_H

#include <stdbool.h>
#include <stdint.h>

#include "machine/flash.h"

#define READ     0x00ff00ff
#define IDENTITY 0x00900090
#define QUERY    0x00980098
#define STATUS   0x00700070
#define CLEAR    0x00500050
#define PROGRAM  0x00400040
#define BUFFER   0x00e800e8
#define ERASE    0x00200020
#define LOCK     0x00600060
#define CONFIRM  0x00d000d0

#define BUSY          0x00000000
#define READY         0x00800080
#define ERASE_FAILS   0x00200020
#define PROGRAM_FAILS 0x00100010

struct flash_bank {
    uint8_t sectors[2][FLASH_SECTOR]; /* the first two; those behind are not to be changed */
    uint8_t erased[FLASH_SECTOR];
    bool shown;
    unsigned shows;
    uint64_t changed_at, changed_size;
    unsigned later; /* so many questions until there is memory */
};

extern struct flash flash;
extern struct flash_bank bank;

/* As out of the factory: a set-up function of cmocka's. */
int flash_bank_reset(void **state);

static inline void put(uint64_t offset, uint32_t value)
{
    flash_write(&flash, offset, 4, value);
}

static inline uint32_t get(uint64_t offset)
{
    return (uint32_t)flash_read(&flash, offset, 4);
}

/* As a driver does. How often it had to ask is in *asked. */
uint32_t wait_until_ready(unsigned *asked);

#endif
