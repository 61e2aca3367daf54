/* SPDX-License-Identifier: MIT */
/* libfdt includes it; of its functions only the overlay code needs one, and no host uses that. */
#ifndef BARE_METAL_STDLIB_H
#define BARE_METAL_STDLIB_H

#include <stddef.h>

#endif
