/* SPDX-License-Identifier: MIT */
#include "entropy.h"

#include <string.h>

#include "bare-metal/blake2s.h"
#include "bare-metal/chacha20.h"
#include "bare-metal/wipe.h"

#define KEY_WORDS CHACHA20_KEY_WORDS

_Static_assert(sizeof(((struct entropy *)0)->key) == BLAKE2S_SIZE, "a hash is a key");
_Static_assert(sizeof(((struct entropy *)0)->key) == 4 * KEY_WORDS, "a key is ChaCha20's");
_Static_assert(ENTROPY_MIN_SEED == 16, "the text of entropy_refuse_seed says 16");

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

    blake2s((uint8_t *)entropy->key, sizeof(entropy->key), purpose, sizeof(purpose), seed, size);
}

/* A block's first half is the next key, its second half the output. A key has only one block. */
void entropy_draw(struct entropy *entropy, void *out, size_t size)
{
    static const uint32_t nonce[CHACHA20_NONCE_WORDS];
    uint32_t block[CHACHA20_WORDS];
    const size_t most = sizeof(block) - sizeof(entropy->key);
    uint8_t *to = out;

    while (size > 0) {
        size_t part = size < most ? size : most;

        chacha20_block(block, entropy->key, 0, nonce);
        for (unsigned i = 0; i < KEY_WORDS; i++)
            entropy->key[i] = block[i];
        memcpy(to, block + KEY_WORDS, part);
        to += part;
        size -= part;
    }
    wipe(block, sizeof(block));
}
