/* SPDX-License-Identifier: MIT */
/*
 * A bank of NOR flash as QEMU virt has two: a pair of 16-bit chips with the Intel command set, side
 * by side on 32 bits, in step. Pure, and without a lock: calls for one bank are made one at a time.
 *
 * Mostly the bank is memory that is only read, and the guest reads it without any call of these.
 * After a command that asks for something else every read comes here, until the guest goes back.
 *
 * Erasing takes a while, as in a real chip, and so may programming: the bank is busy, tells so in
 * its status, and takes no command. Each access to it meanwhile does a piece of the work: a driver
 * asks for the status until the bank is ready. So no access takes long.
 */
#ifndef MACHINE_FLASH_H
#define MACHINE_FLASH_H

#include <stdbool.h>
#include <stdint.h>

#define FLASH_SIZE   UINT64_C(0x4000000) /* 64 MiB */
#define FLASH_SECTOR UINT64_C(0x40000)   /* the unit of an erase, in both chips */
#define FLASH_PIECE  UINT64_C(0x8000)    /* the most that one access erases */
#define FLASH_BUFFER 1024u               /* the most that one program command writes */

/* Is there memory for a sector that is to be changed? */
enum flash_memory {
    FLASH_NONE,  /* and there will be none */
    FLASH_LATER, /* it is being made: each question does a piece of that */
    FLASH_THERE,
};

/* What it is connected to. Called from the calls below. */
struct flash_wires {
    /* Its contents: the sector that begins at this offset, all ones in the beginning. */
    const uint8_t *(*sector)(void *ctx, uint64_t offset);

    /* The same, to be changed. */
    enum flash_memory (*change)(void *ctx, uint64_t offset, uint8_t **sector);

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

/* What the bank is busy with. */
enum flash_work { FLASH_IDLE, FLASH_ERASES, FLASH_PROGRAMS };

struct flash {
    const struct flash_wires *wires;
    void *ctx;
    enum flash_mode mode;
    enum flash_cycle cycle;
    enum flash_work work;
    uint64_t work_at;   /* the offset of what is erased or programmed, */
    uint64_t work_size; /* and how much of that is left */
    uint8_t status;
    uint32_t words;               /* of a buffer that are to come */
    uint64_t buffer_at;           /* the offset of the buffer's first byte */
    uint8_t buffer[FLASH_BUFFER]; /* what is programmed; ones where nothing was written */
    bool spoilt;                  /* some of its data is for another place */
};

/* As after power on. wires and ctx stay the caller's. */
void flash_init(struct flash *flash, const struct flash_wires *wires, void *ctx);

/*
 * A reset of the machine: reads are of the contents, which stay. A sector that is being erased is
 * erased in part.
 */
void flash_reset(struct flash *flash);

/* An access of 1, 2, 4 or 8 bytes, aligned or not, at an offset below FLASH_SIZE. */
uint64_t flash_read(struct flash *flash, uint64_t offset, unsigned size);
void flash_write(struct flash *flash, uint64_t offset, unsigned size, uint64_t value);

#endif
