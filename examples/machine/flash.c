/* SPDX-License-Identifier: MIT */
#include "flash.h"

#include <string.h>

/* The Intel command set. */
#define CMD_READ_ARRAY     0xff
#define CMD_READ_IDENTITY  0x90
#define CMD_READ_QUERY     0x98
#define CMD_READ_STATUS    0x70
#define CMD_CLEAR_STATUS   0x50
#define CMD_PROGRAM        0x40
#define CMD_PROGRAM_OLD    0x10
#define CMD_BUFFER_PROGRAM 0xe8
#define CMD_ERASE          0x20
#define CMD_LOCK           0x60
#define CMD_CONFIRM        0xd0

/* The status register. */
#define STATUS_READY         0x80
#define STATUS_ERASE_ERROR   0x20
#define STATUS_PROGRAM_ERROR 0x10
#define STATUS_WRONG_COMMAND (STATUS_ERASE_ERROR | STATUS_PROGRAM_ERROR)

#define MANUFACTURER 0x89 /* Intel */
#define DEVICE       0x18

#define BUS   4u /* bytes; the chips' address n is at offset n * BUS */
#define CHIPS 2u

/* Logarithms to base 2, for the query. */
#define LOG2_CHIP_SIZE   25
#define LOG2_CHIP_BUFFER 9
#define CHIP_SECTOR      (FLASH_SECTOR / CHIPS)
#define SECTORS          (FLASH_SIZE / FLASH_SECTOR)

_Static_assert(FLASH_SIZE / CHIPS == UINT64_C(1) << LOG2_CHIP_SIZE, "the query tells of this size");
_Static_assert(FLASH_BUFFER / CHIPS == 1u << LOG2_CHIP_BUFFER, "and of this one");

/*
 * The chip's answers to a query (JEDEC's common flash interface), from its address 0x10 on. Times
 * are powers of 2, in microseconds for programming and milliseconds for erasing. Without a time a
 * guest would not use the buffer. The most is long: the guest's CPU may be busy with others.
 */
#define QUERY_BASE 0x10
static const uint8_t query[] = {
    [0x10 - QUERY_BASE] = 'Q',
    [0x11 - QUERY_BASE] = 'R',
    [0x12 - QUERY_BASE] = 'Y',
    [0x13 - QUERY_BASE] = 1,    /* Intel's extended command set */
    [0x15 - QUERY_BASE] = 0x31, /* where its table is */
    [0x1b - QUERY_BASE] = 0x45, /* 4.5 V */
    [0x1c - QUERY_BASE] = 0x55, /* to 5.5 V */
    [0x1f - QUERY_BASE] = 7,    /* program a word, */
    [0x20 - QUERY_BASE] = 7,    /* a buffer, */
    [0x21 - QUERY_BASE] = 10,   /* erase a sector, */
    [0x23 - QUERY_BASE] = 14,   /* and how many times that at the most */
    [0x24 - QUERY_BASE] = 14,
    [0x25 - QUERY_BASE] = 4,
    [0x27 - QUERY_BASE] = LOG2_CHIP_SIZE,
    [0x28 - QUERY_BASE] = 1, /* 16 bits wide */
    [0x2a - QUERY_BASE] = LOG2_CHIP_BUFFER,
    [0x2c - QUERY_BASE] = 1, /* all sectors alike: their number - 1, their size / 256 */
    [0x2d - QUERY_BASE] = (SECTORS - 1) & 0xff,
    [0x2e - QUERY_BASE] = (SECTORS - 1) >> 8,
    [0x2f - QUERY_BASE] = CHIP_SECTOR / 256 & 0xff,
    [0x30 - QUERY_BASE] = CHIP_SECTOR / 256 >> 8,
    [0x31 - QUERY_BASE] = 'P', /* version 1.0, with nothing optional */
    [0x32 - QUERY_BASE] = 'R',
    [0x33 - QUERY_BASE] = 'I',
    [0x34 - QUERY_BASE] = '1',
    [0x35 - QUERY_BASE] = '0',
    [0x3e - QUERY_BASE] = 0,
};

static void set_mode(struct flash *flash, enum flash_mode mode)
{
    bool before = flash->mode == FLASH_CONTENTS, after = mode == FLASH_CONTENTS;

    flash->mode = mode;
    if (before != after)
        flash->wires->show(flash->ctx, after);
}

/* One byte, wherever it lies. */
static uint8_t read_contents(struct flash *flash, uint64_t offset)
{
    uint64_t within = offset % FLASH_SECTOR;

    if (offset >= FLASH_SIZE)
        return 0xff;
    return flash->wires->sector(flash->ctx, offset - within)[within];
}

/* The chip's answer at one of its addresses, if that is not its contents. */
static uint8_t answer(const struct flash *flash, uint64_t address)
{
    switch (flash->mode) {
    case FLASH_QUERY:
        return address >= QUERY_BASE && address - QUERY_BASE < sizeof(query)
                   ? query[address - QUERY_BASE]
                   : 0;
    case FLASH_IDENTITY: /* of each sector; and after it, that no sector is locked */
        address %= FLASH_SECTOR / BUS;
        return address == 0 ? MANUFACTURER : address == 1 ? DEVICE : 0;
    default:
        return flash->work == FLASH_IDLE ? flash->status : flash->status & (uint8_t)~STATUS_READY;
    }
}

/* Each chip answers on the lower half of its 16 bits. */
static uint8_t read_byte(struct flash *flash, uint64_t offset)
{
    if (flash->mode == FLASH_CONTENTS)
        return read_contents(flash, offset);
    return offset % (BUS / CHIPS) == 0 ? answer(flash, offset / BUS) : 0;
}

/* Programming only makes zeros of ones. */
static void clear_bits(uint8_t *restrict to, const uint8_t *restrict data, uint64_t size)
{
    for (uint64_t i = 0; i < size; i++)
        to[i] &= data[i];
}

static void program_piece(struct flash *flash, uint8_t *at)
{
    clear_bits(at, flash->buffer, flash->work_size);
    flash->wires->changed(flash->ctx, flash->work_at, flash->work_size);
    flash->work_size = 0;
}

static void erase_piece(struct flash *flash, uint8_t *at)
{
    const uint64_t size = flash->work_size < FLASH_PIECE ? flash->work_size : FLASH_PIECE;

    memset(at, 0xff, size);
    flash->wires->changed(flash->ctx, flash->work_at, size);
    flash->work_at += size;
    flash->work_size -= size;
}

/* A piece of what the bank is busy with, if it is. */
static void work(struct flash *flash)
{
    const uint64_t within = flash->work_at % FLASH_SECTOR;
    uint8_t *sector;

    if (flash->work == FLASH_IDLE)
        return;
    switch (flash->wires->change(flash->ctx, flash->work_at - within, &sector)) {
    case FLASH_NONE:
        flash->status |= flash->work == FLASH_ERASES ? STATUS_ERASE_ERROR : STATUS_PROGRAM_ERROR;
        flash->work_size = 0;
        break;
    case FLASH_LATER:
        return;
    case FLASH_THERE:
        if (flash->work == FLASH_ERASES)
            erase_piece(flash, sector + within);
        else
            program_piece(flash, sector + within);
        break;
    }
    if (flash->work_size == 0)
        flash->work = FLASH_IDLE;
}

/* The bytes in the buffer. They lie in one sector, or part of them nowhere. */
static void program(struct flash *flash, uint64_t offset, uint64_t size)
{
    const uint64_t room = FLASH_SECTOR - offset % FLASH_SECTOR;

    flash->work = FLASH_PROGRAMS;
    flash->work_at = offset;
    flash->work_size = size < room ? size : room;
    work(flash);
}

static void erase(struct flash *flash, uint64_t offset)
{
    flash->work = FLASH_ERASES;
    flash->work_at = offset - offset % FLASH_SECTOR;
    flash->work_size = FLASH_SECTOR;
    work(flash);
}

uint64_t flash_read(struct flash *flash, uint64_t offset, unsigned size)
{
    uint64_t value = 0;

    work(flash);
    for (unsigned i = 0; i < size; i++)
        value |= (uint64_t)read_byte(flash, offset + i) << (8 * i);
    return value;
}

static void command(struct flash *flash, uint8_t command)
{
    switch (command) {
    case CMD_READ_IDENTITY:
        set_mode(flash, FLASH_IDENTITY);
        break;
    case CMD_READ_QUERY:
        set_mode(flash, FLASH_QUERY);
        break;
    case CMD_READ_STATUS:
        set_mode(flash, FLASH_STATUS);
        break;
    case CMD_CLEAR_STATUS:
        flash->status = STATUS_READY;
        break;
    case CMD_PROGRAM:
    case CMD_PROGRAM_OLD:
        flash->cycle = FLASH_PROGRAM;
        set_mode(flash, FLASH_STATUS);
        break;
    case CMD_BUFFER_PROGRAM:
        flash->cycle = FLASH_BUFFER_COUNT;
        set_mode(flash, FLASH_STATUS);
        break;
    case CMD_ERASE:
        flash->cycle = FLASH_ERASE;
        set_mode(flash, FLASH_STATUS);
        break;
    case CMD_LOCK:
        flash->cycle = FLASH_LOCK;
        set_mode(flash, FLASH_STATUS);
        break;
    default: /* CMD_READ_ARRAY, other chips' ways to say so, and what this one does not know */
        set_mode(flash, FLASH_CONTENTS);
        break;
    }
}

static void store_le(uint8_t *to, uint64_t value, unsigned size)
{
    for (unsigned i = 0; i < size; i++)
        to[i] = (uint8_t)(value >> (8 * i));
}

/* Data for the buffer, which is where the first of it is, rounded down. */
static void buffer_data(struct flash *flash, uint64_t offset, unsigned size, uint64_t value)
{
    uint64_t at;

    if (flash->buffer_at == UINT64_MAX)
        flash->buffer_at = offset - offset % FLASH_BUFFER;
    at = offset - flash->buffer_at; /* huge, if it lies before */
    if (at < FLASH_BUFFER && size <= FLASH_BUFFER - at)
        store_le(flash->buffer + at, value, size);
    else
        flash->spoilt = true;
    if (--flash->words == 0)
        flash->cycle = FLASH_BUFFER_CONFIRM;
}

/* The count is of each chip's words, less one: of accesses of the bus. */
static void buffer_begin(struct flash *flash, uint32_t count)
{
    flash->cycle = FLASH_COMMAND;
    if (count >= FLASH_BUFFER / BUS) {
        flash->status |= STATUS_WRONG_COMMAND;
        return;
    }
    flash->words = count + 1;
    flash->spoilt = false;
    flash->buffer_at = UINT64_MAX;
    memset(flash->buffer, 0xff, sizeof(flash->buffer));
    flash->cycle = FLASH_BUFFER_DATA;
}

static void buffer_program(struct flash *flash)
{
    if (flash->spoilt)
        flash->status |= STATUS_WRONG_COMMAND;
    else
        program(flash, flash->buffer_at, FLASH_BUFFER);
}

static bool confirmed(struct flash *flash, uint8_t byte)
{
    flash->cycle = FLASH_COMMAND;
    if (byte == CMD_CONFIRM)
        return true;
    flash->status |= STATUS_WRONG_COMMAND;
    return false;
}

void flash_write(struct flash *flash, uint64_t offset, unsigned size, uint64_t value)
{
    uint8_t byte = (uint8_t)value; /* the chips work in step: both get each command */

    if (flash->work != FLASH_IDLE) {
        work(flash);
        return;
    }
    switch (flash->cycle) {
    case FLASH_COMMAND:
        command(flash, byte);
        break;
    case FLASH_PROGRAM:
        flash->cycle = FLASH_COMMAND;
        store_le(flash->buffer, value, size);
        program(flash, offset, size);
        break;
    case FLASH_BUFFER_COUNT:
        buffer_begin(flash, (uint16_t)value);
        break;
    case FLASH_BUFFER_DATA:
        buffer_data(flash, offset, size, value);
        break;
    case FLASH_BUFFER_CONFIRM:
        if (confirmed(flash, byte))
            buffer_program(flash);
        break;
    case FLASH_ERASE:
        if (confirmed(flash, byte))
            erase(flash, offset);
        break;
    case FLASH_LOCK: /* no sector is ever locked */
        flash->cycle = FLASH_COMMAND;
        break;
    }
}

void flash_reset(struct flash *flash)
{
    flash->cycle = FLASH_COMMAND;
    flash->work = FLASH_IDLE;
    flash->status = STATUS_READY;
    set_mode(flash, FLASH_CONTENTS);
}

void flash_init(struct flash *flash, const struct flash_wires *wires, void *ctx)
{
    *flash = (struct flash){.wires = wires, .ctx = ctx, .status = STATUS_READY};
}
