/* SPDX-License-Identifier: MIT */
/* What a function leaves on the stack: it runs on one that can be searched. */
#ifndef VCPU_TESTS_LEFTOVERS_H
#define VCPU_TESTS_LEFTOVERS_H

#include <stddef.h>
#include <stdint.h>

extern uint8_t leftovers[1 << 18]; /* the stack */

/* Calls the function on that stack, which is all zeroes before. */
void leftovers_run(void (*function)(void));

/* How often eight bytes of these are on the stack, wherever in them they begin. */
unsigned leftovers_of(const void *bytes, size_t size);

#endif
