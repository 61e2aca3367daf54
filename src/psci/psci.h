/* SPDX-License-Identifier: MIT */
/* A vCPU's calls of PSCI and SMCCC. Pure. */
#ifndef VCPU_PSCI_PSCI_H
#define VCPU_PSCI_PSCI_H

#include "decode/outcome.h"
#include "state/state.h"

/*
 * The vCPU's call, by x0 to x3. Only W0 names the function. A call of PSCI or the Arm architecture
 * is answered in x0; or it is the host's (OUTCOME_HOST, OUTCOME_OFF), with v->pub.exit filled
 * except the syndrome. Any other call is the host's with v->pub.exit as it was, a hypercall's.
 */
enum outcome vcpu_psci_call(struct vcpu_state *v);

/* The same for functions of PSCI that the VM has and that do more than to answer. */
enum outcome vcpu_psci_act(struct vcpu_state *v);

#endif
