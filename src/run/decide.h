/* SPDX-License-Identifier: MIT */
/*
 * Decisions about exits, by subject. These functions emulate what the library answers itself. They
 * do not move PC, take an exception or enter the guest: exit_long.c does that, as their answer
 * says.
 */
#ifndef VCPU_RUN_DECIDE_H
#define VCPU_RUN_DECIDE_H

#include "decode/outcome.h"
#include "state/state.h"

/* MRS, MSR or a system instruction, decoded into v->pub.exit. */
enum outcome vcpu_decide_sysreg(struct vcpu_state *v);

/* An AArch32 program's access to coprocessor 15. */
enum outcome vcpu_decide_cp15(struct vcpu_state *v);

/* HVC or SMC, with v->pub.exit complete and PC at the instruction. */
enum outcome vcpu_decide_call(struct vcpu_state *v);

/* A stage-2 fault whose address is not in HPFAR_EL2. */
enum outcome vcpu_decide_fault(struct vcpu_state *v);

/* A debug exception. */
enum outcome vcpu_decide_debug(struct vcpu_state *v);

#endif
