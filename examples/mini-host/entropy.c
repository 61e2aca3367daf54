/* SPDX-License-Identifier: MIT */
#include "entropy.h"

#include <string.h>

#include "bare-metal/blake2s.h"
#include "bare-metal/wipe.h"

_Static_assert(sizeof(((struct entropy *)0)->key) == BLAKE2S_SIZE, "a hash is a key");
_Static_assert(ENTROPY_MIN_SEED == 16, "the text of entropy_refuse_seed says 16");

/*
 * Each use of a key has a message of its own: 0 is the next key, the others are blocks of output.
 */
static void derive(const struct entropy *entropy, uint64_t use, uint8_t out[BLAKE2S_SIZE])
{
    uint8_t message[sizeof(use)];

    for (unsigned i = 0; i < sizeof(message); i++)
        message[i] = (uint8_t)(use >> 8 * i);
    blake2s(out, BLAKE2S_SIZE, entropy->key, sizeof(entropy->key), message, sizeof(message));
}

const char *entropy_refuse_seed(const void *seed, size_t size)
{
    const uint8_t *bytes = seed;

    if (size == 0)
        return "no rng-seed";
    if (size < ENTROPY_MIN_SEED)
        return "an rng-seed of less than 16 bytes";
    for (size_t i = 0; i < size; i++) {
        if (bytes[i] != 0)
            return NULL;
    }
    return "an rng-seed that is all zeroes";
}

void entropy_init(struct entropy *entropy, const void *seed, size_t size)
{
    static const char purpose[] = "mini-host: seeds of guests";

    blake2s(entropy->key, sizeof(entropy->key), purpose, sizeof(purpose), seed, size);
}

void entropy_draw(struct entropy *entropy, void *out, size_t size)
{
    uint8_t block[BLAKE2S_SIZE], *to = out;

    for (uint64_t use = 1; size > 0; use++) {
        size_t part = size < sizeof(block) ? size : sizeof(block);

        derive(entropy, use, block);
        memcpy(to, block, part);
        to += part;
        size -= part;
    }
    derive(entropy, 0, entropy->key);
    wipe(block, sizeof(block));
}
