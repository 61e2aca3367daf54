/* SPDX-License-Identifier: MIT */
/*
 * Moves debug registers between memory and this CPU. With DAIF masked, for the resident vCPU. While
 * they are the vCPU's, all its exits take the long path (switch/short_exits.h), which ends in
 * vcpu_debug_leave if it returns to the host.
 */
#ifndef VCPU_SWITCH_DEBUG_H
#define VCPU_SWITCH_DEBUG_H

#include "state/state.h"

/* Before an entry that is not on the fast path. */
void vcpu_debug_enter(struct percpu_state *cpu, struct vcpu_state *v);

/*
 * Gives the host its debug registers back, if they are the vCPU's, or were the host's outside runs.
 */
void vcpu_debug_leave(struct percpu_state *cpu, struct vcpu_state *v);

/* In an exit: makes PSTATE.SS in regs the guest's own again. */
void vcpu_debug_take_step(struct vcpu_state *v);

/*
 * In an exit that changed the guest's use of them, before the guest goes on: sets them in the CPU.
 * Until here the run can have been one of the fast path.
 */
void vcpu_debug_renew(struct vcpu_state *v);

#endif
