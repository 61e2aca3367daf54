/* SPDX-License-Identifier: MIT */
#ifndef VCPU_CPU_FIT_H
#define VCPU_CPU_FIT_H

#include "state/state.h"

/*
 * Does this CPU have everything that the VM's guests are shown? 0, or the result of vcpu_id_fit.
 * What the CPU has beyond that is trapped: traps are chosen for each CPU.
 */
unsigned vcpu_fit(const struct percpu_state *cpu, struct vcpu_vm *vm);

#endif
