/* SPDX-License-Identifier: MIT */
/* The performance monitor, FEAT_PMUv3 and FEAT_PMUv3p1. Fields as in the Arm ARM. */
#ifndef VCPU_ARM_PMU_H
#define VCPU_ARM_PMU_H

#include "arm/field.h"

#define PMCR_EL0_E  BIT(0)          /* the counters count, and interrupt */
#define PMCR_EL0_P  BIT(1)          /* write: event counters become 0 */
#define PMCR_EL0_C  BIT(2)          /* write: the cycle counter becomes 0 */
#define PMCR_EL0_D  BIT(3)          /* the cycle counter counts every 64th cycle, if LC = 0 */
#define PMCR_EL0_DP BIT(5)          /* the cycle counter stops where events do not count */
#define PMCR_EL0_LC BIT(6)          /* the cycle counter overflows at 64 bits, not at 32 */
#define PMCR_EL0_N  GENMASK(15, 11) /* the number of event counters */

/* PMUSERENR_EL0: what EL0 may use. */
#define PMUSERENR_EN BIT(0) /* everything */
#define PMUSERENR_SW BIT(1) /* PMSWINC_EL0 */
#define PMUSERENR_CR BIT(2) /* reading PMCCNTR_EL0 */
#define PMUSERENR_ER BIT(3) /* reading event counters, and PMSELR_EL0 */

#define PMSELR_SEL GENMASK(4, 0)

/*
 * The cycle counter's bit in PMCNTENSET_EL0 and similar registers, where event counter n has bit n.
 * If counter 31 is selected, PMXEVTYPER_EL0 is PMCCFILTR_EL0.
 */
#define PMU_CYCLES 31u

/*
 * PMEVTYPER<n>_EL0 and PMCCFILTR_EL0: where a counter stops. NSK, NSU and M exist with EL3, NSH
 * with EL2. Non-secure EL1 counts if NSK = P, EL0 if NSU = U, EL3 if M = P, EL2 if NSH = 1.
 */
#define PMEVTYPER_P   BIT(31)
#define PMEVTYPER_U   BIT(30)
#define PMEVTYPER_NSK BIT(29)
#define PMEVTYPER_NSU BIT(28)
#define PMEVTYPER_NSH BIT(27)
#define PMEVTYPER_M   BIT(26)

/* PMEVTYPER<n>_EL0.evtCount. */
#define PMEVTYPER_EVENT_V3   GENMASK(9, 0)
#define PMEVTYPER_EVENT_V3P1 GENMASK(15, 0)

#define PMU_EVENT_SW_INCR 0x00u
#define PMU_EVENT_CHAIN   0x1eu /* for an odd counter: the overflows of the even one before it */

/*
 * PMCEID<n>_EL0: the events of FEAT_PMUv3; the bits above are events from 0x4000 on, of
 * FEAT_PMUv3p1.
 */
#define PMCEID_V3 GENMASK(31, 0)
/* PMCEID1_EL0: STALL_SLOT_BACKEND, STALL_SLOT_FRONTEND, STALL_SLOT. They need PMMIR_EL1. */
#define PMCEID1_SLOTS GENMASK(31, 29)

#endif
