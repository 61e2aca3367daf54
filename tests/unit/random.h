/* SPDX-License-Identifier: MIT */
/* Numbers by chance, the same in each run. */
#ifndef VCPU_TESTS_RANDOM_H
#define VCPU_TESTS_RANDOM_H

#include <stdint.h>

/* xorshift64*: state must not be 0. */
static inline uint64_t random64(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state * UINT64_C(0x2545f4914f6cdd1d);
}

#endif
