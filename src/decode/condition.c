/* SPDX-License-Identifier: MIT */
/* The conditions of AArch32 instructions. */
#include "arm/esr.h"
#include "arm/pstate.h"
#include "decode/exception.h"

#define COND_ALWAYS 0xeu

/* The exception classes whose ISS has CV and COND; besides, SMC32 with CCKNOWNPASS. */
#define CONDITIONAL                                                                                \
    (BIT(EC_WFX) | BIT(EC_CP15_MCR_MRC) | BIT(EC_CP15_MCRR_MRRC) | BIT(EC_CP14_MCR_MRC) |          \
     BIT(EC_CP14_LDC_STC) | BIT(EC_FP_ACCESS) | BIT(EC_VMRS) | BIT(EC_CP14_MRRC))

static bool class_is_conditional(uint64_t esr)
{
    uint64_t ec = FIELD_GET(ESR_EC, esr);

    return (CONDITIONAL >> ec & 1) || (ec == EC_SMC32 && (esr & ISS_SMC32_CCKNOWNPASS));
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

/* COND<3:1> selects a test. Bit n of its element: it holds if N, Z, C, V are the bits of n. */
static const uint16_t tests[8] = {
    0xf0f0, /* EQ: Z */
    0xcccc, /* CS: C */
    0xff00, /* MI: N */
    0xaaaa, /* VS: V */
    0x0c0c, /* HI: C and not Z */
    0xaa55, /* GE: N is V */
    0x0a05, /* GT: N is V, and not Z */
    0xffff, /* AL */
};

/* COND<0> inverts the test, except for "always": 0b1111 is unconditional too. */
bool vcpu_decode_condition_passed(uint64_t esr, uint64_t pstate)
{
    unsigned cond = condition(esr, pstate), nzcv = (unsigned)(pstate >> 28) & 0xf;
    unsigned inverted = cond < COND_ALWAYS && (cond & 1);

    return !(pstate & PSTATE_NRW) || !class_is_conditional(esr) ||
           ((tests[cond >> 1] >> nzcv & 1u) ^ inverted);
}
