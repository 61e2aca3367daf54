/* SPDX-License-Identifier: MIT */
/*
 * Every field of the identification registers up to Armv9.2, and whether a guest can see it:
 *
 *   SHOW(register, field, most, rule)  as the CPU has it, but not above `most`
 *   HIDE(register, field, why)         0
 *
 * A field is shown if its feature has no state, or state that each guest has for itself. A field
 * that is not in the table is hidden: so a CPU newer than the table shows nothing that the library
 * does not switch. If a 0 does not keep the guest from the feature, `why` says what does.
 */
#ifndef VCPU_GUEST_ID_TABLE_H
#define VCPU_GUEST_ID_TABLE_H

#include "arm/id.h"

/* The order of a field's values, and what the host can do with it. */
enum id_rule {
    ID_UNSIGNED = 0,  /* a higher value is more */
    ID_SIGNED = 1,    /* 8 to 0xf are less than 0, and 0xf is "not there" */
    ID_EXACT = 2,     /* a value is right only on CPUs with the same value; 0 on all */
    ID_FIXED = 4,     /* cannot be lowered */
    ID_KEPT = 8,      /* can be lowered, but not to "not there" */
    ID_F_IS_0 = 0x80, /* 0xf also means "not there" */
    /* Only for a VM with this; 0 is right everywhere. */
    ID_WITH_GIC = 0x10,
    ID_WITH_SVE = 0x20,
    ID_WITH_PMU = 0x40,
};
#define ID_WITH (ID_WITH_GIC | ID_WITH_SVE | ID_WITH_PMU)
/* In no field's rule: without it, fields that say SCXTNUM_ELx are there show 1. */
#define ID_WITH_SCXTNUM 0x100

#define ID_AS_HOST 0xf

#define ID_TABLE(SHOW, HIDE)                                                                       \
    /* AArch64 at EL1 only; the guest has no EL2 and EL3. */                                       \
    SHOW(ID_AA64PFR0, EL0, 2, ID_KEPT)                                                             \
    SHOW(ID_AA64PFR0, EL1_MODE, 1, ID_FIXED)                                                       \
    HIDE(ID_AA64PFR0, EL2_MODE, "no nested virtualization")                                        \
    HIDE(ID_AA64PFR0, EL3, "SMC is trapped")                                                       \
    /* Their trap would also be one for the library, when it switches them. */                     \
    SHOW(ID_AA64PFR0, FP, 1, ID_SIGNED | ID_KEPT)                                                  \
    SHOW(ID_AA64PFR0, ADVSIMD, 1, ID_SIGNED | ID_KEPT)                                             \
    SHOW(ID_AA64PFR0, GIC, ID_AS_HOST, ID_WITH_GIC)                                                \
    HIDE(ID_AA64PFR0, RAS, "records are the machine's: HCR_EL2.TERR")                              \
    SHOW(ID_AA64PFR0, SVE, 1, ID_WITH_SVE)                                                         \
    HIDE(ID_AA64PFR0, SEL2, "no Secure state")                                                     \
    HIDE(ID_AA64PFR0, MPAM, "partitions are the host's: MPAM2_EL2")                                \
    HIDE(ID_AA64PFR0, AMU, "counts all that runs: CPTR_EL2.TAM")                                   \
    SHOW(ID_AA64PFR0, DIT, ID_AS_HOST, ID_UNSIGNED)                                                \
    HIDE(ID_AA64PFR0, RME, "no Realm or Root state")                                               \
    SHOW(ID_AA64PFR0, CSV2, 3, ID_UNSIGNED) /* from 2 on ID_WITH_SCXTNUM */                        \
    SHOW(ID_AA64PFR0, CSV3, ID_AS_HOST, ID_UNSIGNED)                                               \
    /* BTYPE and SSBS are in PSTATE, so each guest has its own. */                                 \
    SHOW(ID_AA64PFR1, BT, 1, ID_UNSIGNED)                                                          \
    SHOW(ID_AA64PFR1, SSBS, 2, ID_UNSIGNED)                                                        \
    HIDE(ID_AA64PFR1, MTE, "tags are nobody's to switch: HCR_EL2.ATA = 0, TID5")                   \
    HIDE(ID_AA64PFR1, RAS_FRAC, "as RAS")                                                          \
    HIDE(ID_AA64PFR1, MPAM_FRAC, "as MPAM")                                                        \
    HIDE(ID_AA64PFR1, SME, "ZA is not switched: CPTR_EL2.TSM, HCR_EL2.TID1")                       \
    HIDE(ID_AA64PFR1, RNDR_TRAP, "EL3's")                                                          \
    SHOW(ID_AA64PFR1, CSV2_FRAC, 2, ID_UNSIGNED) /* 2: ID_WITH_SCXTNUM */                          \
    HIDE(ID_AA64PFR1, NMI, "no virtual NMIs: HCRX_EL2.TALLINT; ALLINT is in PSTATE")               \
    HIDE(ID_AA64PFR1, MTE_FRAC, "as MTE")                                                          \
    HIDE(ID_AA64PFR1, GCS, "later: HFGRTR_EL2.nGCS_*")                                             \
    HIDE(ID_AA64PFR1, THE, "later: HFGRTR_EL2.nRCWMASK_EL1")                                       \
    HIDE(ID_AA64PFR1, MTEX, "as MTE")                                                              \
    HIDE(ID_AA64PFR1, DF2, "later, as RAS")                                                        \
    HIDE(ID_AA64PFR1, PFAR, "later, as RAS")                                                       \
    /* Instructions on the Z, P and FFR registers of a VM with SVE. */                             \
    SHOW(ID_AA64ZFR0, SVEVER, 2, ID_WITH_SVE)                                                      \
    SHOW(ID_AA64ZFR0, AES, ID_AS_HOST, ID_WITH_SVE)                                                \
    SHOW(ID_AA64ZFR0, BITPERM, ID_AS_HOST, ID_WITH_SVE)                                            \
    SHOW(ID_AA64ZFR0, BF16, ID_AS_HOST, ID_WITH_SVE)                                               \
    SHOW(ID_AA64ZFR0, B16B16, ID_AS_HOST, ID_WITH_SVE)                                             \
    SHOW(ID_AA64ZFR0, SHA3, ID_AS_HOST, ID_WITH_SVE)                                               \
    SHOW(ID_AA64ZFR0, SM4, ID_AS_HOST, ID_WITH_SVE)                                                \
    SHOW(ID_AA64ZFR0, I8MM, ID_AS_HOST, ID_WITH_SVE)                                               \
    SHOW(ID_AA64ZFR0, F32MM, ID_AS_HOST, ID_WITH_SVE)                                              \
    SHOW(ID_AA64ZFR0, F64MM, ID_AS_HOST, ID_WITH_SVE)                                              \
    /* Armv8 debug, with the comparators that debug/debug.c gives to the guest; no double lock. */ \
    SHOW(ID_AA64DFR0, DEBUGVER, 6, ID_FIXED)                                                       \
    HIDE(ID_AA64DFR0, TRACEVER, "the trace unit is the host's: CPTR_EL2.TTA")                      \
    SHOW(ID_AA64DFR0, PMUVER, PMUVER_V3P1, ID_WITH_PMU | ID_F_IS_0)                                \
    SHOW(ID_AA64DFR0, BRPS, ID_AS_HOST, ID_KEPT)                                                   \
    HIDE(ID_AA64DFR0, PMSS, "later")                                                               \
    SHOW(ID_AA64DFR0, WRPS, ID_AS_HOST, ID_KEPT)                                                   \
    HIDE(ID_AA64DFR0, SEBEP, "later")                                                              \
    SHOW(ID_AA64DFR0, CTX_CMPS, ID_AS_HOST, ID_UNSIGNED)                                           \
    HIDE(ID_AA64DFR0, PMSVER, "the profiling buffer is the host's: MDCR_EL2.TPMS, E2PB")           \
    SHOW(ID_AA64DFR0, DOUBLELOCK, 0xf, ID_SIGNED | ID_FIXED)                                       \
    HIDE(ID_AA64DFR0, TRACEFILT, "trace is the host's: MDCR_EL2.TTRF")                             \
    HIDE(ID_AA64DFR0, TRACEBUFFER, "the trace buffer is the host's: MDCR_EL2.E2TB")                \
    HIDE(ID_AA64DFR0, MTPMU, "EL3's and EL2's")                                                    \
    HIDE(ID_AA64DFR0, BRBE, "records of all that ran: HDFGRTR_EL2.nBRB*, HFGITR_EL2.nBRB*")        \
    HIDE(ID_AA64DFR0, EXTTRCBUFF, "as TRACEBUFFER")                                                \
    HIDE(ID_AA64DFR0, HPMN0, "EL2's")                                                              \
    /* Instructions without state. For most the CPU has no trap. */                                \
    SHOW(ID_AA64ISAR0, AES, ID_AS_HOST, ID_UNSIGNED)                                               \
    SHOW(ID_AA64ISAR0, SHA1, ID_AS_HOST, ID_UNSIGNED)                                              \
    SHOW(ID_AA64ISAR0, SHA2, ID_AS_HOST, ID_UNSIGNED)                                              \
    SHOW(ID_AA64ISAR0, CRC32, ID_AS_HOST, ID_UNSIGNED)                                             \
    SHOW(ID_AA64ISAR0, ATOMIC, ID_AS_HOST, ID_UNSIGNED)                                            \
    HIDE(ID_AA64ISAR0, TME, "transactions: HCR_EL2.TME = 0")                                       \
    SHOW(ID_AA64ISAR0, RDM, ID_AS_HOST, ID_UNSIGNED)                                               \
    SHOW(ID_AA64ISAR0, SHA3, ID_AS_HOST, ID_UNSIGNED)                                              \
    SHOW(ID_AA64ISAR0, SM3, ID_AS_HOST, ID_UNSIGNED)                                               \
    SHOW(ID_AA64ISAR0, SM4, ID_AS_HOST, ID_UNSIGNED)                                               \
    SHOW(ID_AA64ISAR0, DP, ID_AS_HOST, ID_UNSIGNED)                                                \
    SHOW(ID_AA64ISAR0, FHM, ID_AS_HOST, ID_UNSIGNED)                                               \
    SHOW(ID_AA64ISAR0, TS, ID_AS_HOST, ID_UNSIGNED)                                                \
    SHOW(ID_AA64ISAR0, TLB, ID_AS_HOST, ID_UNSIGNED)                                               \
    SHOW(ID_AA64ISAR0, RNDR, ID_AS_HOST, ID_UNSIGNED)                                              \
    SHOW(ID_AA64ISAR1, DPB, ID_AS_HOST, ID_UNSIGNED)                                               \
    /* Pointer authentication: the keys are switched. Value 6 has PSTATE.PACM. */                  \
    SHOW(ID_AA64ISAR1, APA, 5, ID_EXACT)                                                           \
    SHOW(ID_AA64ISAR1, API, 5, ID_EXACT)                                                           \
    SHOW(ID_AA64ISAR1, JSCVT, ID_AS_HOST, ID_UNSIGNED)                                             \
    SHOW(ID_AA64ISAR1, FCMA, ID_AS_HOST, ID_UNSIGNED)                                              \
    /* 3 has loads and stores that vcpu/emulate.h does not know. */                                \
    SHOW(ID_AA64ISAR1, LRCPC, 2, ID_UNSIGNED)                                                      \
    SHOW(ID_AA64ISAR1, GPA, 1, ID_EXACT)                                                           \
    SHOW(ID_AA64ISAR1, GPI, 1, ID_EXACT)                                                           \
    SHOW(ID_AA64ISAR1, FRINTTS, ID_AS_HOST, ID_UNSIGNED)                                           \
    SHOW(ID_AA64ISAR1, SB, ID_AS_HOST, ID_UNSIGNED)                                                \
    SHOW(ID_AA64ISAR1, SPECRES, ID_AS_HOST, ID_UNSIGNED)                                           \
    SHOW(ID_AA64ISAR1, BF16, ID_AS_HOST, ID_UNSIGNED)                                              \
    SHOW(ID_AA64ISAR1, DGH, ID_AS_HOST, ID_UNSIGNED)                                               \
    SHOW(ID_AA64ISAR1, I8MM, ID_AS_HOST, ID_UNSIGNED)                                              \
    HIDE(ID_AA64ISAR1, XS, "a guest has no memory with the XS attribute to wait for")              \
    HIDE(ID_AA64ISAR1, LS64, "ACCDATA_EL1, and status from devices: HCRX_EL2.EnALS, EnAS*")        \
    SHOW(ID_AA64ISAR2, WFXT, ID_AS_HOST, ID_UNSIGNED)                                              \
    SHOW(ID_AA64ISAR2, RPRES, ID_AS_HOST, ID_UNSIGNED)                                             \
    SHOW(ID_AA64ISAR2, GPA3, 1, ID_EXACT)                                                          \
    SHOW(ID_AA64ISAR2, APA3, 5, ID_EXACT)                                                          \
    HIDE(ID_AA64ISAR2, MOPS, "an exception in the middle is not handled: HCRX_EL2.MSCEn = 0")      \
    HIDE(ID_AA64ISAR2, BC, "later")                                                                \
    SHOW(ID_AA64ISAR2, PAC_FRAC, 1, ID_EXACT)                                                      \
    SHOW(ID_AA64ISAR2, CLRBHB, ID_AS_HOST, ID_UNSIGNED)                                            \
    HIDE(ID_AA64ISAR2, SYSREG_128, "later: HCRX_EL2.D128En = 0")                                   \
    HIDE(ID_AA64ISAR2, SYSINSTR_128, "later")                                                      \
    HIDE(ID_AA64ISAR2, PRFMSLC, "later")                                                           \
    HIDE(ID_AA64ISAR2, RPRFM, "later")                                                             \
    HIDE(ID_AA64ISAR2, CSSC, "later")                                                              \
    HIDE(ID_AA64ISAR2, LUT, "later")                                                               \
    HIDE(ID_AA64ISAR2, ATS1A, "later")                                                             \
    /* Stage 1: its registers are switched, and its walks go through stage 2. */                   \
    SHOW(ID_AA64MMFR0, PARANGE, 5, ID_UNSIGNED) /* 48 bits, the most of stage 2 */                 \
    SHOW(ID_AA64MMFR0, ASIDBITS, ID_AS_HOST, ID_UNSIGNED)                                          \
    HIDE(ID_AA64MMFR0, BIGEND, "data would be the host's to swap in MMIO")                         \
    SHOW(ID_AA64MMFR0, SNSMEM, ID_AS_HOST, ID_UNSIGNED)                                            \
    HIDE(ID_AA64MMFR0, BIGENDEL0, "as BIGEND")                                                     \
    /* 2, and 1 of TGRAN4: 52 bits, FEAT_LPA2 */                                                   \
    SHOW(ID_AA64MMFR0, TGRAN16, 1, ID_UNSIGNED)                                                    \
    SHOW(ID_AA64MMFR0, TGRAN64, 0, ID_SIGNED)                                                      \
    SHOW(ID_AA64MMFR0, TGRAN4, 0, ID_SIGNED)                                                       \
    HIDE(ID_AA64MMFR0, TGRAN16_2, "EL2's")                                                         \
    HIDE(ID_AA64MMFR0, TGRAN64_2, "EL2's")                                                         \
    HIDE(ID_AA64MMFR0, TGRAN4_2, "EL2's")                                                          \
    SHOW(ID_AA64MMFR0, EXS, ID_AS_HOST, ID_UNSIGNED)                                               \
    HIDE(ID_AA64MMFR0, FGT, "EL2's")                                                               \
    HIDE(ID_AA64MMFR0, ECV, "CNTPOFF_EL2 is EL2's; CNTPCTSS_EL0 is emulated as CNTPCT_EL0 is")     \
    SHOW(ID_AA64MMFR1, HAFDBS, 2, ID_UNSIGNED)                                                     \
    HIDE(ID_AA64MMFR1, VMIDBITS, "EL2's")                                                          \
    HIDE(ID_AA64MMFR1, VH, "EL2's")                                                                \
    SHOW(ID_AA64MMFR1, HPDS, ID_AS_HOST, ID_UNSIGNED)                                              \
    HIDE(ID_AA64MMFR1, LO, "LOR regions are of the physical map: HCR_EL2.TLOR")                    \
    SHOW(ID_AA64MMFR1, PAN, ID_AS_HOST, ID_UNSIGNED)                                               \
    HIDE(ID_AA64MMFR1, SPECSEI, "SErrors of the machine are the host's: HCR_EL2.AMO")              \
    HIDE(ID_AA64MMFR1, XNX, "EL2's")                                                               \
    HIDE(ID_AA64MMFR1, TWED, "EL2's")                                                              \
    SHOW(ID_AA64MMFR1, ETS, ID_AS_HOST, ID_UNSIGNED)                                               \
    HIDE(ID_AA64MMFR1, HCX, "EL2's")                                                               \
    SHOW(ID_AA64MMFR1, AFP, ID_AS_HOST, ID_UNSIGNED)                                               \
    HIDE(ID_AA64MMFR1, NTLBPA, "a promise that another CPU may not keep")                          \
    HIDE(ID_AA64MMFR1, TIDCP1, "IMPLEMENTATION DEFINED registers are trapped: HCR_EL2.TIDCP")      \
    HIDE(ID_AA64MMFR1, CMOW, "HCRX_EL2.CMOW = 0")                                                  \
    SHOW(ID_AA64MMFR1, ECBHB, 1, ID_UNSIGNED)                                                      \
    SHOW(ID_AA64MMFR2, CNP, ID_AS_HOST, ID_UNSIGNED)                                               \
    SHOW(ID_AA64MMFR2, UAO, ID_AS_HOST, ID_UNSIGNED)                                               \
    SHOW(ID_AA64MMFR2, LSM, ID_AS_HOST, ID_UNSIGNED)                                               \
    HIDE(ID_AA64MMFR2, IESB, "as RAS")                                                             \
    SHOW(ID_AA64MMFR2, VARANGE, ID_AS_HOST, ID_UNSIGNED)                                           \
    SHOW(ID_AA64MMFR2, CCIDX, ID_AS_HOST, ID_UNSIGNED)                                             \
    HIDE(ID_AA64MMFR2, NV, "EL2's")                                                                \
    SHOW(ID_AA64MMFR2, ST, ID_AS_HOST, ID_UNSIGNED)                                                \
    SHOW(ID_AA64MMFR2, AT, ID_AS_HOST, ID_UNSIGNED)                                                \
    HIDE(ID_AA64MMFR2, IDS, "its syndrome is another than an injected UNDEFINED has")              \
    HIDE(ID_AA64MMFR2, FWB, "EL2's")                                                               \
    SHOW(ID_AA64MMFR2, TTL, ID_AS_HOST, ID_UNSIGNED)                                               \
    SHOW(ID_AA64MMFR2, BBM, ID_AS_HOST, ID_UNSIGNED)                                               \
    HIDE(ID_AA64MMFR2, EVT, "EL2's")                                                               \
    SHOW(ID_AA64MMFR2, E0PD, ID_AS_HOST, ID_UNSIGNED)                                              \
    /* AArch32, for programs at EL0. */                                                            \
    SHOW(ID_PFR0, STATE0, ID_AS_HOST, ID_UNSIGNED)                                                 \
    SHOW(ID_PFR0, STATE1, ID_AS_HOST, ID_UNSIGNED)                                                 \
    SHOW(ID_PFR0, STATE2, ID_AS_HOST, ID_UNSIGNED)                                                 \
    HIDE(ID_PFR0, STATE3, "no ThumbEE in Armv8")                                                   \
    SHOW(ID_PFR0, CSV2, 1, ID_UNSIGNED) /* 2: CSV2_frac, which not all CPUs have here */           \
    HIDE(ID_PFR0, AMU, "as in AArch64")                                                            \
    SHOW(ID_PFR0, DIT, ID_AS_HOST, ID_UNSIGNED)                                                    \
    HIDE(ID_PFR0, RAS, "as in AArch64")                                                            \
    SHOW(ID_PFR1, PROGMOD, ID_AS_HOST, ID_UNSIGNED)                                                \
    HIDE(ID_PFR1, SECURITY, "no EL3")                                                              \
    HIDE(ID_PFR1, MPROGMOD, "not of this profile")                                                 \
    HIDE(ID_PFR1, VIRTUALIZATION, "no EL2")                                                        \
    SHOW(ID_PFR1, GENTIMER, ID_AS_HOST, ID_UNSIGNED)                                               \
    HIDE(ID_PFR1, SEC_FRAC, "no EL3")                                                              \
    HIDE(ID_PFR1, VIRT_FRAC, "no EL2")                                                             \
    HIDE(ID_PFR1, GIC, "no use at EL0")                                                            \
    SHOW(ID_PFR2, CSV3, ID_AS_HOST, ID_UNSIGNED)                                                   \
    SHOW(ID_PFR2, SSBS, ID_AS_HOST, ID_UNSIGNED)                                                   \
    HIDE(ID_PFR2, RAS_FRAC, "as in AArch64")                                                       \
    SHOW(ID_DFR0, COPDBG, 6, ID_UNSIGNED)                                                          \
    HIDE(ID_DFR0, COPSDBG, "no EL3")                                                               \
    HIDE(ID_DFR0, MMAPDBG, "not of this profile")                                                  \
    HIDE(ID_DFR0, COPTRC, "as in AArch64")                                                         \
    HIDE(ID_DFR0, MMAPTRC, "as in AArch64")                                                        \
    HIDE(ID_DFR0, MPROFDBG, "not of this profile")                                                 \
    SHOW(ID_DFR0, PERFMON, PERFMON_V3P1, ID_WITH_PMU | ID_F_IS_0)                                  \
    HIDE(ID_DFR0, TRACEFILT, "as in AArch64")

/*
 * AArch32's instruction sets, memory model and media: these fields have no state, so all eight are
 * shown. The second number has a bit for each signed field (ID_MMFR0_EL1.OuterShr and InnerShr,
 * ID_MMFR3_EL1.Supersec).
 */
#define ID_WHOLE_TABLE(WHOLE)                                                                      \
    WHOLE(ID_MMFR0_EL1, 0x84)                                                                      \
    WHOLE(ID_MMFR1_EL1, 0)                                                                         \
    WHOLE(ID_MMFR2_EL1, 0)                                                                         \
    WHOLE(ID_MMFR3_EL1, 0x80)                                                                      \
    WHOLE(ID_MMFR4_EL1, 0)                                                                         \
    WHOLE(ID_MMFR5_EL1, 0)                                                                         \
    WHOLE(ID_ISAR0_EL1, 0)                                                                         \
    WHOLE(ID_ISAR1_EL1, 0)                                                                         \
    WHOLE(ID_ISAR2_EL1, 0)                                                                         \
    WHOLE(ID_ISAR3_EL1, 0)                                                                         \
    WHOLE(ID_ISAR4_EL1, 0)                                                                         \
    WHOLE(ID_ISAR5_EL1, 0)                                                                         \
    WHOLE(ID_ISAR6_EL1, 0)                                                                         \
    WHOLE(MVFR0_EL1, 0)                                                                            \
    WHOLE(MVFR1_EL1, 0)                                                                            \
    WHOLE(MVFR2_EL1, 0)

#endif
