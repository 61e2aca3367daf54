/* SPDX-License-Identifier: MIT */
/* Pure: the rules. inject_apply.c brings them to a vCPU that may be in the CPU. */
#include "inject/inject.h"

#include <vcpu/inject.h>

#include "arm/esr.h"
#include "arm/pstate.h"

/*
 * Classes with two values: bit 0 of EC is 1 for an exception from EL1 itself. These are the other
 * values.
 */
#define BY_LEVEL                                                                                   \
    (BIT(EC_INSTRUCTION_ABORT_LOWER) | BIT(EC_DATA_ABORT_LOWER) | BIT(EC_BREAKPOINT_LOWER) |       \
     BIT(EC_STEP_LOWER) | BIT(EC_WATCHPOINT_LOWER))
#define FROM_SAME_LEVEL FIELD_PREP(ESR_EC, 1)

/* Classes that are taken to EL1 from both execution states, and from one of them. */
#define FROM_ANY                                                                                   \
    (BY_LEVEL | BY_LEVEL << 1 | BIT(EC_UNKNOWN) | BIT(EC_FP_ACCESS) | BIT(EC_ILLEGAL_STATE) |      \
     BIT(EC_PC_ALIGNMENT) | BIT(EC_PMU))
#define FROM_A64                                                                                   \
    (BIT(EC_OTHER_TRAP) | BIT(EC_BRANCH_TARGET) | BIT(EC_MSRR_MRRS) | BIT(EC_SVC64) |              \
     BIT(EC_MSR_MRS) | BIT(EC_SVE_ACCESS) | BIT(EC_TSTART) | BIT(EC_PAUTH_FAIL) |                  \
     BIT(EC_SME_ACCESS) | BIT(EC_SP_ALIGNMENT) | BIT(EC_MEMORY_COPY_SET) |                         \
     BIT(EC_FP_EXCEPTION64) | BIT(EC_GUARDED_STACK) | BIT(EC_BRK64))
#define FROM_A32                                                                                   \
    (BIT(EC_CP15_MCR_MRC) | BIT(EC_CP15_MCRR_MRRC) | BIT(EC_CP14_MCR_MRC) | BIT(EC_CP14_LDC_STC) | \
     BIT(EC_CP14_MRRC) | BIT(EC_SVC32) | BIT(EC_FP_EXCEPTION32) | BIT(EC_BKPT32))
/* And from EL0 only: SCTLR_EL1.nTWI and nTWE. */
#define FROM_EL0 BIT(EC_WFX)

/* Classes for which FAR_EL1 has a meaning. */
#define WITH_FAR                                                                                   \
    (BIT(EC_INSTRUCTION_ABORT_LOWER) | BIT(EC_INSTRUCTION_ABORT_SAME) | BIT(EC_DATA_ABORT_LOWER) | \
     BIT(EC_DATA_ABORT_SAME) | BIT(EC_WATCHPOINT_LOWER) | BIT(EC_WATCHPOINT_SAME) |                \
     BIT(EC_PC_ALIGNMENT))

/*
 * Fault status codes of a stage 1 with levels 0 to 3 and without tags: of any access, and of data
 * accesses. FEAT_LPA2 is hidden, so nothing at level 0 can have an access flag or permissions.
 */
#define FSC_OF_ANY                                                                                 \
    (GENMASK(VCPU_FSC_ACCESS_FLAG - 1, VCPU_FSC_ADDRESS_SIZE) |                                    \
     GENMASK(VCPU_FSC_PERMISSION - 1, VCPU_FSC_ACCESS_FLAG + 1) |                                  \
     GENMASK(VCPU_FSC_EXTERNAL, VCPU_FSC_PERMISSION + 1) |                                         \
     GENMASK(VCPU_FSC_PARITY, VCPU_FSC_EXTERNAL_WALK) |                                            \
     GENMASK(VCPU_FSC_PARITY_WALK + 3, VCPU_FSC_PARITY_WALK) | BIT(VCPU_FSC_TLB_CONFLICT) |        \
     BIT(VCPU_FSC_UNSUPPORTED_UPDATE))
#define FSC_OF_DATA                                                                                \
    (BIT(VCPU_FSC_ALIGNMENT) | BIT(VCPU_FSC_LOCKDOWN) | BIT(VCPU_FSC_UNSUPPORTED_ATOMIC))

/* The offset in the vector table, by the PSTATE that was interrupted. */
static uint64_t vector_base(uint64_t pstate)
{
    if (pstate & PSTATE_NRW)
        return 0x600;
    if (!(pstate & PSTATE_EL))
        return 0x400;
    return pstate & PSTATE_SP ? 0x200 : 0x000;
}

static bool is_from_el1(uint64_t pstate)
{
    return vector_base(pstate) < 0x400;
}

/* The classes that EL1 can take from this PSTATE. */
static uint64_t classes(uint64_t pstate)
{
    uint64_t state = pstate & PSTATE_NRW ? FROM_A32 : FROM_A64;

    return FROM_ANY | state | (is_from_el1(pstate) ? 0 : FROM_EL0);
}

bool vcpu_inject_syndrome(uint64_t pstate, uint64_t *esr)
{
    uint64_t class = BIT(FIELD_GET(ESR_EC, *esr));

    if ((*esr & ~ESR_ALL) || !(class & classes(pstate)))
        return false;
    if (class & (BY_LEVEL | BY_LEVEL << 1)) {
        *esr &= ~FROM_SAME_LEVEL;
        if (is_from_el1(pstate))
            *esr |= FROM_SAME_LEVEL;
    }
    return true;
}

bool vcpu_inject_abort_syndrome(enum vcpu_access access, uint8_t fsc, bool has_far, uint64_t *esr)
{
    bool execute = access == VCPU_ACCESS_EXECUTE;
    uint64_t codes = execute ? FSC_OF_ANY : FSC_OF_ANY | FSC_OF_DATA;

    if ((unsigned)access > VCPU_ACCESS_EXECUTE || fsc > ISS_ABORT_FSC || !(BIT(fsc) & codes) ||
        (!has_far && fsc != VCPU_FSC_EXTERNAL))
        return false;
    /* ISV = 0, because stage 1 never describes the instruction. IL is then 1. */
    *esr = FIELD_PREP(ESR_EC, execute ? EC_INSTRUCTION_ABORT_LOWER : EC_DATA_ABORT_LOWER) | ESR_IL |
           fsc | (has_far ? 0 : ISS_ABORT_FNV) | (access == VCPU_ACCESS_WRITE ? ISS_ABORT_WNR : 0);
    return true;
}

/* The handler's PSTATE: bits that are not named here become 0, such as UAO, SS, IL and BTYPE. */
static uint64_t handler_pstate(const struct vcpu_state *v)
{
    const uint64_t kept = PSTATE_N | PSTATE_Z | PSTATE_C | PSTATE_V | PSTATE_DIT | PSTATE_PAN;
    const struct vcpu_vm *vm = v->vm;
    uint64_t sctlr = v->el1[EL1_SCTLR_EL1];
    uint64_t pstate = (v->pub.regs.pstate & kept) | PSTATE_DAIF | PSTATE_M_EL1H;

    if ((vm->id[ID_AA64MMFR1_EL1] & ID_AA64MMFR1_PAN) && !(sctlr & SCTLR_EL1_SPAN))
        pstate |= PSTATE_PAN;
    if ((vm->id[ID_AA64PFR1_EL1] & ID_AA64PFR1_SSBS) && (sctlr & SCTLR_EL1_DSSBS))
        pstate |= PSTATE_SSBS;
    /* The CPU sets these although the guest is not shown the feature. */
    if (vm->features.mte)
        pstate |= PSTATE_TCO;
    if (vm->features.nmi && !(sctlr & SCTLR_EL1_SPINTMASK))
        pstate |= PSTATE_ALLINT;
    return pstate;
}

void vcpu_inject_take(struct vcpu_state *v, uint64_t esr, uint64_t far, enum inject_vector vector)
{
    struct vcpu_regs *regs = &v->pub.regs;
    uint64_t class = BIT(FIELD_GET(ESR_EC, esr)), spsr = regs->pstate;

    /* These exceptions have a PSTATE with this bit. */
    if (class & BIT(EC_ILLEGAL_STATE))
        spsr |= PSTATE_IL;
    if (class & (BIT(EC_STEP_LOWER) | BIT(EC_STEP_SAME)))
        spsr &= ~PSTATE_SS;
    v->el1[EL1_SPSR_EL1] = spsr;
    v->el1[EL1_ELR_EL1] = regs->pc;
    v->el1[EL1_ESR_EL1] = esr;
    if ((class & WITH_FAR) && !(esr & ISS_ABORT_FNV))
        v->el1[EL1_FAR_EL1] = far;
    regs->pc =
        (v->el1[EL1_VBAR_EL1] & VBAR_EL1_BASE) + vector_base(regs->pstate) + (uint64_t)vector;
    regs->pstate = handler_pstate(v);
}
