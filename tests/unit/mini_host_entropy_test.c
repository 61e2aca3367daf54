/* SPDX-License-Identifier: MIT */
/* What guests' seeds must be: never the same, and of all of the host's seed. */
#include "cmocka_all.h"

#include <stdlib.h>
#include <string.h>

#include "entropy.h"

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
        cmocka_unit_test(a_draw_writes_what_was_asked_for),
        cmocka_unit_test(a_seed_has_16_bytes_that_are_not_all_zeroes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
