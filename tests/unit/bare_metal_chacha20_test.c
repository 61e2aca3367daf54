/* SPDX-License-Identifier: MIT */
/*
 * ChaCha20's block function against the test vectors of RFC 8439 (2.3.2 and A.1) and one more. All of
 * them were calculated by OpenSSL 3.0.19 (openssl enc -chacha20, of 64 zeroes) as well, and by the
 * package `cryptography` 48 of Python.
 */
#include "cmocka_all.h"

#include <string.h>

#include "bare-metal/chacha20.h"
#include "leftovers.h"

static const uint32_t zero_key[CHACHA20_KEY_WORDS], zero_nonce[CHACHA20_NONCE_WORDS];

static void is_block(const uint32_t *key, uint32_t counter, const uint32_t *nonce,
                     const uint32_t block[CHACHA20_WORDS])
{
    uint32_t out[CHACHA20_WORDS];

    chacha20_block(out, key, counter, nonce);
    for (unsigned i = 0; i < CHACHA20_WORDS; i++)
        assert_int_equal(out[i], block[i]);
}

/* 2.3.2: the key is 00 to 1f. */
static const uint32_t key_of_232[] = {
    0x03020100, 0x07060504, 0x0b0a0908, 0x0f0e0d0c, 0x13121110, 0x17161514, 0x1b1a1918, 0x1f1e1d1c,
};
static const uint32_t nonce_of_232[] = {0x09000000, 0x4a000000, 0};

static void section_2_3_2(void **state)
{
    static const uint32_t block[] = {
        0xe4e7f110, 0x15593bd1, 0x1fdd0f50, 0xc47120a3, 0xc7f4d1c7, 0x0368c033,
        0x9aaa2204, 0x4e6cd4c3, 0x466482d2, 0x09aa9f07, 0x05d7c214, 0xa2028bd9,
        0xd19c12b5, 0xb94e16de, 0xe883d0cb, 0x4e3c50a2,
    };

    (void)state;
    is_block(key_of_232, 1, nonce_of_232, block);
}

/* A.1, test vectors 1, 2, 3 and 5. */
static void appendix_a_1(void **state)
{
    static const uint32_t key[CHACHA20_KEY_WORDS] = {[7] = 0x01000000};
    static const uint32_t nonce[CHACHA20_NONCE_WORDS] = {[2] = 0x02000000};
    static const uint32_t blocks[4][CHACHA20_WORDS] = {
        {0xade0b876, 0x903df1a0, 0xe56a5d40, 0x28bd8653, 0xb819d2bd, 0x1aed8da0, 0xccef36a8,
         0xc70d778b, 0x7c5941da, 0x8d485751, 0x3fe02477, 0x374ad8b8, 0xf4b8436a, 0x1ca11815,
         0x69b687c3, 0x8665eeb2},
        {0xbee7079f, 0x7a385155, 0x7c97ba98, 0x0d082d73, 0xa0290fcb, 0x6965e348, 0x3e53c612,
         0xed7aee32, 0x7621b729, 0x434ee69c, 0xb03371d5, 0xd539d874, 0x281fed31, 0x45fb0a51,
         0x1f0ae1ac, 0x6f4d794b},
        {0x2452eb3a, 0x9249f8ec, 0x8d829d9b, 0xddd4ceb1, 0xe8252083, 0x60818b01, 0xf38422b8,
         0x5aaa49c9, 0xbb00ca8e, 0xda3ba7b4, 0xc4b592d1, 0xfdf2732f, 0x4436274e, 0x2561b3c8,
         0xebdd4aa6, 0xa0136c00},
        {0x374dc6c2, 0x3736d58c, 0xb904e24a, 0xcd3f93ef, 0x88228b1a, 0x96a4dfb3, 0x5b76ab72,
         0xc727ee54, 0x0e0e978a, 0xf3145c95, 0x1b748ea8, 0xf786c297, 0x99c28f5f, 0x628314e8,
         0x398a19fa, 0x6ded1b53},
    };

    (void)state;
    is_block(zero_key, 0, zero_nonce, blocks[0]);
    is_block(zero_key, 1, zero_nonce, blocks[1]);
    is_block(key, 1, zero_nonce, blocks[2]);
    is_block(zero_key, 0, nonce, blocks[3]);
}

/* Not in the RFC. */
static void all_ones(void **state)
{
    static const uint32_t block[] = {
        0xcf212bd7, 0xc4b0b6a4, 0x2bf6611d, 0x9c15118a, 0xbc634f6a, 0x5703c256,
        0x37adc796, 0xbb211181, 0x4ad556ec, 0x933a0f53, 0x508ad23d, 0xfa3bb2fe,
        0x5b404ff6, 0x71f385e9, 0x8346df8b, 0x49e76be9,
    };
    uint32_t key[CHACHA20_KEY_WORDS];

    (void)state;
    memset(key, 0xff, sizeof(key));
    is_block(key, 0xffffffff, key, block);
}

static uint32_t block_of_secret[CHACHA20_WORDS];

static void make_block(void)
{
    chacha20_block(block_of_secret, key_of_232, 1, nonce_of_232);
}

/* What a function leaves whose block is on its own stack. */
static void make_block_on_stack(void)
{
    uint32_t block[CHACHA20_WORDS];

    chacha20_block(block, key_of_232, 1, nonce_of_232);
}

/*
 * Neither the key nor the block, nor the state after the rounds: who has it can undo the rounds. The
 * state is the block without the first state.
 */
static void nothing_stays_on_the_stack(void **state)
{
    uint32_t rounds[CHACHA20_KEY_WORDS];

    (void)state;
    leftovers_run(make_block);
    for (unsigned i = 0; i < CHACHA20_KEY_WORDS; i++)
        rounds[i] = block_of_secret[4 + i] - key_of_232[i];
    assert_int_equal(leftovers_of(key_of_232, sizeof(key_of_232)), 0);
    assert_int_equal(leftovers_of(block_of_secret, sizeof(block_of_secret)), 0);
    assert_int_equal(leftovers_of(rounds, sizeof(rounds)), 0);
    leftovers_run(make_block_on_stack);
    assert_int_not_equal(leftovers_of(block_of_secret, sizeof(block_of_secret)), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(section_2_3_2),
        cmocka_unit_test(appendix_a_1),
        cmocka_unit_test(all_ones),
        cmocka_unit_test(nothing_stays_on_the_stack),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
