/* SPDX-License-Identifier: MIT */
/*
 * Registers of EL1 and EL0 that have another name (_EL12, _EL02) at EL2 with HCR_EL2.E2H = 1, where
 * the plain name means an EL2 register.
 */
#ifndef VCPU_HW_EL1_H
#define VCPU_HW_EL1_H

#include <stdbool.h>

#include "arm/el2.h"
#include "hw/sysreg.h"

/* Is it a VHE host? */
static inline bool el2_is_vhe(void)
{
    return __builtin_expect((READ_SYSREG(hcr_el2) & HCR_EL2_E2H) != 0, 0);
}

/* clang-format off */
#define EL1_ACCESSORS(name, op1, crn, crm, op2)                                                    \
    static inline uint64_t read_##name(void)                                                       \
    {                                                                                              \
        return el2_is_vhe() ? READ_SYSREG_S(3, 5, crn, crm, op2)                                   \
                            : READ_SYSREG_S(3, op1, crn, crm, op2);                                \
    }                                                                                              \
    static inline void write_##name(uint64_t value)                                                \
    {                                                                                              \
        if (el2_is_vhe())                                                                          \
            WRITE_SYSREG_S(3, 5, crn, crm, op2, value);                                            \
        else                                                                                       \
            WRITE_SYSREG_S(3, op1, crn, crm, op2, value);                                          \
    }

EL1_ACCESSORS(sctlr_el1, 0, 1, 0, 0)
EL1_ACCESSORS(tcr_el1, 0, 2, 0, 2)
EL1_ACCESSORS(cntp_ctl_el0, 3, 14, 2, 1)
EL1_ACCESSORS(cntv_ctl_el0, 3, 14, 3, 1)
EL1_ACCESSORS(cntv_cval_el0, 3, 14, 3, 2)
/* clang-format on */

#undef EL1_ACCESSORS

#endif
