/* SPDX-License-Identifier: MIT */
/*
 * The hypervisor control registers of the GICv3 CPU interface; some assemblers do not know their
 * names.
 */
#ifndef VCPU_HW_ICH_H
#define VCPU_HW_ICH_H

#include "hw/sysreg.h"

#define READ_ICH_VTR_EL2()    READ_SYSREG_S(3, 4, 12, 11, 1)
#define READ_ICH_MISR_EL2()   READ_SYSREG_S(3, 4, 12, 11, 2)
#define READ_ICH_VMCR_EL2()   READ_SYSREG_S(3, 4, 12, 11, 7)
#define WRITE_ICH_VMCR_EL2(v) WRITE_SYSREG_S(3, 4, 12, 11, 7, v)

/*
 * Arrays, for an index that is constant where it is used: ICH_AP<group>R<n>_EL2 and ICH_LR<n>_EL2.
 */
#define READ_ICH_AP0R_EL2(n)     READ_SYSREG_S(3, 4, 12, 8, n)
#define WRITE_ICH_AP0R_EL2(n, v) WRITE_SYSREG_S(3, 4, 12, 8, n, v)
#define READ_ICH_AP1R_EL2(n)     READ_SYSREG_S(3, 4, 12, 9, n)
#define WRITE_ICH_AP1R_EL2(n, v) WRITE_SYSREG_S(3, 4, 12, 9, n, v)

/* clang-format off */
#define ICH_LR_FIRST(do) do(0, 12, 0) do(1, 12, 1) do(2, 12, 2) do(3, 12, 3)
#define ICH_LR_EACH(do)                                                                            \
    ICH_LR_FIRST(do)                                                                               \
    do(4, 12, 4) do(5, 12, 5) do(6, 12, 6) do(7, 12, 7)                                            \
    do(8, 13, 0) do(9, 13, 1) do(10, 13, 2) do(11, 13, 3)                                          \
    do(12, 13, 4) do(13, 13, 5) do(14, 13, 6) do(15, 13, 7)
/* clang-format on */

/* n: of the first four. */
static inline uint64_t read_ich_lr(unsigned n)
{
    switch (n) {
#define READ_LR(n, crm, op2)                                                                       \
    case n:                                                                                        \
        return READ_SYSREG_S(3, 4, 12, crm, op2);
        ICH_LR_FIRST(READ_LR)
#undef READ_LR
    default:
        return 0;
    }
}

static inline void write_ich_lr(unsigned n, uint64_t value)
{
    switch (n) {
#define WRITE_LR(n, crm, op2)                                                                      \
    case n:                                                                                        \
        WRITE_SYSREG_S(3, 4, 12, crm, op2, value);                                                 \
        break;
        ICH_LR_EACH(WRITE_LR)
#undef WRITE_LR
    default:
        break;
    }
}

#endif
