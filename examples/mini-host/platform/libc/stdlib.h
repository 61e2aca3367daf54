/* SPDX-License-Identifier: MIT */
/* libfdt includes it; of its functions only the overlay code needs one, and no host uses that. */
#ifndef PLATFORM_STDLIB_H
#define PLATFORM_STDLIB_H

#include <stddef.h>

#endif
