/* SPDX-License-Identifier: MIT */
#include "entropy.h"

#include <string.h>

#include "bare-metal/blake2s.h"

_Static_assert(sizeof(((struct entropy *)0)->key) == BLAKE2S_SIZE, "a hash is a key");

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

void entropy_wipe(void *secret, size_t size)
{
    volatile uint8_t *bytes = secret;

    while (size-- > 0)
        *bytes++ = 0;
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
    entropy_wipe(block, sizeof(block));
}
