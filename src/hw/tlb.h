/* SPDX-License-Identifier: MIT */
/* TLB maintenance of the EL1&0 regime from EL2, and its barriers. */
#ifndef VCPU_HW_TLB_H
#define VCPU_HW_TLB_H

#include <stdint.h>

/* Makes earlier stores visible to the table walkers of all CPUs of the Inner Shareable domain. */
static inline void dsb_ishst(void)
{
    __asm__ volatile("dsb ishst" : : : "memory");
}

/* The same, and completes earlier TLBIs on all these CPUs. */
static inline void dsb_ish(void)
{
    __asm__ volatile("dsb ish" : : : "memory");
}

/*
 * Removes stage-2 entries for one IPA of the current VMID. The operand has IPA[47:12] in bits 35:0.
 */
static inline void tlbi_ipas2e1is(uint64_t operand)
{
    __asm__ volatile("tlbi ipas2e1is, %0" : : "r"(operand) : "memory");
}

/* Removes stage-1 entries and entries that combine both stages, of the current VMID. */
static inline void tlbi_vmalle1is(void)
{
    __asm__ volatile("tlbi vmalle1is" : : : "memory");
}

/* Removes all entries of the current VMID. */
static inline void tlbi_vmalls12e1is(void)
{
    __asm__ volatile("tlbi vmalls12e1is" : : : "memory");
}

/* The same on this CPU only. */
static inline void tlbi_vmalle1(void)
{
    __asm__ volatile("tlbi vmalle1" : : : "memory");
}

/* Removes all entries of EL1 and EL0 on this CPU, of any VMID. */
static inline void tlbi_alle1(void)
{
    __asm__ volatile("tlbi alle1" : : : "memory");
}

static inline void dsb_nsh(void)
{
    __asm__ volatile("dsb nsh" : : : "memory");
}

#endif
