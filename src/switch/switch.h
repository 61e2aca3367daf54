/* SPDX-License-Identifier: MIT */
/*
 * The world switch: moves a vCPU's state to this CPU's registers and back. With DAIF masked, on the
 * CPU whose block is given.
 */
#ifndef VCPU_SWITCH_SWITCH_H
#define VCPU_SWITCH_SWITCH_H

#include "state/state.h"

/*
 * Loads v. The CPU has no resident vCPU, and v's token names this CPU. fit: of vcpu_id_fit, how the
 * VM fits this CPU.
 */
void vcpu_switch_load(struct percpu_state *cpu, struct vcpu_state *v, unsigned fit);

/*
 * Puts the resident vCPU: saves it, gives the host's EL2 state back, and releases the token.
 * from_guest: in an exit, before the host's FP registers are back.
 */
void vcpu_switch_put(struct percpu_state *cpu, bool from_guest);

/* Puts v if it is resident on this CPU. false: it is resident on another. DAIF masked or not. */
bool vcpu_switch_leave(const struct vcpu_state *v);

/*
 * Writes to the CPU what changed in memory while the vCPU is resident: its stage-2 root, interrupt
 * lines.
 */
void vcpu_switch_update(struct percpu_state *cpu, struct vcpu_state *v);

#endif
