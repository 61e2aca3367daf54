/* SPDX-License-Identifier: MIT */
/* Resets a vCPU's registers, in memory: it is not resident. */
#ifndef VCPU_VM_RESET_H
#define VCPU_VM_RESET_H

#include "state/state.h"

/* Resets all registers and the devices' part, and sets all lines low. */
void vcpu_reset_all(struct vcpu_state *v);

/*
 * Resets what a CPU loses without power. Its timers and devices keep their state: one of them can
 * be what wakes it, or the only thing that ever will.
 */
void vcpu_reset_core(struct vcpu_state *v);

/* Starts a vCPU that was reset at an entry point. */
void vcpu_reset_start(struct vcpu_state *v, uint64_t entry, uint64_t context);

#endif
