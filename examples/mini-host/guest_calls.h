/* SPDX-License-Identifier: MIT */
/* What a guest gets by SMCCC calls beside PSCI: random numbers, mitigations, the host's UID. */
#ifndef MINI_HOST_GUEST_CALLS_H
#define MINI_HOST_GUEST_CALLS_H

#include "guest.h"

/*
 * For guest->vm, before it has vCPUs. `cpu` is this CPU's block: the machine's CPUs are all alike, so
 * what it says about mitigations is true of each.
 */
int guest_calls_set(struct guest *guest, const struct vcpu_percpu *cpu);

/* A new key for the vCPU's random numbers, before it runs. */
void guest_calls_sow(struct guest_vcpu *vcpu);

#endif
