/* SPDX-License-Identifier: MIT */
/* Between asm/ and the C of the run loop. With DAIF masked, but for vcpu_exit_hypercall. */
#ifndef VCPU_CORE_RUN_H
#define VCPU_CORE_RUN_H

#include "core/state.h"

/* What an exit handler answers, if not an exit reason: the guest goes on. */
#define RUN_AGAIN 0

/* asm/switch.S: enters the resident vCPU; DAIF becomes `daif` when it comes back. */
int vcpu_enter(struct percpu_state *cpu, struct vcpu_state *v, uint64_t daif);

/* vcpu_run's way when the token is not exactly the CPU; daif is the host's. */
int vcpu_run_slow(struct percpu_state *cpu, struct vcpu_state *v, uint64_t daif);

/* The end of vcpu_run for an HVC that is no SMCCC fast call. */
uint64_t vcpu_exit_hypercall(uint64_t esr, struct vcpu_state *v, uint64_t ec, uint64_t pc,
                             uint64_t pstate);

/* From the vectors, with the guest's registers saved and its exit.esr_el2 set. */
int vcpu_exit_sync(uint64_t esr, struct vcpu_state *v, uint64_t ec);
int vcpu_exit_async(uint64_t esr, struct vcpu_state *v, uint64_t vector);

#endif
