/* SPDX-License-Identifier: MIT */
/*
 * How long the lock of vcpu/gic.h is held, in instructions, under icount as in bench.c: from the calls
 * of the library's own functions, which the linker sends here first (CMakeLists.txt). The end is seen at the
 * next of these calls that finds the lock free, so this is more rather than less. Holds of a few
 * instructions, without any of these calls, are not seen.
 */
#ifndef HELD_H
#define HELD_H

#include <stdint.h>

struct vcpu_gic;

/* Looks at this one from now on. */
void held_begin(struct vcpu_gic *gic);

uint64_t held_longest(void);

#endif
