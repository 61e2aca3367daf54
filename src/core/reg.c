/* SPDX-License-Identifier: MIT */
/* Registers of a guest by id. */
#include <vcpu/sysreg.h>
#include <vcpu/vcpu.h>

#include "arm/pstate.h"
#include "core/switch.h"
#include "hw/sysreg.h"

/* The index of a world-switch register with this encoding, EL1_COUNT if there is none. */
static enum el1_index el1_by_encoding(uint32_t encoding)
{
    switch (encoding) {
#define CASE(name, op0, op1, crn, crm, op2, condition, reset)                                      \
    case VCPU_SYSREG(op0, op1, crn, crm, op2):                                                     \
        return EL1_##name;
        EL1_TABLE(CASE)
#undef CASE
    default:
        return EL1_COUNT;
    }
}

static bool row_is_there(const struct vcpu_state *v, enum el1_index index)
{
    switch (index) {
#define CASE(name, op0, op1, crn, crm, op2, condition, reset)                                      \
    case EL1_##name:                                                                               \
        return state_has_row(v, condition);
        EL1_TABLE(CASE)
#undef CASE
    case EL1_COUNT:
        break;
    }
    return false;
}

/*
 * A PSTATE that ERET may be given: AArch64 at EL0 or EL1, or AArch32 User mode where the CPU has
 * it, and no bit but those that have a meaning there.
 */
static bool pstate_is_legal(const struct vcpu_state *v, uint64_t pstate)
{
    const uint64_t both = PSTATE_N | PSTATE_Z | PSTATE_C | PSTATE_V | PSTATE_DIT | PSTATE_PAN |
                          PSTATE_SS | PSTATE_IL | PSTATE_A | PSTATE_I | PSTATE_F | PSTATE_M;
    /* An exception sets the last two on such a CPU, though the guest is not shown the feature. */
    const uint64_t only64 = PSTATE_UAO | PSTATE_SSBS | PSTATE_BTYPE | PSTATE_D |
                            (v->vm->features.mte ? PSTATE_TCO : 0) |
                            (v->vm->features.nmi ? PSTATE_ALLINT : 0);
    const uint64_t only32 = PSTATE32_Q | PSTATE32_IT_LO | PSTATE32_SSBS | PSTATE32_GE |
                            PSTATE32_IT_HI | PSTATE32_E | PSTATE32_T;

    switch (pstate & PSTATE_M) {
    case PSTATE_M_EL0T:
    case PSTATE_M_EL1T:
    case PSTATE_M_EL1H:
        return !(pstate & ~(both | only64));
    case PSTATE_M_USER32:
        return v->vm->features.aarch32_el0 && !(pstate & ~(both | only32));
    default:
        return false;
    }
}

static bool pc_is_legal(const struct vcpu_state *v, uint64_t pc)
{
    if (v->pub.regs.pstate & PSTATE_NRW)
        return !(pc >> 32);
    return !(pc & 3);
}

/* Where a register of struct vcpu_regs is. */
static uint64_t *plain_reg(struct vcpu_state *v, uint32_t id)
{
    struct vcpu_regs *regs = &v->pub.regs;

    if (id < 31)
        return &regs->x[id];
    switch (id) {
    case VCPU_REG_PC:
        return &regs->pc;
    case VCPU_REG_PSTATE:
        return &regs->pstate;
    case VCPU_REG_SP_EL0:
        return &regs->sp_el0;
    case VCPU_REG_TPIDR_EL0:
        return &regs->tpidr_el0;
    default:
        return NULL;
    }
}

static enum el1_index el1_by_id(const struct vcpu_state *v, uint32_t id)
{
    enum el1_index index = EL1_COUNT;

    if (id >= VCPU_REG_SYSREG && id - VCPU_REG_SYSREG <= 0xffff)
        index = el1_by_encoding(id - VCPU_REG_SYSREG);
    return row_is_there(v, index) ? index : EL1_COUNT;
}

int vcpu_get_reg(const struct vcpu *vcpu, uint32_t id, uint64_t *value)
{
    /* Only to find the place; nothing is written through it. */
    struct vcpu_state *v = (struct vcpu_state *)(uintptr_t)vcpu;
    enum el1_index index;
    uint64_t *plain, daif;

    if (!vcpu || !value)
        return VCPU_ERR_INVALID;
    plain = plain_reg(v, id);
    if (plain) {
        *value = *plain;
        return VCPU_OK;
    }
    index = el1_by_id(v, id);
    if (index == EL1_COUNT)
        return VCPU_ERR_NOT_FOUND;
    if (!vcpu_switch_hold(v, &daif))
        return VCPU_ERR_BUSY;
    *value = vcpu_switch_read(v, index);
    daif_restore(daif);
    return VCPU_OK;
}

int vcpu_set_reg(struct vcpu *vcpu, uint32_t id, uint64_t value)
{
    struct vcpu_state *v = state_of(vcpu);
    enum el1_index index;
    uint64_t *plain, daif;

    if (!vcpu)
        return VCPU_ERR_INVALID;
    if (id == VCPU_REG_PC && !pc_is_legal(v, value))
        return VCPU_ERR_INVALID;
    if (id == VCPU_REG_PSTATE && !pstate_is_legal(v, value))
        return VCPU_ERR_INVALID;
    plain = plain_reg(v, id);
    if (plain) {
        *plain = value;
        v->has_entry |= id == VCPU_REG_PC;
        return VCPU_OK;
    }
    index = el1_by_id(v, id);
    if (index == EL1_COUNT)
        return VCPU_ERR_NOT_FOUND;
    if (!vcpu_switch_hold(v, &daif))
        return VCPU_ERR_BUSY;
    vcpu_switch_write(v, index, value);
    daif_restore(daif);
    return VCPU_OK;
}
