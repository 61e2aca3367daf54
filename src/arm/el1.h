/* SPDX-License-Identifier: MIT */
/* Control registers of EL1: the bits that belong to optional features. Fields as in the Arm ARM. */
#ifndef VCPU_ARM_EL1_H
#define VCPU_ARM_EL1_H

#include "arm/field.h"

/* SCTLR_EL1 */
#define SCTLR_EL1_NAA      BIT(6)  /* FEAT_LSE2 */
#define SCTLR_EL1_ENRCTX   BIT(10) /* FEAT_SPECRES */
#define SCTLR_EL1_ENDB     BIT(13)
#define SCTLR_EL1_IESB     BIT(21)
#define SCTLR_EL1_ENDIAN   GENMASK(25, 24) /* EE, E0E: data is big-endian */
#define SCTLR_EL1_ENDA     BIT(27)
#define SCTLR_EL1_ENIB     BIT(30)
#define SCTLR_EL1_ENIA     BIT(31)
#define SCTLR_EL1_EN_PAUTH (SCTLR_EL1_ENIA | SCTLR_EL1_ENIB | SCTLR_EL1_ENDA | SCTLR_EL1_ENDB)
#define SCTLR_EL1_CMOW     BIT(32)
#define SCTLR_EL1_MSCEN    BIT(33)         /* FEAT_MOPS */
#define SCTLR_EL1_ENFPM    BIT(34)         /* FEAT_FPMR */
#define SCTLR_EL1_BT       GENMASK(36, 35) /* FEAT_BTI: BT0, BT1 */
/* FEAT_MTE: ITFSB, TCF0, TCF, ATA0, ATA, TCSO0, TCSO */
#define SCTLR_EL1_MTE   (GENMASK(43, 37) | GENMASK(59, 58))
#define SCTLR_EL1_TWED  GENMASK(49, 45) /* TWEDEL, TWEDEn */
#define SCTLR_EL1_TME   GENMASK(53, 50) /* TMT0, TMT, TME0, TME */
#define SCTLR_EL1_LS64  GENMASK(56, 54) /* EnASR, EnAS0, EnALS */
#define SCTLR_EL1_EPAN  BIT(57)         /* FEAT_PAN3 */
#define SCTLR_EL1_ENTP2 BIT(60)         /* FEAT_SME: TPIDR2_EL0 at EL0 */
#define SCTLR_EL1_NMI   BIT(61)
#define SCTLR_EL1_TIDCP BIT(63)

/* TCR_EL1 */
#define TCR_EL1_HA   BIT(39)
#define TCR_EL1_HD   BIT(40)
#define TCR_EL1_HPD  GENMASK(42, 41)
#define TCR_EL1_HWU  GENMASK(50, 43)
#define TCR_EL1_TBID GENMASK(52, 51) /* FEAT_PAuth */
#define TCR_EL1_NFD  GENMASK(54, 53) /* FEAT_SVE */
#define TCR_EL1_E0PD GENMASK(56, 55)
#define TCR_EL1_TCMA GENMASK(58, 57) /* FEAT_MTE2 */
#define TCR_EL1_DS   BIT(59)         /* FEAT_LPA2 */
#define TCR_EL1_MTX  GENMASK(61, 60) /* FEAT_MTE_NO_ADDRESS_TAGS */

/* CPACR_EL1 */
#define CPACR_EL1_ZEN   GENMASK(17, 16)
#define CPACR_EL1_SMEN  GENMASK(25, 24)
#define CPACR_EL1_TTA   BIT(28)
#define CPACR_EL1_E0POE BIT(29)

/* The bits of these registers that are there without FEAT_ECV and FEAT_MTE2. */
#define CNTKCTL_EL1_ARMV8_0 GENMASK(9, 0)
#define CSSELR_EL1_ARMV8_0  GENMASK(3, 0)

#define ZCR_EL1_LEN GENMASK(3, 0)

/* VSESR_EL2: IDS and ISS. VDISR_EL2: A too. */
#define VSESR_EL2_SYNDROME GENMASK(24, 0)
#define VDISR_EL2_DEFINED  (BIT(31) | GENMASK(24, 0))

#endif
