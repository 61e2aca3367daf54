/* SPDX-License-Identifier: MIT */
/*
 * The AArch64 system registers that may come out of a guest in an exit, and those that have an id:
 * SYSREG(op0, op1, CRn, CRm, op2, name), in ascending order of the encoding. Whoever includes this
 * defines SYSREG. Left out is what belongs to features that no guest sees, for its use is UNDEFINED
 * there, what no VM traps, and what there is many of (DBGBVR<n>_EL1).
 */

/* clang-format off */


/* Debug. */
SYSREG(2, 0, 0, 0, 2, "OSDTRRX_EL1")
SYSREG(2, 0, 0, 2, 0, "MDCCINT_EL1")
SYSREG(2, 0, 0, 2, 2, "MDSCR_EL1")
SYSREG(2, 0, 0, 3, 2, "OSDTRTX_EL1")
SYSREG(2, 0, 0, 4, 2, "MDSELR_EL1")
SYSREG(2, 0, 0, 6, 2, "OSECCR_EL1")
SYSREG(2, 0, 1, 0, 0, "MDRAR_EL1")
SYSREG(2, 0, 1, 0, 4, "OSLAR_EL1")
SYSREG(2, 0, 1, 1, 4, "OSLSR_EL1")
SYSREG(2, 0, 1, 3, 4, "OSDLR_EL1")
SYSREG(2, 0, 1, 4, 4, "DBGPRCR_EL1")
SYSREG(2, 0, 7, 8, 6, "DBGCLAIMSET_EL1")
SYSREG(2, 0, 7, 9, 6, "DBGCLAIMCLR_EL1")
SYSREG(2, 0, 7, 14, 6, "DBGAUTHSTATUS_EL1")

/* Debug at EL0. DBGDTRRX_EL0 when read is DBGDTRTX_EL0 when written. */
SYSREG(2, 3, 0, 1, 0, "MDCCSR_EL0")
SYSREG(2, 3, 0, 4, 0, "DBGDTR_EL0")
SYSREG(2, 3, 0, 5, 0, "DBGDTRRX_EL0")

/* Identification. */
SYSREG(3, 0, 0, 0, 0, "MIDR_EL1")
SYSREG(3, 0, 0, 0, 5, "MPIDR_EL1")
SYSREG(3, 0, 0, 0, 6, "REVIDR_EL1")
SYSREG(3, 0, 0, 1, 0, "ID_PFR0_EL1")
SYSREG(3, 0, 0, 1, 1, "ID_PFR1_EL1")
SYSREG(3, 0, 0, 1, 2, "ID_DFR0_EL1")
SYSREG(3, 0, 0, 1, 3, "ID_AFR0_EL1")
SYSREG(3, 0, 0, 1, 4, "ID_MMFR0_EL1")
SYSREG(3, 0, 0, 1, 5, "ID_MMFR1_EL1")
SYSREG(3, 0, 0, 1, 6, "ID_MMFR2_EL1")
SYSREG(3, 0, 0, 1, 7, "ID_MMFR3_EL1")
SYSREG(3, 0, 0, 2, 0, "ID_ISAR0_EL1")
SYSREG(3, 0, 0, 2, 1, "ID_ISAR1_EL1")
SYSREG(3, 0, 0, 2, 2, "ID_ISAR2_EL1")
SYSREG(3, 0, 0, 2, 3, "ID_ISAR3_EL1")
SYSREG(3, 0, 0, 2, 4, "ID_ISAR4_EL1")
SYSREG(3, 0, 0, 2, 5, "ID_ISAR5_EL1")
SYSREG(3, 0, 0, 2, 6, "ID_MMFR4_EL1")
SYSREG(3, 0, 0, 2, 7, "ID_ISAR6_EL1")
SYSREG(3, 0, 0, 3, 0, "MVFR0_EL1")
SYSREG(3, 0, 0, 3, 1, "MVFR1_EL1")
SYSREG(3, 0, 0, 3, 2, "MVFR2_EL1")
SYSREG(3, 0, 0, 3, 4, "ID_PFR2_EL1")
SYSREG(3, 0, 0, 3, 5, "ID_DFR1_EL1")
SYSREG(3, 0, 0, 3, 6, "ID_MMFR5_EL1")
SYSREG(3, 0, 0, 4, 0, "ID_AA64PFR0_EL1")
SYSREG(3, 0, 0, 4, 1, "ID_AA64PFR1_EL1")
SYSREG(3, 0, 0, 4, 2, "ID_AA64PFR2_EL1")
SYSREG(3, 0, 0, 4, 4, "ID_AA64ZFR0_EL1")
SYSREG(3, 0, 0, 4, 5, "ID_AA64SMFR0_EL1")
SYSREG(3, 0, 0, 4, 7, "ID_AA64FPFR0_EL1")
SYSREG(3, 0, 0, 5, 0, "ID_AA64DFR0_EL1")
SYSREG(3, 0, 0, 5, 1, "ID_AA64DFR1_EL1")
SYSREG(3, 0, 0, 5, 2, "ID_AA64DFR2_EL1")
SYSREG(3, 0, 0, 5, 4, "ID_AA64AFR0_EL1")
SYSREG(3, 0, 0, 5, 5, "ID_AA64AFR1_EL1")
SYSREG(3, 0, 0, 6, 0, "ID_AA64ISAR0_EL1")
SYSREG(3, 0, 0, 6, 1, "ID_AA64ISAR1_EL1")
SYSREG(3, 0, 0, 6, 2, "ID_AA64ISAR2_EL1")
SYSREG(3, 0, 0, 6, 3, "ID_AA64ISAR3_EL1")
SYSREG(3, 0, 0, 7, 0, "ID_AA64MMFR0_EL1")
SYSREG(3, 0, 0, 7, 1, "ID_AA64MMFR1_EL1")
SYSREG(3, 0, 0, 7, 2, "ID_AA64MMFR2_EL1")
SYSREG(3, 0, 0, 7, 3, "ID_AA64MMFR3_EL1")
SYSREG(3, 0, 0, 7, 4, "ID_AA64MMFR4_EL1")

/* Control and configuration. */
SYSREG(3, 0, 1, 0, 0, "SCTLR_EL1")
SYSREG(3, 0, 1, 0, 1, "ACTLR_EL1")
SYSREG(3, 0, 1, 0, 2, "CPACR_EL1")

/* Translation tables. */
SYSREG(3, 0, 2, 0, 0, "TTBR0_EL1")
SYSREG(3, 0, 2, 0, 1, "TTBR1_EL1")
SYSREG(3, 0, 2, 0, 2, "TCR_EL1")

/* State at an exception, interrupt priority mask. */
SYSREG(3, 0, 4, 0, 0, "SPSR_EL1")
SYSREG(3, 0, 4, 0, 1, "ELR_EL1")
SYSREG(3, 0, 4, 6, 0, "ICC_PMR_EL1")

/* Syndromes. */
SYSREG(3, 0, 5, 1, 0, "AFSR0_EL1")
SYSREG(3, 0, 5, 1, 1, "AFSR1_EL1")
SYSREG(3, 0, 5, 2, 0, "ESR_EL1")

/* Addresses of faults. */
SYSREG(3, 0, 6, 0, 0, "FAR_EL1")
SYSREG(3, 0, 6, 0, 5, "PFAR_EL1")
SYSREG(3, 0, 7, 4, 0, "PAR_EL1")

/* Memory attributes. */
SYSREG(3, 0, 10, 2, 0, "MAIR_EL1")
SYSREG(3, 0, 10, 3, 0, "AMAIR_EL1")

/* Vectors and interrupt controller. */
SYSREG(3, 0, 12, 0, 0, "VBAR_EL1")
SYSREG(3, 0, 12, 1, 0, "ISR_EL1")
SYSREG(3, 0, 12, 1, 1, "DISR_EL1")
SYSREG(3, 0, 12, 8, 0, "ICC_IAR0_EL1")
SYSREG(3, 0, 12, 8, 1, "ICC_EOIR0_EL1")
SYSREG(3, 0, 12, 8, 2, "ICC_HPPIR0_EL1")
SYSREG(3, 0, 12, 8, 3, "ICC_BPR0_EL1")
SYSREG(3, 0, 12, 8, 4, "ICC_AP0R0_EL1")
SYSREG(3, 0, 12, 8, 5, "ICC_AP0R1_EL1")
SYSREG(3, 0, 12, 8, 6, "ICC_AP0R2_EL1")
SYSREG(3, 0, 12, 8, 7, "ICC_AP0R3_EL1")
SYSREG(3, 0, 12, 9, 0, "ICC_AP1R0_EL1")
SYSREG(3, 0, 12, 9, 1, "ICC_AP1R1_EL1")
SYSREG(3, 0, 12, 9, 2, "ICC_AP1R2_EL1")
SYSREG(3, 0, 12, 9, 3, "ICC_AP1R3_EL1")
SYSREG(3, 0, 12, 9, 5, "ICC_NMIAR1_EL1")
SYSREG(3, 0, 12, 11, 1, "ICC_DIR_EL1")
SYSREG(3, 0, 12, 11, 3, "ICC_RPR_EL1")
SYSREG(3, 0, 12, 11, 5, "ICC_SGI1R_EL1")
SYSREG(3, 0, 12, 11, 6, "ICC_ASGI1R_EL1")
SYSREG(3, 0, 12, 11, 7, "ICC_SGI0R_EL1")
SYSREG(3, 0, 12, 12, 0, "ICC_IAR1_EL1")
SYSREG(3, 0, 12, 12, 1, "ICC_EOIR1_EL1")
SYSREG(3, 0, 12, 12, 2, "ICC_HPPIR1_EL1")
SYSREG(3, 0, 12, 12, 3, "ICC_BPR1_EL1")
SYSREG(3, 0, 12, 12, 4, "ICC_CTLR_EL1")
SYSREG(3, 0, 12, 12, 5, "ICC_SRE_EL1")
SYSREG(3, 0, 12, 12, 6, "ICC_IGRPEN0_EL1")
SYSREG(3, 0, 12, 12, 7, "ICC_IGRPEN1_EL1")

/* Thread and context. */
SYSREG(3, 0, 13, 0, 1, "CONTEXTIDR_EL1")
SYSREG(3, 0, 13, 0, 4, "TPIDR_EL1")

/* Timer control. */
SYSREG(3, 0, 14, 1, 0, "CNTKCTL_EL1")

/* Cache identification. */
SYSREG(3, 1, 0, 0, 0, "CCSIDR_EL1")
SYSREG(3, 1, 0, 0, 1, "CLIDR_EL1")
SYSREG(3, 1, 0, 0, 2, "CCSIDR2_EL1")
SYSREG(3, 1, 0, 0, 7, "AIDR_EL1")
SYSREG(3, 2, 0, 0, 0, "CSSELR_EL1")
SYSREG(3, 3, 0, 0, 1, "CTR_EL0")
SYSREG(3, 3, 0, 0, 7, "DCZID_EL0")

/* Random numbers. */
SYSREG(3, 3, 2, 4, 0, "RNDR")
SYSREG(3, 3, 2, 4, 1, "RNDRRS")

/* Floating point. */
SYSREG(3, 3, 4, 4, 0, "FPCR")
SYSREG(3, 3, 4, 4, 1, "FPSR")

/* Performance monitors at EL0. */
SYSREG(3, 3, 9, 4, 0, "PMICNTR_EL0")
SYSREG(3, 3, 9, 6, 0, "PMICFILTR_EL0")

/* Thread at EL0. */
SYSREG(3, 3, 13, 0, 2, "TPIDR_EL0")
SYSREG(3, 3, 13, 0, 3, "TPIDRRO_EL0")
SYSREG(3, 3, 13, 0, 5, "TPIDR2_EL0")

/* Timers at EL0. */
SYSREG(3, 3, 14, 0, 0, "CNTFRQ_EL0")
SYSREG(3, 3, 14, 0, 1, "CNTPCT_EL0")
SYSREG(3, 3, 14, 0, 2, "CNTVCT_EL0")
SYSREG(3, 3, 14, 0, 5, "CNTPCTSS_EL0")
SYSREG(3, 3, 14, 0, 6, "CNTVCTSS_EL0")
SYSREG(3, 3, 14, 2, 0, "CNTP_TVAL_EL0")
SYSREG(3, 3, 14, 2, 1, "CNTP_CTL_EL0")
SYSREG(3, 3, 14, 2, 2, "CNTP_CVAL_EL0")
SYSREG(3, 3, 14, 3, 0, "CNTV_TVAL_EL0")
SYSREG(3, 3, 14, 3, 1, "CNTV_CTL_EL0")
SYSREG(3, 3, 14, 3, 2, "CNTV_CVAL_EL0")

/* clang-format on */
