/* SPDX-License-Identifier: MIT */
#include <stddef.h>

#include <vcpu/sysreg.h>

/* Names in place rather than by pointer: no relocation, and half the size. */
static const struct sysreg {
    uint16_t encoding;
    char name[sizeof("DBGAUTHSTATUS_EL1")]; /* the longest */
} sysregs[] = {
#define SYSREG(op0, op1, crn, crm, op2, name) {VCPU_SYSREG(op0, op1, crn, crm, op2), name},
#include "decode/sysreg_list.h"
#undef SYSREG
};

const char *vcpu_sysreg_name(uint32_t encoding)
{
    size_t low = 0;
    size_t high = sizeof(sysregs) / sizeof(sysregs[0]);

    while (low < high) {
        size_t middle = (low + high) / 2;

        if (sysregs[middle].encoding == encoding)
            return sysregs[middle].name;
        if (sysregs[middle].encoding < encoding)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}
