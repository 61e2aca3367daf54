/* SPDX-License-Identifier: MIT */
/* The registers for vcpu/reg.h: the ones that hold the state, each part once. */
#include "pmu/model.h"

static const uint16_t registers[] = {
    PMCEID0_EL0,    PMCEID1_EL0,  PMCR_EL0,       PMUSERENR_EL0, PMSELR_EL0,
    PMCNTENSET_EL0, PMOVSSET_EL0, PMINTENSET_EL1, PMCCNTR_EL0,   PMCCFILTR_EL0,
};

#define REGISTERS (sizeof(registers) / sizeof(registers[0]))

uint32_t vcpu_pmu_reg_at(const struct pmu_shape *shape, unsigned n)
{
    unsigned counters = (unsigned)FIELD_GET(PMCR_EL0_N, shape->pmcr);

    if (n < REGISTERS)
        return registers[n];
    n -= REGISTERS;
    if (n < counters)
        return PMEVCNTR0_EL0 + n;
    n -= counters;
    return n < counters ? PMEVTYPER0_EL0 + n : 0;
}

static bool is_there(const struct pmu_shape *shape, uint32_t encoding)
{
    uint32_t other;

    for (unsigned n = 0; (other = vcpu_pmu_reg_at(shape, n)); n++)
        if (other == encoding)
            return true;
    return false;
}

/* Registers whose write sets bits: the other bits become 0 first. */
static void clear(struct pmu_bank *bank, uint32_t encoding)
{
    switch (encoding) {
    case PMCNTENSET_EL0:
        bank->enabled = 0;
        break;
    case PMOVSSET_EL0:
        bank->overflow = 0;
        break;
    case PMINTENSET_EL1:
        bank->interrupt = 0;
        break;
    default:
        break;
    }
}

/* A value is legal if it reads back: it is tried on a copy. */
int vcpu_pmu_reg(const struct pmu_shape *shape, struct pmu_bank *bank, uint32_t encoding,
                 enum vcpu_reg_op op, uint64_t *value)
{
    struct pmu_bank copy = *bank;
    uint64_t kept = 0;

    if (!is_there(shape, encoding))
        return VCPU_ERR_NOT_FOUND;
    if (op == VCPU_REG_OP_GET) {
        vcpu_pmu_access(shape, bank, false, false, encoding, false, value);
        return VCPU_OK;
    }
    clear(&copy, encoding);
    vcpu_pmu_access(shape, &copy, false, false, encoding, true, value);
    vcpu_pmu_access(shape, &copy, false, false, encoding, false, &kept);
    if (kept != *value)
        return VCPU_ERR_INVALID;
    if (op == VCPU_REG_OP_SET)
        *bank = copy;
    return VCPU_OK;
}
