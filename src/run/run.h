/* SPDX-License-Identifier: MIT */
/* The interface between asm/ and the C code of the run loop. With DAIF masked. */
#ifndef VCPU_RUN_RUN_H
#define VCPU_RUN_RUN_H

#include "decode/outcome.h"
#include "state/state.h"

/* The answer of an exit handler that is not an exit reason: the guest goes on. */
#define RUN_AGAIN 0

/* The exit of a kick; it clears the kick. */
int vcpu_exit_kick(struct vcpu_state *v);

/* Exceptions that are not synchronous, by the slot's number in its group of four vectors. */
enum exit_kind { EXIT_IRQ = 1, EXIT_FIQ = 2, EXIT_SERROR = 3 };

/* The vCPU was kicked or got notice after the exit, which was answered. */
int vcpu_exit_told(struct vcpu_state *v);

/* The guest goes on, unless it was kicked: with VCPU_VM_DIRECT_IRQ no IRQ would bring the kick. */
static inline int again(struct vcpu_state *v)
{
    uint64_t token = atomic_load_explicit(&v->token, memory_order_relaxed);

    return __builtin_expect(!(token & (TOKEN_CALLS | TOKEN_CHANGED)), 1) ? RUN_AGAIN
                                                                         : vcpu_exit_told(v);
}

/* Exits without a short path. */
int vcpu_exit_other(uint64_t esr, struct vcpu_state *v, uint64_t ec);

/*
 * MMIO of a VM with devices, in all its forms; the devices before number `first` have refused it. And a
 * trapped system register.
 */
int vcpu_exit_device(struct vcpu_state *v, unsigned first);
int vcpu_exit_sysreg(uint64_t esr, struct vcpu_state *v);

/* asm/switch.S and asm/guard.S: the vectors while a guest is entered. */
extern const char vcpu_vectors[], vcpu_guard_vectors[];

/* asm/switch.S: enters the resident vCPU; DAIF is `daif` when it returns. */
int vcpu_enter(struct percpu_state *cpu, struct vcpu_state *v, uint64_t daif);

/* The path of vcpu_run if the token is not exactly the CPU's block; daif is the host's. */
int vcpu_run_slow(struct percpu_state *cpu, struct vcpu_state *v, uint64_t daif);

/* Does what the code of an exit's subject has decided about it. */
int vcpu_exit_carry_out(struct vcpu_state *v, enum outcome outcome);

/*
 * Called by the vectors, with the guest's registers saved and exit.esr_el2 set: for a hypercall that
 * can be a call of SMCCC, with the whole exit filled and PC at the HVC; for a data abort of a VM
 * without devices; for any other synchronous exception; for an exception that is not synchronous.
 * The last one is for an interrupt if SHORT_EXITS_LONG is set or the token has TOKEN_CALLS, and for
 * an SError.
 */
int vcpu_exit_call(struct vcpu_state *v);
uint64_t vcpu_exit_mmio(uint64_t esr, struct vcpu_state *v);
int vcpu_exit_sync(uint64_t esr, struct vcpu_state *v, uint64_t ec);
int vcpu_exit_watched(uint64_t esr, struct vcpu_state *v, uint64_t kind);

#endif
