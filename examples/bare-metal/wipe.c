/* SPDX-License-Identifier: MIT */
#include "wipe.h"

#include <stdint.h>

#include "word.h"

void wipe(void *secret, size_t size)
{
    volatile uint8_t *bytes = secret;

    /* Aligned accesses only, as in string.c. */
    if (word_aligned((uintptr_t)secret)) {
        volatile word_t *words = secret;

        for (; size >= sizeof(word_t); size -= sizeof(word_t))
            *words++ = 0;
        bytes = (volatile uint8_t *)words;
    }
    while (size-- > 0)
        *bytes++ = 0;
}
