/* SPDX-License-Identifier: MIT */
#include "wipe.h"

#include <stdint.h>

/* Eight bytes of an object of any type. */
typedef uint64_t __attribute__((may_alias)) word_t;

void wipe(void *secret, size_t size)
{
    volatile uint8_t *bytes = secret;

    /* Aligned accesses only, as in string.c. */
    if ((uintptr_t)secret % sizeof(word_t) == 0) {
        volatile word_t *words = secret;

        for (; size >= sizeof(word_t); size -= sizeof(word_t))
            *words++ = 0;
        bytes = (volatile uint8_t *)words;
    }
    while (size-- > 0)
        *bytes++ = 0;
}
