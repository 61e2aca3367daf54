/* SPDX-License-Identifier: MIT */
/* Between asm/ and the C of the run loop. With DAIF masked, but for vcpu_exit_hypercall. */
#ifndef VCPU_CORE_RUN_H
#define VCPU_CORE_RUN_H

#include "core/state.h"

/* What an exit handler answers, if not an exit reason: the guest goes on. */
#define RUN_AGAIN 0

/* The exit of a kick, which it takes. */
int vcpu_exit_kick(struct vcpu_state *v);

/* The exit of an IRQ (kind 1) or FIQ (2). */
static inline int exit_interrupt(struct vcpu_state *v, uint64_t kind)
{
    struct vcpu_exit *exit = &v->pub.exit;

    exit->esr_el2 = 0; /* of the exception before */
    exit->far_el2 = 0;
    exit->ipa = vcpu_ipa(0);
    exit->smc = 0;
    exit->reason = kind == 1 ? VCPU_EXIT_IRQ : VCPU_EXIT_FIQ;
    return (int)exit->reason;
}

/* The same when devices want to be asked at it, or the vCPU was called; or that of a kick. */
int vcpu_exit_watched(struct vcpu_state *v, uint64_t kind);

int vcpu_exit_serror(uint64_t esr, struct vcpu_state *v);

/* Something was said to the vCPU while it was out and its exit was answered. */
int vcpu_exit_told(struct vcpu_state *v);

/* The guest goes on, unless it was kicked: with interrupts direct no IRQ would say so. */
static inline int again(struct vcpu_state *v)
{
    uint64_t token = atomic_load_explicit(&v->token, memory_order_relaxed);

    return __builtin_expect(!(token & (TOKEN_CALLS | TOKEN_CHANGED)), 1) ? RUN_AGAIN
                                                                         : vcpu_exit_told(v);
}

/* What has no short path. */
int vcpu_exit_other(uint64_t esr, struct vcpu_state *v, uint64_t ec);

/* MMIO of a VM with devices, and a trapped system register. */
int vcpu_exit_device(struct vcpu_state *v);
int vcpu_exit_sysreg(uint64_t esr, struct vcpu_state *v);

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
