/* SPDX-License-Identifier: MIT */
/* The EL2 registers that the host and a resident vCPU have in turn. With DAIF masked. */
#ifndef VCPU_SWITCH_EL2_H
#define VCPU_SWITCH_EL2_H

#include "state/state.h"

void vcpu_el2_read(const struct vcpu_features *has, struct el2_state *s);
void vcpu_el2_write(const struct vcpu_features *has, const struct el2_state *s);

/*
 * The EL2 values for the VM's guests on this CPU, whose features decide which traps there are; with
 * the values of this vCPU, and those that stay the host's (cpu->host_el2). fit: of vcpu_id_fit.
 */
void vcpu_el2_for(const struct percpu_state *cpu, const struct vcpu_state *v, unsigned fit,
                  struct el2_state *el2);

/*
 * to_guest: FP, SVE and with it ZCR_EL1, which the host's CPTR_EL2 can trap, are accessible from
 * here on. Returns the CPTR_EL2 for cptr_back: the guest's, or the host's. back: writes it, in
 * effect. The vCPU is resident.
 */
uint64_t vcpu_el2_cptr_to_guest(const struct percpu_state *cpu);
void vcpu_el2_cptr_back(uint64_t cptr);

#endif
