/* SPDX-License-Identifier: MIT */
/* Between asm/ and the C of the run loop. With DAIF masked. */
#ifndef VCPU_RUN_RUN_H
#define VCPU_RUN_RUN_H

#include "state/state.h"

/* What an exit handler answers, if not an exit reason: the guest goes on. */
#define RUN_AGAIN 0

/* The exit of a kick, which it takes. */
int vcpu_exit_kick(struct vcpu_state *v);

/* What is not synchronous: the slot's place among its four of the vectors. */
enum exit_kind { EXIT_IRQ = 1, EXIT_FIQ = 2, EXIT_SERROR = 3 };

/* The exit of an IRQ or FIQ. */
static inline int exit_interrupt(struct vcpu_state *v, uint64_t kind)
{
    struct vcpu_exit *exit = &v->pub.exit;

    exit->esr_el2 = 0; /* of the exception before */
    exit->far_el2 = 0;
    exit->ipa = vcpu_ipa(0);
    exit->smc = 0;
    exit->reason = kind == EXIT_IRQ ? VCPU_EXIT_IRQ : VCPU_EXIT_FIQ;
    return (int)exit->reason;
}

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

/*
 * From the vectors, with the guest's registers saved and its exit.esr_el2 set: a data abort of a VM
 * without devices, any other synchronous exception, and one that is not. The last is for an
 * interrupt when SHORT_EXITS_LONG is set, or the vCPU was called, and for an SError.
 */
uint64_t vcpu_exit_mmio(uint64_t esr, struct vcpu_state *v);
int vcpu_exit_sync(uint64_t esr, struct vcpu_state *v, uint64_t ec);
int vcpu_exit_async(uint64_t esr, struct vcpu_state *v, uint64_t kind);
int vcpu_exit_watched(uint64_t esr, struct vcpu_state *v, uint64_t kind);

#endif
