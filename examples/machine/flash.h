/* SPDX-License-Identifier: MIT */
/*
 * A bank of NOR flash as QEMU virt has two: a pair of 16-bit chips with the Intel command set, side
 * by side on 32 bits, in step. Pure, and without a lock: calls for one bank are made one at a time.
 *
 * Mostly the bank is memory that is only read, and the guest reads it without any call of these.
 * After a command that asks for something else every read comes here, until the guest goes back.
 * Commands take no time: the bank is never busy.
 */
#ifndef MACHINE_FLASH_H
#define MACHINE_FLASH_H

#include <stdbool.h>
#include <stdint.h>

#define FLASH_SIZE   UINT64_C(0x4000000) /* 64 MiB */
#define FLASH_SECTOR UINT64_C(0x40000)   /* the unit of an erase, in both chips */
#define FLASH_BUFFER 1024u               /* the most that one program command writes */

/* What it is connected to. Called from the calls below. */
struct flash_wires {
    /*
     * Its contents: the memory of the sector that begins at this offset, all ones in the beginning,
     * to be read, or to be changed (then NULL if there is none to be had).
     */
    uint8_t *(*sector)(void *ctx, uint64_t offset, bool change);

    /* These bytes have changed. They lie in one sector. */
    void (*changed)(void *ctx, uint64_t offset, uint64_t size);

    /* Reads are of the contents from now on, or of something else. In the beginning they are. */
    void (*show)(void *ctx, bool contents);
};

/* The result of a read. */
enum flash_mode { FLASH_CONTENTS, FLASH_STATUS, FLASH_IDENTITY, FLASH_QUERY };

/* The meaning of a write. */
enum flash_cycle {
    FLASH_COMMAND,
    FLASH_ERASE,          /* the confirmation of an erasure */
    FLASH_LOCK,           /* the second half of a locking command */
    FLASH_PROGRAM,        /* data */
    FLASH_BUFFER_COUNT,   /* how many words follow */
    FLASH_BUFFER_DATA,    /* one of them */
    FLASH_BUFFER_CONFIRM, /* the confirmation after them */
};

struct flash {
    const struct flash_wires *wires;
    void *ctx;
    enum flash_mode mode;
    enum flash_cycle cycle;
    uint8_t status;
    uint32_t words;               /* of a buffer that are to come */
    uint64_t buffer_at;           /* the offset of the buffer's first byte */
    uint8_t buffer[FLASH_BUFFER]; /* ones where nothing was written */
    bool spoilt;                  /* some of its data is for another place */
};

/* As after power on. wires and ctx stay the caller's. */
void flash_init(struct flash *flash, const struct flash_wires *wires, void *ctx);

/* A reset of the machine: reads are of the contents, which stay. */
void flash_reset(struct flash *flash);

/* An access of 1, 2, 4 or 8 bytes, aligned or not, at an offset below FLASH_SIZE. */
uint64_t flash_read(struct flash *flash, uint64_t offset, unsigned size);
void flash_write(struct flash *flash, uint64_t offset, unsigned size, uint64_t value);

#endif
