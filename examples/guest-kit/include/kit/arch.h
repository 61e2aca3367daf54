/* SPDX-License-Identifier: MIT */
/* One instruction each: system registers, barriers, hints, the interrupt mask, device registers. */
#ifndef KIT_ARCH_H
#define KIT_ARCH_H

#include <stdint.h>

#define KIT_STRING_(x) #x
#define KIT_STRING(x)  KIT_STRING_(x)

/* A system register by its name, or as S<op0>_<op1>_C<n>_C<m>_<op2> if the assembler lacks it. */
#define kit_mrs(reg)                                                                               \
    ({                                                                                             \
        uint64_t kit_mrs_value_;                                                                   \
        __asm__ volatile("mrs %0, " KIT_STRING(reg) : "=r"(kit_mrs_value_)::"memory");             \
        kit_mrs_value_;                                                                            \
    })

#define kit_msr(reg, value)                                                                        \
    __asm__ volatile("msr " KIT_STRING(reg) ", %x0" ::"rZ"((uint64_t)(value)) : "memory")

/* kit_dsb(ish), kit_dmb(ishst): the argument is the barrier's domain and kind. */
#define kit_dsb(option) __asm__ volatile("dsb " #option ::: "memory")
#define kit_dmb(option) __asm__ volatile("dmb " #option ::: "memory")

static inline void kit_isb(void)
{
    __asm__ volatile("isb" ::: "memory");
}

static inline void kit_wfi(void)
{
    __asm__ volatile("wfi" ::: "memory");
}

static inline void kit_wfe(void)
{
    __asm__ volatile("wfe" ::: "memory");
}

/* Wakes the CPUs that wait in kit_wfe, after the stores before it. */
static inline void kit_sev(void)
{
    __asm__ volatile("dsb ishst\n\tsev" ::: "memory");
}

/* Goes into each loop that waits for another CPU: an emulator or hypervisor may let it run then. */
static inline void kit_yield(void)
{
    __asm__ volatile("yield" ::: "memory");
}

/* Masks IRQ and FIQ on this CPU. Returns what kit_irq_restore needs to undo just that. */
static inline uint64_t kit_irq_mask(void)
{
    uint64_t daif = kit_mrs(daif);
    __asm__ volatile("msr daifset, #3" ::: "memory");
    return daif;
}

static inline void kit_irq_restore(uint64_t daif)
{
    kit_msr(daif, daif);
}

/* Lets IRQ, FIQ and SError through on this CPU. */
static inline void kit_irq_unmask(void)
{
    __asm__ volatile("msr daifclr, #7" ::: "memory");
}

/*
 * Device registers. In assembly, so that each is one load or store with a plain base register: the
 * only kind whose syndrome tells a hypervisor what the instruction does (ESR_EL2.ISV).
 */
#define KIT_MMIO_(name, type, suffix, reg)                                                         \
    static inline type kit_read##name(uint64_t address)                                            \
    {                                                                                              \
        type value;                                                                                \
        __asm__ volatile("ldr" suffix " %" reg "0, [%1]" : "=r"(value) : "r"(address) : "memory"); \
        return value;                                                                              \
    }                                                                                              \
    static inline void kit_write##name(uint64_t address, type value)                               \
    {                                                                                              \
        __asm__ volatile("str" suffix " %" reg "0, [%1]" ::"rZ"(value), "r"(address) : "memory");  \
    }

KIT_MMIO_(8, uint8_t, "b", "w")
KIT_MMIO_(16, uint16_t, "h", "w")
KIT_MMIO_(32, uint32_t, "", "w")
KIT_MMIO_(64, uint64_t, "", "x")
#undef KIT_MMIO_

#endif
