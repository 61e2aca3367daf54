/* SPDX-License-Identifier: MIT */
/* Taking an exception to EL1, as AArch64.TakeException of the Arm ARM does. Pure. */
#ifndef VCPU_CORE_INJECT_H
#define VCPU_CORE_INJECT_H

#include <stdbool.h>
#include <stdint.h>

#include "core/state.h"

/* What the CPU is when the exception is taken, and what becomes of it. */
struct inject_state {
    uint64_t pc, pstate;
    uint64_t vbar, sctlr; /* of EL1; only read */
};

struct inject_features {
    bool pan, ssbs;
};

enum inject_vector {
    INJECT_SYNC = 0x000,
    INJECT_IRQ = 0x080,
    INJECT_FIQ = 0x100,
    INJECT_SERROR = 0x180,
};

/* Moves pc and pstate to the handler. What they were goes to ELR_EL1 and SPSR_EL1. */
void vcpu_inject_take(struct inject_state *state, const struct inject_features *features,
                      enum inject_vector vector);

/* ESR_EL1 for the three kinds, for an exception taken from this PSTATE. */
uint64_t vcpu_inject_esr_undefined(void);
uint64_t vcpu_inject_esr_abort(uint64_t pstate, bool instruction);

#endif
