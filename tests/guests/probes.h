/* SPDX-License-Identifier: MIT */
/*
 * What a hostile guest tries, and what may come of it at EL1 and at EL0: P(what, word, EL1, EL0).
 *
 * UNDEF is the answer for what ID registers hide. RAN beside it: the feature has no trap, and no
 * state but such as is each guest's own. x1 is the address of RAM, and what is read or written.
 */
#ifndef PROBES_H
#define PROBES_H

#include <stdint.h>

#include <vcpu/sysreg.h>

enum outcome {
    NOT_TRIED = 0, /* elsewhere */
    RAN = 1,       /* the guest went on behind it */
    UNDEF = 2,     /* UNDEFINED, at its own EL1 */
    TRAP = 4,      /* its own EL1 is asked (EC 0x18), as for any register that EL0 may be given */
    SVC = 8,       /* its own SVC */
    BRK = 16,      /* its own BRK */
    SYSREG = 32,   /* the host is asked: VCPU_EXIT_SYSREG_READ or _WRITE */
    AUTH = 64,     /* its own abort: a pointer that nobody signed */
    GCS = 128, /* its own exception of a store to a guarded control stack, which nobody allowed */
};
#define IMPDEF (SYSREG | UNDEF | RAN)

#define MSR(op0, op1, crn, crm, op2) (0xd5000001u | VCPU_SYSREG(op0, op1, crn, crm, op2) << 5)
#define MRS(op0, op1, crn, crm, op2) (0xd5200001u | VCPU_SYSREG(op0, op1, crn, crm, op2) << 5)

/* A register, read and written. */
#define R(what, op0, op1, crn, crm, op2, el1, el0)                                                 \
    {"read of " what, MRS(op0, op1, crn, crm, op2), el1, el0},                                     \
        {"write of " what, MSR(op0, op1, crn, crm, op2), el1, el0},
/* One of a feature that is hidden; of EL2 or EL3. */
#define HIDDEN(what, op0, op1, crn, crm, op2) R(what, op0, op1, crn, crm, op2, UNDEF, UNDEF | TRAP)
#define P(what, word, el1, el0)               {what, word, el1, el0},

struct probe {
    const char *what;
    uint32_t word;
    uint8_t el1, el0; /* enum outcome, any of these */
};

/* clang-format off */
static const struct probe probes[] = {
    /* SVE and SME */
    HIDDEN("ZCR_EL1", 3, 0, 1, 2, 0)
    /* Fine-grained traps, which are part of SME, hide these two; QEMU's SME came without them. */
    R("SMPRI_EL1", 3, 0, 1, 2, 4, RAN | UNDEF, UNDEF | TRAP)
    R("TPIDR2_EL0", 3, 3, 13, 0, 5, RAN | UNDEF, RAN | UNDEF | TRAP)
    HIDDEN("SMCR_EL1", 3, 0, 1, 2, 6)
    HIDDEN("SVCR", 3, 3, 4, 2, 2)
    /* An identification register: with FEAT_IDST its UNDEFINED has EC 0x18 at EL1 too. */
    R("SMIDR_EL1", 3, 1, 0, 0, 6, UNDEF | TRAP, UNDEF | TRAP)
    P("rdvl x1, #1", 0x04bf5021, UNDEF, UNDEF)
    P("cntb x1", 0x0420e3e1, UNDEF, UNDEF)
    P("ptrue p0.b", 0x2518e3e0, UNDEF, UNDEF)
    P("add z0.b, z0.b, z0.b", 0x04200000, UNDEF, UNDEF)
    P("setffr", 0x252c9000, UNDEF, UNDEF)
    P("ld1b { z0.b }, p0/z, [x1]", 0xa400a020, UNDEF, UNDEF)
    P("smstart", 0xd503477f, UNDEF, UNDEF)
    P("smstart sm", 0xd503437f, UNDEF, UNDEF)
    P("smstart za", 0xd503457f, UNDEF, UNDEF)
    P("smstop", 0xd503467f, UNDEF, UNDEF)
    P("rdsvl x1, #1", 0x04bf5821, UNDEF, UNDEF)
    P("zero {za}", 0xc00800ff, UNDEF, UNDEF)

    /* Pointer authentication: the guest's own, if the CPU has it. Each key is its own too. */
    R("APIAKeyLo_EL1", 3, 0, 2, 1, 0, RAN | UNDEF, UNDEF | TRAP)
    R("APIAKeyHi_EL1", 3, 0, 2, 1, 1, RAN | UNDEF, UNDEF | TRAP)
    R("APIBKeyLo_EL1", 3, 0, 2, 1, 2, RAN | UNDEF, UNDEF | TRAP)
    R("APIBKeyHi_EL1", 3, 0, 2, 1, 3, RAN | UNDEF, UNDEF | TRAP)
    R("APDAKeyLo_EL1", 3, 0, 2, 2, 0, RAN | UNDEF, UNDEF | TRAP)
    R("APDAKeyHi_EL1", 3, 0, 2, 2, 1, RAN | UNDEF, UNDEF | TRAP)
    R("APDBKeyLo_EL1", 3, 0, 2, 2, 2, RAN | UNDEF, UNDEF | TRAP)
    R("APDBKeyHi_EL1", 3, 0, 2, 2, 3, RAN | UNDEF, UNDEF | TRAP)
    R("APGAKeyLo_EL1", 3, 0, 2, 3, 0, RAN | UNDEF, UNDEF | TRAP)
    R("APGAKeyHi_EL1", 3, 0, 2, 3, 1, RAN | UNDEF, UNDEF | TRAP)
    P("pacga x1, x2, x3", 0x9ac33041, RAN | UNDEF, RAN | UNDEF)
    /* Do nothing while SCTLR_EL1.En* are 0; with them, the pointers here fail to authenticate. */
    P("pacia x1, x2", 0xdac10041, UNDEF | RAN, UNDEF | RAN)
    P("autdza x1", 0xdac13be1, UNDEF | RAN | AUTH, UNDEF | RAN | AUTH)
    P("xpaci x1", 0xdac143e1, UNDEF | RAN, UNDEF | RAN)
    P("braaz x30", 0xd61f0bdf, UNDEF | RAN | AUTH, UNDEF | RAN | AUTH)
    P("retaa", 0xd65f0bff, UNDEF | RAN | AUTH, UNDEF | RAN | AUTH)
    P("retab", 0xd65f0fff, UNDEF | RAN | AUTH, UNDEF | RAN | AUTH)
    P("eretaa", 0xd69f0bff, UNDEF | RAN | AUTH, UNDEF)
    P("ldraa x2, [x1]", 0xf8200422, UNDEF | RAN | AUTH, UNDEF | RAN | AUTH)
    P("paciasp", 0xd503233f, UNDEF | RAN, UNDEF | RAN)
    P("autibsp", 0xd50323ff, UNDEF | RAN | AUTH, UNDEF | RAN | AUTH)
    P("xpaclri", 0xd50320ff, RAN, RAN)

    /* Memory tagging */
    HIDDEN("RGSR_EL1", 3, 0, 1, 0, 5)
    HIDDEN("GCR_EL1", 3, 0, 1, 0, 6)
    HIDDEN("TFSR_EL1", 3, 0, 5, 6, 0)
    HIDDEN("TFSRE0_EL1", 3, 0, 5, 6, 1)
    R("GMID_EL1", 3, 1, 0, 0, 4, UNDEF | TRAP, UNDEF | TRAP)
    P("irg x2, x1", 0x9adf1022, UNDEF | RAN, UNDEF | RAN)
    P("stg x1, [x1]", 0xd9200821, UNDEF | RAN, UNDEF | RAN)
    P("ldg x2, [x1]", 0xd9600022, UNDEF | RAN, UNDEF | RAN)
    P("msr tco, #1", 0xd503419f, UNDEF | RAN, UNDEF | RAN)

    /* Limited ordering regions, RAS, MPAM */
    HIDDEN("LORSA_EL1", 3, 0, 10, 4, 0)
    HIDDEN("LOREA_EL1", 3, 0, 10, 4, 1)
    HIDDEN("LORN_EL1", 3, 0, 10, 4, 2)
    HIDDEN("LORC_EL1", 3, 0, 10, 4, 3)
    HIDDEN("LORID_EL1", 3, 0, 10, 4, 7)
    HIDDEN("ERRIDR_EL1", 3, 0, 5, 3, 0)
    HIDDEN("ERRSELR_EL1", 3, 0, 5, 3, 1)
    HIDDEN("ERXFR_EL1", 3, 0, 5, 4, 0)
    HIDDEN("ERXCTLR_EL1", 3, 0, 5, 4, 1)
    HIDDEN("ERXSTATUS_EL1", 3, 0, 5, 4, 2)
    HIDDEN("ERXADDR_EL1", 3, 0, 5, 4, 3)
    HIDDEN("ERXPFGCTL_EL1", 3, 0, 5, 4, 5)
    HIDDEN("ERXMISC0_EL1", 3, 0, 5, 5, 0)
    HIDDEN("ERXMISC3_EL1", 3, 0, 5, 5, 3)
    R("DISR_EL1", 3, 0, 12, 1, 1, RAN | UNDEF, UNDEF) /* VDISR_EL2 */
    P("esb", 0xd503221f, RAN, RAN)
    HIDDEN("MPAM1_EL1", 3, 0, 10, 5, 0)
    HIDDEN("MPAM0_EL1", 3, 0, 10, 5, 1)

    /* Counters, profiling, trace, branch records, activity monitors */
    HIDDEN("PMCR_EL0", 3, 3, 9, 12, 0)
    HIDDEN("PMCNTENSET_EL0", 3, 3, 9, 12, 1)
    HIDDEN("PMOVSCLR_EL0", 3, 3, 9, 12, 3)
    HIDDEN("PMSWINC_EL0", 3, 3, 9, 12, 4)
    HIDDEN("PMSELR_EL0", 3, 3, 9, 12, 5)
    HIDDEN("PMCEID0_EL0", 3, 3, 9, 12, 6)
    HIDDEN("PMCCNTR_EL0", 3, 3, 9, 13, 0)
    HIDDEN("PMXEVTYPER_EL0", 3, 3, 9, 13, 1)
    HIDDEN("PMXEVCNTR_EL0", 3, 3, 9, 13, 2)
    HIDDEN("PMUSERENR_EL0", 3, 3, 9, 14, 0)
    HIDDEN("PMOVSSET_EL0", 3, 3, 9, 14, 3)
    HIDDEN("PMINTENSET_EL1", 3, 0, 9, 14, 1)
    HIDDEN("PMINTENCLR_EL1", 3, 0, 9, 14, 2)
    HIDDEN("PMMIR_EL1", 3, 0, 9, 14, 6)
    HIDDEN("PMEVCNTR0_EL0", 3, 3, 14, 8, 0)
    HIDDEN("PMEVTYPER0_EL0", 3, 3, 14, 12, 0)
    HIDDEN("PMCCFILTR_EL0", 3, 3, 14, 15, 7)
    HIDDEN("PMSCR_EL1", 3, 0, 9, 9, 0)
    HIDDEN("PMSIDR_EL1", 3, 0, 9, 9, 7)
    HIDDEN("PMBLIMITR_EL1", 3, 0, 9, 10, 0)
    HIDDEN("PMBPTR_EL1", 3, 0, 9, 10, 1)
    HIDDEN("TRBLIMITR_EL1", 3, 0, 9, 11, 0)
    HIDDEN("TRFCR_EL1", 3, 0, 1, 2, 1)
    HIDDEN("TRCPRGCTLR", 2, 1, 0, 1, 0)
    HIDDEN("TRCIDR0", 2, 1, 0, 8, 7)
    HIDDEN("BRBINF0_EL1", 2, 1, 8, 0, 0)
    HIDDEN("BRBCR_EL1", 2, 1, 9, 0, 0)
    HIDDEN("AMCR_EL0", 3, 3, 13, 2, 0)
    HIDDEN("AMCFGR_EL0", 3, 3, 13, 2, 1)
    HIDDEN("AMUSERENR_EL0", 3, 3, 13, 2, 3)
    HIDDEN("AMEVCNTR00_EL0", 3, 3, 13, 4, 0)
    HIDDEN("AMEVCNTR10_EL0", 3, 3, 13, 12, 0)
    P("psb csync", 0xd503223f, RAN, RAN)
    P("tsb csync", 0xd503225f, RAN, RAN)

    /* Software context numbers: the guest's own, if the CPU has them */
    R("SCXTNUM_EL1", 3, 0, 13, 0, 7, RAN | UNDEF, UNDEF | TRAP)
    R("SCXTNUM_EL0", 3, 3, 13, 0, 7, RAN | UNDEF, RAN | UNDEF | TRAP)

    /* What newer versions bring */
    HIDDEN("ACCDATA_EL1", 3, 0, 13, 0, 5)
    HIDDEN("RCWMASK_EL1", 3, 0, 13, 0, 6)
    HIDDEN("SCTLR2_EL1", 3, 0, 1, 0, 3)
    HIDDEN("TCR2_EL1", 3, 0, 2, 0, 3)
    HIDDEN("MAIR2_EL1", 3, 0, 10, 2, 1)
    HIDDEN("PIR_EL1", 3, 0, 10, 2, 3)
    HIDDEN("POR_EL0", 3, 3, 10, 2, 4)
    HIDDEN("GCSCR_EL1", 3, 0, 2, 5, 0)
    HIDDEN("GCSPR_EL0", 3, 3, 2, 5, 1)
    /* EL0's GCSPUSHM is for EL1 to allow, in a register that is hidden. */
    P("gcspushm x1", 0xd50b7701, UNDEF, UNDEF | TRAP)
    P("gcspushx", 0xd508779f, UNDEF, UNDEF)
    P("gcspopcx", 0xd50877bf, UNDEF, UNDEF)
    /* With HCRX_EL2.GCSEn = 0 these do nothing, and no control traps them. */
    P("gcspopx", 0xd50877df, RAN | UNDEF, UNDEF)
    P("gcspopm x1", 0xd52b7721, RAN | UNDEF, RAN | UNDEF)
    P("gcsss1 x1", 0xd50b7741, RAN | UNDEF, RAN | UNDEF)
    P("gcsss2 x1", 0xd52b7761, RAN | UNDEF, RAN | UNDEF)
    /* Stores for EL1 to allow; QEMU 11 does not ask for the unprivileged one at EL1: any store. */
    P("gcsstr x1, [x1]", 0xd91f0c21, GCS | UNDEF, GCS | UNDEF)
    P("gcssttr x1, [x1]", 0xd91f1c21, GCS | UNDEF | RAN, GCS | UNDEF)
    /* Of FEAT_ATS1A, which fine-grained traps came before. */
    P("at s1e1a, x1", MSR(1, 0, 7, 9, 2), UNDEF, UNDEF)
    P("tstart x1", 0xd5233061, UNDEF, UNDEF)
    P("tcommit", 0xd503307f, UNDEF, UNDEF)
    P("tcancel #0", 0xd4600000, UNDEF, UNDEF)
    P("ld64b x2, [x1]", 0xf83fd022, UNDEF, UNDEF)
    P("st64b x2, [x1]", 0xf83f9022, UNDEF, UNDEF)
    P("st64bv x3, x4, [x1]", 0xf823b024, UNDEF, UNDEF)
    P("setp [x1]!, x2!, x3", 0x19c30441, UNDEF, UNDEF)
    P("mrrs x2, x3, ttbr0_el1", 0xd5702002, UNDEF, UNDEF)
    R("RNDR", 3, 3, 2, 4, 0, RAN | UNDEF, RAN | UNDEF)

    /* Debug: four breakpoints and two watchpoints are the guest's, and no more are there */
    HIDDEN("DBGBVR4_EL1", 2, 0, 0, 4, 4)
    HIDDEN("DBGBCR4_EL1", 2, 0, 0, 4, 5)
    HIDDEN("DBGWVR2_EL1", 2, 0, 0, 2, 6)
    HIDDEN("DBGWCR2_EL1", 2, 0, 0, 2, 7)
    HIDDEN("DBGBVR15_EL1", 2, 0, 0, 15, 4)
    HIDDEN("DBGVCR32_EL2", 2, 4, 0, 7, 0)
    R("DBGBVR3_EL1", 2, 0, 0, 3, 4, RAN, UNDEF)
    R("DBGWCR1_EL1", 2, 0, 0, 1, 7, RAN, UNDEF)
    R("MDSCR_EL1", 2, 0, 0, 2, 2, RAN, UNDEF)
    R("OSDLR_EL1", 2, 0, 1, 3, 4, RAN, UNDEF)
    P("hlt #0", 0xd4400000, UNDEF, UNDEF)
    P("hlt #0xf000", 0xd45e0000, UNDEF, UNDEF)
    P("dcps1", 0xd4a00001, UNDEF, UNDEF)
    P("dcps2", 0xd4a00002, UNDEF, UNDEF)
    P("dcps3", 0xd4a00003, UNDEF, UNDEF)
    P("drps", 0xd6bf03e0, UNDEF, UNDEF)
    P("brk #5", 0xd42000a0, BRK, BRK)

    /* EL2, EL3, and their other names */
    HIDDEN("HCR_EL2", 3, 4, 1, 1, 0)
    HIDDEN("MDCR_EL2", 3, 4, 1, 1, 1)
    HIDDEN("CPTR_EL2", 3, 4, 1, 1, 2)
    HIDDEN("HFGRTR_EL2", 3, 4, 1, 1, 4)
    HIDDEN("HCRX_EL2", 3, 4, 1, 2, 2)
    HIDDEN("SCTLR_EL2", 3, 4, 1, 0, 0)
    HIDDEN("TTBR0_EL2", 3, 4, 2, 0, 0)
    HIDDEN("VTTBR_EL2", 3, 4, 2, 1, 0)
    HIDDEN("VTCR_EL2", 3, 4, 2, 1, 2)
    HIDDEN("SPSR_EL2", 3, 4, 4, 0, 0)
    HIDDEN("ELR_EL2", 3, 4, 4, 0, 1)
    HIDDEN("SP_EL1", 3, 4, 4, 1, 0)
    HIDDEN("SPSR_irq", 3, 4, 4, 3, 0)
    HIDDEN("ESR_EL2", 3, 4, 5, 2, 0)
    HIDDEN("VSESR_EL2", 3, 4, 5, 2, 3)
    HIDDEN("FAR_EL2", 3, 4, 6, 0, 0)
    HIDDEN("HPFAR_EL2", 3, 4, 6, 0, 4)
    HIDDEN("MPAM2_EL2", 3, 4, 10, 5, 0)
    HIDDEN("VBAR_EL2", 3, 4, 12, 0, 0)
    HIDDEN("VDISR_EL2", 3, 4, 12, 1, 1)
    HIDDEN("ICC_SRE_EL2", 3, 4, 12, 9, 5)
    HIDDEN("ICH_HCR_EL2", 3, 4, 12, 11, 0)
    HIDDEN("ICH_LR0_EL2", 3, 4, 12, 12, 0)
    HIDDEN("TPIDR_EL2", 3, 4, 13, 0, 2)
    HIDDEN("CNTVOFF_EL2", 3, 4, 14, 0, 3)
    HIDDEN("CNTHCTL_EL2", 3, 4, 14, 1, 0)
    HIDDEN("CNTHP_CTL_EL2", 3, 4, 14, 2, 1)
    HIDDEN("VPIDR_EL2", 3, 4, 0, 0, 0)
    HIDDEN("VMPIDR_EL2", 3, 4, 0, 0, 5)
    HIDDEN("SCTLR_EL12", 3, 5, 1, 0, 0)
    HIDDEN("CNTV_CTL_EL02", 3, 5, 14, 3, 1)
    HIDDEN("SCR_EL3", 3, 6, 1, 1, 0)
    HIDDEN("SP_EL2", 3, 6, 4, 1, 0)
    HIDDEN("CNTPS_CTL_EL1", 3, 7, 14, 2, 1)
    P("write of CNTFRQ_EL0", MSR(3, 3, 14, 0, 0), UNDEF, UNDEF | TRAP)
    P("tlbi alle1", MSR(1, 4, 8, 7, 4), UNDEF, UNDEF)
    P("tlbi alle2", MSR(1, 4, 8, 7, 0), UNDEF, UNDEF)
    P("tlbi vmalls12e1", MSR(1, 4, 8, 7, 6), UNDEF, UNDEF)
    P("tlbi ipas2e1, x1", MSR(1, 4, 8, 4, 1), UNDEF, UNDEF)
    P("tlbi alle3", MSR(1, 6, 8, 7, 0), UNDEF, UNDEF)
    P("at s1e2r, x1", MSR(1, 4, 7, 8, 0), UNDEF, UNDEF)
    P("at s12e1r, x1", MSR(1, 4, 7, 8, 4), UNDEF, UNDEF)

    /* Calls and returns */
    P("svc #1", 0xd4000021, SVC, SVC)
    P("hvc #1", 0xd4000022, NOT_TRIED, UNDEF)
    P("smc #1", 0xd4000023, NOT_TRIED, UNDEF)
    P("eret", 0xd69f03e0, RAN, UNDEF)

    /* Allocated to nobody */
    P("udf #0", 0x00000000, UNDEF, UNDEF)
    P("udf #65535", 0x0000ffff, UNDEF, UNDEF)
    P("reserved, 0x00010000", 0x00010000, UNDEF, UNDEF)
    P("reserved, 0x01ffffff", 0x01ffffff, UNDEF, UNDEF)
    P("exception generation, LL = 0", 0xd4000000, UNDEF, UNDEF)
    P("exception generation, opc = 7", 0xd4e00000, UNDEF, UNDEF)
    P("brk with LL = 1", 0xd4200001, UNDEF, UNDEF)
    P("pstate field 7 of op1 = 0", 0xd50040ff, UNDEF, UNDEF)
    P("hint #127", 0xd5032fff, RAN, RAN)

    /*
     * IMPLEMENTATION DEFINED registers are the machine's: HCR_EL2.TIDCP has the host asked. QEMU
     * learned that bit late; where it has such a register at all, it is one that keeps nothing.
     */
    R("S3_0_C11_C0_0", 3, 0, 11, 0, 0, IMPDEF, SYSREG | UNDEF)
    R("S3_0_C15_C0_0", 3, 0, 15, 0, 0, IMPDEF, SYSREG | UNDEF)
    R("S3_1_C11_C0_2", 3, 1, 11, 0, 2, IMPDEF, SYSREG | UNDEF)
    R("S3_1_C15_C2_0", 3, 1, 15, 2, 0, IMPDEF, SYSREG | UNDEF)
    R("S3_1_C15_C2_1", 3, 1, 15, 2, 1, IMPDEF, SYSREG | UNDEF)
    R("S3_3_C15_C0_0", 3, 3, 15, 0, 0, IMPDEF, SYSREG | UNDEF)
    R("S3_7_C15_C0_0", 3, 7, 15, 0, 0, IMPDEF, SYSREG | UNDEF)
    R("S1_0_C15_C0_0", 1, 0, 15, 0, 0, IMPDEF, SYSREG | UNDEF)
    R("S1_3_C11_C0_0", 1, 3, 11, 0, 0, IMPDEF, SYSREG | UNDEF)
    R("ACTLR_EL1", 3, 0, 1, 0, 1, RAN, UNDEF)

    /* The interrupt controller and the physical timer: the host is asked */
    R("ICC_PMR_EL1", 3, 0, 4, 6, 0, SYSREG | UNDEF, UNDEF)
    R("ICC_AP0R0_EL1", 3, 0, 12, 8, 4, SYSREG | UNDEF, UNDEF)
    R("ICC_AP1R0_EL1", 3, 0, 12, 9, 0, SYSREG | UNDEF, UNDEF)
    R("ICC_DIR_EL1", 3, 0, 12, 11, 1, SYSREG | UNDEF, UNDEF)
    R("ICC_SGI1R_EL1", 3, 0, 12, 11, 5, SYSREG | UNDEF, UNDEF)
    R("ICC_ASGI1R_EL1", 3, 0, 12, 11, 6, SYSREG | UNDEF, UNDEF)
    R("ICC_SGI0R_EL1", 3, 0, 12, 11, 7, SYSREG | UNDEF, UNDEF)
    R("ICC_IAR0_EL1", 3, 0, 12, 8, 0, SYSREG | UNDEF, UNDEF)
    R("ICC_IAR1_EL1", 3, 0, 12, 12, 0, SYSREG | UNDEF, UNDEF)
    R("ICC_EOIR1_EL1", 3, 0, 12, 12, 1, SYSREG | UNDEF, UNDEF)
    R("ICC_CTLR_EL1", 3, 0, 12, 12, 4, SYSREG | UNDEF, UNDEF)
    /* Of QEMU's it can be said again: a constant, and ICC_SRE_EL2.Enable is not looked at. */
    R("ICC_SRE_EL1", 3, 0, 12, 12, 5, SYSREG | UNDEF | RAN, UNDEF)
    R("ICC_IGRPEN1_EL1", 3, 0, 12, 12, 7, SYSREG | UNDEF, UNDEF)
    R("CNTP_TVAL_EL0", 3, 3, 14, 2, 0, SYSREG, TRAP)
    R("CNTP_CTL_EL0", 3, 3, 14, 2, 1, SYSREG, TRAP)
    R("CNTP_CVAL_EL0", 3, 3, 14, 2, 2, SYSREG, TRAP)
    P("read of CNTPCT_EL0", MRS(3, 3, 14, 0, 1), SYSREG, TRAP)
    P("read of CNTPCTSS_EL0", MRS(3, 3, 14, 0, 5), SYSREG | UNDEF, TRAP | UNDEF)
    P("read of CNTVCT_EL0", MRS(3, 3, 14, 0, 2), RAN, TRAP)

    /* What a guest may: identification, its own PSTATE, TLB and cache maintenance */
    P("read of MIDR_EL1", MRS(3, 0, 0, 0, 0), RAN, UNDEF | TRAP)
    P("write of MIDR_EL1", MSR(3, 0, 0, 0, 0), UNDEF, UNDEF | TRAP)
    P("read of REVIDR_EL1", MRS(3, 0, 0, 0, 6), RAN, UNDEF | TRAP)
    P("read of AIDR_EL1", MRS(3, 1, 0, 0, 7), RAN, UNDEF | TRAP)
    P("read of CTR_EL0", MRS(3, 3, 0, 0, 1), RAN, TRAP)
    P("read of DCZID_EL0", MRS(3, 3, 0, 0, 7), RAN, RAN)
    P("msr daifset, #15", 0xd5034fdf, RAN, TRAP)
    P("msr spsel, #0", 0xd50040bf, RAN, UNDEF)
    P("msr pan, #1", 0xd500419f, RAN | UNDEF, UNDEF)
    P("msr uao, #1", 0xd500417f, RAN | UNDEF, UNDEF)
    P("msr dit, #1", 0xd503415f, RAN | UNDEF, RAN | UNDEF)
    P("msr ssbs, #1", 0xd503413f, RAN | UNDEF, RAN | UNDEF)
    P("msr allint, #1", 0xd501411f, RAN | UNDEF, UNDEF)
    P("tlbi vmalle1is", MSR(1, 0, 8, 3, 0), RAN, UNDEF)
    P("tlbi vae1, x1", MSR(1, 0, 8, 7, 1), RAN, UNDEF)
    P("ic iallu", MSR(1, 0, 7, 5, 0), RAN, UNDEF)
    P("dc isw, x1", MSR(1, 0, 7, 6, 2), RAN, UNDEF)
    P("dc cisw, x1", MSR(1, 0, 7, 14, 2), RAN, UNDEF)
    P("dc ivac, x1", MSR(1, 0, 7, 6, 1), RAN, UNDEF)
    P("dc civac, x1", MSR(1, 3, 7, 14, 1), RAN, TRAP)
    P("at s1e1r, x1", MSR(1, 0, 7, 8, 0), RAN, UNDEF)
    P("fmov d0, x1", 0x9e670020, RAN, RAN)
};
/* clang-format on */

#define PROBE_COUNT (sizeof(probes) / sizeof(probes[0]))

#endif
