/* SPDX-License-Identifier: MIT */
/* One instruction of a hostile guest, and what must not change. */
#ifndef HIDDEN_WORDS_H
#define HIDDEN_WORDS_H

#include "arch.h"
#include "cache.h"
#include "hidden.h"
#include "probes.h"
#include "string.h"
#include "testhost.h"

extern const char guest_vectors[], guest_opens[];

#define DATA_IPA    (TEST_RAM_IPA + 0x200000u)
#define INSN_ERET   0xd69f03e0u
#define INSN_RET_X1 0xd65f0020u
#define INSN_LDR_SP 0xf94003e2u /* ldr x2, [sp] */

#define PSTATE_EL0T 0x3c0u
#define PSTATE_EL1H 0x3c5u
#define PSTATE_IL   0x100000u

#define ESR_CLASS(esr)      ((unsigned)((esr) >> 26 & 0x3f))
#define CLASS_ILLEGAL_STATE 0x0eu
#define CLASS_PC_ALIGNMENT  0x22u
#define CLASS_SP_ALIGNMENT  0x26u

/* To ACTLR_EL1 what makes the guest's world, while it is resident; then the host's own. */
#define CANARIES(X)                                                                                \
    X(hcr_el2)                                                                                     \
    X(mdcr_el2)                                                                                    \
    X(cptr_el2)                                                                                    \
    X(hstr_el2)                                                                                    \
    X(vttbr_el2)                                                                                   \
    X(vtcr_el2)                                                                                    \
    X(cnthctl_el2)                                                                                 \
    X(cntvoff_el2)                                                                                 \
    X(vpidr_el2)                                                                                   \
    X(vmpidr_el2)                                                                                  \
    X(mdscr_el1)                                                                                   \
    X(actlr_el1)                                                                                   \
    X(sctlr_el2)                                                                                   \
    X(ttbr0_el2)                                                                                   \
    X(tcr_el2)                                                                                     \
    X(mair_el2)                                                                                    \
    X(vbar_el2)                                                                                    \
    X(tpidr_el2)                                                                                   \
    X(sp_el0)                                                                                      \
    X(tpidr_el0)                                                                                   \
    X(cnthp_ctl_el2)                                                                               \
    X(cnthp_cval_el2)                                                                              \
    X(daif)

enum {
#define INDEX(name) CANARY_##name,
    CANARIES(INDEX)
#undef INDEX
        CANARY_COUNT
};

extern uint64_t canaries[CANARY_COUNT];

void read_canaries(uint64_t values[CANARY_COUNT]);

void check_canaries(const char *what);

#define REG(op1, crn, crm, op2) (VCPU_REG_SYSREG + VCPU_SYSREG(3, op1, crn, crm, op2))
#define REG_SPSR                REG(0, 4, 0, 0)
#define REG_ELR                 REG(0, 4, 0, 1)
#define REG_SP_EL1              REG(4, 4, 1, 0)
#define REG_ESR                 REG(0, 5, 2, 0)
#define REG_FAR                 REG(0, 6, 0, 0)

extern struct vcpu *guest;

uint64_t reg(uint32_t id);

void set_reg(uint32_t id, uint64_t value);

uint64_t slot(size_t index, bool el0);

void write_slot(const struct test_vm *t, size_t index, uint32_t word);

/* x1 is an address in RAM, x30 that of the instruction behind, and so is where an ERET goes. */
uint64_t initial_x(unsigned i, uint64_t pc);

/* Everything that decides what an instruction does is set anew for each. */
void prepare(uint64_t pc, bool el0);

/* Has the guest said that it took a synchronous exception from that level to EL1? */
bool took_exception(bool el0);

/* What has come of the instruction at pc. NOT_TRIED: nothing that is known. */
enum outcome outcome(uint64_t pc, bool el0);

void try_all(const struct test_vm *t);

/* A host may have left GCSCR_EL1.STREn and PUSHMEn on: then it is EL2 that refuses EL1. */
void try_guarded_stacks(void);

#endif
