/* SPDX-License-Identifier: MIT */
/*
 * Indices that a guest chooses. A CPU that mispredicts the check of one executes what follows with
 * the unchecked value, and what it reads there leaves traces in the caches (Spectre variant 1).
 */
#ifndef VCPU_HW_NOSPEC_H
#define VCPU_HW_NOSPEC_H

#include <stdint.h>

/* All ones if index < size, else 0, without a branch. */
static inline uint64_t nospec_mask(uint64_t index, uint64_t size)
{
#ifdef __aarch64__
    uint64_t mask;

    /* HINT #20 is CSDB: the mask is not a value that the CPU predicts. */
    __asm__("cmp %1, %2\n\t"
            "sbc %0, xzr, xzr\n\t"
            "hint #20"
            : "=r"(mask)
            : "r"(index), "rI"(size)
            : "cc");
    return mask;
#else
    return 0 - (uint64_t)(index < size);
#endif
}

/* For a power of two. The compiler would drop an AND of an index that it knows to be checked. */
static inline uint64_t nospec_and(uint64_t index, uint64_t size)
{
    __asm__("" : "+r"(index));
    return index & (size - 1);
}

/*
 * An index behind the check of it, for use with an array of that size: itself, or below the size
 * where the CPU only assumes that the check passed. Four instructions, or one AND if size is a
 * constant power of two. A field of a register that is no wider than its array needs none of this.
 *
 * tests/checks/nospec.py lists the functions that use it.
 */
#define NOSPEC_INDEX(index, size)                                                                  \
    (__builtin_constant_p(size) && __builtin_popcountll(size) == 1                                 \
         ? nospec_and(index, size)                                                                 \
         : nospec_mask(index, size) & (index))

#endif
