/* SPDX-License-Identifier: MIT */
/* Registers of a guest by id. */
#include <vcpu/sysreg.h>
#include <vcpu/vcpu.h>

#include "arm/pstate.h"
#include "core/switch.h"
#include "hw/sysreg.h"

/* The world-switch registers, in the order of their indices. */
static const struct {
    uint16_t encoding;
    uint8_t when;
} el1_rows[EL1_COUNT] = {
#define ROW(name, op0, op1, crn, crm, op2, vhe, when, reset)                                       \
    {VCPU_SYSREG(op0, op1, crn, crm, op2), when},
    EL1_TABLE(ROW)
#undef ROW
};

static bool has_aarch32(const struct vcpu_state *v)
{
    return FIELD_GET(ID_AA64PFR0_EL0, v->vm->id[ID_AA64PFR0_EL1]) == 2;
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
        return has_aarch32(v) && !(pstate & ~(both | only32));
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

/* The index of the vCPU's world-switch register with this id, EL1_COUNT if there is none. */
static unsigned el1_by_id(const struct vcpu_state *v, uint32_t id)
{
    unsigned i;

    for (i = 0; i < EL1_COUNT; i++)
        if (id == (uint32_t)VCPU_REG_SYSREG + el1_rows[i].encoding &&
            state_has_row(v, el1_rows[i].when))
            break;
    return i;
}

static int move(struct vcpu_state *v, uint32_t id, uint64_t *value, bool write)
{
    uint64_t *plain = plain_reg(v, id), daif;
    unsigned index;

    if (plain) {
        *(write ? plain : value) = *(write ? value : plain);
        return VCPU_OK;
    }
    index = el1_by_id(v, id);
    if (index == EL1_COUNT)
        return VCPU_ERR_NOT_FOUND;
    if (!vcpu_switch_hold(v, &daif))
        return VCPU_ERR_BUSY;
    vcpu_switch_fetch(v);
    if (write) {
        v->el1[index] = *value;
        vcpu_switch_store(v);
    } else {
        *value = v->el1[index];
    }
    daif_restore(daif);
    return VCPU_OK;
}

int vcpu_get_reg(const struct vcpu *vcpu, uint32_t id, uint64_t *value)
{
    if (!vcpu || !value)
        return VCPU_ERR_INVALID;
    /* Nothing of the guest's is changed, only brought to memory. */
    return move((struct vcpu_state *)(uintptr_t)vcpu, id, value, false);
}

int vcpu_set_reg(struct vcpu *vcpu, uint32_t id, uint64_t value)
{
    struct vcpu_state *v = state_of(vcpu);

    if (!vcpu || (id == VCPU_REG_PC && !pc_is_legal(v, value)) ||
        (id == VCPU_REG_PSTATE && !pstate_is_legal(v, value)))
        return VCPU_ERR_INVALID;
    v->has_entry |= id == VCPU_REG_PC;
    return move(v, id, &value, true);
}
