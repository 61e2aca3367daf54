/* SPDX-License-Identifier: MIT */
/*
 * The EL2 registers that control a guest, for E2H = 0 unless a comment says otherwise. Fields as in
 * the Arm ARM.
 */
#ifndef VCPU_ARM_EL2_H
#define VCPU_ARM_EL2_H

#include "arm/field.h"

#define HCR_EL2_VM     BIT(0)
#define HCR_EL2_SWIO   BIT(1)
#define HCR_EL2_PTW    BIT(2)
#define HCR_EL2_FMO    BIT(3)
#define HCR_EL2_IMO    BIT(4)
#define HCR_EL2_AMO    BIT(5)
#define HCR_EL2_VF     BIT(6)
#define HCR_EL2_VI     BIT(7)
#define HCR_EL2_VSE    BIT(8)
#define HCR_EL2_FB     BIT(9)
#define HCR_EL2_BSU    GENMASK(11, 10)
#define HCR_EL2_TWI    BIT(13)
#define HCR_EL2_TWE    BIT(14)
#define HCR_EL2_TID1   BIT(16)
#define HCR_EL2_TID2   BIT(17)
#define HCR_EL2_TID3   BIT(18)
#define HCR_EL2_TSC    BIT(19)
#define HCR_EL2_TIDCP  BIT(20)
#define HCR_EL2_TACR   BIT(21)
#define HCR_EL2_TSW    BIT(22)
#define HCR_EL2_TGE    BIT(27)
#define HCR_EL2_TDZ    BIT(28)
#define HCR_EL2_RW     BIT(31)
#define HCR_EL2_E2H    BIT(34)
#define HCR_EL2_TLOR   BIT(35)
#define HCR_EL2_TERR   BIT(36)
#define HCR_EL2_APK    BIT(40)
#define HCR_EL2_API    BIT(41)
#define HCR_EL2_FWB    BIT(46)
#define HCR_EL2_TID4   BIT(49)
#define HCR_EL2_ENSCXT BIT(53)
#define HCR_EL2_TID5   BIT(58)

#define HCR_EL2_BSU_INNER_SHAREABLE 1u

/* Decides where the host, at EL2 itself, takes its interrupts. */
#define HCR_EL2_ROUTING (HCR_EL2_FMO | HCR_EL2_IMO | HCR_EL2_AMO | HCR_EL2_TGE | HCR_EL2_E2H)

/* Virtual interrupts that software sets and clears. The CPU itself clears VSE. */
#define HCR_EL2_LINES (HCR_EL2_VF | HCR_EL2_VI)
#define HCR_EL2_WAITS (HCR_EL2_TWI | HCR_EL2_TWE)

#define CPTR_EL2_TZ  BIT(8)
#define CPTR_EL2_TFP BIT(10)
#define CPTR_EL2_TSM BIT(12)
#define CPTR_EL2_TTA BIT(20)
#define CPTR_EL2_TAM BIT(30)
/* RES1 on a CPU without SVE and SME; their trap bits are among these. */
#define CPTR_EL2_RES1 (GENMASK(13, 12) | GENMASK(9, 0))

/* With E2H = 1 it has CPACR_EL1's layout: two bits for each, where 0 traps and 3 does not. */
#define CPTR_EL2_VHE_ZEN  GENMASK(17, 16)
#define CPTR_EL2_VHE_FPEN GENMASK(21, 20)
#define CPTR_EL2_VHE_SMEN GENMASK(25, 24)
#define CPTR_EL2_VHE_TTA  BIT(28)

#define MDCR_EL2_HPMN   GENMASK(4, 0)
#define MDCR_EL2_TPMCR  BIT(5)
#define MDCR_EL2_TPM    BIT(6)
#define MDCR_EL2_TDE    BIT(8)
#define MDCR_EL2_TDA    BIT(9)
#define MDCR_EL2_TDOSA  BIT(10)
#define MDCR_EL2_TDRA   BIT(11)
#define MDCR_EL2_TPMS   BIT(14)
#define MDCR_EL2_TTRF   BIT(19)
#define MDCR_EL2_TDCC   BIT(27)
#define MDCR_EL2_HPME   BIT(7)
#define MDCR_EL2_HPMD   BIT(17)
#define MDCR_EL2_HCCD   BIT(23)
#define MDCR_EL2_HLP    BIT(26)
#define MDCR_EL2_MTPME  BIT(28)
#define MDCR_EL2_HPMFZO BIT(29)
#define MDCR_EL2_HPMFZS BIT(36)
/* How the counters count at EL2, and how those from HPMN on count anywhere. */
#define MDCR_EL2_HOST_COUNTERS                                                                     \
    (MDCR_EL2_HPME | MDCR_EL2_HPMD | MDCR_EL2_HCCD | MDCR_EL2_HLP | MDCR_EL2_MTPME |               \
     MDCR_EL2_HPMFZO | MDCR_EL2_HPMFZS)

#define CNTHCTL_EL2_EL1PCTEN BIT(0)
#define CNTHCTL_EL2_EL1PCEN  BIT(1)
#define CNTHCTL_EL2_EVNTEN   BIT(2)
#define CNTHCTL_EL2_EVNTDIR  BIT(3)
#define CNTHCTL_EL2_EVNTI    GENMASK(7, 4)
#define CNTHCTL_EL2_EVNTIS   BIT(17)
/* The event stream of the physical counter also wakes the host's WFE, so it stays the host's. */
#define CNTHCTL_EL2_EVENT_STREAM                                                                   \
    (CNTHCTL_EL2_EVNTEN | CNTHCTL_EL2_EVNTDIR | CNTHCTL_EL2_EVNTI | CNTHCTL_EL2_EVNTIS)

/* With E2H = 1 EL1PCTEN and EL1PTEN are here, and the host's EL0 has bits of its own. */
#define CNTHCTL_EL2_VHE_EL1_SHIFT 10
#define CNTHCTL_EL2_VHE_EL0       (GENMASK(9, 8) | GENMASK(1, 0))

#define HSTR_EL2_T15 BIT(15)

#define HCRX_EL2_TALLINT BIT(6)

/* HFGITR_EL2, by the instructions that the bits trap. */
#define HFGITR_EL2_DCCVAP       BIT(8)
#define HFGITR_EL2_DCCVADP      BIT(9)
#define HFGITR_EL2_ATS1E1P      GENMASK(17, 16) /* AT S1E1RP, S1E1WP */
#define HFGITR_EL2_TLBI_OS      GENMASK(23, 18) /* TLBI *OS, without those by range */
#define HFGITR_EL2_TLBI_RANGE   (GENMASK(27, 24) | GENMASK(41, 34)) /* TLBI R*OS, R*IS, R* */
#define HFGITR_EL2_RESTRICTIONS GENMASK(50, 48)                     /* CFP, DVP, CPP RCTX */
#define HFGITR_EL2_COSPRCTX     BIT(60)
#define HFGITR_EL2_ATS1E1A      BIT(62)

#define VTTBR_EL2_VMID  GENMASK(63, 48)
#define VTTBR_EL2_BADDR GENMASK(47, 1)

#define ICH_HCR_EL2_TC     BIT(10)
#define ICH_HCR_EL2_TALL0  BIT(11)
#define ICH_HCR_EL2_TALL1  BIT(12)
#define ICC_SRE_EL2_SRE    BIT(0)
#define ICC_SRE_EL2_ENABLE BIT(3)

/*
 * HDFGRTR_EL2: the identification registers of the profiling and the trace buffer. They have no
 * other trap.
 */
#define HDFGRTR_EL2_TRBIDR_EL1 BIT(51)
#define HDFGRTR_EL2_PMBIDR_EL1 BIT(63)

#define MPAM2_EL2_PARTITION    GENMASK(47, 0)
#define MPAM2_EL2_TRAPMPAM1EL1 BIT(48)
#define MPAM2_EL2_TRAPMPAM0EL1 BIT(49)
#define MPAM2_EL2_TIDR         BIT(58)
#define MPAM2_EL2_MPAMEN       BIT(63)

/* Takes the place of MPAM2_EL2.TIDR if MPAMHCR_EL2 is there. */
#define MPAMIDR_EL1_HAS_HCR          BIT(17)
#define MPAMHCR_EL2_TRAP_MPAMIDR_EL1 BIT(31)

/* MPIDR_EL1, VMPIDR_EL2 */
#define MPIDR_RES1     BIT(31)
#define MPIDR_AFFINITY (GENMASK(39, 32) | GENMASK(23, 0))

/* CurrentEL, SPSel */
#define CURRENTEL_EL GENMASK(3, 2)
#define SPSEL_SP     BIT(0)

/* SCTLR_EL1: the reset value (MMU and caches off), and the bits that injection uses. */
#define SCTLR_EL1_RES1      (BIT(29) | BIT(28) | BIT(23) | BIT(22) | BIT(20) | BIT(11))
#define SCTLR_EL1_SPAN      BIT(23)
#define SCTLR_EL1_DSSBS     BIT(44)
#define SCTLR_EL1_SPINTMASK BIT(62) /* FEAT_NMI */

/* SCTLR_EL2: EL2 uses instruction keys A and B, data keys A and B. */
#define SCTLR_EL2_ENDB     BIT(13)
#define SCTLR_EL2_ENDA     BIT(27)
#define SCTLR_EL2_ENIB     BIT(30)
#define SCTLR_EL2_ENIA     BIT(31)
#define SCTLR_EL2_DSSBS    BIT(44) /* PSTATE.SSBS after an exception to EL2 */
#define SCTLR_EL2_EN_PAUTH (SCTLR_EL2_ENIA | SCTLR_EL2_ENIB | SCTLR_EL2_ENDA | SCTLR_EL2_ENDB)

/*
 * CPACR_EL1: 3 gives FP and SIMD registers to EL1 and EL0, 1 to EL1 only, other values to neither.
 */
#define CPACR_EL1_FPEN GENMASK(21, 20)

/* The vector table is 2 KiB; the bits below are RES0 and not part of the address. */
#define VBAR_EL1_BASE  GENMASK(63, 11)
#define VECTOR_OFFSETS GENMASK(10, 7) /* the offset of an exception's first instruction in it */

/* TCR_EL1: no table walks from either base register. */
#define TCR_EL1_EPD0 BIT(7)
#define TCR_EL1_EPD1 BIT(23)
#define SCTLR_EL1_M  BIT(0)

#endif
