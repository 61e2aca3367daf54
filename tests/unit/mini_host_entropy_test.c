/* SPDX-License-Identifier: MIT */
/* What guests' seeds must be: never the same, and of all of the host's seed. */
#include "cmocka_all.h"

#include <stdlib.h>
#include <string.h>

#include "entropy.h"
#include "leftovers.h"

#define DRAWS 5000u

static const uint8_t seed[64] = {1, 2, 3};

static int by_bytes(const void *a, const void *b)
{
    return memcmp(a, b, 8);
}

static void no_eight_bytes_come_twice(void **state)
{
    static uint8_t drawn[DRAWS * 5][8];
    struct entropy entropy;

    (void)state;
    entropy_init(&entropy, seed, sizeof(seed));
    for (unsigned i = 0; i < DRAWS; i++)
        entropy_draw(&entropy, drawn[5 * i], 40);
    qsort(drawn, DRAWS * 5, 8, by_bytes);
    for (unsigned i = 1; i < DRAWS * 5; i++)
        assert_memory_not_equal(drawn[i - 1], drawn[i], 8);
}

static void another_seed_gives_other_bytes(void **state)
{
    struct entropy one, other;
    uint8_t changed[sizeof(seed)], first[32], second[32];

    (void)state;
    for (size_t i = 0; i < sizeof(seed); i++) {
        memcpy(changed, seed, sizeof(seed));
        changed[i] ^= 0x80;
        entropy_init(&one, seed, sizeof(seed));
        entropy_init(&other, changed, sizeof(changed));
        entropy_draw(&one, first, sizeof(first));
        entropy_draw(&other, second, sizeof(second));
        assert_memory_not_equal(first, second, sizeof(first));
    }
}

/* A count of ones that a fair coin misses once in a billion: 6 standard deviations. */
static void bits_are_as_many_ones_as_zeroes(void **state)
{
    static uint8_t drawn[100000];
    struct entropy entropy;
    long ones = 0;

    (void)state;
    entropy_init(&entropy, seed, sizeof(seed));
    entropy_draw(&entropy, drawn, sizeof(drawn));
    for (size_t i = 0; i < sizeof(drawn); i++)
        ones += __builtin_popcount(drawn[i]);
    assert_in_range(ones, 400000 - 6 * 448, 400000 + 6 * 448);
}

/* Whoever finds the key of now cannot draw again what was drawn before. */
static void a_draw_replaces_the_key(void **state)
{
    struct entropy entropy, before;
    uint8_t drawn[64], again[64];

    (void)state;
    entropy_init(&entropy, seed, sizeof(seed));
    before = entropy;
    entropy_draw(&entropy, drawn, sizeof(drawn));
    assert_memory_not_equal(&entropy, &before, sizeof(entropy));
    entropy_draw(&entropy, again, sizeof(again));
    assert_memory_not_equal(drawn, again, sizeof(drawn));
    /* Nor is the next key among what was drawn. */
    assert_memory_not_equal(drawn, entropy.key, 32);
    assert_memory_not_equal(drawn + 32, entropy.key, 32);
}

/*
 * Two blocks of ChaCha20, from the key 00 to 1f: the first half of each is the key of the next. By
 * the package `cryptography` 48 of Python, and by OpenSSL.
 */
static void a_draw_is_half_a_block_of_each_key(void **state)
{
    static const uint8_t output[40] = {
        0x2b, 0x23, 0xcc, 0xe7, 0xa2, 0x60, 0x23, 0xab, 0x3f, 0x0e, 0xef, 0x69, 0x3a, 0xc8,
        0x7f, 0x64, 0x25, 0x82, 0x35, 0xea, 0xb1, 0xf7, 0xa3, 0x2d, 0xc2, 0x27, 0x62, 0xa0,
        0x48, 0x5b, 0x41, 0x0c, 0x2d, 0x41, 0xa5, 0x9c, 0x90, 0xe4, 0x1a, 0x8e,
    };
    static const uint8_t key[32] = {
        0x0a, 0xb7, 0x56, 0xb1, 0xbf, 0xfa, 0xb8, 0x01, 0x63, 0x2a, 0x21,
        0xc4, 0x2e, 0x60, 0x92, 0xaf, 0xf7, 0x28, 0x76, 0xf4, 0xa1, 0xa4,
        0xb2, 0xba, 0x06, 0x48, 0x7f, 0xea, 0x92, 0x67, 0xe3, 0x8d,
    };
    struct entropy entropy;
    uint8_t drawn[40], first_key[32];

    (void)state;
    for (uint8_t i = 0; i < sizeof(first_key); i++)
        first_key[i] = i;
    memcpy(entropy.key, first_key, sizeof(first_key));
    entropy_draw(&entropy, drawn, sizeof(drawn));
    assert_memory_equal(drawn, output, sizeof(output));
    assert_memory_equal(entropy.key, key, sizeof(key));
}

static struct entropy drawn_from;
static uint8_t drawn_deep[24];

static void draw(void)
{
    entropy_draw(&drawn_from, drawn_deep, sizeof(drawn_deep));
}

/*
 * The key before the draw, the next one, and the bytes. The first is not copied by memcpy: its vector
 * registers would be the new thread's too, where the dynamic linker saves them on the stack.
 */
static void nothing_stays_on_the_stack(void **state)
{
    static const uint32_t key[] = {
        0x5d1e3a07, 0x91c4f26b, 0x0e7ab853, 0xc83f649d,
        0x2690d7e1, 0xfb5d1c48, 0x74a2e93f, 0xb90648d5,
    };

    (void)state;
    for (unsigned i = 0; i < 8; i++)
        drawn_from.key[i] = key[i];
    leftovers_run(draw);
    assert_int_equal(leftovers_of(key, sizeof(key)), 0);
    assert_int_equal(leftovers_of(drawn_from.key, sizeof(drawn_from.key)), 0);
    assert_int_equal(leftovers_of(drawn_deep, sizeof(drawn_deep)), 0);
}

static void a_draw_writes_what_was_asked_for(void **state)
{
    (void)state;
    for (size_t size = 0; size <= 70; size++) {
        struct entropy entropy, same;
        uint8_t drawn[72], longer[72];

        memset(drawn, 0xa5, sizeof(drawn));
        entropy_init(&entropy, seed, sizeof(seed));
        same = entropy;
        entropy_draw(&entropy, drawn, size);
        entropy_draw(&same, longer, sizeof(longer));
        assert_memory_equal(drawn, longer, size);
        for (size_t i = size; i < sizeof(drawn); i++)
            assert_int_equal(drawn[i], 0xa5);
    }
}

static const char *refused(uint8_t first, uint8_t last, size_t size)
{
    uint8_t bytes[64] = {0};

    bytes[0] = first;
    bytes[size != 0 ? size - 1 : 0] |= last;
    return entropy_refuse_seed(bytes, size);
}

static void a_seed_has_16_bytes_that_are_not_all_zeroes(void **state)
{
    (void)state;
    assert_string_equal(refused(1, 1, 0), "no rng-seed");
    for (size_t size = 1; size < 16; size++)
        assert_string_equal(refused(1, 1, size), "an rng-seed of less than 16 bytes");
    for (size_t size = 16; size <= 64; size++) {
        assert_null(refused(0x80, 0, size));
        assert_null(refused(0, 1, size));
        assert_string_equal(refused(0, 0, size), "an rng-seed that is all zeroes");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_eight_bytes_come_twice),
        cmocka_unit_test(another_seed_gives_other_bytes),
        cmocka_unit_test(bits_are_as_many_ones_as_zeroes),
        cmocka_unit_test(a_draw_replaces_the_key),
        cmocka_unit_test(a_draw_is_half_a_block_of_each_key),
        cmocka_unit_test(nothing_stays_on_the_stack),
        cmocka_unit_test(a_draw_writes_what_was_asked_for),
        cmocka_unit_test(a_seed_has_16_bytes_that_are_not_all_zeroes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
