/* SPDX-License-Identifier: MIT */
/*
 * Random bytes for many uses from one seed: the key is replaced at each draw. The bytes of a draw
 * say nothing about other draws, and the present key says nothing about earlier ones ("fast key
 * erasure", with ChaCha20). Pure, and without a lock.
 */
#ifndef MINI_HOST_ENTROPY_H
#define MINI_HOST_ENTROPY_H

#include <stddef.h>
#include <stdint.h>

#define ENTROPY_MIN_SEED 16u /* bytes: fewer can be guessed */

struct entropy {
    uint32_t key[8];
};

/*
 * Whether an rng-seed can be used. NULL: it can. Otherwise what the machine has, as text:
 * no rng-seed (size 0), a short one, or the zeroes that a boot loader leaves after its use.
 */
const char *entropy_refuse_seed(const void *seed, size_t size);

/* The key comes of a seed: as many bytes as there are, uniform or not. */
void entropy_init(struct entropy *entropy, const void *seed, size_t size);

/*
 * The next `size` bytes, which never come again. Each 32 bytes, or fewer at the end, cost about
 * 1,950 instructions on AArch64.
 */
void entropy_draw(struct entropy *entropy, void *out, size_t size);

#endif
