/* SPDX-License-Identifier: MIT */
/*
 * The memory functions of the host. A freestanding compiler has no header for them. They may be in
 * another link than the library: see hidden.h.
 */
#ifndef VCPU_HW_MEMORY_H
#define VCPU_HW_MEMORY_H

#include <stddef.h>

#pragma GCC visibility push(default)
void *memcpy(void *destination, const void *source, size_t size);
void *memset(void *destination, int byte, size_t size);
#pragma GCC visibility pop

#endif
