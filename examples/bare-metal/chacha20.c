/* SPDX-License-Identifier: MIT */
#include "chacha20.h"

#define DOUBLE_ROUNDS 10u

#define AT_KEY     4u
#define AT_COUNTER 12u
#define AT_NONCE   13u

/* "expand 32-byte k" */
static const uint32_t constants[AT_KEY] = {0x61707865, 0x3320646e, 0x79622d32, 0x6b206574};

static uint32_t rotate_left(uint32_t value, unsigned by)
{
    return value << by | value >> (32 - by);
}

/*
 * The state is volatile: a compiler that keeps all of it in registers can leave copies on the stack,
 * which nobody wipes.
 */
static inline void quarter_round(volatile uint32_t *state, unsigned at_a, unsigned at_b,
                                 unsigned at_c, unsigned at_d)
{
    uint32_t a = state[at_a], b = state[at_b], c = state[at_c], d = state[at_d];

    a += b;
    d = rotate_left(d ^ a, 16);
    c += d;
    b = rotate_left(b ^ c, 12);
    a += b;
    d = rotate_left(d ^ a, 8);
    c += d;
    b = rotate_left(b ^ c, 7);
    state[at_a] = a, state[at_b] = b, state[at_c] = c, state[at_d] = d;
}

static void double_round(volatile uint32_t *state)
{
    /* The columns. */
    quarter_round(state, 0, 4, 8, 12);
    quarter_round(state, 1, 5, 9, 13);
    quarter_round(state, 2, 6, 10, 14);
    quarter_round(state, 3, 7, 11, 15);
    /* The diagonals. */
    quarter_round(state, 0, 5, 10, 15);
    quarter_round(state, 1, 6, 11, 12);
    quarter_round(state, 2, 7, 8, 13);
    quarter_round(state, 3, 4, 9, 14);
}

void chacha20_block(uint32_t out[CHACHA20_WORDS], const uint32_t key[CHACHA20_KEY_WORDS],
                    uint32_t counter, const uint32_t nonce[CHACHA20_NONCE_WORDS])
{
    volatile uint32_t *state = out;

    for (unsigned i = 0; i < AT_KEY; i++)
        state[i] = constants[i];
    for (unsigned i = 0; i < CHACHA20_KEY_WORDS; i++)
        state[AT_KEY + i] = key[i];
    state[AT_COUNTER] = counter;
    for (unsigned i = 0; i < CHACHA20_NONCE_WORDS; i++)
        state[AT_NONCE + i] = nonce[i];

    for (unsigned i = 0; i < DOUBLE_ROUNDS; i++)
        double_round(state);

    /* The first state once more: without it the rounds could be undone. */
    for (unsigned i = 0; i < AT_KEY; i++)
        state[i] += constants[i];
    for (unsigned i = 0; i < CHACHA20_KEY_WORDS; i++)
        state[AT_KEY + i] += key[i];
    state[AT_COUNTER] += counter;
    for (unsigned i = 0; i < CHACHA20_NONCE_WORDS; i++)
        state[AT_NONCE + i] += nonce[i];
}
