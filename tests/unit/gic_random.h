/* SPDX-License-Identifier: MIT */
/*
 * Thousands of random accesses, lines, acknowledges and ends against a simple model: a GIC in which
 * everything takes effect at once and whose CPU interfaces have room for all that is pending.
 */
#ifndef VCPU_TESTS_GIC_RANDOM_H
#define VCPU_TESTS_GIC_RANDOM_H

#include "cmocka_all.h"

#include <string.h>

#include "gic_machine.h"
#include "random.h"

#define SGI1R VCPU_SYSREG(3, 0, 12, 11, 5)
#define SGI0R VCPU_SYSREG(3, 0, 12, 11, 7)

#define VCPUS 6u
#ifndef SPIS
#define SPIS 75u /* the last bank is not full */
#endif
#define INTIDS (32 + SPIS)
#define DEPTH  64u
#define SHARED 0x100u

/* One interrupt of the model; bank 0 is there for each vCPU. */
struct irq {
    bool enabled, edge, line, message, latch, active;
    unsigned group, priority;
    unsigned target;        /* SPI: a vCPU; as many as there are: none; SHARED and a set of them */
    unsigned on;            /* active: the vCPU */
    bool stale;             /* active, and nobody will end it: only ICACTIVER does */
    uint8_t sources;        /* version 2, SGI: in place of latch */
    uint32_t raised, taken; /* how often */
};

struct run {
    struct irq own[VCPUS][32], spi[SPIS];
    uint32_t ctlr, vmcr[VCPUS];
    /* What each vCPU took and has not ended: iar and the priority it had. */
    uint32_t stack[VCPUS][DEPTH], stack_priority[VCPUS][DEPTH];
    unsigned depth[VCPUS];
    /* EOImode = 1: dropped, and not yet deactivated. */
    uint32_t dropped[VCPUS][DEPTH];
    unsigned drops[VCPUS];
    unsigned version, vcpus, cpus;
    bool eoimode, tdir;
    bool late; /* vCPUs come out of the guest some time after they were notified */
    bool draining;
    bool follows; /* some levels are forwarded from physical sources */
    bool shares;  /* some SPIs are of several vCPUs */
    uint64_t random;
    unsigned taken;
};

unsigned below(struct run *run, unsigned limit);

struct irq *irq_of(struct run *run, unsigned v, uint32_t intid);

bool is_pending(const struct irq *irq);

unsigned running(const struct run *run, unsigned v);

/* Would the model's CPU interface signal it? */
bool is_signalled(struct run *run, unsigned v, uint32_t intid);

/* surely: only of interrupts that no other vCPU may have. */
unsigned best_priority(struct run *run, unsigned v, bool surely);

/* Is it an SPI that the vCPU is a target of? */
bool is_for(const struct irq *irq, unsigned v);

/* Could another vCPU have it in a list register, or be the one that was told? */
bool others_may_have(struct run *run, unsigned v, uint32_t intid);

/* What the library says of each vCPU that waits. */
void check_work(struct run *run);

/* Makes the vCPU resident, at the cost of another. */
void ensure_on(struct run *run, unsigned v);

uint64_t bank_base(const struct run *run, unsigned v, unsigned n);

void write_bits(struct run *run, unsigned v, unsigned home, unsigned array, unsigned n,
                uint32_t value);

void check_bits(struct run *run, unsigned v, unsigned home, unsigned array, unsigned n);

void access_bits(struct run *run, unsigned v);

void access_priority(struct run *run, unsigned v);

void access_route(struct run *run, unsigned v);

void access_config(struct run *run, unsigned v);

void drive(struct run *run);

/* A message-signalled interrupt, of the guest or of the host. */
void message(struct run *run, unsigned v);

/* Is it one that stands for a physical interrupt, with the same INTID? */
bool is_forwarded(const struct run *run, uint32_t intid);

/* What its source asserts. */
bool *asserted(unsigned v, uint32_t intid);

/*
 * The host takes each physical interrupt that is asserted and not active, and passes it on. A PPI's is
 * asserted only while its vCPU is resident.
 */
void forward(struct run *run);

/* The source moves. The timer of a vCPU that is in no CPU does not. */
void drive_source(struct run *run, unsigned v, uint32_t intid, bool level);

/*
 * The vCPU leaves its CPU. A timer that is due is passed on once more, as vcpu/timer.h does, because it
 * stops.
 */
void put(struct run *run, unsigned v);

/* Has the library look at a source that has fallen, in one of the ways there are. */
void look(struct run *run, unsigned v, uint32_t intid);

void send(struct run *run, unsigned from);

void take(struct run *run, unsigned v);

void finish(struct run *run, unsigned v);

void change_masks(struct run *run, unsigned v);

/* Sets or clears the active state of an interrupt that nobody handles. */
void access_stale(struct run *run, unsigned v);

/* The vCPU goes off in its handlers, and comes on again. */
void power_cycle(struct run *run, unsigned v);

void step(struct run *run);

/* Everything is taken and ended. */
void drain(struct run *run);

void play(unsigned version, unsigned vcpus, unsigned list_registers, bool eoimode, bool tdir,
          bool late, uint64_t seed);

static const unsigned lrs[] = {1, 2, 4, 16};

void each(unsigned version, bool eoimode, bool tdir, bool late);

#endif
