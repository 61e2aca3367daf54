/* SPDX-License-Identifier: MIT */
/* The breakpoints and watchpoints of the CPU it runs on. */
#ifndef VCPU_HW_DEBUG_H
#define VCPU_HW_DEBUG_H

#include <stdint.h>

/* Which register of comparator n: op2 - 4 of its encoding S2_0_C0_C<n>_<op2>. */
enum debug_register { DBGBVR, DBGBCR, DBGWVR, DBGWCR };

/*
 * Writes a register of comparator n, which the CPU has, and gives back what was there. In effect
 * after the next context synchronization event.
 */
uint64_t vcpu_debug_exchange(unsigned n, enum debug_register which, uint64_t value);

#endif
