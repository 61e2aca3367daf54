/* SPDX-License-Identifier: MIT */
#include "wipe.h"

#include <stdint.h>

void wipe(void *secret, size_t size)
{
    volatile uint8_t *bytes = secret;

    while (size-- > 0)
        *bytes++ = 0;
}
