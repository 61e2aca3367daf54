/* SPDX-License-Identifier: MIT */
/*
 * Debug registers between memory and this CPU. With DAIF masked, for the resident vCPU. While they
 * are the vCPU's, all its exits take the long way (switch/short_exits.h), which ends in a
 * vcpu_debug_leave if the host is what comes next.
 */
#ifndef VCPU_SWITCH_DEBUG_H
#define VCPU_SWITCH_DEBUG_H

#include "state/state.h"

/* Before an entry that is not of the fast path. */
void vcpu_debug_enter(struct percpu_state *cpu, struct vcpu_state *v);

/* Gives the host its own back, if they are the vCPU's, or were the host's outside runs. */
void vcpu_debug_leave(struct percpu_state *cpu, struct vcpu_state *v);

/* In an exit: PSTATE.SS in regs is the guest's own again. */
void vcpu_debug_take_step(struct vcpu_state *v);

/*
 * In an exit in which the guest's use of them changed, before it goes on: they are in the CPU as they
 * are to be. The run may be one of the fast path until here.
 */
void vcpu_debug_renew(struct vcpu_state *v);

#endif
