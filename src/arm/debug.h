/* SPDX-License-Identifier: MIT */
/* The registers of self-hosted debug. Fields as in the Arm ARM. */
#ifndef VCPU_ARM_DEBUG_H
#define VCPU_ARM_DEBUG_H

#include "arm/field.h"

#define MDSCR_EL1_SS   BIT(0)  /* software step */
#define MDSCR_EL1_TDCC BIT(12) /* EL0's accesses to the debug communications channel trap to EL1 */
#define MDSCR_EL1_KDE  BIT(13) /* debug exceptions at the level that takes them */
#define MDSCR_EL1_MDE  BIT(15) /* breakpoints and watchpoints */

#define MDCCINT_EL1_RX BIT(30)
#define MDCCINT_EL1_TX BIT(29)

#define OSLAR_EL1_OSLK             BIT(0)
#define OSLSR_EL1_OSLK             BIT(1)
#define OSLSR_EL1_OSLM_IMPLEMENTED BIT(3)

/*
 * DBGBCR<n>_EL1 and DBGWCR<n>_EL1 have these at the same bits; a watchpoint's type is bit 20 only.
 */
#define DBGCR_E     BIT(0)
#define DBGCR_PMC   GENMASK(2, 1) /* the Exception levels; PAC in a watchpoint */
#define DBGCR_LBN   GENMASK(19, 16)
#define DBGCR_TYPE  GENMASK(23, 20)
#define DBGBCR_BAS  GENMASK(8, 5)
#define DBGWCR_LSC  GENMASK(4, 3)
#define DBGWCR_BAS  GENMASK(12, 5)
#define DBGWCR_WT   BIT(20)
#define DBGWCR_MASK GENMASK(28, 24)

/*
 * The bits that a guest can have. HMC and SSC choose EL2 and the Security state. They are RES0
 * without EL2 and EL3: a guest's comparators match at EL0 and EL1 only.
 */
#define DBGBCR_GUEST (DBGCR_E | DBGCR_PMC | DBGBCR_BAS | DBGCR_LBN | DBGCR_TYPE)
#define DBGWCR_GUEST                                                                               \
    (DBGCR_E | DBGCR_PMC | DBGWCR_LSC | DBGWCR_BAS | DBGCR_LBN | DBGWCR_WT | DBGWCR_MASK)

/* DBGCR_PMC with HMC = 0 and SSC = 0: EL1 and EL0. */
#define DBGCR_PMC_EL1_EL0 3u

/*
 * DBGCR_TYPE. Higher types match a VMID or CONTEXTIDR_EL2, or are for AArch32 at EL1: not for a
 * guest.
 */
enum dbgcr_type {
    DBGCR_ADDRESS = 0,
    DBGCR_LINKED_ADDRESS = 1, /* if breakpoint LBN matches the context too */
    DBGCR_CONTEXT = 2,        /* CONTEXTIDR_EL1; context-aware breakpoints only */
    DBGCR_LINKED_CONTEXT = 3, /* the same, for others to link to */
};

/* DBGCLAIMSET_EL1 and DBGCLAIMCLR_EL1 */
#define DBGCLAIM_TAGS GENMASK(7, 0)

#endif
