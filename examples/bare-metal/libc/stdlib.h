/* SPDX-License-Identifier: MIT */
/*
 * libfdt includes this header. Only its overlay code needs a function of it, and no host uses that
 * code.
 */
#ifndef BARE_METAL_STDLIB_H
#define BARE_METAL_STDLIB_H

#include <stddef.h>

#endif
