/* SPDX-License-Identifier: MIT */
/* The vectors of a host that has none of its own (vcpu_percpu_own_vectors), asm/vectors_owned.S. */
#ifndef VCPU_CPU_VECTORS_H
#define VCPU_CPU_VECTORS_H

#include <stdbool.h>
#include <stdint.h>

#include <vcpu/host.h>

extern const char vcpu_owned_vectors[];

/*
 * Sets the host struct whose hooks the owned vectors call. The vectors do not know their CPU,
 * because the library keeps no EL2 register for it. So there is one host struct for the machine,
 * which is set once. false: another one is set.
 */
bool vcpu_vectors_set_host(const struct vcpu_host *host);

/* Called by the owned vectors. */
void vcpu_owned_irq(void);
void vcpu_owned_fault(struct vcpu_host_fault *fault);

#endif
