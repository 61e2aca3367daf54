/* SPDX-License-Identifier: MIT */
#include "decode/sysreg.h"

/* The operands that identify the register: all but Rt, Rt2 and the direction. */
#define MCR(op1, crn, crm, op2)                                                                    \
    (FIELD_PREP(ESR_EC, EC_CP15_MCR_MRC) | FIELD_PREP(ISS_SYS_OP1, op1) |                          \
     FIELD_PREP(ISS_SYS_CRN, crn) | FIELD_PREP(ISS_SYS_CRM, crm) | FIELD_PREP(ISS_SYS_OP2, op2))
#define MCRR(op1, crm)                                                                             \
    (FIELD_PREP(ESR_EC, EC_CP15_MCRR_MRRC) | FIELD_PREP(ISS_MCRR_OP1, op1) |                       \
     FIELD_PREP(ISS_SYS_CRM, crm))

#define MCR_NAME  (ESR_EC | ISS_SYS_OP1 | ISS_SYS_CRN | ISS_SYS_CRM | ISS_SYS_OP2)
#define MCRR_NAME (ESR_EC | ISS_MCRR_OP1 | ISS_SYS_CRM)

/*
 * The PMU's registers have the same numbers as in AArch64: CRn = 9 with CRm = 12 to 14, and CRn =
 * 14 with CRm = 8 to 15.
 */
static bool is_pmu(uint64_t esr)
{
    uint64_t crn = FIELD_GET(ISS_SYS_CRN, esr), crm = FIELD_GET(ISS_SYS_CRM, esr);

    return FIELD_GET(ISS_SYS_OP1, esr) == 0 &&
           ((crn == 9 && crm >= 12 && crm <= 14) || (crn == 14 && crm >= 8));
}

uint32_t vcpu_decode_cp15(uint64_t esr)
{
    if (!decode_cp15_is_pair(esr) && is_pmu(esr))
        return VCPU_SYSREG(3, 3, FIELD_GET(ISS_SYS_CRN, esr), FIELD_GET(ISS_SYS_CRM, esr),
                           FIELD_GET(ISS_SYS_OP2, esr));
    switch (esr & (decode_cp15_is_pair(esr) ? MCRR_NAME : MCR_NAME)) {
    case MCR(0, 14, 2, 0): /* CNTP_TVAL */
        return VCPU_SYSREG(3, 3, 14, 2, 0);
    case MCR(0, 14, 2, 1): /* CNTP_CTL */
        return VCPU_SYSREG(3, 3, 14, 2, 1);
    case MCRR(2, 14): /* CNTP_CVAL */
        return VCPU_SYSREG(3, 3, 14, 2, 2);
    case MCRR(0, 14): /* CNTPCT */
        return VCPU_SYSREG(3, 3, 14, 0, 1);
    case MCRR(8, 14): /* CNTPCTSS */
        return VCPU_SYSREG(3, 3, 14, 0, 5);
    case MCRR(0, 9): /* PMCCNTR */
        return VCPU_SYSREG(3, 3, 9, 13, 0);
    default:
        return 0;
    }
}
