/* SPDX-License-Identifier: MIT */
/* EL2 registers whose names some assemblers do not know. */
#ifndef VCPU_HW_EL2_H
#define VCPU_HW_EL2_H

#include "hw/sysreg.h"

#define READ_TPIDR2_EL0()   READ_SYSREG_S(3, 3, 13, 0, 5)
#define WRITE_TPIDR2_EL0(v) WRITE_SYSREG_S(3, 3, 13, 0, 5, v)
/* Fields of PSTATE, each at its place in SPSR_EL2. */
#define READ_PAN()    READ_SYSREG_S(3, 0, 4, 2, 3)
#define READ_UAO()    READ_SYSREG_S(3, 0, 4, 2, 4)
#define READ_ALLINT() READ_SYSREG_S(3, 0, 4, 3, 0)
#define READ_DIT()    READ_SYSREG_S(3, 3, 4, 2, 5)
#define READ_SSBS()   READ_SYSREG_S(3, 3, 4, 2, 6)
#define READ_TCO()    READ_SYSREG_S(3, 3, 4, 2, 7)

/* EL1's, which EL2 can access whatever it holds. */
#define READ_ICC_SRE_EL1()   READ_SYSREG_S(3, 0, 12, 12, 5)
#define WRITE_ICC_SRE_EL1(v) WRITE_SYSREG_S(3, 0, 12, 12, 5, v)
#define READ_ICC_SRE_EL2()   READ_SYSREG_S(3, 4, 12, 9, 5)
#define WRITE_ICC_SRE_EL2(v) WRITE_SYSREG_S(3, 4, 12, 9, 5, v)
#define READ_ICH_HCR_EL2()   READ_SYSREG_S(3, 4, 12, 11, 0)
#define WRITE_ICH_HCR_EL2(v) WRITE_SYSREG_S(3, 4, 12, 11, 0, v)
#define READ_ZCR_EL2()       READ_SYSREG_S(3, 4, 1, 2, 0)
#define WRITE_ZCR_EL2(v)     WRITE_SYSREG_S(3, 4, 1, 2, 0, v)
#define READ_HCRX_EL2()      READ_SYSREG_S(3, 4, 1, 2, 2)
#define WRITE_HCRX_EL2(v)    WRITE_SYSREG_S(3, 4, 1, 2, 2, v)
#define READ_MPAM2_EL2()     READ_SYSREG_S(3, 4, 10, 5, 0)
#define WRITE_MPAM2_EL2(v)   WRITE_SYSREG_S(3, 4, 10, 5, 0, v)
#define READ_MPAMIDR_EL1()   READ_SYSREG_S(3, 0, 10, 4, 4)
#define READ_MPAMHCR_EL2()   READ_SYSREG_S(3, 4, 10, 4, 0)
#define WRITE_MPAMHCR_EL2(v) WRITE_SYSREG_S(3, 4, 10, 4, 0, v)
#define READ_HFGRTR_EL2()    READ_SYSREG_S(3, 4, 1, 1, 4)
#define WRITE_HFGRTR_EL2(v)  WRITE_SYSREG_S(3, 4, 1, 1, 4, v)
#define READ_HFGWTR_EL2()    READ_SYSREG_S(3, 4, 1, 1, 5)
#define WRITE_HFGWTR_EL2(v)  WRITE_SYSREG_S(3, 4, 1, 1, 5, v)
#define READ_HFGITR_EL2()    READ_SYSREG_S(3, 4, 1, 1, 6)
#define WRITE_HFGITR_EL2(v)  WRITE_SYSREG_S(3, 4, 1, 1, 6, v)
#define READ_HDFGRTR_EL2()   READ_SYSREG_S(3, 4, 3, 1, 4)
#define WRITE_HDFGRTR_EL2(v) WRITE_SYSREG_S(3, 4, 3, 1, 4, v)
#define READ_HDFGWTR_EL2()   READ_SYSREG_S(3, 4, 3, 1, 5)
#define WRITE_HDFGWTR_EL2(v) WRITE_SYSREG_S(3, 4, 3, 1, 5, v)

#endif
