/* SPDX-License-Identifier: MIT */
/* One instruction each, at EL1 and EL2 alike: system registers, barriers, hints, interrupt masks. */
#ifndef BARE_METAL_ARCH_H
#define BARE_METAL_ARCH_H

#include <stdint.h>

#define ARCH_STRING_(x) #x
#define ARCH_STRING(x)  ARCH_STRING_(x)

/* A system register by its name, or as S<op0>_<op1>_C<n>_C<m>_<op2> if the assembler lacks it. */
#define arch_read(reg)                                                                             \
    __extension__({                                                                                \
        uint64_t arch_value_;                                                                      \
        __asm__ volatile("mrs %0, " ARCH_STRING(reg) : "=r"(arch_value_)::"memory");               \
        arch_value_;                                                                               \
    })

#define arch_write(reg, value)                                                                     \
    __asm__ volatile("msr " ARCH_STRING(reg) ", %x0" ::"rZ"((uint64_t)(value)) : "memory")

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

/* Makes earlier stores visible before an interrupt is sent. */
static inline void arch_wfi(void)
{
    __asm__ volatile("dsb sy\n\twfi" ::: "memory");
}

/* Wakes every CPU from WFE. The DSB makes what they wait for visible first. */
static inline void arch_sev(void)
{
    __asm__ volatile("dsb ishst\n\tsev" ::: "memory");
}

/* In a loop that waits for somebody: an emulator or hypervisor may let it run then. */
static inline void arch_yield(void)
{
    __asm__ volatile("yield" ::: "memory");
}

/* Masks IRQ and FIQ and returns the DAIF to put back with arch_irq_restore. */
static inline uint64_t arch_irq_save(void)
{
    uint64_t daif = arch_read(daif);

    __asm__ volatile("msr daifset, #3" ::: "memory");
    return daif;
}

static inline void arch_irq_restore(uint64_t daif)
{
    arch_write(daif, daif);
}

/* MPIDR_EL1's affinity fields, in place. */
#define ARCH_MPIDR_AFFINITY UINT64_C(0xff00ffffff)

#endif
