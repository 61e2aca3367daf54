/* SPDX-License-Identifier: MIT */
/* AArch32 programs at EL0, word by word. */
#ifndef AARCH32_PROGRAM_H
#define AARCH32_PROGRAM_H

#include "aarch32.h"
#include "cache.h"
#include "gic.h"
#include "irq.h"
#include "testhost.h"
#include <stdatomic.h>
#include <vcpu/timer.h>

extern const char el1_vectors[];

#define CODE_IPA  (TEST_RAM_IPA + 0x10000u)
#define COUNT_IPA (TEST_RAM_IPA + 0x20000u)

/* PSTATE of User mode. */
#define USER32   0x10u
#define PSTATE_T (1u << 5)
#define PSTATE_Z (1u << 30)
/* IT[7:2] are bits 15:10, IT[1:0] bits 26:25. */
#define PSTATE_IT(it) (((uint64_t)(it) >> 2) << 10 | (3 & (uint64_t)(it)) << 25)
#define IT_MASK       PSTATE_IT(0xff)

#define VECTOR_SYNC32 12u

#define CLASS_UNDEFINED  0x00u
#define CLASS_SVC32      0x11u
#define CLASS_DATA_ABORT 0x24u

#define EL2_TIMER_PPI 26u
#define A32_LDR_R1_R0 0xe5901000u
#define T32_LDR_R1_R0 0x6801u
#define T32_LDR_R2_R0 0x6802u
#define A32_B_SELF    0xeafffffeu
#define T32_B_SELF    0xe7feu

#define REG(op1, crn, crm, op2) (VCPU_REG_SYSREG + VCPU_SYSREG(3, op1, crn, crm, op2))
#define REG_SPSR                REG(0, 4, 0, 0)
#define REG_ELR                 REG(0, 4, 0, 1)
#define REG_FAR                 REG(0, 6, 0, 0)
#define REG_TPIDRRO             REG(3, 13, 0, 3)
#define REG_CNTKCTL             REG(0, 14, 1, 0)

extern struct vcpu *guest;

extern const struct test_vm *vm;

uint64_t reg(uint32_t id);

void set_reg(uint32_t id, uint64_t value);

extern uint32_t code_size;

void program(bool thumb);

/* A T32 instruction of 32 bits is two halfwords, the first in the upper half of `word`. */
unsigned size_of(uint32_t word);

void emit(uint32_t word);

void emit_svc(unsigned imm);

/* r0 is a device, r1 and r2 are all ones; EL1 has its vectors, and lets EL0 use FP. */
void start(uint64_t flags);

/* Has it taken a synchronous exception of this class to EL1, with this ELR_EL1? */
bool took(unsigned class, uint64_t elr);

/*
 * Runs to an SVC with this immediate, which is the instruction before elr; IT has run out. From
 * there the guest's EL1 goes back to AArch32.
 */
void run_to_svc(unsigned imm, uint64_t elr);

struct access {
    const char *name;
    bool thumb;
    uint32_t word;
    bool store;
    uint8_t size;
    uint64_t device, result; /* a load: what the device gives, and what is in r1 then */
};

/* A subject each. */
void each_access(void);

void accesses_without_syndrome(void);

void it_blocks(void);

void failed_conditions(void);

void try_oddities(bool thumb);

/* Without timers: each comes out, and is UNDEFINED if the host says so. */
void timer_traps(void);

/* A VM that has timers, and a time of its own. */
void timers(void);

void thread_ids(void);

void injection(bool thumb);

void timer_interrupt(void);

void interrupt(bool thumb);

void other_cpu(unsigned index);

void kick(void);

#endif
