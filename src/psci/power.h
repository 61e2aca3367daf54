/* SPDX-License-Identifier: MIT */
/* Power states of a VM's vCPUs, and the calls that change them. */
#ifndef VCPU_PSCI_POWER_H
#define VCPU_PSCI_POWER_H

#include "psci/psci.h"
#include "state/state.h"

/*
 * Carries out a call that is PSCI's or SMCCC's: an exit reason with v->pub.exit filled but for the
 * syndrome, or 0 if it was answered in x0 (PC is the caller's to move).
 */
int vcpu_power_call(struct vcpu_state *v, const struct psci_call *call);

/* Takes back an open CPU_UP exit, if v has one: its target is off again. */
void vcpu_power_cancel(struct vcpu_state *v);

/*
 * Takes from its caller the CPU_UP exit whose target v is, if there is one. v is off again for
 * whoever looks; the caller's host gets VCPU_ERR_STATE. Neither runs.
 */
void vcpu_power_disown(struct vcpu_state *v);

/* All registers as a reset leaves them, in memory, and no interrupt line up: v is in no CPU. */
void vcpu_power_reset(struct vcpu_state *v);

#endif
