/* SPDX-License-Identifier: MIT */
/*
 * The calls of vcpu/reg.h. They bring the part of the vCPU that they need to memory, and back.
 * Pure.
 */
#include "reg/reg.h"

#include "debug/debug.h"
#include "hw/cpu.h"
#include "kick/kick.h"
#include "state/hold.h"
#include "switch/el1.h"
#include "switch/switch.h"
#include "switch/vector.h"
#include "vm/power.h"

static int access_here(struct vcpu_state *v, uint32_t id, enum vcpu_reg_op op, uint64_t *value)
{
    struct reg_place place;
    enum reg_kind kind = vcpu_reg_find(v, id, &place);
    unsigned stride;
    int error;

    if (kind == REG_EL1)
        vcpu_el1_fetch(v);
    if (kind == REG_SIMD)
        vcpu_vector_take(v, &stride);
    error = vcpu_reg_access(v, id, op, value);
    if (kind == REG_EL1 && op == VCPU_REG_OP_SET)
        vcpu_el1_store(v);
    if (kind == REG_SIMD)
        vcpu_vector_give_back(v);
    /* The entry must look for the change in memory. */
    if (kind == REG_PENDING && op == VCPU_REG_OP_SET)
        vcpu_call_out(v, TOKEN_CHANGED);
    if (kind == REG_DEBUG && op == VCPU_REG_OP_SET)
        atomic_fetch_or_explicit(&v->token, TOKEN_SLOW, memory_order_release);
    return error;
}

static int access_held(struct vcpu_state *v, uint32_t id, enum vcpu_reg_op op, uint64_t *value)
{
    uint64_t daif;
    int error;

    if (!vcpu_hold(v, &daif))
        return VCPU_ERR_BUSY;
    error = access_here(v, id, op, value);
    vcpu_cpu_restore(daif);
    return error;
}

int vcpu_get_reg(const struct vcpu *vcpu, uint32_t id, uint64_t *value)
{
    if (!vcpu || !value)
        return VCPU_ERR_INVALID;
    /* The const is true for the guest's state: it is only brought to memory. */
    return access_held((struct vcpu_state *)(uintptr_t)vcpu, id, VCPU_REG_OP_GET, value);
}

int vcpu_set_reg(struct vcpu *vcpu, uint32_t id, uint64_t value)
{
    return vcpu ? access_held(state_of(vcpu), id, VCPU_REG_OP_SET, &value) : VCPU_ERR_INVALID;
}

size_t vcpu_list_regs(const struct vcpu *vcpu, uint32_t *ids, size_t count)
{
    /* Only a query. */
    return vcpu_reg_list((struct vcpu_state *)(uintptr_t)vcpu, ids, NULL, ids ? count : 0);
}

int vcpu_save(struct vcpu *vcpu, struct vcpu_reg_value *regs, size_t *count)
{
    struct vcpu_state *v = state_of(vcpu);
    size_t room;

    if (!vcpu || !count || (!regs && *count))
        return VCPU_ERR_INVALID;
    if (!vcpu_switch_leave(v))
        return VCPU_ERR_BUSY;
    room = *count;
    *count = vcpu_reg_list(v, NULL, regs, room);
    if (*count > room)
        return VCPU_ERR_INVALID;
    for (size_t i = 0; i < *count; i++) {
        int error = vcpu_reg_access(v, regs[i].id, VCPU_REG_OP_GET, &regs[i].value);

        if (error)
            return error; /* a device of the host lists a register that it does not have */
    }
    return VCPU_OK;
}

/* Accesses all of them, until one is refused: *refused. */
static int access_all(struct vcpu_state *v, const struct vcpu_reg_value *regs, size_t count,
                      enum vcpu_reg_op op, uint32_t *refused)
{
    for (size_t i = 0; i < count; i++) {
        uint64_t value = regs[i].value;
        int error = vcpu_reg_access(v, regs[i].id, op, &value);

        if (error) {
            *refused = regs[i].id;
            return error;
        }
        /* The PC after it is checked with this PSTATE. */
        if (regs[i].id == VCPU_REG_PSTATE)
            v->pub.regs.pstate = value;
    }
    return VCPU_OK;
}

int vcpu_restore(struct vcpu *vcpu, const struct vcpu_reg_value *regs, size_t count,
                 uint32_t *refused)
{
    struct vcpu_state *v = state_of(vcpu);
    uint32_t nowhere;
    uint64_t pstate;
    int error;

    if (!vcpu || (!regs && count))
        return VCPU_ERR_INVALID;
    if (!vcpu_switch_leave(v))
        return VCPU_ERR_BUSY;
    if (!refused)
        refused = &nowhere;
    pstate = vcpu->regs.pstate;
    error = access_all(v, regs, count, VCPU_REG_OP_CHECK, refused);
    vcpu->regs.pstate = pstate;
    if (error)
        return error;

    /* What it was doing belongs to the old state. */
    vcpu_power_cancel(v);
    vcpu->exit.reason = VCPU_EXIT_NONE;
    v->debugger.step = DEBUG_STEP_NONE;
    v->debugger.over = 0;
    v->stale_tlb = true;
    return access_all(v, regs, count, VCPU_REG_OP_SET, refused);
}
