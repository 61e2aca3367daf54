/* SPDX-License-Identifier: MIT */
/* The effects of PSCI's calls on the vCPUs of a VM. Pure. */
#ifndef VCPU_PSCI_CALL_H
#define VCPU_PSCI_CALL_H

#include "decode/outcome.h"
#include "psci/psci.h"
#include "state/state.h"

/*
 * A call of PSCI or SMCCC: answered in x0; or the host's (OUTCOME_HOST, OUTCOME_OFF), with
 * v->pub.exit filled except the syndrome.
 */
enum outcome vcpu_psci_call(struct vcpu_state *v, const struct psci_call *call);

#endif
