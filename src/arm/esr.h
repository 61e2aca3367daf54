/* SPDX-License-Identifier: MIT */
/* ESR_EL2 (the syndrome of an exception to EL2), HPFAR_EL2 and PAR_EL1. */
#ifndef VCPU_ARM_ESR_H
#define VCPU_ARM_ESR_H

#include "arm/field.h"

/*
 * ESR_EL2. Bits 55:32 are ISS2, which newer features use. So EC must be taken with its mask: a
 * shift by 26 alone would leave bits of ISS2 above it.
 */
#define ESR_EC  GENMASK(31, 26)
#define ESR_IL  BIT(25) /* a 32-bit instruction */
#define ESR_ISS GENMASK(24, 0)
#define ESR_ALL GENMASK(55, 0) /* ISS2 included */

/* ESR_EL2.EC, Armv8.0 to Armv9.4. Missing values are reserved. */
enum esr_ec {
    EC_UNKNOWN = 0x00,
    EC_WFX = 0x01,
    EC_CP15_MCR_MRC = 0x03,   /* AArch32 */
    EC_CP15_MCRR_MRRC = 0x04, /* AArch32 */
    EC_CP14_MCR_MRC = 0x05,   /* AArch32 */
    EC_CP14_LDC_STC = 0x06,   /* AArch32 */
    EC_FP_ACCESS = 0x07,      /* Advanced SIMD, floating point; SVE too with the older traps */
    EC_VMRS = 0x08,           /* AArch32 */
    EC_PAUTH_TRAP = 0x09,
    EC_OTHER_TRAP = 0x0a, /* LD64B and ST64B; others too from Armv9.4 on */
    EC_CP14_MRRC = 0x0c,  /* AArch32 */
    EC_BRANCH_TARGET = 0x0d,
    EC_ILLEGAL_STATE = 0x0e,
    EC_SVC32 = 0x11,
    EC_HVC32 = 0x12,
    EC_SMC32 = 0x13,
    EC_MSRR_MRRS = 0x14, /* 128-bit system registers and SYSP */
    EC_SVC64 = 0x15,
    EC_HVC64 = 0x16,
    EC_SMC64 = 0x17,
    EC_MSR_MRS = 0x18, /* and SYS, SYSL */
    EC_SVE_ACCESS = 0x19,
    EC_ERET = 0x1a,
    EC_TSTART = 0x1b,
    EC_PAUTH_FAIL = 0x1c,
    EC_SME_ACCESS = 0x1d,
    EC_GRANULE_PROTECTION = 0x1e,
    EC_INSTRUCTION_ABORT_LOWER = 0x20,
    EC_INSTRUCTION_ABORT_SAME = 0x21,
    EC_PC_ALIGNMENT = 0x22,
    EC_DATA_ABORT_LOWER = 0x24,
    EC_DATA_ABORT_SAME = 0x25,
    EC_SP_ALIGNMENT = 0x26,
    EC_MEMORY_COPY_SET = 0x27,
    EC_FP_EXCEPTION32 = 0x28,
    EC_FP_EXCEPTION64 = 0x2c,
    EC_GUARDED_STACK = 0x2d,
    EC_SERROR = 0x2f,
    EC_BREAKPOINT_LOWER = 0x30,
    EC_BREAKPOINT_SAME = 0x31,
    EC_STEP_LOWER = 0x32,
    EC_STEP_SAME = 0x33,
    EC_WATCHPOINT_LOWER = 0x34,
    EC_WATCHPOINT_SAME = 0x35,
    EC_BKPT32 = 0x38,
    EC_VECTOR_CATCH32 = 0x3a,
    EC_BRK64 = 0x3c,
    EC_PMU = 0x3d,
};

/*
 * The condition of a trapped AArch32 instruction, in every conditional class. With CV = 0 (T32
 * only) COND is UNKNOWN and the condition is in PSTATE.IT.
 */
#define ISS_CV   BIT(24)
#define ISS_COND GENMASK(23, 20)

/* WFI, WFE, WFIT, WFET. */
#define ISS_WFX_RN GENMASK(9, 5)
#define ISS_WFX_RV BIT(2) /* RN is valid: WFIT and WFET */
#define ISS_WFX_TI GENMASK(1, 0)
enum {
    WFX_WFI = 0,
    WFX_WFE = 1,
    WFX_WFIT = 2,
    WFX_WFET = 3,
};

/* AArch64's HVC, SMC and SVC; the comment of BRK and BKPT. */
#define ISS_IMM16 GENMASK(15, 0)

/* AArch32's SMC. CV and COND are valid only if this is 1. */
#define ISS_SMC32_CCKNOWNPASS BIT(19)

/* MSR, MRS, SYS and SYSL. */
#define ISS_SYS_OP0  GENMASK(21, 20)
#define ISS_SYS_OP2  GENMASK(19, 17)
#define ISS_SYS_OP1  GENMASK(16, 14)
#define ISS_SYS_CRN  GENMASK(13, 10)
#define ISS_SYS_RT   GENMASK(9, 5)
#define ISS_SYS_CRM  GENMASK(4, 1)
#define ISS_SYS_READ BIT(0)

/*
 * AArch32's MCR and MRC: as above, but with COND. MCRR and MRRC have these fields, RT, CRM and
 * READ.
 */
#define ISS_MCRR_OP1 GENMASK(19, 16)
#define ISS_MCRR_RT2 GENMASK(14, 10)

/* Instruction aborts, data aborts and watchpoints have these at the same bits. */
#define ISS_ABORT_FNV   BIT(10) /* FAR_EL2 is not valid */
#define ISS_ABORT_EA    BIT(9)
#define ISS_ABORT_CM    BIT(8) /* cache maintenance, address translation; not for fetches */
#define ISS_ABORT_S1PTW BIT(7) /* a stage-2 fault on a stage-1 walk */
#define ISS_ABORT_WNR   BIT(6) /* 1 if CM = 1; not for fetches */
#define ISS_ABORT_FSC   GENMASK(5, 0)

/* Watchpoints: WPT, WPTV. */
#define ISS_WATCHPOINT_NUMBER GENMASK(23, 17)

/* Data aborts. Bits 23:14 describe the instruction, if ISV = 1. */
#define ISS_DABT_ISV  BIT(24)
#define ISS_DABT_SAS  GENMASK(23, 22) /* log2 of the bytes */
#define ISS_DABT_SSE  BIT(21)         /* sign-extending load */
#define ISS_DABT_SRT  GENMASK(20, 16)
#define ISS_DABT_SF   BIT(15) /* ISV = 1: the register is 64 bits wide */
#define ISS_DABT_FNP  BIT(15) /* ISV = 0: FAR_EL2 is any address of the page (SVE, SME) */
#define ISS_DABT_AR   BIT(14) /* acquire or release */
#define ISS_DABT_VNCR BIT(13)
/*
 * FEAT_LS64: not 0 for LD64B and the ST64Bs. They access 64 bytes through eight registers, but have
 * ISV = 1 (with SAS = 3) in a translation, access flag or permission fault. In an external abort
 * the same bits are SET.
 */
#define ISS_DABT_LST GENMASK(12, 11)

/* Software step: EX (a load-exclusive was stepped) is valid. */
#define ISS_STEP_ISV BIT(24)
#define ISS_STEP_EX  BIT(6)

/* SError: with IDS = 1 the other bits are IMPLEMENTATION DEFINED. */
#define ISS_SERROR_IDS BIT(24)
#define ISS_SERROR_AET GENMASK(12, 10)
#define ISS_SERROR_EA  BIT(9)

/*
 * DFSC and IFSC. An MMU fault is a kind in bits 3:2 and a level, 0 to 3, in bits 1:0. Level -1
 * (52-bit addresses, FEAT_LPA2) and level -2 (FEAT_D128) have other codes.
 */
enum esr_fsc {
    FSC_ADDRESS_SIZE_L0 = 0x00,
    FSC_TRANSLATION_L0 = 0x04,
    FSC_ACCESS_FLAG_L0 = 0x08,
    FSC_PERMISSION_L0 = 0x0c,
    FSC_EXTERNAL = 0x10, /* not on a walk; the only one that can have FnV = 1 */
    FSC_TAG_CHECK = 0x11,
    FSC_EXTERNAL_WALK_LM2 = 0x12,
    FSC_EXTERNAL_WALK_LM1 = 0x13,
    FSC_EXTERNAL_WALK_L0 = 0x14, /* to 0x17 */
    FSC_PARITY = 0x18,
    FSC_PARITY_WALK_LM1 = 0x1b,
    FSC_PARITY_WALK_L0 = 0x1c, /* to 0x1f */
    FSC_ALIGNMENT = 0x21,
    FSC_GRANULE_WALK_LM2 = 0x22,
    FSC_DEBUG = 0x22, /* in a debug exception */
    FSC_GRANULE_WALK_LM1 = 0x23,
    FSC_GRANULE_WALK_L0 = 0x24, /* to 0x27 */
    FSC_GRANULE = 0x28,
    FSC_ADDRESS_SIZE_LM1 = 0x29,
    FSC_TRANSLATION_LM2 = 0x2a,
    FSC_TRANSLATION_LM1 = 0x2b,
    FSC_ADDRESS_SIZE_LM2 = 0x2c,
    FSC_TLB_CONFLICT = 0x30,
    FSC_UNSUPPORTED_UPDATE = 0x31, /* atomic hardware update of a table entry */
    FSC_LOCKDOWN = 0x34,
    FSC_UNSUPPORTED_ATOMIC = 0x35,
    FSC_DOMAIN_SECTION = 0x3d, /* AArch32 stage 1 only */
    FSC_DOMAIN_PAGE = 0x3e,    /* AArch32 stage 1 only */
};
#define FSC_LEVEL GENMASK(1, 0) /* of the codes named _L0 */
#define FSC_KIND  GENMASK(5, 2) /* likewise */

/*
 * HPFAR_EL2: FIPA is IPA[55:12]. A CPU without FEAT_D128 has IPA[51:12] of it, without FEAT_LPA
 * IPA[47:12]; the rest is RES0. Bit 63 (NS) is not part of the address.
 */
#define HPFAR_FIPA GENMASK(47, 4)

/* PAR_EL1 after an address translation instruction, in its 64-bit format. */
#define PAR_F   BIT(0)          /* the translation failed */
#define PAR_FST GENMASK(6, 1)   /* if F = 1: the fault status code */
#define PAR_S   BIT(9)          /* if F = 1: it failed in stage 2 */
#define PAR_PA  GENMASK(51, 12) /* 51:48 are RES0 without FEAT_LPA */

#endif
