/* SPDX-License-Identifier: MIT */
#ifndef VCPU_CPU_FIT_H
#define VCPU_CPU_FIT_H

#include "state/state.h"

/*
 * Does this CPU, on which it is called, have what the VM's guests were shown? 0, or of vcpu_id_fit.
 * What the CPU has beyond that is trapped: the traps are chosen for each CPU anew.
 */
unsigned vcpu_fit(const struct percpu_state *cpu, struct vcpu_vm *vm);

#endif
