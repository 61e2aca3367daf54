/* SPDX-License-Identifier: MIT */
/* Memory eight bytes at a time, whatever its type. */
#ifndef BARE_METAL_WORD_H
#define BARE_METAL_WORD_H

#include <stdbool.h>
#include <stdint.h>

typedef uint64_t __attribute__((may_alias)) word_t;

static inline bool word_aligned(uintptr_t a)
{
    return a % sizeof(word_t) == 0;
}

#endif
