/* SPDX-License-Identifier: MIT */
/*
 * Decodes and emulates A64 loads and stores. Pure: it works on registers in memory. It classifies
 * the word, then gives the accesses one by one, then writes the registers.
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
    A64_COMPARE_AND_SWAP, /* CAS, CASP: compares Rs, stores Rt, loads Rs */
    A64_ATOMIC,           /* the others of FEAT_LSE: Rs is the operand, Rt is loaded */
};

/* How the address is formed. */
enum a64_index {
    A64_OFFSET,
    A64_POST,
    A64_PRE,
    A64_REGISTER, /* the offset is Rm, extended and shifted */
    A64_LITERAL,  /* relative to PC */
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

/* The registers that an instruction can name, where they are. */
struct a64_registers {
    uint64_t *x;  /* x[31] */
    uint64_t *sp; /* the SP that PSTATE selects */
    /* 32 SIMD&FP registers, the lower half first; `stride` words from one to the next. */
    uint64_t *v;
    unsigned stride;
    uint64_t pc;
    uint64_t zero_block; /* bytes of DC ZVA's block, a power of two: DCZID_EL0.BS */
};

/* Does the instruction change its base register? */
static inline bool a64_writes_back(const struct vcpu_load_store *insn)
{
    return insn->index == A64_POST || insn->index == A64_PRE;
}

/* Is the base SP? In Rt and others number 31 is the zero register. */
static inline bool a64_base_is_sp(const struct vcpu_load_store *insn)
{
    return insn->rn == 31 && insn->index != A64_LITERAL && insn->kind != A64_ZERO_BLOCK;
}

/* Fills insn, or returns why not. */
enum vcpu_refusal vcpu_a64_classify(uint32_t word, struct vcpu_load_store *insn);

/*
 * Plans the accesses of e->instruction: sets all members of e except page, access and pc. Reads the
 * data of a store from the registers.
 */
void vcpu_a64_plan(struct vcpu_emulation *e, const struct a64_registers *r);

/* The number of bytes from e->address that it accesses; 0 if it makes no access. */
uint64_t vcpu_a64_extent(const struct vcpu_emulation *e);

/*
 * Sets e->access to the access of step e->step; x is as before the instruction. false: all accesses
 * are made.
 */
bool vcpu_a64_access(struct vcpu_emulation *e, const uint64_t x[31]);

/* The access is made: keeps the data of a read, and goes to the next step. */
void vcpu_a64_made(struct vcpu_emulation *e, const uint64_t x[31]);

/* Writes the registers except PC: loaded data, the base, a status. */
void vcpu_a64_finish(const struct vcpu_emulation *e, const struct a64_registers *r);

#endif
