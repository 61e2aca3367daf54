/* SPDX-License-Identifier: MIT */
/* The vectors of a host that has none (VCPU_PERCPU_OWN_VECTORS), asm/vectors_owned.S. */
#ifndef VCPU_CPU_VECTORS_H
#define VCPU_CPU_VECTORS_H

#include <stdbool.h>
#include <stdint.h>

#include <vcpu/host.h>

extern const char vcpu_owned_vectors[];

/*
 * Says whose hooks the owned vectors call. The vectors know no CPU, for no register of EL2 is the
 * library's to keep one in: so it is one host struct for the machine, said once and for good.
 * false: another one was said before.
 */
bool vcpu_vectors_set_host(const struct vcpu_host *host);

/* From the owned vectors. */
void vcpu_owned_irq(void);
void vcpu_owned_fault(struct vcpu_host_fault *fault);

#endif
