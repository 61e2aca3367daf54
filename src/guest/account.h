/* SPDX-License-Identifier: MIT */
/*
 * The account of all state: the fate of each system register and system instruction that EL1 and
 * EL0 can name on an Armv8.0 to Armv9.2 CPU.
 *
 *   X(fate, name, op0, op1, CRn, CRm, op2, n, el1, el0, feature, by)
 *
 * A row is n encodings from that one on; rows are in the order of encodings. el1 and el0 are the
 * accesses that the architecture allows there: RW, RO, WO or NO (at EL0: if the guest's EL1 permits
 * it). The guest has the encodings if its identification registers show the feature; for a feature
 * CPU_... if the CPU has it, whatever they show. Without the feature, and for an encoding in no
 * row, the access is UNDEFINED. tests/guests/account.c has the field of the identification
 * registers behind each feature's name; a name in HIDDEN rows only is for the reader. The fates:
 *
 *   SWITCHED  each vCPU has its own. `by` names what moves it: the rows of state/el1_table.h,
 *             struct vcpu_regs, or the vectors of switch/simd.h
 *   EMULATED  trapped; the library answers, the PMU's device for the PMU
 *   EXIT      trapped; the host answers, or a device or flag of the VM: see `by`
 *   HIDDEN    UNDEFINED for each guest; `by` names what traps it on a CPU that has it
 *   PLAIN     the CPU's own, not trapped: it has no state, or its state is in PSTATE. A guest that
 *             is not shown the feature can use it on a CPU that has it, because there is no
 *             control; unless `by` names a control that a VM with lowered features uses.
 *
 * A control in `by` is set on a CPU that has it; it is clear if "= 0" follows or its name begins with
 * n. For an instruction it is that instruction's bit of HFGITR_EL2.
 *
 * guest/sysreg.c answers trapped encodings by this table, and tests compare every encoding with it.
 * The archive has only the encodings of EXIT rows; the rest is for the reader and for tests.
 */
#ifndef VCPU_GUEST_ACCOUNT_H
#define VCPU_GUEST_ACCOUNT_H

#include <stdbool.h>
#include <stdint.h>

#include <vcpu/sysreg.h>

/*
 * IMPLEMENTATION DEFINED: op0 = 1 and 3, CRn = 11 and 15. They can be anything of the machine.
 * HCR_EL2.TIDCP traps EL1's accesses, and EL0's unless they are UNDEFINED there. The host answers:
 * EXIT.
 */
static inline bool account_is_impdef(uint32_t encoding)
{
    return (encoding & VCPU_SYSREG(1, 0, 11, 0, 0)) == VCPU_SYSREG(1, 0, 11, 0, 0);
}

/*
 * DC ISW, CSW and CISW, and their forms for tags, are plain; but with VCPU_VM_TRAP_SET_WAY the CPU traps
 * them (HCR_EL2.TSW), and they are the host's.
 */
static inline bool account_is_set_way(uint32_t encoding)
{
    /* CRm is 6, 10 or 14, op2 2, 4 or 6; other values of these bits are no instructions. */
    return (encoding | VCPU_SYSREG(0, 0, 0, 12, 6)) == VCPU_SYSREG(1, 0, 7, 14, 6);
}

/* DBGBVR<n>, DBGBCR<n>, DBGWVR<n>, DBGWCR<n>_EL1 */
#define ACCOUNT_COMPARATORS(X, n)                                                                  \
    X(EMULATED, DBGB##n, 2, 0, 0, n, 4, 2, RW, NO, BREAKPOINT, "MDCR_EL2.TDA")                     \
    X(EMULATED, DBGW##n, 2, 0, 0, n, 6, 2, RW, NO, WATCHPOINT, "MDCR_EL2.TDA")

#define ACCOUNT_TABLE(X)                                                                           \
    /* Instructions. Caches: stage 2 checks those by address; those by set and way also clean. */  \
    X(PLAIN, IC_IALLUIS, 1, 0, 7, 1, 0, 1, WO, NO, ALWAYS, "")                                     \
    X(PLAIN, IC_IALLU, 1, 0, 7, 5, 0, 1, WO, NO, ALWAYS, "HCR_EL2.FB")                             \
    X(PLAIN, DC_IVAC, 1, 0, 7, 6, 1, 1, WO, NO, ALWAYS, "")                                        \
    X(PLAIN, DC_ISW, 1, 0, 7, 6, 2, 1, WO, NO, ALWAYS, "HCR_EL2.SWIO")                             \
    /* HCR_EL2.ATA = 0: there are no tags for them to reach. */                                    \
    X(PLAIN, DC_IGxx, 1, 0, 7, 6, 3, 4, WO, NO, MTE2, "")                                          \
    X(HIDDEN, GCSPUSHX_POPCX, 1, 0, 7, 7, 4, 2, WO, NO, GCS, "HFGITR_EL2.nGCSEPP")                 \
    /* With GCSEn = 0 it does nothing, and neither do GCSPOPM, GCSSS1 and GCSSS2. */               \
    X(PLAIN, GCSPOPX, 1, 0, 7, 7, 6, 1, WO, NO, GCS, "HCRX_EL2.GCSEn = 0")                         \
    X(PLAIN, AT_S1E, 1, 0, 7, 8, 0, 4, WO, NO, ALWAYS, "")                                         \
    X(PLAIN, AT_S1E1xP, 1, 0, 7, 9, 0, 2, WO, NO, PAN2, "HFGITR_EL2.ATS1E1xP")                     \
    X(HIDDEN, AT_S1E1A, 1, 0, 7, 9, 2, 1, WO, NO, ATS1A, "HFGITR_EL2.ATS1E1A")                     \
    X(PLAIN, DC_CSW, 1, 0, 7, 10, 2, 1, WO, NO, ALWAYS, "")                                        \
    X(PLAIN, DC_CGSW, 1, 0, 7, 10, 4, 1, WO, NO, MTE2, "")                                         \
    X(PLAIN, DC_CGDSW, 1, 0, 7, 10, 6, 1, WO, NO, MTE2, "")                                        \
    X(PLAIN, DC_CISW, 1, 0, 7, 14, 2, 1, WO, NO, ALWAYS, "")                                       \
    X(PLAIN, DC_CIGSW, 1, 0, 7, 14, 4, 1, WO, NO, MTE2, "")                                        \
    X(PLAIN, DC_CIGDSW, 1, 0, 7, 14, 6, 1, WO, NO, MTE2, "")                                       \
    /* TLB maintenance affects entries of the guest's own VMID only. */                            \
    X(PLAIN, TLBI_xOS, 1, 0, 8, 1, 0, 4, WO, NO, TLBIOS, "HFGITR_EL2.TLBIxOS")                     \
    X(PLAIN, TLBI_VALE1OS, 1, 0, 8, 1, 5, 1, WO, NO, TLBIOS, "HFGITR_EL2.TLBIxOS")                 \
    X(PLAIN, TLBI_VAALE1OS, 1, 0, 8, 1, 7, 1, WO, NO, TLBIOS, "HFGITR_EL2.TLBIxOS")                \
    X(PLAIN, TLBI_RVAE1IS, 1, 0, 8, 2, 1, 1, WO, NO, TLBIRANGE, "HFGITR_EL2.TLBIRxIS")             \
    X(PLAIN, TLBI_RVAAE1IS, 1, 0, 8, 2, 3, 1, WO, NO, TLBIRANGE, "HFGITR_EL2.TLBIRxIS")            \
    X(PLAIN, TLBI_RVALE1IS, 1, 0, 8, 2, 5, 1, WO, NO, TLBIRANGE, "HFGITR_EL2.TLBIRxIS")            \
    X(PLAIN, TLBI_RVAALE1IS, 1, 0, 8, 2, 7, 1, WO, NO, TLBIRANGE, "HFGITR_EL2.TLBIRxIS")           \
    X(PLAIN, TLBI_xIS, 1, 0, 8, 3, 0, 4, WO, NO, ALWAYS, "")                                       \
    X(PLAIN, TLBI_VALE1IS, 1, 0, 8, 3, 5, 1, WO, NO, ALWAYS, "")                                   \
    X(PLAIN, TLBI_VAALE1IS, 1, 0, 8, 3, 7, 1, WO, NO, ALWAYS, "")                                  \
    X(PLAIN, TLBI_RVAE1OS, 1, 0, 8, 5, 1, 1, WO, NO, TLBIRANGE, "HFGITR_EL2.TLBIRxOS")             \
    X(PLAIN, TLBI_RVAAE1OS, 1, 0, 8, 5, 3, 1, WO, NO, TLBIRANGE, "HFGITR_EL2.TLBIRxOS")            \
    X(PLAIN, TLBI_RVALE1OS, 1, 0, 8, 5, 5, 1, WO, NO, TLBIRANGE, "HFGITR_EL2.TLBIRxOS")            \
    X(PLAIN, TLBI_RVAALE1OS, 1, 0, 8, 5, 7, 1, WO, NO, TLBIRANGE, "HFGITR_EL2.TLBIRxOS")           \
    X(PLAIN, TLBI_RVAE1, 1, 0, 8, 6, 1, 1, WO, NO, TLBIRANGE, "HFGITR_EL2.TLBIRx")                 \
    X(PLAIN, TLBI_RVAAE1, 1, 0, 8, 6, 3, 1, WO, NO, TLBIRANGE, "HFGITR_EL2.TLBIRx")                \
    X(PLAIN, TLBI_RVALE1, 1, 0, 8, 6, 5, 1, WO, NO, TLBIRANGE, "HFGITR_EL2.TLBIRx")                \
    X(PLAIN, TLBI_RVAALE1, 1, 0, 8, 6, 7, 1, WO, NO, TLBIRANGE, "HFGITR_EL2.TLBIRx")               \
    X(PLAIN, TLBI_x, 1, 0, 8, 7, 0, 4, WO, NO, ALWAYS, "HCR_EL2.FB")                               \
    X(PLAIN, TLBI_VALE1, 1, 0, 8, 7, 5, 1, WO, NO, ALWAYS, "HCR_EL2.FB")                           \
    X(PLAIN, TLBI_VAALE1, 1, 0, 8, 7, 7, 1, WO, NO, ALWAYS, "HCR_EL2.FB")                          \
    X(PLAIN, TLBI_nXS, 1, 0, 9, 0, 0, 128, WO, NO, XS, "")                                         \
    X(HIDDEN, BRB, 1, 1, 7, 2, 4, 2, WO, NO, BRBE, "HFGITR_EL2.nBRBINJ, nBRBIALL")                 \
    X(HIDDEN, TRCIT, 1, 3, 7, 2, 7, 1, WO, WO, ITE, "none: of Armv9.4")                            \
    X(PLAIN, CFP_DVP_RCTX, 1, 3, 7, 3, 4, 2, WO, WO, SPECRES, "HFGITR_EL2.CFPRCTX, DVPRCTX")       \
    X(PLAIN, COSP_RCTX, 1, 3, 7, 3, 6, 1, WO, WO, SPECRES2, "HFGITR_EL2.COSPRCTX")                 \
    X(PLAIN, CPP_RCTX, 1, 3, 7, 3, 7, 1, WO, WO, SPECRES, "HFGITR_EL2.CPPRCTX")                    \
    X(PLAIN, DC_ZVA, 1, 3, 7, 4, 1, 1, WO, WO, ZVA, "HCR_EL2.TDZ")                                 \
    X(PLAIN, DC_GVA_GZVA, 1, 3, 7, 4, 3, 2, WO, WO, MTE, "HCR_EL2.TDZ")                            \
    X(PLAIN, IC_IVAU, 1, 3, 7, 5, 1, 1, WO, WO, ALWAYS, "")                                        \
    /* EL0's is for EL1 to allow, which has no access to that bit (GCSCRE0_EL1). */                \
    X(HIDDEN, GCSPUSHM, 1, 3, 7, 7, 0, 1, WO, WO, GCS, "HFGITR_EL2.nGCSPUSHM_EL1")                 \
    X(PLAIN, GCSPOPM, 1, 3, 7, 7, 1, 1, RO, RO, GCS, "HCRX_EL2.GCSEn = 0")                         \
    X(PLAIN, GCSSS1, 1, 3, 7, 7, 2, 1, WO, WO, GCS, "HCRX_EL2.GCSEn = 0")                          \
    X(PLAIN, GCSSS2, 1, 3, 7, 7, 3, 1, RO, RO, GCS, "HCRX_EL2.GCSEn = 0")                          \
    X(PLAIN, DC_CVAC, 1, 3, 7, 10, 1, 1, WO, WO, ALWAYS, "")                                       \
    X(PLAIN, DC_CGVAC, 1, 3, 7, 10, 3, 1, WO, WO, MTE, "")                                         \
    X(PLAIN, DC_CGDVAC, 1, 3, 7, 10, 5, 1, WO, WO, MTE, "")                                        \
    X(PLAIN, DC_CVAU, 1, 3, 7, 11, 1, 1, WO, WO, ALWAYS, "")                                       \
    X(PLAIN, DC_CVAP, 1, 3, 7, 12, 1, 1, WO, WO, DPB, "HFGITR_EL2.DCCVAP")                         \
    X(PLAIN, DC_CGVAP, 1, 3, 7, 12, 3, 1, WO, WO, MTE, "HFGITR_EL2.DCCVAP")                        \
    X(PLAIN, DC_CGDVAP, 1, 3, 7, 12, 5, 1, WO, WO, MTE, "HFGITR_EL2.DCCVAP")                       \
    X(PLAIN, DC_CVADP, 1, 3, 7, 13, 1, 1, WO, WO, DPB2, "HFGITR_EL2.DCCVADP")                      \
    X(PLAIN, DC_CGVADP, 1, 3, 7, 13, 3, 1, WO, WO, MTE, "HFGITR_EL2.DCCVADP")                      \
    X(PLAIN, DC_CGDVADP, 1, 3, 7, 13, 5, 1, WO, WO, MTE, "HFGITR_EL2.DCCVADP")                     \
    X(PLAIN, DC_CIVAC, 1, 3, 7, 14, 1, 1, WO, WO, ALWAYS, "")                                      \
    X(PLAIN, DC_CIGVAC, 1, 3, 7, 14, 3, 1, WO, WO, MTE, "")                                        \
    X(PLAIN, DC_CIGDVAC, 1, 3, 7, 14, 5, 1, WO, WO, MTE, "")                                       \
    /* Debug: debug/regs.c. FEAT_FGT's MDCR_EL2.TDCC too. */                                       \
    X(EMULATED, OSDTRRX_EL1, 2, 0, 0, 0, 2, 1, RW, NO, ALWAYS, "MDCR_EL2.TDA")                     \
    ACCOUNT_COMPARATORS(X, 0)                                                                      \
    ACCOUNT_COMPARATORS(X, 1)                                                                      \
    X(EMULATED, MDCCINT_EL1, 2, 0, 0, 2, 0, 1, RW, NO, ALWAYS, "MDCR_EL2.TDA")                     \
    X(EMULATED, MDSCR_EL1, 2, 0, 0, 2, 2, 1, RW, NO, ALWAYS, "MDCR_EL2.TDA")                       \
    ACCOUNT_COMPARATORS(X, 2)                                                                      \
    X(EMULATED, OSDTRTX_EL1, 2, 0, 0, 3, 2, 1, RW, NO, ALWAYS, "MDCR_EL2.TDA")                     \
    ACCOUNT_COMPARATORS(X, 3)                                                                      \
    ACCOUNT_COMPARATORS(X, 4)                                                                      \
    ACCOUNT_COMPARATORS(X, 5)                                                                      \
    X(EMULATED, OSECCR_EL1, 2, 0, 0, 6, 2, 1, RW, NO, ALWAYS, "MDCR_EL2.TDA")                      \
    ACCOUNT_COMPARATORS(X, 6)                                                                      \
    ACCOUNT_COMPARATORS(X, 7)                                                                      \
    ACCOUNT_COMPARATORS(X, 8)                                                                      \
    ACCOUNT_COMPARATORS(X, 9)                                                                      \
    ACCOUNT_COMPARATORS(X, 10)                                                                     \
    ACCOUNT_COMPARATORS(X, 11)                                                                     \
    ACCOUNT_COMPARATORS(X, 12)                                                                     \
    ACCOUNT_COMPARATORS(X, 13)                                                                     \
    ACCOUNT_COMPARATORS(X, 14)                                                                     \
    ACCOUNT_COMPARATORS(X, 15)                                                                     \
    X(EMULATED, MDRAR_EL1, 2, 0, 1, 0, 0, 1, RO, NO, ALWAYS, "MDCR_EL2.TDRA")                      \
    X(EMULATED, OSLAR_EL1, 2, 0, 1, 0, 4, 1, WO, NO, ALWAYS, "MDCR_EL2.TDOSA")                     \
    X(EMULATED, OSLSR_EL1, 2, 0, 1, 1, 4, 1, RO, NO, ALWAYS, "MDCR_EL2.TDOSA")                     \
    X(EMULATED, OSDLR_EL1, 2, 0, 1, 3, 4, 1, RW, NO, ALWAYS, "MDCR_EL2.TDOSA")                     \
    X(EMULATED, DBGPRCR_EL1, 2, 0, 1, 4, 4, 1, RW, NO, ALWAYS, "MDCR_EL2.TDOSA")                   \
    X(EMULATED, DBGCLAIMSET_EL1, 2, 0, 7, 8, 6, 1, RW, NO, ALWAYS, "MDCR_EL2.TDA")                 \
    X(EMULATED, DBGCLAIMCLR_EL1, 2, 0, 7, 9, 6, 1, RW, NO, ALWAYS, "MDCR_EL2.TDA")                 \
    X(EMULATED, DBGAUTHSTATUS_EL1, 2, 0, 7, 14, 6, 1, RO, NO, ALWAYS, "MDCR_EL2.TDA")              \
    X(HIDDEN, TRC, 2, 1, 0, 0, 0, 1024, RW, NO, TRACE, "CPTR_EL2.TTA")                             \
    X(HIDDEN, BRB, 2, 1, 8, 0, 0, 256, RW, NO, BRBE, "HDFGRTR_EL2.nBRBDATA, nBRBCTL, nBRBIDR")     \
    X(EMULATED, MDCCSR_EL0, 2, 3, 0, 1, 0, 1, RO, RO, ALWAYS, "MDCR_EL2.TDA")                      \
    X(EMULATED, DBGDTR_EL0, 2, 3, 0, 4, 0, 1, RW, RW, ALWAYS, "MDCR_EL2.TDA")                      \
    X(EMULATED, DBGDTRxX_EL0, 2, 3, 0, 5, 0, 1, RW, RW, ALWAYS, "MDCR_EL2.TDA")                    \
    X(HIDDEN, DBGVCR32_EL2, 2, 4, 0, 7, 0, 1, NO, NO, AARCH32_EL1, "EL2's")                        \
    /* Identification. EL0 gets EC 0x18 with FEAT_IDST, whatever HCR_EL2 traps. */                 \
    X(PLAIN, MIDR_EL1, 3, 0, 0, 0, 0, 1, RO, NO, ALWAYS, "VPIDR_EL2")                              \
    X(PLAIN, MPIDR_EL1, 3, 0, 0, 0, 5, 1, RO, NO, ALWAYS, "VMPIDR_EL2")                            \
    X(EMULATED, REVIDR_EL1, 3, 0, 0, 0, 6, 1, RO, NO, ALWAYS, "HCR_EL2.TID1")                      \
    X(EMULATED, ID_x_EL1, 3, 0, 0, 1, 0, 56, RO, NO, ALWAYS, "HCR_EL2.TID3")                       \
    /* EL1 */                                                                                      \
    X(SWITCHED, SCTLR_EL1, 3, 0, 1, 0, 0, 1, RW, NO, ALWAYS, EL1_TABLE)                            \
    X(EMULATED, ACTLR_EL1, 3, 0, 1, 0, 1, 1, RW, NO, ALWAYS, "HCR_EL2.TACR")                       \
    X(SWITCHED, CPACR_EL1, 3, 0, 1, 0, 2, 1, RW, NO, ALWAYS, EL1_TABLE)                            \
    X(HIDDEN, SCTLR2_EL1, 3, 0, 1, 0, 3, 1, RW, NO, SCTLR2, "HCRX_EL2.SCTLR2En = 0")               \
    X(HIDDEN, RGSR_GCR_EL1, 3, 0, 1, 0, 5, 2, RW, NO, MTE2, "HCR_EL2.ATA = 0")                     \
    X(SWITCHED, ZCR_EL1, 3, 0, 1, 2, 0, 1, RW, NO, SVE, EL1_TABLE) /* or CPTR_EL2.TZ */            \
    X(HIDDEN, TRFCR_EL1, 3, 0, 1, 2, 1, 1, RW, NO, TRF, "MDCR_EL2.TTRF")                           \
    X(HIDDEN, TRCITECR_EL1, 3, 0, 1, 2, 3, 1, RW, NO, ITE, "MDCR_EL2.TTRF")                        \
    X(HIDDEN, SMPRI_EL1, 3, 0, 1, 2, 4, 1, RW, NO, SME, "HFGRTR_EL2.nSMPRI_EL1")                   \
    X(HIDDEN, SMCR_EL1, 3, 0, 1, 2, 6, 1, RW, NO, SME, "CPTR_EL2.TSM")                             \
    X(SWITCHED, TTBR0_EL1, 3, 0, 2, 0, 0, 1, RW, NO, ALWAYS, EL1_TABLE)                            \
    X(SWITCHED, TTBR1_EL1, 3, 0, 2, 0, 1, 1, RW, NO, ALWAYS, EL1_TABLE)                            \
    X(SWITCHED, TCR_EL1, 3, 0, 2, 0, 2, 1, RW, NO, ALWAYS, EL1_TABLE)                              \
    X(HIDDEN, TCR2_EL1, 3, 0, 2, 0, 3, 1, RW, NO, TCR2, "HCRX_EL2.TCR2En = 0")                     \
    /* Or HCR_EL2.APK = 0. */                                                                      \
    X(SWITCHED, APIxKey_EL1, 3, 0, 2, 1, 0, 4, RW, NO, PAUTH, EL1_TABLE)                           \
    X(SWITCHED, APDxKey_EL1, 3, 0, 2, 2, 0, 4, RW, NO, PAUTH, EL1_TABLE)                           \
    X(SWITCHED, APGAKey_EL1, 3, 0, 2, 3, 0, 2, RW, NO, PAUTH, EL1_TABLE)                           \
    X(HIDDEN, GCS_EL1, 3, 0, 2, 5, 0, 3, RW, NO, GCS, "HFGRTR_EL2.nGCS_EL1, nGCS_EL0")             \
    X(SWITCHED, SPSR_EL1, 3, 0, 4, 0, 0, 1, RW, NO, ALWAYS, EL1_TABLE)                             \
    X(SWITCHED, ELR_EL1, 3, 0, 4, 0, 1, 1, RW, NO, ALWAYS, EL1_TABLE)                              \
    X(SWITCHED, SP_EL0, 3, 0, 4, 1, 0, 1, RW, NO, ALWAYS, VCPU_REGS)                               \
    X(PLAIN, SPSel, 3, 0, 4, 2, 0, 1, RW, NO, ALWAYS, "PSTATE")                                    \
    X(PLAIN, CurrentEL, 3, 0, 4, 2, 2, 1, RO, NO, ALWAYS, "PSTATE")                                \
    X(PLAIN, PAN, 3, 0, 4, 2, 3, 1, RW, NO, PAN, "PSTATE")                                         \
    X(PLAIN, UAO, 3, 0, 4, 2, 4, 1, RW, NO, UAO, "PSTATE")                                         \
    X(PLAIN, ALLINT, 3, 0, 4, 3, 0, 1, RW, NO, NMI, "HCRX_EL2.TALLINT")                            \
    X(EXIT, ICC_PMR_EL1, 3, 0, 4, 6, 0, 1, RW, NO, GIC, "ICH_HCR_EL2.TC")                          \
    X(SWITCHED, AFSR0_EL1, 3, 0, 5, 1, 0, 1, RW, NO, ALWAYS, EL1_TABLE)                            \
    X(SWITCHED, AFSR1_EL1, 3, 0, 5, 1, 1, 1, RW, NO, ALWAYS, EL1_TABLE)                            \
    X(SWITCHED, ESR_EL1, 3, 0, 5, 2, 0, 1, RW, NO, ALWAYS, EL1_TABLE)                              \
    X(HIDDEN, ERRIDR_EL1, 3, 0, 5, 3, 0, 1, RO, NO, RAS, "HCR_EL2.TERR")                           \
    X(HIDDEN, ERRSELR_EL1, 3, 0, 5, 3, 1, 1, RW, NO, RAS, "HCR_EL2.TERR")                          \
    X(HIDDEN, ERX_EL1, 3, 0, 5, 4, 0, 16, RW, NO, RAS, "HCR_EL2.TERR, FIEN = 0")                   \
    X(HIDDEN, TFSR_EL1, 3, 0, 5, 6, 0, 1, RW, NO, MTE2, "HCR_EL2.ATA = 0")                         \
    X(HIDDEN, TFSRE0_EL1, 3, 0, 5, 6, 1, 1, RW, NO, MTE2, "HCR_EL2.ATA = 0")                       \
    X(SWITCHED, FAR_EL1, 3, 0, 6, 0, 0, 1, RW, NO, ALWAYS, EL1_TABLE)                              \
    X(SWITCHED, PAR_EL1, 3, 0, 7, 4, 0, 1, RW, NO, ALWAYS, EL1_TABLE)                              \
    X(HIDDEN, PMS_EL1, 3, 0, 9, 9, 0, 8, RW, NO, SPE, "MDCR_EL2.TPMS")                             \
    /* MDCR_EL2.E2PB and E2TB do not trap the last of each, an identification register. */         \
    X(HIDDEN, PMB_EL1, 3, 0, 9, 10, 0, 7, RW, NO, SPE, "MDCR_EL2.E2PB = 0")                        \
    X(HIDDEN, PMBIDR_EL1, 3, 0, 9, 10, 7, 1, RO, NO, SPE, "HDFGRTR_EL2.PMBIDR_EL1")                \
    X(HIDDEN, TRB_EL1, 3, 0, 9, 11, 0, 7, RW, NO, TRBE, "MDCR_EL2.E2TB = 0")                       \
    X(HIDDEN, TRBIDR_EL1, 3, 0, 9, 11, 7, 1, RO, NO, TRBE, "HDFGRTR_EL2.TRBIDR_EL1")               \
    X(EMULATED, PMINTEN_EL1, 3, 0, 9, 14, 1, 2, RW, NO, PMU, "MDCR_EL2.TPM")                       \
    X(HIDDEN, PMMIR_EL1, 3, 0, 9, 14, 6, 1, RO, NO, PMUv3p4, "MDCR_EL2.TPM")                       \
    X(SWITCHED, MAIR_EL1, 3, 0, 10, 2, 0, 1, RW, NO, ALWAYS, EL1_TABLE)                            \
    X(HIDDEN, MAIR2_EL1, 3, 0, 10, 2, 1, 1, RW, NO, AIE, "HFGRTR_EL2.nMAIR2_EL1")                  \
    X(HIDDEN, PIR_EL1, 3, 0, 10, 2, 2, 2, RW, NO, S1PIE, "HFGRTR_EL2.nPIR_EL1, nPIRE0_EL1")        \
    X(HIDDEN, POR_EL1, 3, 0, 10, 2, 4, 2, RW, NO, S1POE, "HFGRTR_EL2.nPOR_EL1, nS2POR_EL1")        \
    X(SWITCHED, AMAIR_EL1, 3, 0, 10, 3, 0, 1, RW, NO, ALWAYS, EL1_TABLE)                           \
    X(HIDDEN, AMAIR2_EL1, 3, 0, 10, 3, 1, 1, RW, NO, AIE, "HFGRTR_EL2.nAMAIR2_EL1")                \
    X(HIDDEN, LORSA_EL1, 3, 0, 10, 4, 0, 4, RW, NO, LOR, "HCR_EL2.TLOR")                           \
    X(HIDDEN, MPAMIDR_EL1, 3, 0, 10, 4, 4, 1, RO, NO, MPAM, "MPAM2_EL2.TIDR, MPAMHCR_EL2")         \
    X(HIDDEN, LORID_EL1, 3, 0, 10, 4, 7, 1, RO, NO, LOR, "HCR_EL2.TLOR")                           \
    X(HIDDEN, MPAM1_EL1, 3, 0, 10, 5, 0, 1, RW, NO, MPAM, "MPAM2_EL2.TRAPMPAM1EL1")                \
    X(HIDDEN, MPAM0_EL1, 3, 0, 10, 5, 1, 1, RW, NO, MPAM, "MPAM2_EL2.TRAPMPAM0EL1")                \
    X(HIDDEN, MPAMSM_EL1, 3, 0, 10, 5, 3, 1, RW, NO, MPAM, "MPAM2_EL2.EnMPAMSM = 0")               \
    X(SWITCHED, VBAR_EL1, 3, 0, 12, 0, 0, 1, RW, NO, ALWAYS, EL1_TABLE)                            \
    X(PLAIN, ISR_EL1, 3, 0, 12, 1, 0, 1, RO, NO, ALWAYS, "HCR_EL2.IMO, FMO, AMO")                  \
    /* While HCR_EL2.AMO is set it is VDISR_EL2, which is in the table. No control. */             \
    X(PLAIN, DISR_EL1, 3, 0, 12, 1, 1, 1, RW, NO, CPU_RAS, "VDISR_EL2")                            \
    /* With VCPU_VM_DIRECT_IRQ the CPU's own; with VCPU_VM_VIRTUAL_GIC virtual: ICV_*, of which */ \
    /* there is none for ICC_SRE_EL1: it traps, reads 7, and ignores writes (vcpu/gic.h). */       \
    X(EXIT, ICC_IAR0_EL1, 3, 0, 12, 8, 0, 1, RO, NO, GIC, "ICH_HCR_EL2.TALL0")                     \
    X(EXIT, ICC_EOIR0_EL1, 3, 0, 12, 8, 1, 1, WO, NO, GIC, "ICH_HCR_EL2.TALL0")                    \
    X(EXIT, ICC_HPPIR0_EL1, 3, 0, 12, 8, 2, 1, RO, NO, GIC, "ICH_HCR_EL2.TALL0")                   \
    X(EXIT, ICC_BPR0_AP0R0_EL1, 3, 0, 12, 8, 3, 2, RW, NO, GIC, "ICH_HCR_EL2.TALL0")               \
    X(EXIT, ICC_AP0Rn_EL1, 3, 0, 12, 8, 5, 3, RW, NO, GIC_PRIORITIES, "ICH_HCR_EL2.TALL0")         \
    X(EXIT, ICC_AP1R0_EL1, 3, 0, 12, 9, 0, 1, RW, NO, GIC, "ICH_HCR_EL2.TALL1")                    \
    X(EXIT, ICC_AP1Rn_EL1, 3, 0, 12, 9, 1, 3, RW, NO, GIC_PRIORITIES, "ICH_HCR_EL2.TALL1")         \
    X(EXIT, ICC_NMIAR1_EL1, 3, 0, 12, 9, 5, 1, RO, NO, GIC_NMI, "ICH_HCR_EL2.TALL1")               \
    X(EXIT, ICC_DIR_EL1, 3, 0, 12, 11, 1, 1, WO, NO, GIC, "ICH_HCR_EL2.TC")                        \
    X(EXIT, ICC_RPR_EL1, 3, 0, 12, 11, 3, 1, RO, NO, GIC, "ICH_HCR_EL2.TC")                        \
    X(EXIT, ICC_SGI_EL1, 3, 0, 12, 11, 5, 3, WO, NO, GIC, "HCR_EL2.IMO, FMO")                      \
    X(EXIT, ICC_IAR1_EL1, 3, 0, 12, 12, 0, 1, RO, NO, GIC, "ICH_HCR_EL2.TALL1")                    \
    X(EXIT, ICC_EOIR1_EL1, 3, 0, 12, 12, 1, 1, WO, NO, GIC, "ICH_HCR_EL2.TALL1")                   \
    X(EXIT, ICC_HPPIR1_EL1, 3, 0, 12, 12, 2, 1, RO, NO, GIC, "ICH_HCR_EL2.TALL1")                  \
    X(EXIT, ICC_BPR1_EL1, 3, 0, 12, 12, 3, 1, RW, NO, GIC, "ICH_HCR_EL2.TALL1")                    \
    X(EXIT, ICC_CTLR_EL1, 3, 0, 12, 12, 4, 1, RW, NO, GIC, "ICH_HCR_EL2.TC")                       \
    X(EXIT, ICC_SRE_EL1, 3, 0, 12, 12, 5, 1, RW, NO, GIC, "ICC_SRE_EL2.Enable = 0")                \
    X(EXIT, ICC_IGRPEN_EL1, 3, 0, 12, 12, 6, 2, RW, NO, GIC, "ICH_HCR_EL2.TALL0, TALL1")           \
    X(SWITCHED, CONTEXTIDR_EL1, 3, 0, 13, 0, 1, 1, RW, NO, ALWAYS, EL1_TABLE)                      \
    X(HIDDEN, RCWSMASK_EL1, 3, 0, 13, 0, 3, 1, RW, NO, THE, "none before FEAT_FGT2")               \
    X(SWITCHED, TPIDR_EL1, 3, 0, 13, 0, 4, 1, RW, NO, ALWAYS, EL1_TABLE)                           \
    X(HIDDEN, ACCDATA_EL1, 3, 0, 13, 0, 5, 1, RW, NO, LS64, "HFGRTR_EL2.nACCDATA_EL1")             \
    X(HIDDEN, RCWMASK_EL1, 3, 0, 13, 0, 6, 1, RW, NO, THE, "HFGRTR_EL2.nRCWMASK_EL1")              \
    X(SWITCHED, SCXTNUM_EL1, 3, 0, 13, 0, 7, 1, RW, NO, SCXTNUM, EL1_TABLE) /* or EnSCXT = 0 */    \
    X(SWITCHED, CNTKCTL_EL1, 3, 0, 14, 1, 0, 1, RW, NO, ALWAYS, EL1_TABLE)                         \
    /* The CPU's own; or on an unlike CPU the VM's: HCR_EL2.TID2 or TID4. */                       \
    X(PLAIN, CCSIDR_EL1, 3, 1, 0, 0, 0, 1, RO, NO, ALWAYS, "HCR_EL2.TID2, TID4")                   \
    X(PLAIN, CLIDR_EL1, 3, 1, 0, 0, 1, 1, RO, NO, ALWAYS, "HCR_EL2.TID2, TID4")                    \
    X(PLAIN, CCSIDR2_EL1, 3, 1, 0, 0, 2, 1, RO, NO, CCIDX, "HCR_EL2.TID2, TID4")                   \
    X(HIDDEN, GMID_EL1, 3, 1, 0, 0, 4, 1, RO, NO, MTE2, "HCR_EL2.TID5")                            \
    X(HIDDEN, SMIDR_EL1, 3, 1, 0, 0, 6, 1, RO, NO, SME, "HCR_EL2.TID1")                            \
    X(EMULATED, AIDR_EL1, 3, 1, 0, 0, 7, 1, RO, NO, ALWAYS, "HCR_EL2.TID1")                        \
    X(SWITCHED, CSSELR_EL1, 3, 2, 0, 0, 0, 1, RW, NO, ALWAYS, EL1_TABLE)                           \
    /* EL0 */                                                                                      \
    X(PLAIN, CTR_EL0, 3, 3, 0, 0, 1, 1, RO, RO, ALWAYS, "HCR_EL2.TID2")                            \
    X(PLAIN, DCZID_EL0, 3, 3, 0, 0, 7, 1, RO, RO, ALWAYS, "HCR_EL2.TDZ")                           \
    X(PLAIN, RNDR, 3, 3, 2, 4, 0, 2, RO, RO, RNG, "")                                              \
    X(HIDDEN, GCSPR_EL0, 3, 3, 2, 5, 1, 1, RW, RW, GCS, "HFGRTR_EL2.nGCS_EL0")                     \
    X(PLAIN, NZCV, 3, 3, 4, 2, 0, 1, RW, RW, ALWAYS, "PSTATE")                                     \
    X(PLAIN, DAIF, 3, 3, 4, 2, 1, 1, RW, RW, ALWAYS, "PSTATE")                                     \
    X(HIDDEN, SVCR, 3, 3, 4, 2, 2, 1, RW, RW, SME, "CPTR_EL2.TSM")                                 \
    X(PLAIN, DIT, 3, 3, 4, 2, 5, 1, RW, RW, DIT, "PSTATE")                                         \
    X(PLAIN, SSBS, 3, 3, 4, 2, 6, 1, RW, RW, SSBS2, "PSTATE")                                      \
    X(PLAIN, TCO, 3, 3, 4, 2, 7, 1, RW, RW, MTE, "PSTATE")                                         \
    X(SWITCHED, FPCR, 3, 3, 4, 4, 0, 1, RW, RW, FP, SIMD)                                          \
    X(SWITCHED, FPSR, 3, 3, 4, 4, 1, 1, RW, RW, FP, SIMD)                                          \
    X(HIDDEN, FPMR, 3, 3, 4, 4, 2, 1, RW, RW, FPMR, "HCRX_EL2.EnFPM = 0")                          \
    X(HIDDEN, DSPSR_DLR_EL0, 3, 3, 4, 5, 0, 2, RW, RW, DEBUG_STATE, "outside of Debug state")      \
    X(EMULATED, PMCR_EL0, 3, 3, 9, 12, 0, 1, RW, RW, PMU, "MDCR_EL2.TPMCR")                        \
    X(EMULATED, PMxTEN_PMOVSCLR_EL0, 3, 3, 9, 12, 1, 3, RW, RW, PMU, "MDCR_EL2.TPM")               \
    X(EMULATED, PMSWINC_EL0, 3, 3, 9, 12, 4, 1, WO, WO, PMU, "MDCR_EL2.TPM")                       \
    X(EMULATED, PMSELR_EL0, 3, 3, 9, 12, 5, 1, RW, RW, PMU, "MDCR_EL2.TPM")                        \
    X(EMULATED, PMCEID_EL0, 3, 3, 9, 12, 6, 2, RO, RO, PMU, "MDCR_EL2.TPM")                        \
    X(EMULATED, PMCCNTR_EL0, 3, 3, 9, 13, 0, 1, RW, RW, PMU, "MDCR_EL2.TPM")                       \
    X(EMULATED, PMXEVTYPER_EL0, 3, 3, 9, 13, 1, 1, RW, RW, PMU, "MDCR_EL2.TPM")                    \
    X(EMULATED, PMXEVCNTR_EL0, 3, 3, 9, 13, 2, 1, RW, RW, PMU, "MDCR_EL2.TPM")                     \
    X(EMULATED, PMUSERENR_EL0, 3, 3, 9, 14, 0, 1, RW, RO, PMU, "MDCR_EL2.TPM")                     \
    X(EMULATED, PMOVSSET_EL0, 3, 3, 9, 14, 3, 1, RW, RW, PMU, "MDCR_EL2.TPM")                      \
    X(HIDDEN, POR_EL0, 3, 3, 10, 2, 4, 1, RW, RW, S1POE, "HFGRTR_EL2.nPOR_EL0")                    \
    X(SWITCHED, TPIDR_EL0, 3, 3, 13, 0, 2, 1, RW, RW, ALWAYS, VCPU_REGS)                           \
    X(SWITCHED, TPIDRRO_EL0, 3, 3, 13, 0, 3, 1, RW, RO, ALWAYS, EL1_TABLE)                         \
    /* HFGRTR_EL2.nTPIDR2_EL0 = 0 hides it; a CPU with FEAT_SME and no FEAT_FGT has no control. */ \
    X(SWITCHED, TPIDR2_EL0, 3, 3, 13, 0, 5, 1, RW, RW, CPU_TPIDR2, EL1_TABLE)                      \
    X(SWITCHED, SCXTNUM_EL0, 3, 3, 13, 0, 7, 1, RW, RW, SCXTNUM, EL1_TABLE) /* or EnSCXT = 0 */    \
    X(HIDDEN, AM_EL0, 3, 3, 13, 2, 0, 112, RW, RW, AMU, "CPTR_EL2.TAM")                            \
    X(PLAIN, CNTFRQ_EL0, 3, 3, 14, 0, 0, 1, RO, RO, ALWAYS, "")                                    \
    /* With VCPU_VM_DIRECT_TIMER the CPU's own, CNTP_* switched; else vcpu/timer.h emulates it. */ \
    X(EXIT, CNTPCT_EL0, 3, 3, 14, 0, 1, 1, RO, RO, ALWAYS, "CNTHCTL_EL2.EL1PCTEN = 0")             \
    X(PLAIN, CNTVCT_EL0, 3, 3, 14, 0, 2, 1, RO, RO, ALWAYS, "CNTVOFF_EL2")                         \
    X(EXIT, CNTPCTSS_EL0, 3, 3, 14, 0, 5, 1, RO, RO, CPU_ECV, "CNTHCTL_EL2.EL1PCTEN = 0")          \
    X(PLAIN, CNTVCTSS_EL0, 3, 3, 14, 0, 6, 1, RO, RO, ECV, "CNTVOFF_EL2")                          \
    X(EXIT, CNTP_x_EL0, 3, 3, 14, 2, 0, 3, RW, RW, ALWAYS, "CNTHCTL_EL2.EL1PCEN = 0")              \
    X(PLAIN, CNTV_TVAL_EL0, 3, 3, 14, 3, 0, 1, RW, RW, ALWAYS, "CNTV_CVAL_EL0 by another name")    \
    X(SWITCHED, CNTV_CTL_EL0, 3, 3, 14, 3, 1, 1, RW, RW, ALWAYS, EL1_TABLE)                        \
    X(SWITCHED, CNTV_CVAL_EL0, 3, 3, 14, 3, 2, 1, RW, RW, ALWAYS, EL1_TABLE)                       \
    X(EMULATED, PMEVCNTR_EL0, 3, 3, 14, 8, 0, 31, RW, RW, PMU_COUNTER, "MDCR_EL2.TPM")             \
    X(EMULATED, PMEVTYPER_EL0, 3, 3, 14, 12, 0, 31, RW, RW, PMU_COUNTER, "MDCR_EL2.TPM")           \
    X(EMULATED, PMCCFILTR_EL0, 3, 3, 14, 15, 7, 1, RW, RW, PMU, "MDCR_EL2.TPM")                    \
    /* EL2's registers, EL1's by EL2's names, EL3's: UNDEFINED with HCR_EL2.NV = 0. */             \
    X(HIDDEN, x_EL2, 3, 4, 0, 0, 0, 1408, NO, NO, EL2, "HCR_EL2.NV = 0")                           \
    X(HIDDEN, x_EL2, 3, 4, 12, 0, 0, 384, NO, NO, EL2, "HCR_EL2.NV = 0")                           \
    X(HIDDEN, x_EL12, 3, 5, 0, 0, 0, 1408, NO, NO, VHE, "HCR_EL2.NV = 0")                          \
    X(HIDDEN, x_EL12, 3, 5, 12, 0, 0, 384, NO, NO, VHE, "HCR_EL2.NV = 0")                          \
    X(HIDDEN, x_EL3, 3, 6, 0, 0, 0, 1408, NO, NO, EL3, "EL3's")                                    \
    X(HIDDEN, x_EL3, 3, 6, 12, 0, 0, 384, NO, NO, EL3, "EL3's")                                    \
    X(HIDDEN, CNTPS_x_EL1, 3, 7, 14, 2, 0, 3, NO, NO, EL3, "Secure EL1's")

#endif
