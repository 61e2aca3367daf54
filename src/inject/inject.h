/* SPDX-License-Identifier: MIT */
/* Takes an exception to EL1, as AArch64.TakeException of the Arm ARM does. */
#ifndef VCPU_INJECT_INJECT_H
#define VCPU_INJECT_INJECT_H

#include <stdbool.h>
#include <stdint.h>

#include "state/state.h"

enum inject_vector {
    INJECT_SYNC = 0x000,
    INJECT_IRQ = 0x080,
    INJECT_FIQ = 0x100,
    INJECT_SERROR = 0x180,
};

/*
 * Pure: can EL1 take a synchronous exception of this class from this PSTATE? If so, sets the
 * class's value for the Exception level.
 */
bool vcpu_inject_syndrome(uint64_t pstate, uint64_t *esr);

/*
 * Pure: can an abort of this access have this fault status, with an address or without? If so, sets
 * its ESR_EL1, with the value for an exception from EL0.
 */
bool vcpu_inject_abort_syndrome(enum vcpu_access access, uint8_t fsc, bool has_far, uint64_t *esr);

/*
 * Pure: takes the exception in memory, where v->el1 has the registers' values. far goes to FAR_EL1
 * if the syndrome has an address.
 */
void vcpu_inject_take(struct vcpu_state *v, uint64_t esr, uint64_t far, enum inject_vector vector);

/* The same for a vCPU that is resident or not; it answers the exit. VCPU_OK or VCPU_ERR_BUSY. */
int vcpu_inject_apply(struct vcpu_state *v, uint64_t esr, uint64_t far, enum inject_vector vector);

#endif
