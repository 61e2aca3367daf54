/* SPDX-License-Identifier: MIT */
/* What PSCI's calls do to the vCPUs of a VM. Pure. */
#ifndef VCPU_PSCI_CALL_H
#define VCPU_PSCI_CALL_H

#include "decode/outcome.h"
#include "psci/psci.h"
#include "state/state.h"

/*
 * A call that is PSCI's or SMCCC's: answered in x0, or the host's (OUTCOME_HOST, OUTCOME_OFF) with
 * v->pub.exit filled but for the syndrome.
 */
enum outcome vcpu_psci_call(struct vcpu_state *v, const struct psci_call *call);

#endif
