/* SPDX-License-Identifier: MIT */
/*
 * The world switch: moving a vCPU's state into this CPU's registers and out of them. With DAIF
 * masked, on the CPU whose block is given.
 */
#ifndef VCPU_SWITCH_SWITCH_H
#define VCPU_SWITCH_SWITCH_H

#include "state/state.h"

/*
 * The CPU has no resident vCPU, and v's token says that it is this CPU's. fit: of vcpu_id_fit, how
 * the VM fits this CPU.
 */
void vcpu_switch_load(struct percpu_state *cpu, struct vcpu_state *v, unsigned fit);

/*
 * Saves the resident vCPU, gives the host's EL2 state back, and lets go of the token. from_guest:
 * in an exit, before the host's FP registers are back.
 */
void vcpu_switch_put(struct percpu_state *cpu, bool from_guest);

/* Puts v if it is in this CPU's registers. false: it is in another CPU's. DAIF masked or not. */
bool vcpu_switch_leave(const struct vcpu_state *v);

/* Writes what changed in memory while the vCPU is resident: its stage-2 root, interrupt lines. */
void vcpu_switch_update(struct percpu_state *cpu, struct vcpu_state *v);

#endif
