/* SPDX-License-Identifier: MIT */
/*
 * System registers, barriers and hints. Only this file, mmio.h, cache.c and psci.c have inline
 * assembly.
 */
#ifndef PLATFORM_ARCH_H
#define PLATFORM_ARCH_H

#include <stdbool.h>
#include <stdint.h>

#define arch_read(reg)                                                                             \
    __extension__({                                                                                \
        uint64_t value_;                                                                           \
        __asm__ volatile("mrs %0, " #reg : "=r"(value_));                                          \
        value_;                                                                                    \
    })

#define arch_write(reg, value) __asm__ volatile("msr " #reg ", %0" ::"r"((uint64_t)(value)))

static inline void arch_isb(void)
{
    __asm__ volatile("isb" ::: "memory");
}

/* Completes all earlier accesses, page-table writes among them, for the whole system. */
static inline void arch_dsb(void)
{
    __asm__ volatile("dsb sy" ::: "memory");
}

static inline void arch_wfe(void)
{
    __asm__ volatile("wfe" ::: "memory");
}

static inline void arch_wfi(void)
{
    __asm__ volatile("dsb sy\n\twfi" ::: "memory");
}

/* Wakes every CPU from WFE. The DSB makes what they wait for visible first. */
static inline void arch_sev(void)
{
    __asm__ volatile("dsb ish\n\tsev" ::: "memory");
}

static inline void arch_irq_enable(void)
{
    __asm__ volatile("msr daifclr, #2" ::: "memory");
}

/* Masks IRQs and returns the DAIF to put back with arch_irq_restore. */
static inline uint64_t arch_irq_save(void)
{
    uint64_t daif = arch_read(daif);

    __asm__ volatile("msr daifset, #2" ::: "memory");
    return daif;
}

static inline void arch_irq_restore(uint64_t daif)
{
    __asm__ volatile("msr daif, %0" ::"r"(daif) : "memory");
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

/* MPIDR's affinity fields, in place. */
#define ARCH_MPIDR_AFFINITY UINT64_C(0xff00ffffff)

#endif
