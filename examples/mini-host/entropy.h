/* SPDX-License-Identifier: MIT */
/*
 * Random bytes for many uses from one seed: the key is replaced at each draw. The bytes of a draw
 * say nothing about other draws, and the present key says nothing about earlier ones. Pure, and
 * without a lock.
 */
#ifndef MINI_HOST_ENTROPY_H
#define MINI_HOST_ENTROPY_H

#include <stddef.h>
#include <stdint.h>

struct entropy {
    uint8_t key[32];
};

/* The key comes of a seed: as many bytes as there are, uniform or not. */
void entropy_init(struct entropy *entropy, const void *seed, size_t size);

/* The next `size` bytes, which never come again. */
void entropy_draw(struct entropy *entropy, void *out, size_t size);

/* Overwrites what nobody is to find in memory, although it is not read any more. */
void entropy_wipe(void *secret, size_t size);

#endif
