/* SPDX-License-Identifier: MIT */
/* BLAKE2s against the test vectors of RFC 7693 (appendices B and E) and of its authors. */
#include "cmocka_all.h"

#include <stdbool.h>
#include <string.h>

#include "bare-metal/blake2s.h"
#include "leftovers.h"

/* Appendix B. */
static void abc(void **state)
{
    static const uint8_t hash[] = {
        0x50, 0x8c, 0x5e, 0x8c, 0x32, 0x7c, 0x14, 0xe2, 0xe1, 0xa7, 0x2b,
        0xa3, 0x4e, 0xeb, 0x45, 0x2f, 0x37, 0x45, 0x8b, 0x20, 0x9e, 0xd6,
        0x3a, 0x29, 0x4d, 0x99, 0x9b, 0x4c, 0x86, 0x67, 0x59, 0x82,
    };
    uint8_t out[BLAKE2S_SIZE];

    (void)state;
    blake2s(out, sizeof(out), NULL, 0, "abc", 3);
    assert_memory_equal(out, hash, sizeof(hash));
}

/* Appendix E's bytes that nobody chose: a Fibonacci sequence. */
static void fill(uint8_t *out, size_t size, uint32_t seed)
{
    uint32_t a = 0xdead4bad * seed, b = 1;

    for (size_t i = 0; i < size; i++) {
        uint32_t t = a + b;

        a = b;
        b = t;
        out[i] = (uint8_t)(t >> 24);
    }
}

/* Appendix E: the hash of many hashes, of each length, without and with a key. */
static void self_test(void **state)
{
    static const uint8_t result[] = {
        0x6a, 0x41, 0x1f, 0x08, 0xce, 0x25, 0xad, 0xcd, 0xfb, 0x02, 0xab,
        0xa6, 0x41, 0x45, 0x1c, 0xec, 0x53, 0xc5, 0x98, 0xb2, 0x4f, 0x4f,
        0xc7, 0x87, 0xfb, 0xdc, 0x88, 0x79, 0x7f, 0x4c, 0x1d, 0xfe,
    };
    static const size_t hash_sizes[] = {16, 20, 28, 32};
    static const size_t sizes[] = {0, 3, 64, 65, 255, 1024};
    uint8_t message[1024], key[BLAKE2S_SIZE], all[2048];
    size_t end = 0;

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        size_t hash_size = hash_sizes[i];

        for (size_t j = 0; j < 6; j++) {
            fill(message, sizes[j], (uint32_t)sizes[j]);
            blake2s(all + end, hash_size, NULL, 0, message, sizes[j]);
            end += hash_size;
            fill(key, hash_size, (uint32_t)hash_size);
            blake2s(all + end, hash_size, key, hash_size, message, sizes[j]);
            end += hash_size;
        }
    }
    blake2s(key, sizeof(key), NULL, 0, all, end);
    assert_memory_equal(key, result, sizeof(result));
}

/* The first two of the authors' known answers with a key: 00 to 1f, and messages "", 00. */
static void known_answers_with_a_key(void **state)
{
    static const uint8_t empty[] = {
        0x48, 0xa8, 0x99, 0x7d, 0xa4, 0x07, 0x87, 0x6b, 0x3d, 0x79, 0xc0,
        0xd9, 0x23, 0x25, 0xad, 0x3b, 0x89, 0xcb, 0xb7, 0x54, 0xd8, 0x6a,
        0xb7, 0x1a, 0xee, 0x04, 0x7a, 0xd3, 0x45, 0xfd, 0x2c, 0x49,
    };
    static const uint8_t zero[] = {
        0x40, 0xd1, 0x5f, 0xee, 0x7c, 0x32, 0x88, 0x30, 0x16, 0x6a, 0xc3,
        0xf9, 0x18, 0x65, 0x0f, 0x80, 0x7e, 0x7e, 0x01, 0xe1, 0x77, 0x25,
        0x8c, 0xdc, 0x0a, 0x39, 0xb1, 0x1f, 0x59, 0x80, 0x66, 0xf1,
    };
    uint8_t key[BLAKE2S_SIZE], out[BLAKE2S_SIZE];

    (void)state;
    for (uint8_t i = 0; i < sizeof(key); i++)
        key[i] = i;
    blake2s(out, sizeof(out), key, sizeof(key), NULL, 0);
    assert_memory_equal(out, empty, sizeof(empty));
    blake2s(out, sizeof(out), key, sizeof(key), "", 1);
    assert_memory_equal(out, zero, sizeof(zero));
    /* In the place of the key itself. */
    blake2s(key, sizeof(key), key, sizeof(key), "", 1);
    assert_memory_equal(key, zero, sizeof(zero));
}

static uint8_t secret_key[BLAKE2S_SIZE], secret[96], hash[BLAKE2S_SIZE];

static void hash_secret(void)
{
    blake2s(hash, sizeof(hash), secret_key, sizeof(secret_key), secret, sizeof(secret));
}

/* One block, with a first state that everybody knows. */
static void hash_block(void)
{
    blake2s(hash, sizeof(hash), NULL, 0, secret, 64);
}

/* What a function without a wipe leaves. */
static void copy_secret(void)
{
    volatile uint8_t copy[sizeof(secret)];

    for (size_t i = 0; i < sizeof(copy); i++)
        copy[i] = secret[i];
}

static uint32_t word(const uint8_t *bytes)
{
    uint32_t value;

    memcpy(&value, bytes, sizeof(value));
    return value;
}

/*
 * The working vector after hash_block: the first state and the vector's two halves make the hash. Who
 * has it can calculate the message.
 */
static bool vector_on_stack(void)
{
    static const uint32_t first[] = {0x6a09e667 ^ 0x01010020, 0xbb67ae85};

    for (size_t at = 0; at + 64 <= sizeof(leftovers); at++) {
        const uint8_t *v = leftovers + at;

        if ((first[0] ^ word(v) ^ word(v + 32)) == word(hash) &&
            (first[1] ^ word(v + 4) ^ word(v + 36)) == word(hash + 4))
            return true;
    }
    return false;
}

/* The key, each block of the message, and the hash, which can be a key itself. */
static void nothing_stays_on_the_stack(void **state)
{
    (void)state;
    fill(secret_key, sizeof(secret_key), 1);
    fill(secret, sizeof(secret), 2);
    leftovers_run(copy_secret);
    assert_int_not_equal(leftovers_of(secret, sizeof(secret)), 0);
    leftovers_run(hash_secret);
    assert_int_equal(leftovers_of(secret_key, sizeof(secret_key)), 0);
    assert_int_equal(leftovers_of(secret, sizeof(secret)), 0);
    assert_int_equal(leftovers_of(hash, sizeof(hash)), 0);
    leftovers_run(hash_block);
    assert_false(vector_on_stack());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(abc),
        cmocka_unit_test(self_test),
        cmocka_unit_test(known_answers_with_a_key),
        cmocka_unit_test(nothing_stays_on_the_stack),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
