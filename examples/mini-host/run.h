/* SPDX-License-Identifier: MIT */
/* Running a guest, one vCPU a CPU. */
#ifndef MINI_HOST_RUN_H
#define MINI_HOST_RUN_H

#include <stdnoreturn.h>

#include <vcpu/percpu.h>

#include "guest.h"

/*
 * Runs the guest's vCPU of this number, on the CPU of the same number, whenever it is on. `cpu` is
 * that CPU's block, enabled. The CPU whose vCPU ends the guest prints the exits and ends QEMU: with
 * success after a SYSTEM_OFF, else with failure.
 */
noreturn void run_vcpu(struct guest *guest, unsigned index, struct vcpu_percpu *cpu);

#endif
