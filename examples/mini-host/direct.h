/* SPDX-License-Identifier: MIT */
/* Direct mode: one guest, which has the physical interrupts and a CPU for each of its vCPUs. */
#ifndef MINI_HOST_DIRECT_H
#define MINI_HOST_DIRECT_H

#include <stdnoreturn.h>

#include <vcpu/percpu.h>

#include "guest.h"

/*
 * Runs the guest's vCPU of this number, on the CPU of the same number, whenever it is on. `cpu` is
 * that CPU's block, enabled.
 */
noreturn void direct_run(struct guest *guest, unsigned index, struct vcpu_percpu *cpu);

#endif
