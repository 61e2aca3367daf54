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

const char *vcpu_sysreg_name(uint32_t encoding)
{
    const char *name = names;

    for (size_t i = 0; i < sizeof(encodings) / sizeof(encodings[0]); i++) {
        if (encodings[i] == encoding)
            return name;
        while (*name++)
            ;
    }
    return NULL;
}
