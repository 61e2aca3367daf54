/* SPDX-License-Identifier: MIT */
/*
 * What a guest may see of the identification registers, and what it must not: two lists of the tests'
 * own, from the Arm ARM.
 */
#ifndef VCPU_TESTS_ID_LISTS_H
#define VCPU_TESTS_ID_LISTS_H

#include "cmocka_all.h"

#include <string.h>

#include "guest/id.h"
#include "random.h"

/* Where S3_0_C0_C<crm>_<op2> is. */
#define AT(crm, op2) (-8 + 8 * (crm) + (op2))

#define PFR0     AT(4, 0)
#define PFR1     AT(4, 1)
#define DFR0     AT(5, 0)
#define ISAR0    AT(6, 0)
#define ISAR1    AT(6, 1)
#define ISAR2    AT(6, 2)
#define MMFR0    AT(7, 0)
#define MMFR1    AT(7, 1)
#define MMFR2    AT(7, 2)
#define ARM_PFR0 AT(1, 0)
#define ARM_PFR1 AT(1, 1)
#define ARM_DFR0 AT(1, 2)
#define ARM_PFR2 AT(3, 4)

/* ID_AA64DFR0_EL1, without breakpoints and watchpoints: Armv8 debug, DoubleLock "not there". */
#define GUEST_DFR0 UINT64_C(0x000000f000000006)

/* A count of comparators, less one: all but two, and two of two or three. */
unsigned shown(unsigned last);

uint64_t guest_dfr0(uint64_t host);

/* AArch32 at EL0, CSV2, and addresses that are authenticated: others depend on these. */
#define BASE_PFR0  UINT64_C(0x0100000000000012)
#define BASE_ISAR1 UINT64_C(0x10)

/*
 * One hexadecimal digit a field. F: as the host; a number: that or less; 0: never seen. Registers
 * that are not here are 0 for a guest. AArch64 first.
 */
static const struct visible {
    uint8_t reg;
    uint64_t most;
} visible[] = {
    /* CSV3 CSV2 RME DIT | AMU MPAM SEL2 SVE | RAS GIC AdvSIMD FP | EL3 EL2 EL1 EL0 */
    {PFR0, 0xf10f000000110012},
    /* MTE_frac NMI CSV2_frac | RNDR_trap SME - MPAM_frac | RAS_frac MTE SSBS BT */
    {PFR1, 0x0000000100000021},
    /* RNDR TLB TS FHM | DP SM4 SM3 SHA3 | RDM TME Atomic CRC32 | SHA2 SHA1 AES - */
    {ISAR0, 0xfffffffff0fffff0},
    /* LS64 XS I8MM DGH | BF16 SPECRES SB FRINTTS | GPI GPA LRCPC FCMA | JSCVT API APA DPB */
    {ISAR1, 0x00ffffff112ff55f},
    /* CSSC - - LUT.. | - - - - | CLRBHB PAC_frac BC MOPS | APA3 GPA3 RPRES WFxT */
    {ISAR2, 0x00000000f10051ff},
    /* ECV FGT - - | ExS TGran4_2 TGran64_2 TGran16_2 | TGran4 TGran64 TGran16 BigEndEL0 | ... */
    {MMFR0, 0x0000f0000010f0f5},
    /* ECBHB CMOW TIDCP1 nTLBPA | AFP HCX ETS TWED | XNX SpecSEI PAN LO | HPDS VH VMIDBits HAFDBS */
    {MMFR1, 0x1000f0f000f0f002},
    /* E0PD EVT BBM TTL | - FWB IDS AT | ST NV CCIDX VARange | IESB LSM UAO CnP */
    {MMFR2, 0xf0ff000ff0ff0fff},
    /* RAS DIT AMU CSV2 | State3 State2 State1 State0 */
    {ARM_PFR0, 0x000000000f010fff},
    /* GIC Virt_frac Sec_frac GenTimer | Virtualization MProgMod Security ProgMod */
    {ARM_PFR1, 0x00000000000f000f},
    /* - RAS_frac SSBS CSV3 */
    {ARM_PFR2, 0x00000000000000ff},
    /* .. COPDBG */
    {ARM_DFR0, 0x0000000000000006},
};

/* Instruction set, memory model and media of AArch32: no state in them. */
static const uint8_t whole[] = {
    AT(1, 4), AT(1, 5), AT(1, 6), AT(1, 7), /* ID_MMFR0 to 3 */
    AT(2, 0), AT(2, 1), AT(2, 2), AT(2, 3), /* ID_ISAR0 to 3 */
    AT(2, 4), AT(2, 5), AT(2, 6), AT(2, 7), /* ID_ISAR4, 5, ID_MMFR4, ID_ISAR6 */
    AT(3, 0), AT(3, 1), AT(3, 2), AT(3, 6), /* MVFR0 to 2, ID_MMFR5 */
};

uint64_t most_of(unsigned reg);

static const struct hidden {
    const char *name;
    uint8_t reg;
    uint64_t mask;
} hidden[] = {
    {"EL2", PFR0, 0x0000000000000f00},
    {"EL3", PFR0, 0x000000000000f000},
    {"RAS", PFR0, 0x00000000f0000000},
    {"SVE", PFR0, 0x0000000f00000000},
    {"SEL2", PFR0, 0x000000f000000000},
    {"MPAM", PFR0, 0x00000f0000000000},
    {"AMU", PFR0, 0x0000f00000000000},
    {"RME", PFR0, 0x00f0000000000000},
    {"CSV2_2, SCXTNUM", PFR0, 0x0e00000000000000},
    {"MTE", PFR1, 0x0000000000000f00},
    {"RAS_frac", PFR1, 0x000000000000f000},
    {"MPAM_frac", PFR1, 0x00000000000f0000},
    {"SME", PFR1, 0x000000000f000000},
    {"CSV2_1p2, SCXTNUM", PFR1, 0x0000000e00000000},
    {"NMI", PFR1, 0x000000f000000000},
    {"MTE_frac", PFR1, 0x00000f0000000000},
    {"GCS", PFR1, 0x0000f00000000000},
    {"THE", PFR1, 0x000f000000000000},
    {"MTEX", PFR1, 0x00f0000000000000},
    {"DF2", PFR1, 0x0f00000000000000},
    {"PFAR", PFR1, 0xf000000000000000},
    {"ID_AA64PFR2_EL1", AT(4, 2), ~UINT64_C(0)},
    {"ID_AA64ZFR0_EL1", AT(4, 4), ~UINT64_C(0)},
    {"ID_AA64SMFR0_EL1", AT(4, 5), ~UINT64_C(0)},
    {"ID_AA64FPFR0_EL1", AT(4, 7), ~UINT64_C(0)},
    {"TraceVer", DFR0, 0x00000000000000f0},
    {"PMUVer", DFR0, 0x0000000000000f00},
    {"PMSVer", DFR0, 0x0000000f00000000},
    {"TraceFilt", DFR0, 0x00000f0000000000},
    {"TraceBuffer", DFR0, 0x0000f00000000000},
    {"MTPMU", DFR0, 0x000f000000000000},
    {"BRBE", DFR0, 0x00f0000000000000},
    {"ExtTrcBuff", DFR0, 0x0f00000000000000},
    {"HPMN0", DFR0, 0xf000000000000000},
    {"ID_AA64DFR1_EL1", AT(5, 1), ~UINT64_C(0)},
    {"ID_AA64DFR2_EL1", AT(5, 2), ~UINT64_C(0)},
    {"ID_AA64AFR0_EL1", AT(5, 4), ~UINT64_C(0)},
    {"ID_AA64AFR1_EL1", AT(5, 5), ~UINT64_C(0)},
    {"TME", ISAR0, 0x000000000f000000},
    {"LS64", ISAR1, 0xf000000000000000},
    {"MOPS", ISAR2, 0x00000000000f0000},
    {"SYSREG_128 and SYSINSTR_128", ISAR2, 0x000000ff00000000},
    {"ID_AA64ISAR3_EL1", AT(6, 3), ~UINT64_C(0)},
    {"TGran16_2, TGran64_2 and TGran4_2", MMFR0, 0x00000fff00000000},
    {"FGT", MMFR0, 0x0f00000000000000},
    {"ECV", MMFR0, 0xf000000000000000},
    {"VMIDBits", MMFR1, 0x00000000000000f0},
    {"VH", MMFR1, 0x0000000000000f00},
    {"LO", MMFR1, 0x00000000000f0000},
    {"XNX", MMFR1, 0x00000000f0000000},
    {"TWED", MMFR1, 0x0000000f00000000},
    {"HCX", MMFR1, 0x00000f0000000000},
    {"IESB", MMFR2, 0x000000000000f000},
    {"NV", MMFR2, 0x000000000f000000},
    {"FWB", MMFR2, 0x00000f0000000000},
    {"EVT", MMFR2, 0x0f00000000000000},
    {"ID_AA64MMFR3_EL1", AT(7, 3), ~UINT64_C(0)},
    {"ID_AA64MMFR4_EL1", AT(7, 4), ~UINT64_C(0)},
    {"AArch32 AMU and RAS", ARM_PFR0, 0x00000000f0f00000},
    {"AArch32 Security", ARM_PFR1, 0x00000000000000f0},
    {"AArch32 Virtualization", ARM_PFR1, 0x000000000000f000},
    {"AArch32 GIC", ARM_PFR1, 0x00000000f0000000},
    {"AArch32 trace and PMU", ARM_DFR0, 0x000000007ff0fff0},
    {"ID_AFR0_EL1", AT(1, 3), ~UINT64_C(0)},
    {"ID_DFR1_EL1", AT(3, 5), ~UINT64_C(0)},
};

/*
 * FP and AdvSIMD, TGran4 and TGran64: numbers with a sign, of which 0xf is "not there".
 * In `visible` 8 and more is less than 0.
 */
bool is_signed(unsigned reg, unsigned shift);

void check_field(unsigned reg, unsigned shift, uint64_t host, uint64_t guest);

void check_guest(const uint64_t host[ID_COUNT], const uint64_t guest[ID_COUNT]);

/* A host's value, or the most that may be seen of it: 0xf is the least of those with a sign. */
uint64_t expected(unsigned reg, unsigned shift, uint64_t value);

#endif
