/* SPDX-License-Identifier: MIT */
/*
 * EL2's additions to bare-metal/arch.h. In the platform only this file, cache.c and psci.c have
 * inline assembly.
 */
#ifndef PLATFORM_ARCH_H
#define PLATFORM_ARCH_H

#include <stdbool.h>

#include "bare-metal/arch.h"

/* IRQs alone: FIQs stay as they are. */
static inline void arch_irq_enable(void)
{
    __asm__ volatile("msr daifclr, #2" ::: "memory");
}

/*
 * What this CPU's accesses have caused until now is taken here, at the vectors, if it is an SError. ESB
 * (HINT #16) is a NOP on a CPU without FEAT_RAS; there the barriers make one pending at least.
 */
static inline void arch_take_serrors(void)
{
    __asm__ volatile("msr daifclr, #4\n\thint #16\n\tdsb sy\n\tisb\n\tmsr daifset, #4" ::
                         : "memory");
}

/* HCR_EL2: what makes the host a VHE host, and EL1 AArch64. */
#define ARCH_HCR_TGE (UINT64_C(1) << 27)
#define ARCH_HCR_RW  (UINT64_C(1) << 31)
#define ARCH_HCR_E2H (UINT64_C(1) << 34)

/* Is the host a VHE host? EL2's registers then have other layouts, and EL1's names mean them. */
static inline bool arch_is_vhe(void)
{
    return (arch_read(hcr_el2) & ARCH_HCR_E2H) != 0;
}

/* FEAT_VHE: ID_AA64MMFR1_EL1.VH. */
static inline bool arch_has_vhe(void)
{
    return (arch_read(id_aa64mmfr1_el1) >> 8 & 0xf) != 0;
}

/* FEAT_RNG: ID_AA64ISAR0_EL1.RNDR. */
static inline bool arch_has_rndr(void)
{
    return arch_read(id_aa64isar0_el1) >> 60 != 0;
}

/* A random number of the CPU's, which has FEAT_RNG. False: it has none just now. */
static inline bool arch_rndr(uint64_t *value)
{
    uint64_t is_valid;

    __asm__ volatile("mrs %0, s3_3_c2_c4_0\n\tcset %1, ne" : "=r"(*value), "=r"(is_valid)::"cc");
    return is_valid != 0;
}

#endif
