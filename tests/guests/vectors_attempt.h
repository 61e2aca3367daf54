/* SPDX-License-Identifier: MIT */
/* Code of the host that takes an exception, with a pattern in each register before it. */
#ifndef VECTORS_ATTEMPT_H
#define VECTORS_ATTEMPT_H

#include "testhost.h"
#include "vectors.h"
#include <stdint.h>

struct attempt {
    uint64_t x[31];
    uint64_t spsr;
    uint64_t vbar;      /* VBAR_EL2 meanwhile */
    uint64_t host_vbar; /* what the world switch's frame says is the host's */
    uint64_t sp_el0;
    uint64_t out_x[31];
    uint64_t out_nzcv, out_daif, out_vbar;
    uint64_t sp, out_sp;
    uint64_t refault;  /* the frame's word for it */
    uint64_t hcr;      /* HCR_EL2 meanwhile */
    uint64_t host_hcr; /* what the world switch's vCPU says is the host's */
    uint64_t out_hcr;
};

void vectors_try(struct attempt *attempt, const void *code);
int vectors_run_then_irq(struct vcpu_percpu *cpu, struct vcpu *vcpu);
int vectors_run_then_brk(struct vcpu_percpu *cpu, struct vcpu *vcpu);

extern const char vectors_host[], vectors_back[];
extern const char try_brk[], try_brk_at[], try_brk_sp0[], try_brk_sp0_at[];
extern const char try_load[], try_load_at[], try_load_sp0[], try_load_sp0_at[];
extern const char try_irq[], try_irq_sp0[], try_fiq[];
extern const char vectors_run_then_irq_at[], vectors_run_then_brk_at[];
extern struct vcpu_host_fault vectors_seen;
extern uint64_t vectors_seen_count, vectors_resume;

extern const char guest_call[], guest_load[], guest_spin[], guest_load32[], guest_spin32[];

/* The library's, of asm/. */
extern const char vcpu_vectors[], vcpu_guard_vectors[], vcpu_owned_vectors[];

#define ESR_EC(esr)        ((esr) >> 26 & 0x3f)
#define EC_DATA_ABORT_SAME 0x25
#define ESR_BRK(immediate) (UINT64_C(0xf2000000) | (immediate))
#define SPSR_FLAGS         UINT64_C(0xf0000000)

#define SLOT(offset)  ((offset) / 0x80)
#define SLOT_SYNC_SP0 SLOT(0x000)
#define SLOT_SYNC     SLOT(0x200)
#define SLOT_IRQ      SLOT(0x280)

/* QEMU virt has its flash here, and EL2's tables nothing. */
#define UNMAPPED UINT64_C(0x1000)

/* Patterns in all registers, and flags that are not all alike. */
struct attempt attempt_make(const void *vbar);

void check_registers(const uint64_t *got, const uint64_t *want);

/* Everything is as if nothing had happened. */
void check_unchanged(const struct attempt *attempt);

/* What an exception handler was shown: all of the state at that instruction. */
void check_shown(const struct vcpu_host_fault *fault, const struct attempt *attempt, unsigned slot,
                 const void *pc);

struct vcpu *guest_at(struct test_vm *t, const char *entry);

void guest_done(struct vcpu *vcpu);

/* The tests of the library's vectors: call owned_init once before them. */
void owned_init(const struct machine *m);

void test_owned(void);

void test_stop(void);

#endif
