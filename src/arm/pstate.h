/* SPDX-License-Identifier: MIT */
/* PSTATE as SPSR_EL2 keeps it, for an exception taken from AArch64 or from AArch32. */
#ifndef VCPU_ARM_PSTATE_H
#define VCPU_ARM_PSTATE_H

#include "arm/field.h"

/* Both execution states. */
#define PSTATE_N   BIT(31)
#define PSTATE_Z   BIT(30)
#define PSTATE_C   BIT(29)
#define PSTATE_V   BIT(28)
#define PSTATE_DIT BIT(24)
#define PSTATE_PAN BIT(22)
#define PSTATE_SS  BIT(21) /* the next instruction is executed before a software step exception */
#define PSTATE_IL  BIT(20)
#define PSTATE_A   BIT(8)
#define PSTATE_I   BIT(7)
#define PSTATE_F   BIT(6)
#define PSTATE_NRW BIT(4) /* 1: AArch32 */
#define PSTATE_M   GENMASK(4, 0)

/* AArch64 only. */
#define PSTATE_UINJ   BIT(36) /* FEAT_UINJ */
#define PSTATE_PACM   BIT(35) /* FEAT_PAuth_LR */
#define PSTATE_EXLOCK BIT(34) /* FEAT_GCS */
#define PSTATE_PPEND  BIT(33) /* FEAT_SEBEP */
#define PSTATE_PM     BIT(32) /* FEAT_EBEP */
#define PSTATE_TCO    BIT(25) /* FEAT_MTE */
#define PSTATE_UAO    BIT(23)
#define PSTATE_ALLINT BIT(13) /* FEAT_NMI */
#define PSTATE_SSBS   BIT(12)
#define PSTATE_BTYPE  GENMASK(11, 10) /* FEAT_BTI */
#define PSTATE_D      BIT(9)
#define PSTATE_DAIF   GENMASK(9, 6)
#define PSTATE_EL     GENMASK(3, 2)
#define PSTATE_SP     BIT(0) /* SP_ELx rather than SP_EL0 */

/* PSTATE.M of AArch64. */
enum pstate_mode {
    PSTATE_M_EL0T = 0x0,
    PSTATE_M_EL1T = 0x4,
    PSTATE_M_EL1H = 0x5,
    PSTATE_M_EL2T = 0x8,
    PSTATE_M_EL2H = 0x9,
    PSTATE_M_EL3T = 0xc,
    PSTATE_M_EL3H = 0xd,
    /* AArch32: only User mode can be entered below an AArch64 EL1. */
    PSTATE_M_USER32 = 0x10,
};

/* AArch32 only. IT is in two parts, and SSBS at another place. */
#define PSTATE32_Q     BIT(27)
#define PSTATE32_IT_LO GENMASK(26, 25) /* IT[1:0] */
#define PSTATE32_SSBS  BIT(23)
#define PSTATE32_GE    GENMASK(19, 16)
#define PSTATE32_IT_HI GENMASK(15, 10) /* IT[7:2] */
#define PSTATE32_E     BIT(9)          /* big-endian data */
#define PSTATE32_T     BIT(5)          /* T32 */

#endif
