/* SPDX-License-Identifier: MIT */
/* The conditions of AArch32 instructions. */
#include "arm/esr.h"
#include "arm/pstate.h"
#include "decode/exception.h"

#define COND_ALWAYS 0xeu

/* The exception classes whose ISS has CV and COND. */
static bool class_is_conditional(uint64_t esr)
{
    switch (FIELD_GET(ESR_EC, esr)) {
    case EC_WFX:
    case EC_CP15_MCR_MRC:
    case EC_CP15_MCRR_MRRC:
    case EC_CP14_MCR_MRC:
    case EC_CP14_LDC_STC:
    case EC_FP_ACCESS:
    case EC_VMRS:
    case EC_CP14_MRRC:
        return true;
    case EC_SMC32:
        return esr & ISS_SMC32_CCKNOWNPASS;
    default:
        return false;
    }
}

static unsigned condition(uint64_t esr, uint64_t pstate)
{
    if (esr & ISS_CV)
        return (unsigned)FIELD_GET(ISS_COND, esr);
    /*
     * IT[7:4] is the condition of the instruction at PC. IT = 0 means that it is not in an IT
     * block.
     */
    if (!(pstate & (PSTATE32_IT_HI | PSTATE32_IT_LO)))
        return COND_ALWAYS;
    return (unsigned)FIELD_GET(PSTATE32_IT_HI, pstate) >> 2;
}

bool vcpu_decode_condition_passed(uint64_t esr, uint64_t pstate)
{
    bool n = pstate & PSTATE_N;
    bool z = pstate & PSTATE_Z;
    bool c = pstate & PSTATE_C;
    bool v = pstate & PSTATE_V;
    bool holds;
    unsigned cond;

    if (!(pstate & PSTATE_NRW) || !class_is_conditional(esr))
        return true;

    /* Bits 3:1 select the test. Bit 0 inverts it, except for "always". */
    cond = condition(esr, pstate);
    switch (cond >> 1) {
    case 0: /* EQ, NE */
        holds = z;
        break;
    case 1: /* CS, CC */
        holds = c;
        break;
    case 2: /* MI, PL */
        holds = n;
        break;
    case 3: /* VS, VC */
        holds = v;
        break;
    case 4: /* HI, LS */
        holds = c && !z;
        break;
    case 5: /* GE, LT */
        holds = n == v;
        break;
    case 6: /* GT, LE */
        holds = n == v && !z;
        break;
    default: /* AL, and 0b1111, which is unconditional too */
        return true;
    }
    return holds != (cond & 1);
}
