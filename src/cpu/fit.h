/* SPDX-License-Identifier: MIT */
/* Whether a VM may run on this CPU. */
#ifndef VCPU_CPU_FIT_H
#define VCPU_CPU_FIT_H

#include "state/state.h"

/* vcpu_id_fit of the CPU that it is called on. It is worked out once for each kind of CPU. */
unsigned vcpu_fit(const struct percpu_state *cpu, struct vcpu_vm *vm);

#endif
