/* SPDX-License-Identifier: MIT */
/* Registers by id, of a vCPU whose state is in memory. Pure. */
#ifndef VCPU_REG_REG_H
#define VCPU_REG_REG_H

#include <vcpu/reg.h>

#include "state/state.h"

/* Where a register is, and so what must be brought to memory for it. */
enum reg_kind {
    REG_NONE,
    REG_MEMORY, /* struct vcpu_regs */
    REG_PC,
    REG_PSTATE,
    REG_PENDING,
    REG_EL1,    /* a row of the world-switch table */
    REG_SIMD,   /* FP, SIMD and SVE */
    REG_FIXED,  /* a constant */
    REG_DEBUG,  /* struct debug_state, by the emulation of the register */
    REG_DEVICE, /* a device of the VM, if one has it */
};

struct reg_place {
    enum reg_kind kind;
    uint8_t size;      /* bytes; REG_MEMORY, REG_EL1, REG_SIMD */
    void *at;          /* also for REG_PC, REG_PSTATE */
    uint64_t reserved; /* REG_EL1: bits that the guest does not have */
    uint64_t value;    /* REG_FIXED */
};

enum reg_kind vcpu_reg_find(struct vcpu_state *v, uint32_t id, struct reg_place *p);

/* VCPU_OK, VCPU_ERR_INVALID, VCPU_ERR_NOT_FOUND, as in vcpu/reg.h. */
int vcpu_reg_access(struct vcpu_state *v, uint32_t id, enum vcpu_reg_op op, uint64_t *value);

/* ---- legal.c: what a guest may have ---- */

bool vcpu_reg_pstate_is_legal(const struct vcpu_vm *vm, uint64_t pstate);
bool vcpu_reg_pc_is_legal(uint64_t pstate, uint64_t pc);

/* The part of it that the guest has. */
uint64_t vcpu_reg_pstate_shown(uint64_t pstate);

/* The bits of this row that are reserved with the features that the VM shows. */
uint64_t vcpu_reg_reserved(const struct vcpu_vm *vm, enum el1_index row);

/* ---- list.c: what there is ---- */

/*
 * Writes the ids of the first `count` registers to ids, or if that is NULL to regs. Returns the
 * number of all.
 */
size_t vcpu_reg_list(struct vcpu_state *v, uint32_t *ids, struct vcpu_reg_value *regs,
                     size_t count);

#endif
