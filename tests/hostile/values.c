/* SPDX-License-Identifier: MIT */
#include "hostile.h"

uint8_t hostile_data[DATA_PAGES * 4096] __attribute__((aligned(4096)));

/* Devices, the rest of their pages, flash, nothing; the ends of memory and of addresses. */
static const uint64_t places[] = {
    0x08000000,
    0x08001000,
    0x08006000,
    0x0800f000,
    0x08010000,
    0x08011000,
    0x08020000,
    0x08080000,
    0x08090000,
    0x080a0000,
    0x080b0000,
    0x080c0000,
    0x080d0000,
    0x080e0000,
    0x09000000,
    0x09001000,
    0x09010000,
    0x09011000,
    0x0a000000,
    0x00000000,
    0x00200000,
    0x03fff000,
    0x04000000,
    0x07fff000,
    0x3ffff000,
    0x43fff000,
    0x44000000,
    0x7ffff000,
    0x80000000,
    UINT64_C(0xfffffff000),
    UINT64_C(0x10000000000),
    UINT64_C(0xfffffffff000),
};

#define PLACES COUNT(places)

/* splitmix64. */
uint64_t any(struct self *self)
{
    uint64_t z = self->random += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

uint32_t below(struct self *self, uint64_t limit)
{
    return (uint32_t)((any(self) >> 32) * limit >> 32);
}

uint64_t place(struct self *self)
{
    return below(self, 4) == 0 ? (uint64_t)hostile_data + below(self, DATA_PAGES) * 4096
                               : places[below(self, PLACES)];
}

/* In a page: often one that is aligned, or at an end. */
static uint64_t offset(struct self *self)
{
    switch (below(self, 4)) {
    case 0:
        return below(self, 4096);
    case 1:
        return 4096 - below(self, 64);
    default:
        return below(self, 1024) * 4;
    }
}

uint64_t address(struct self *self)
{
    switch (below(self, 8)) {
    case 0:
        return USER_DATA + below(self, DATA_PAGES) * 4096 + offset(self);
    case 1:
        return WALKS_VA + ((uint64_t)below(self, 4) << 30) + (below(self, 4) << 21) +
               below(self, 4) * 4096 + offset(self);
    case 2:
    case 3:
        return places[below(self, PLACES)] + offset(self);
    case 4:
        if (below(self, 2) == 0)
            return WITNESS_MEMORY + below(self, WITNESS_SIZE / 4096) * 4096 + offset(self);
        return (uint64_t)hostile_data + below(self, DATA_PAGES) * 4096 + offset(self);
    case 5:
        return value(self);
    default:
        return USER_PLACES + below(self, PLACES) * 4096 + offset(self);
    }
}

uint64_t value(struct self *self)
{
    switch (below(self, 10)) {
    case 0:
        return 0;
    case 1:
        return UINT64_MAX;
    case 2:
        return UINT64_C(1) << below(self, 64);
    case 3:
        return (UINT64_C(1) << below(self, 64)) - 1;
    case 4:
        return below(self, 1024);
    case 5:
        return (uint64_t)0 - below(self, 1024);
    case 6:
        return kit_mrs(cntvct_el0) + below(self, 100000) - 50000;
    case 7:
        return (uint64_t)hostile_data + below(self, sizeof(hostile_data));
    default:
        return any(self);
    }
}

bool values_begin(const void *code, uint64_t size)
{
    const uint64_t at = (uint64_t)code;
    int error = kit_protect(at, size, KIT_WRITE | KIT_EXEC);

    if (error == 0)
        error = kit_map(USER_CODE, at, size, KIT_WRITE | KIT_EXEC | KIT_USER);
    if (error == 0)
        error =
            kit_map(USER_DATA, (uint64_t)hostile_data, sizeof(hostile_data), KIT_WRITE | KIT_USER);
    for (unsigned i = 0; i < PLACES && error == 0; i++)
        error = kit_map(USER_PLACES + i * KIT_PAGE_SIZE, places[i], KIT_PAGE_SIZE,
                        KIT_WRITE | KIT_USER | (i % 3 == 0 ? KIT_DEVICE : KIT_NORMAL));
    return error == 0;
}
