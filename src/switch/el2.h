/* SPDX-License-Identifier: MIT */
/* The EL2 registers that the host and a resident vCPU hold in turn. With DAIF masked. */
#ifndef VCPU_SWITCH_EL2_H
#define VCPU_SWITCH_EL2_H

#include "state/state.h"

void vcpu_el2_read(const struct vcpu_features *has, struct el2_state *s);
void vcpu_el2_write(const struct vcpu_features *has, const struct el2_state *s);

/*
 * What the VM's guests get on this very CPU (its features decide which traps there are), with what
 * is this vCPU's, and what stays the host's (cpu->host_el2). fit: of vcpu_id_fit.
 */
void vcpu_el2_for(const struct percpu_state *cpu, const struct vcpu_state *v, unsigned fit,
                  struct el2_state *el2);

/*
 * What the host's CPTR_EL2 may trap (FP, SVE and with it ZCR_EL1) is open to the library from here
 * on. Gives back what is to be written to it afterwards: the guest's may be in it, or the host's.
 * And that again, in effect. The vCPU is resident.
 */
uint64_t vcpu_el2_cptr_to_guest(const struct percpu_state *cpu);
void vcpu_el2_cptr_back(uint64_t cptr);

#endif
