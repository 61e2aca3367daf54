/* SPDX-License-Identifier: MIT */
/*
 * The loads and stores of A64, from their words: pure, over registers in memory. First the word is
 * classified, then its accesses are told one by one, then its registers are written.
 */
#ifndef VCPU_EMULATE_A64_H
#define VCPU_EMULATE_A64_H

#include <stdbool.h>
#include <stdint.h>

#include <vcpu/emulate.h>

enum a64_kind {
    A64_LOAD,
    A64_STORE,
    A64_PREFETCH,
    A64_ZERO_BLOCK,       /* DC ZVA */
    A64_STORE_EXCLUSIVE,  /* STXR, STXP; Rs gets the status */
    A64_COMPARE_AND_SWAP, /* CAS, CASP: Rs is compared, Rt stored, Rs loaded */
    A64_ATOMIC,           /* the others of FEAT_LSE: Rs is the operand, Rt loaded */
};

/* Where the address comes from. */
enum a64_index {
    A64_OFFSET,
    A64_POST,
    A64_PRE,
    A64_REGISTER, /* the offset is Rm, extended and shifted */
    A64_LITERAL,  /* from PC */
};

/* o3:opc of an atomic. */
enum a64_operation {
    A64_ADD = 0,
    A64_CLR = 1,
    A64_EOR = 2,
    A64_SET = 3,
    A64_SMAX = 4,
    A64_SMIN = 5,
    A64_UMAX = 6,
    A64_UMIN = 7,
    A64_SWP = 8,
};

/* The registers that an instruction may name, where they are. */
struct a64_registers {
    uint64_t *x;  /* 31 of them */
    uint64_t *sp; /* the one that PSTATE selects */
    /* 32 SIMD&FP registers, the lower half first; the next one begins `stride` words behind. */
    uint64_t *v;
    unsigned stride;
    uint64_t pc;
    uint64_t zero_block; /* bytes of DC ZVA's block, a power of two: DCZID_EL0.BS */
};

/* Is it the base, and changed? */
static inline bool a64_writes_back(const struct vcpu_load_store *insn)
{
    return insn->index == A64_POST || insn->index == A64_PRE;
}

/* Does the base name SP? For Rt and others number 31 is the zero register. */
static inline bool a64_base_is_sp(const struct vcpu_load_store *insn)
{
    return insn->rn == 31 && insn->index != A64_LITERAL && insn->kind != A64_ZERO_BLOCK;
}

/* Fills insn, or says why not. */
enum vcpu_refusal vcpu_a64_classify(uint32_t word, struct vcpu_load_store *insn);

/*
 * Plans the accesses of e->instruction: all of e but page, access and pc. The data of a store is
 * taken from the registers here.
 */
void vcpu_a64_plan(struct vcpu_emulation *e, const struct a64_registers *r);

/* How many bytes from e->address on it touches. 0: it makes no access. */
uint64_t vcpu_a64_extent(const struct vcpu_emulation *e);

/*
 * The access of step e->step, in e->access, from x as before the instruction. false: there is none,
 * all are made.
 */
bool vcpu_a64_access(struct vcpu_emulation *e, const uint64_t x[31]);

/* It is made: a read's data is kept, and the step taken. */
void vcpu_a64_made(struct vcpu_emulation *e, const uint64_t x[31]);

/* Writes the registers, all but PC: what was loaded, the base, a status. */
void vcpu_a64_finish(const struct vcpu_emulation *e, const struct a64_registers *r);

#endif
