/* SPDX-License-Identifier: MIT */
#include <stddef.h>

#include <vcpu/sysreg.h>

/* The registers' encodings, and their names in the same order: small, and no relocation. */
static const uint16_t encodings[] = {
#define SYSREG(op0, op1, crn, crm, op2, name) VCPU_SYSREG(op0, op1, crn, crm, op2),
#include "decode/sysreg_list.h"
#undef SYSREG
};

static const char names[] =
#define SYSREG(op0, op1, crn, crm, op2, name) name "\0"
#include "decode/sysreg_list.h"
#undef SYSREG
    ;

/* DBGBVR<n>_EL1 and its companions: n is CRm. */
static const char *debug_name(uint32_t op2)
{
    switch (op2) {
    case 4:
        return "DBGBVR<n>_EL1";
    case 5:
        return "DBGBCR<n>_EL1";
    case 6:
        return "DBGWVR<n>_EL1";
    case 7:
        return "DBGWCR<n>_EL1";
    default:
        return NULL;
    }
}

/* The name of a register of which there are many, one behind the other. */
static const char *family_name(uint32_t encoding)
{
    if (encoding >= VCPU_SYSREG(2, 0, 0, 0, 0) && encoding <= VCPU_SYSREG(2, 0, 0, 15, 7))
        return debug_name(encoding & 7);
    if (encoding >= VCPU_SYSREG(3, 3, 14, 8, 0) && encoding <= VCPU_SYSREG(3, 3, 14, 11, 6))
        return "PMEVCNTR<n>_EL0";
    if (encoding >= VCPU_SYSREG(3, 3, 14, 12, 0) && encoding <= VCPU_SYSREG(3, 3, 14, 15, 6))
        return "PMEVTYPER<n>_EL0";
    return NULL;
}

const char *vcpu_sysreg_name(uint32_t encoding)
{
    const char *name = names;

    for (size_t i = 0; i < sizeof(encodings) / sizeof(encodings[0]); i++) {
        if (encodings[i] == encoding)
            return name;
        while (*name++)
            ;
    }
    return family_name(encoding);
}
