/* SPDX-License-Identifier: MIT */
/* The breakpoints and watchpoints of this CPU. */
#ifndef VCPU_HW_DEBUG_H
#define VCPU_HW_DEBUG_H

#include <stdint.h>

enum hw_comparator_kind { HW_BREAKPOINT, HW_WATCHPOINT };

/* DBG<x>VR<n>_EL1 and DBG<x>CR<n>_EL1. */
struct hw_comparator {
    uint64_t value, control;
};

/*
 * Writes the registers of comparator n, which the CPU has, and returns their old values. In effect
 * after the next context synchronization event.
 */
struct hw_comparator vcpu_debug_exchange(unsigned n, enum hw_comparator_kind kind,
                                         struct hw_comparator now);

#endif
