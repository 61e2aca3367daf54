/* SPDX-License-Identifier: MIT */
/*
 * Virtual mode: the machine's CPUs share all vCPUs of all guests. The host's loop runs with IRQs
 * masked: an interrupt makes the guest exit, or wakes the CPU, and is handled then.
 */
#ifndef MINI_HOST_CPU_H
#define MINI_HOST_CPU_H

#include <stdnoreturn.h>

#include "guest.h"

/*
 * Once, before any other CPU runs; and then on each CPU, which is its block, enabled, with hardened
 * exits if that was asked for.
 */
void cpu_init(const struct machine *machine, bool harden);
struct vcpu_percpu *cpu_enable(void);

/* Makes a guest's vCPUs known. Before any runs. */
void cpu_add(struct guest *guest);

/* The vCPU was reset, or its guest is about to start: it is ready, for any CPU. */
void cpu_start(struct guest_vcpu *vcpu);

/* The library's hook: a vCPU that may wait has work. Any CPU. */
void cpu_wake(struct guest_vcpu *vcpu);

/* Makes this CPU take an interrupt at this time, for the resident vCPU. */
void cpu_set_guest_alarm(uint64_t at);

/* Runs whichever vCPU is ready. */
noreturn void cpu_run(void);

#endif
