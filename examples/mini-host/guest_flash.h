/* SPDX-License-Identifier: MIT */
/*
 * The flash memory of a guest that starts from a firmware: two banks, at QEMU virt's addresses. The
 * first begins with the firmware; the rest is erased. The firmware keeps its variables in the
 * second. The contents last as long as the host runs.
 */
#ifndef MINI_HOST_GUEST_FLASH_H
#define MINI_HOST_GUEST_FLASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <vcpu/stage2.h>
#include <vcpu/vcpu.h>

#include "lock.h"
#include "machine.h"
#include "machine/flash.h"
#include "machine/virt.h"

#define GUEST_FLASH_BLOCK  UINT64_C(0x200000) /* the unit of host memory, and of a stage-2 entry */
#define GUEST_FLASH_BLOCKS (FLASH_SIZE / GUEST_FLASH_BLOCK)

struct guest_flash;

struct guest_flash_bank {
    struct guest_flash *owner;
    struct flash flash;
    uint64_t base;                       /* the guest's address */
    uint64_t blocks[GUEST_FLASH_BLOCKS]; /* host memory of each; 0: it is erased, and has none */
    uint64_t fresh;                      /* a block that is being erased, 0 if none is, */
    uint64_t fresh_done;                 /* and how much of it is */
    bool shown;                          /* reads are of the contents: blocks may be mapped, */
    uint32_t mapped;                     /* and these are: bit n for blocks[n] */
};

_Static_assert(GUEST_FLASH_BLOCKS <= 32, "a block without a bit");

struct guest_flash {
    struct vcpu_stage2 *stage2;
    struct lock lock; /* of all this, and of the stage-2 tables once the guest runs */
    struct guest_flash_bank banks[VIRT_FLASH_BANKS];
};

/*
 * Makes the banks. What the guest reads is mapped then: the caller sees to it that nobody else
 * changes the tables while the guest runs. Returns NULL, or what went wrong.
 */
const char *guest_flash_create(struct guest_flash *flash, struct vcpu_stage2 *stage2,
                               const struct machine_region *firmware);

/* The guest restarts. */
void guest_flash_reset(struct guest_flash *flash);

/*
 * An access of 1, 2, 4 or 8 bytes to it, that no stage-2 mapping has served. False: the address is
 * none of its. Any CPU. It takes less than 10,000 instructions.
 */
bool guest_flash_access(struct guest_flash *flash, uint64_t ipa, unsigned size, bool write,
                        uint64_t *data);

/*
 * For a fault that is no access of data. If the address is the flash's, and its contents are to be
 * read there, it is mapped when this returns, or there is no memory for a table. Any CPU.
 */
enum guest_flash_fault { GUEST_FLASH_NOT, GUEST_FLASH_MAPPED, GUEST_FLASH_NO_TABLE };
enum guest_flash_fault guest_flash_map(struct guest_flash *flash, uint64_t ipa);

#endif
