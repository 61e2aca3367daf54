/* SPDX-License-Identifier: MIT */
/* A guest that exceptions are injected into. */
#ifndef INJECT_GUEST_H
#define INJECT_GUEST_H

#include "arch.h"
#include "cache.h"
#include "inject.h"
#include "string.h"
#include "testhost.h"

extern const char inject_vectors[];

#define ROUNDS 24u /* random states for each exception from each level */

/* Guest memory: the instruction, and the tables of its stage 1. */
#define CODE_IPA (TEST_RAM_IPA + 0x10000u)
#define L1_IPA   (TEST_RAM_IPA + 0x100000u)

/* Virtual addresses, by what is there. A name ends in the level of the entry. */
#define VA_NONE_1     UINT64_C(0x00001230)
#define VA_NONE_2     UINT64_C(0x40401230)
#define VA_NONE_3     UINT64_C(0x40202230)
#define VA_NO_AF_1    UINT64_C(0x80001230)
#define VA_NO_AF_2    UINT64_C(0x40601230)
#define VA_NO_AF_3    UINT64_C(0x40200230)
#define VA_READONLY_1 UINT64_C(0xc0001230)
#define VA_READONLY_2 UINT64_C(0x40001230)
#define VA_READONLY_3 UINT64_C(0x40201230)
#define VA_NO_EXEC_3  UINT64_C(0x40203230)
#define VA_ODD        UINT64_C(0x40204231)

/* T0SZ 25: three levels; write-back, Inner Shareable; no walks from TTBR1_EL1. */
#define TCR       (UINT64_C(25) | 1 << 8 | 1 << 10 | 3 << 12 | 1 << 23)
#define MAIR      UINT64_C(0xff)
#define SCTLR_MMU (UINT64_C(0x30500800) | 1) /* RES1 but SPAN; and M */
#define SCTLR_A   (UINT64_C(1) << 1)
#define SPAN      (UINT64_C(1) << 23)

/* N, Z, C, V and DIT, which taking an exception leaves alone. QEMU, unlike it, clears them. */
#define PSTATE_UNTOUCHED UINT64_C(0xf1000000)

#define PSTATE_TCO   (UINT64_C(1) << 25)
#define PSTATE_IL    (UINT64_C(1) << 20)
#define PSTATE_BTYPE (UINT64_C(3) << 10)

#define REG(op1, crn, crm, op2) (VCPU_REG_SYSREG + VCPU_SYSREG(3, op1, crn, crm, op2))
#define REG_SCTLR               REG(0, 1, 0, 0)
#define REG_CPACR               REG(0, 1, 0, 2)
#define REG_TTBR0               REG(0, 2, 0, 0)
#define REG_TCR                 REG(0, 2, 0, 2)
#define REG_SPSR                REG(0, 4, 0, 0)
#define REG_ELR                 REG(0, 4, 0, 1)
#define REG_ESR                 REG(0, 5, 2, 0)
#define REG_FAR                 REG(0, 6, 0, 0)
#define REG_MAIR                REG(0, 10, 2, 0)
#define REG_VBAR                REG(0, 12, 0, 0)

extern struct test_vm vm;

extern struct vcpu *guest;

uint64_t reg(uint32_t id);

void set_reg(uint32_t id, uint64_t value);

void make_tables(void);

enum level {
    EL0,
    EL1T,
    EL1H,
    A32,
    T32,
    LEVELS,
};

#define LEVEL(level) (1u << (level))
#define FROM_EL0     LEVEL(EL0)
#define FROM_EL1     (LEVEL(EL1T) | LEVEL(EL1H))
#define FROM_A64     (FROM_EL0 | FROM_EL1)

extern const char *const level_names[];

extern const uint64_t level_modes[];

/* The number of the vector for a synchronous exception. */
extern const unsigned level_vectors[];

bool is_a64(enum level level);

/* In T32 state also that of an IT block's last instruction, with the condition "always". */
uint64_t random_pstate(enum level level);

uint64_t random_sctlr(void);

enum how {
    UNDEFINED,
    ABORT,
    BRK,
    SYNC,
    SVC, /* as SYNC, behind the instruction */
    PC_ALIGNMENT,
    ILLEGAL_STATE,
};

#endif
