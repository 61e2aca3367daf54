/* SPDX-License-Identifier: MIT */
/* VMs whose timers interrupt. */
#ifndef TIMER_IRQ_VM_H
#define TIMER_IRQ_VM_H

#include "arch.h"
#include "exit.h"
#include "gic.h"
#include "irq.h"
#include "testhost.h"
#include <stdatomic.h>
#include <vcpu/device.h>
#include <vcpu/gic.h>
#include <vcpu/interrupts.h>
#include <vcpu/timer.h>

extern const char set_up[], set_virtual[], set_physical[], mask_interrupts[], unmask_interrupts[];
extern const char look[], spin[], idle_until[], spin_until[];

#define ENABLE  1u
#define IMASK   2u
#define ISTATUS 4u
#define ISR_I   0x80u

#define US(n) (timer_frequency() / 1000000 * (n))

extern const struct machine *machine;

struct vm {
    struct test_vm vm;
    struct vcpu_gic *gic;
    struct vcpu_timer *timer;
    struct vcpu_interrupts interrupts; /* empty, if they were made by themselves */
    struct vcpu *vcpu[2];
    uint64_t offset;
};

/* How the host has its interrupts. */
enum way {
    WAY_IN_TWO_HALVES, /* EOImode = 1 */
    WAY_AT_ONCE,       /* EOImode = 0 */
    WAY_BY_LOOKING,    /* it acknowledges none, and looks at their pending state */
};

/* For this CPU, which no interrupt is active on. */
void take_interrupts(enum way way);

void virtual_timer(void);

/* The host's own, which it set for the guest's physical one. */
void hyp_timer(void);

void maintenance(void);

void init_cpu(uint32_t flags);

int run(struct vm *vm, struct vcpu *vcpu);

uint64_t guest(struct vm *vm, unsigned v, const char *snippet, uint64_t x1, uint64_t x2);

void start_vm(struct vm *vm, uint64_t offset);

void put(void);

void stop_vm(struct vm *vm);

/* What vcpu/interrupts.h refuses, and what it leaves to the host. On a CPU with no vCPU. */
void usual_mistakes(void);

void other_cpu(unsigned index);

struct kind {
    const char *set;
    unsigned count; /* the guest's register that counts the interrupts */
};

extern const struct kind kinds[2];

extern struct vm a;

uint64_t now(void);

uint64_t *reg(unsigned v, unsigned n);

/* What the handler does, and no interrupt counted. */
void handler(unsigned v, uint64_t period, uint64_t before, uint64_t stop);

void set(const struct kind *kind, unsigned v, uint64_t cval, uint64_t ctl);

/* That many since handler(), of this kind alone, and no more come. */
void check_count(const struct kind *kind, unsigned v, uint64_t count);

void late(const struct kind *kind, unsigned v);

void check_nothing_is_armed(void);

/* Each with both timers; `name` is NULL if the test that has begun goes on. */
void both(const char *name, void (*check)(const struct kind *kind));

void on_one_cpu(void);

/* Its tests in one, for other hosts: without that of a wait in this CPU. */
void in_another_way(const char *name);

#endif
