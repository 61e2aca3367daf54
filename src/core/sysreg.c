/* SPDX-License-Identifier: MIT */
#include "core/sysreg.h"

#include <stddef.h>

#include <vcpu/sysreg.h>

#include "core/debug.h"

static enum sysreg_outcome read_only(struct vcpu_sysreg_access *access, uint64_t value)
{
    if (access->write)
        return SYSREG_UNDEFINED;
    access->value = value;
    return SYSREG_DONE;
}

static enum sysreg_outcome zero(struct vcpu_sysreg_access *access)
{
    if (!access->write)
        access->value = 0;
    return SYSREG_DONE;
}

/* Registers of features that ID registers hide, by ranges of encodings. */
struct hidden_range {
    uint16_t first, last;
};

static const struct hidden_range hidden[] = {
    /* Instructions, trapped where there is a trap for them. */
    {VCPU_SYSREG(0, 1, 4, 0, 0), VCPU_SYSREG(0, 1, 4, 1, 0)}, /* MSR ALLINT, #imm */
    {VCPU_SYSREG(1, 0, 7, 9, 0), VCPU_SYSREG(1, 0, 7, 9, 1)}, /* AT S1E1RP, S1E1WP */
    {VCPU_SYSREG(1, 0, 8, 1, 0), VCPU_SYSREG(1, 0, 8, 2, 7)}, /* TLBI *OS, R*IS */
    {VCPU_SYSREG(1, 0, 8, 5, 0), VCPU_SYSREG(1, 0, 8, 6, 7)}, /* TLBI R*OS, R* */
    {VCPU_SYSREG(1, 0, 9, 1, 0), VCPU_SYSREG(1, 0, 9, 2, 7)}, /* the same with nXS */
    {VCPU_SYSREG(1, 0, 9, 5, 0), VCPU_SYSREG(1, 0, 9, 6, 7)},
    {VCPU_SYSREG(1, 3, 7, 3, 4), VCPU_SYSREG(1, 3, 7, 3, 7)},    /* CFP, DVP, CPP RCTX */
    {VCPU_SYSREG(1, 3, 7, 4, 1), VCPU_SYSREG(1, 3, 7, 4, 4)},    /* DC ZVA, GVA, GZVA */
    {VCPU_SYSREG(1, 3, 7, 12, 1), VCPU_SYSREG(1, 3, 7, 12, 1)},  /* DC CVAP */
    {VCPU_SYSREG(1, 3, 7, 13, 1), VCPU_SYSREG(1, 3, 7, 13, 1)},  /* DC CVADP */
    {VCPU_SYSREG(3, 0, 1, 0, 3), VCPU_SYSREG(3, 0, 1, 0, 6)},    /* SCTLR2, RGSR, GCR_EL1 */
    {VCPU_SYSREG(3, 0, 1, 2, 0), VCPU_SYSREG(3, 0, 1, 2, 7)},    /* ZCR, TRFCR, SMPRI, SMCR_EL1 */
    {VCPU_SYSREG(3, 0, 2, 0, 3), VCPU_SYSREG(3, 0, 2, 3, 7)},    /* TCR2_EL1, PAuth keys */
    {VCPU_SYSREG(3, 0, 2, 5, 0), VCPU_SYSREG(3, 0, 2, 5, 7)},    /* GCSCR_EL1 and its like */
    {VCPU_SYSREG(3, 0, 4, 3, 0), VCPU_SYSREG(3, 0, 4, 3, 0)},    /* ALLINT */
    {VCPU_SYSREG(3, 0, 5, 3, 0), VCPU_SYSREG(3, 0, 5, 6, 7)},    /* ERR*_EL1, TFSR*_EL1 */
    {VCPU_SYSREG(3, 0, 9, 9, 0), VCPU_SYSREG(3, 0, 9, 15, 7)},   /* SPE, TRBE, PMU */
    {VCPU_SYSREG(3, 0, 10, 2, 1), VCPU_SYSREG(3, 0, 10, 2, 7)},  /* MAIR2, PIR, POR, S2POR_EL1 */
    {VCPU_SYSREG(3, 0, 10, 3, 1), VCPU_SYSREG(3, 0, 10, 3, 7)},  /* AMAIR2_EL1 */
    {VCPU_SYSREG(3, 0, 10, 4, 0), VCPU_SYSREG(3, 0, 10, 5, 7)},  /* LOR*, MPAM*_EL1 */
    {VCPU_SYSREG(3, 0, 13, 0, 3), VCPU_SYSREG(3, 0, 13, 0, 3)},  /* RCWSMASK_EL1 */
    {VCPU_SYSREG(3, 0, 13, 0, 5), VCPU_SYSREG(3, 0, 13, 0, 7)},  /* ACCDATA, SCXTNUM_EL1 */
    {VCPU_SYSREG(3, 1, 0, 0, 2), VCPU_SYSREG(3, 1, 0, 0, 2)},    /* CCSIDR2_EL1 */
    {VCPU_SYSREG(3, 1, 0, 0, 4), VCPU_SYSREG(3, 1, 0, 0, 6)},    /* GMID, SMIDR_EL1 */
    {VCPU_SYSREG(3, 3, 2, 5, 0), VCPU_SYSREG(3, 3, 2, 5, 7)},    /* GCSPR_EL0 */
    {VCPU_SYSREG(3, 3, 4, 2, 2), VCPU_SYSREG(3, 3, 4, 2, 2)},    /* SVCR */
    {VCPU_SYSREG(3, 3, 4, 4, 2), VCPU_SYSREG(3, 3, 4, 4, 2)},    /* FPMR */
    {VCPU_SYSREG(3, 3, 9, 12, 0), VCPU_SYSREG(3, 3, 9, 15, 7)},  /* PMU at EL0 */
    {VCPU_SYSREG(3, 3, 10, 2, 4), VCPU_SYSREG(3, 3, 10, 2, 4)},  /* POR_EL0 */
    {VCPU_SYSREG(3, 3, 13, 0, 5), VCPU_SYSREG(3, 3, 13, 0, 7)},  /* TPIDR2, SCXTNUM_EL0 */
    {VCPU_SYSREG(3, 3, 13, 2, 0), VCPU_SYSREG(3, 3, 13, 15, 7)}, /* AMU */
    {VCPU_SYSREG(3, 3, 14, 8, 0), VCPU_SYSREG(3, 3, 14, 15, 7)}, /* PMU event counters */
};

static bool is_hidden(uint32_t encoding)
{
    for (size_t i = 0; i < sizeof(hidden) / sizeof(hidden[0]); i++)
        if (encoding >= hidden[i].first && encoding <= hidden[i].last)
            return true;
    return false;
}

enum sysreg_outcome vcpu_sysreg_emulate(const uint64_t id[ID_REG_COUNT], struct debug_state *debug,
                                        struct vcpu_sysreg_access *access)
{
    uint32_t encoding = access->encoding;

    if (FIELD_GET(SYSREG_OP0, encoding) == 2)
        return vcpu_debug_sysreg(id, debug, access);

    /* op0 = 3, op1 = 0, CRn = 0: CRm = 1 to 7 are identification registers, assigned or not. */
    if (encoding >= VCPU_SYSREG(3, 0, 0, 1, 0) && encoding <= VCPU_SYSREG(3, 0, 0, 7, 7))
        return read_only(access, id[ID_REG_INDEX((uint32_t)FIELD_GET(SYSREG_CRM, encoding),
                                                 (uint32_t)FIELD_GET(SYSREG_OP2, encoding))]);

    switch (encoding) {
    case VCPU_SYSREG(3, 0, 0, 0, 6): /* REVIDR_EL1 */
    case VCPU_SYSREG(3, 1, 0, 0, 7): /* AIDR_EL1 */
        return read_only(access, 0);
    case VCPU_SYSREG(3, 0, 1, 0, 1): /* ACTLR_EL1: IMPLEMENTATION DEFINED, and the machine's */
        return zero(access);
    default:
        return is_hidden(encoding) ? SYSREG_UNDEFINED : SYSREG_EXIT;
    }
}
