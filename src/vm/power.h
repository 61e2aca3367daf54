/* SPDX-License-Identifier: MIT */
/*
 * The power states of a VM's vCPUs: off, on, and "on pending" between a CPU_ON and the host's answer
 * to its CPU_UP exit. That exit is *open* until then: the caller's on_target and the target's on_by
 * name each other.
 */
#ifndef VCPU_VM_POWER_H
#define VCPU_VM_POWER_H

#include "state/state.h"

/*
 * v's CPU_ON wants the target: from off it becomes pending, and of several callers at the same moment
 * one has it. true also for the caller whose CPU_ON is open already: the host runs it again instead
 * of answering. false: *power is what the target is.
 */
bool vcpu_power_take(struct vcpu_state *v, struct vcpu_state *target, uint32_t *power);

/* The CPU_ON that made the target pending is over. */
void vcpu_power_end(struct vcpu_state *target, enum vcpu_power power);

/* Takes back an open CPU_UP exit, if v has one: its target is off again. */
void vcpu_power_cancel(struct vcpu_state *v);

/*
 * Takes from its caller the CPU_UP exit whose target v is, if there is one. v is off again for
 * whoever looks; the caller's host gets VCPU_ERR_STATE. Neither runs.
 */
void vcpu_power_disown(struct vcpu_state *v);

/*
 * CPU_OFF, in an exit of v. Nothing of it stays in this CPU, because the CPU_ON that ends this resets
 * it, from any CPU: v must not be used any more.
 */
void vcpu_power_off(struct vcpu_state *v);

#endif
