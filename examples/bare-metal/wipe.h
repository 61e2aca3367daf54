/* SPDX-License-Identifier: MIT */
/* Secrets that nobody is to find in memory after their use. Pure. */
#ifndef BARE_METAL_WIPE_H
#define BARE_METAL_WIPE_H

#include <stddef.h>

/* Writes zeroes over a secret. Compilers drop a memset of memory that is not read any more. */
void wipe(void *secret, size_t size);

#endif
