/* SPDX-License-Identifier: MIT */
#include "blake2s.h"

#include <stdbool.h>
#include <string.h>

#include "wipe.h"

#define ROUNDS     10u
#define WORDS      8u /* of the state */
#define BLOCK_SIZE 64u

struct state {
    uint32_t h[WORDS];
    uint64_t count; /* bytes so far */
};

static const uint32_t iv[WORDS] = {
    0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
};

/* Which word of the message each step of a round takes. */
static const uint8_t sigma[ROUNDS][16] = {
    {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15},
    {14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3},
    {11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4},
    {7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8},
    {9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13},
    {2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9},
    {12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11},
    {13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10},
    {6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5},
    {10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0},
};

/* The four columns of the working vector, then its four diagonals. */
static const uint8_t quarters[8][4] = {
    {0, 4, 8, 12},  {1, 5, 9, 13},  {2, 6, 10, 14}, {3, 7, 11, 15},
    {0, 5, 10, 15}, {1, 6, 11, 12}, {2, 7, 8, 13},  {3, 4, 9, 14},
};

static uint32_t rotate_right(uint32_t value, unsigned by)
{
    return value >> by | value << (32 - by);
}

static void mix(uint32_t v[16], const uint8_t at[4], uint32_t x, uint32_t y)
{
    uint32_t a = v[at[0]], b = v[at[1]], c = v[at[2]], d = v[at[3]];

    a += b + x;
    d = rotate_right(d ^ a, 16);
    c += d;
    b = rotate_right(b ^ c, 12);
    a += b + y;
    d = rotate_right(d ^ a, 8);
    c += d;
    b = rotate_right(b ^ c, 7);
    v[at[0]] = a, v[at[1]] = b, v[at[2]] = c, v[at[3]] = d;
}

static uint32_t load(const uint8_t *bytes)
{
    return (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 |
           (uint32_t)bytes[3] << 24;
}

static void compress(struct state *state, const uint8_t block[BLOCK_SIZE], bool last)
{
    uint32_t v[16], m[16];

    for (unsigned i = 0; i < 16; i++)
        m[i] = load(block + 4 * i);
    for (unsigned i = 0; i < WORDS; i++) {
        v[i] = state->h[i];
        v[WORDS + i] = iv[i];
    }
    v[12] ^= (uint32_t)state->count;
    v[13] ^= (uint32_t)(state->count >> 32);
    if (last)
        v[14] = ~v[14];
    for (unsigned round = 0; round < ROUNDS; round++) {
        for (unsigned i = 0; i < 8; i++)
            mix(v, quarters[i], m[sigma[round][2 * i]], m[sigma[round][2 * i + 1]]);
    }
    for (unsigned i = 0; i < WORDS; i++)
        state->h[i] ^= v[i] ^ v[WORDS + i];
    wipe(v, sizeof(v));
    wipe(m, sizeof(m));
}

/* One block, of which `size` bytes are there and the others are 0. */
static void take(struct state *state, const void *bytes, size_t size, size_t counts, bool last)
{
    uint8_t block[BLOCK_SIZE] = {0};

    if (size != 0)
        memcpy(block, bytes, size);
    state->count += counts;
    compress(state, block, last);
    wipe(block, sizeof(block));
}

void blake2s(uint8_t *out, size_t out_size, const void *key, size_t key_size, const void *message,
             size_t size)
{
    const uint8_t *bytes = message;
    struct state state = {.count = 0};

    for (unsigned i = 0; i < WORDS; i++)
        state.h[i] = iv[i];
    state.h[0] ^= 0x01010000u | (uint32_t)key_size << 8 | (uint32_t)out_size;
    /* A key is a block of its own in front. */
    if (key_size != 0)
        take(&state, key, key_size, BLOCK_SIZE, size == 0);
    for (; size > BLOCK_SIZE; bytes += BLOCK_SIZE, size -= BLOCK_SIZE)
        take(&state, bytes, BLOCK_SIZE, BLOCK_SIZE, false);
    if (size != 0 || key_size == 0)
        take(&state, bytes, size, size, true);
    for (size_t i = 0; i < out_size; i++)
        out[i] = (uint8_t)(state.h[i / 4] >> 8 * (i % 4));
    wipe(&state, sizeof(state));
}
