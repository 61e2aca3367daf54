/* SPDX-License-Identifier: MIT */
/* Two CPUs: one runs a guest, the other kicks it. */
#ifndef KICK_CPUS_H
#define KICK_CPUS_H

#include "arch.h"
#include "cache.h"
#include "fiq.h"
#include "gic.h"
#include "irq.h"
#include "kick.h"
#include "testhost.h"
#include <stddef.h>

extern const char kick_spin[], kick_wfi[], kick_mmio[], kick_then_call[], kick_then_psci[],
    kick_mixed[];

/* The guest's place for counting, behind the snippets. */
#define COUNTER_IPA (TEST_RAM_IPA + 0x10000)

extern const struct machine *machine;

void spend(uint64_t ticks);

/* Takes what is pending, as a host that unmasks its interrupts does. */
void open_window(void);

extern volatile unsigned hook_irqs, hook_kicks, timer_handled;

extern bool timer_is_fiq;

void hook_irq(void *ctx);

void hook_kick(void *ctx, uint64_t cpu);

extern struct vcpu_host hooks, hooks_without_kick;

int enable_with(const struct vcpu_host *host, uint32_t flags);

struct other {
    void (*todo)(void);
    /* What a job is given and what it gives back. */
    struct vcpu *vcpu;
    const struct vcpu_host *host;
    uint32_t flags;
    int result;
    bool sgi_pending;        /* when vcpu_run was back */
    unsigned hook_irqs;      /* at the same moment */
    unsigned handled_before; /* kick SGIs that the handler has taken: then, */
    unsigned handled_after;  /* and after interrupts were unmasked */
};

extern struct other other;

void other_main(unsigned index);

bool other_is_done(void);

void other_start(void (*job)(void));

/* Without the other CPU there is nothing left to test. */
void other_finish(void);

void other_do(void (*job)(void));

void job_put(void);

void job_run(void);

void other_enable(const struct vcpu_host *host, uint32_t flags);

void other_disable(void);

struct guest {
    struct test_vm vm;
    struct vcpu *vcpu;
    uint64_t *memory; /* at COUNTER_IPA */
};

void guest_make(struct guest *guest, uint32_t vm_flags, const char *entry);

/* It writes with its caches off: past what the host's hold. */
uint64_t guest_count(const struct guest *guest);

void guest_go(const struct guest *guest);

/* It is in its loop, in this very moment. */
bool guest_moves(const struct guest *guest);

/* The other CPU runs it, and it is there. */
void guest_start(const struct guest *guest);

void guest_free(struct guest *guest);

void test_kick_spinning(void);

void test_kick_with_hook(void);

void test_kick_not_running(void);

void test_kick_without_interrupt(void);

/* A guest that owns the interrupts would take the kick's for one of its devices. */
void test_kick_of_direct_guest(void);

void test_busy(void);

#endif
