/* SPDX-License-Identifier: MIT */
/* Registers by id, of a vCPU whose state is in memory. Pure. */
#ifndef VCPU_REG_REG_H
#define VCPU_REG_REG_H

#include <vcpu/reg.h>

#include "state/state.h"

/* What has a register, and so what is to be brought to memory for it. */
enum reg_kind {
    REG_NONE,
    REG_MEMORY, /* struct vcpu_regs */
    REG_PC,
    REG_PSTATE,
    REG_PENDING,
    REG_EL1,    /* a row of the world-switch table */
    REG_SIMD,   /* FP, SIMD and SVE */
    REG_FIXED,  /* nobody: it cannot change */
    REG_DEBUG,  /* struct debug_state, behind the registers' emulation */
    REG_DEVICE, /* a device of the VM, if it is one's */
};

struct reg_place {
    enum reg_kind kind;
    uint8_t size;      /* bytes; REG_MEMORY, REG_EL1, REG_SIMD */
    void *at;          /* likewise, and REG_PC, REG_PSTATE */
    uint64_t reserved; /* REG_EL1: bits that the guest has not */
    uint64_t value;    /* REG_FIXED */
};

enum reg_kind vcpu_reg_find(struct vcpu_state *v, uint32_t id, struct reg_place *p);

/* VCPU_OK, VCPU_ERR_INVALID, VCPU_ERR_NOT_FOUND, as in vcpu/reg.h. */
int vcpu_reg_access(struct vcpu_state *v, uint32_t id, enum vcpu_reg_op op, uint64_t *value);

/* ---- reg_legal.c: what a guest may have ---- */

bool vcpu_reg_pstate_is_legal(const struct vcpu_vm *vm, uint64_t pstate);
bool vcpu_reg_pc_is_legal(uint64_t pstate, uint64_t pc);

/* What there is of it for the guest. */
uint64_t vcpu_reg_pstate_shown(uint64_t pstate);

/* The bits of this row that are reserved for a guest that is shown what the VM shows. */
uint64_t vcpu_reg_reserved(const struct vcpu_vm *vm, enum el1_index row);

/* ---- reg_list.c: what there is ---- */

/* The ids of the first `count`, into ids, or if that is NULL into regs. How many there are. */
size_t vcpu_reg_list(struct vcpu_state *v, uint32_t *ids, struct vcpu_reg_value *regs,
                     size_t count);

#endif
