/* SPDX-License-Identifier: MIT */
/*
 * The power states of a VM's vCPUs: off, on, and "on pending" between a CPU_ON and the host's
 * answer to its CPU_UP exit. Until then that exit is *open*: the caller's on_target and the
 * target's on_by name each other.
 */
#ifndef VCPU_VM_POWER_H
#define VCPU_VM_POWER_H

#include "state/state.h"

/*
 * v's CPU_ON takes the target: from off it becomes on pending, and one of several callers at the
 * same moment gets it. Also true for the caller whose CPU_ON is open already: the host ran it again
 * instead of answering. false: *power is the target's state.
 */
bool vcpu_power_take(struct vcpu_state *v, struct vcpu_state *target, uint32_t *power);

/* Ends the CPU_ON that made the target pending. */
void vcpu_power_end(struct vcpu_state *target, enum vcpu_power power);

/* Ends v's open CPU_UP exit, if it has one: the target is off again. */
void vcpu_power_cancel(struct vcpu_state *v);

/*
 * Ends the open CPU_UP exit whose target v is, if there is one. v is off again; the caller's host
 * gets VCPU_ERR_STATE. Neither vCPU runs.
 */
void vcpu_power_disown(struct vcpu_state *v);

/*
 * CPU_OFF, in an exit of v. Nothing of v stays in this CPU, because the CPU_ON that ends this state
 * resets it, from any CPU: v must not be used any more.
 */
void vcpu_power_off(struct vcpu_state *v);

#endif
