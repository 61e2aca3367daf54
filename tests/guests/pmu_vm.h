/* SPDX-License-Identifier: MIT */
/* VMs with a PMU, whose guests access its registers and count. */
#ifndef PMU_VM_H
#define PMU_VM_H

#include "arch.h"
#include "cache.h"
#include "exit.h"
#include "gic.h"
#include "irq.h"
#include "pmu.h"
#include "testhost.h"
#include <vcpu/pmu.h>

extern const char pmu_vectors[], pmu_accesses[], pmu_rounds[];

#define REGISTER_INDEX(name, op1, crn, crm, op2) R_##name,
enum reg { PMU_REGISTERS(REGISTER_INDEX) REGISTERS };

extern const char *const names[REGISTERS];

#define BIT(n) (UINT64_C(1) << (n))

#define E     BIT(0)
#define P     BIT(1)
#define C     BIT(2)
#define LC    BIT(6)
#define CYCLE BIT(31)

/* Filters and events. */
#define NOT_EL1      BIT(31)
#define NOT_EL0      BIT(30)
#define ALSO_EL2     BIT(27)
#define SW_INCR      0x00u
#define INST_RETIRED 0x08u

#define EL1H   UINT64_C(0x3c5)
#define EL0T   UINT64_C(0x3c0)
#define USER32 UINT64_C(0x1d0)

#define EC_UNDEFINED 0x00u
#define EC_CP15      0x03u
#define EC_SVC32     0x11u
#define EC_SVC       0x15u /* what the snippets end with */
#define EC_SYSREG    0x18u

#define REG_VBAR    (VCPU_REG_SYSREG + VCPU_SYSREG(3, 0, 12, 0, 0))
#define REG_EVCNTR0 (VCPU_REG_SYSREG + VCPU_SYSREG(3, 3, 14, 8, 0))

/* MDCR_EL2: HPME, so that the host's counters count; MTPME, HPMFZO, HPMFZS, how they do. */
#define HPMN          UINT64_C(0x1f)
#define MDCR_HPME     BIT(7)
#define HOST_CONTROLS (MDCR_HPME | BIT(28) | BIT(29) | BIT(36))

/* The host's instructions from before a vCPU is loaded until after it was put, and more. */
#define HOST_CYCLES 6000u

/* What the interrupt controller of a VM was told. */
struct line {
    bool level;
    unsigned told;
};

struct vm {
    struct test_vm vm;
    struct vcpu_pmu *pmu;
    struct line line;
};

extern struct vcpu *volatile interrupted; /* whose PMU the host asks at the interrupt */

extern struct vcpu_pmu *interrupted_pmu;

extern unsigned interrupts;

extern int interrupt_result;

void on_overflow(void);

void make_vm(struct vm *vm, uint32_t flags);

struct vcpu *make_vcpu(struct test_vm *vm, uint16_t index);

void put(void);

uint64_t guest_esr(struct vcpu *vcpu);

/* Runs it to its next hypercall; the host's interrupts are taken. Gives the immediate. */
unsigned run(struct vcpu *vcpu);

/* Runs it until it takes an exception to EL1. Gives ESR_EL1.EC. */
unsigned run_to_vector(struct vcpu *vcpu);

unsigned access(struct vcpu *vcpu, uint64_t pstate, enum reg reg, bool write, uint64_t value);

/* At EL1, where it must work. */
uint64_t get(struct vcpu *vcpu, enum reg reg);

void set(struct vcpu *vcpu, enum reg reg, uint64_t value);

const struct vcpu_features *features(void);

void version_is_shown(struct vcpu *vcpu);

void registers_keep_what_they_may(struct vcpu *vcpu);

void absent_ones_are_undefined(struct vcpu *vcpu);

void software_increments(struct vcpu *vcpu);

/* Counter 0 for instructions, and the cycle counter, from 0 on. */
void begin_to_count(struct vcpu *vcpu, uint64_t filter);

void begin_rounds(struct vcpu *vcpu, uint64_t pstate, uint64_t turns, uint64_t rounds);

void complete(struct vcpu *vcpu);

/* The count of these rounds with a host that takes its time, and is elsewhere meanwhile. */
void count_rounds(struct vcpu *vcpu, uint64_t turns, uint64_t rounds, unsigned host,
                  void (*between)(void), uint64_t count[2]);

void nothing(void);

void host_is_not_counted(struct vcpu *vcpu);

/* The same rounds where EL1 does not count, and one round of EL0's where EL0 does not. */
void levels_are_told_apart(struct vcpu *vcpu);

/* Three programs on one CPU, in turns; each counts as if alone. */
void each_counts_its_own(struct vcpu *const vcpu[3]);

/* Event counters have 32 bits, whatever those of the CPU have (64 with FEAT_PMUv3p5). */
void counters_wrap_at_32_bits(struct vcpu *vcpu);

void counts_move_along(struct vcpu *vcpu);

/* Told once, and silent until the guest has cleared it; then again. */
void overflow_is_a_level(struct vm *vm, struct vcpu *vcpu);

/* The guest makes the overflow itself, by an access. */
void overflow_by_hand(struct vm *vm, struct vcpu *vcpu);

/* The host has its interrupts masked: it learns of the overflow by a put. */
void overflow_of_one_that_left(struct vm *vm, struct vcpu *vcpu);

void reset_lets_the_line_down(struct vm *vm, struct vcpu *vcpu);

void el0_has_what_pmuserenr_says(struct vcpu *vcpu);

/* QEMU has no MRRC of PMCCNTR. */
void aarch32_programs(struct vm *vm, struct vcpu *vcpu);

void host_clear(void);

void host_has_its_own_back(struct vcpu *vcpu);

/*
 * The host's cycle counter overflows, at 32 bits, at each moment of the guest's coming: it has
 * wrapped if and only if its overflow is told.
 */
void host_overflows_are_not_lost(struct vcpu *vcpu);

/* A guest sees nothing of what the host had there. */
void guest_sees_nothing_of_the_host(struct test_vm *vm);

/* The host keeps the counters from 2 on, and counts a guest's instructions with one of them. */
void host_may_keep_counters(struct vm *whole, struct vcpu *of_whole);

#endif
