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
 * DSB ISH and tlbi_vmalle1is_twice must follow.
 */
static inline void tlbi_ipas2e1is(uint64_t operand)
{
    __asm__ volatile("tlbi ipas2e1is, %0" : : "r"(operand) : "memory");
}

/*
 * TLBI and DSB ISH, both twice. On many CPUs (CVE-2025-10263; Cortex-A76 1286807, Cortex-A55
 * 2441007, Cortex-A510 2441009) the first DSB can be complete while another CPU's access through a
 * removed entry still is not. It is after the second. So no function does it once. A TLBI of this
 * CPU only needs no second one.
 */
#define TLBI_IS_TWICE(operation)                                                                   \
    __asm__ volatile("tlbi " operation "\n\tdsb ish\n\ttlbi " operation "\n\tdsb ish"              \
                     :                                                                             \
                     :                                                                             \
                     : "memory")

/*
 * Removes stage-1 entries and entries that combine both stages, of the current VMID. At the return
 * this and each TLBI that an earlier DSB completed have no access left on any CPU.
 */
static inline void tlbi_vmalle1is_twice(void)
{
    TLBI_IS_TWICE("vmalle1is");
}

/* The same for all entries of the current VMID. */
static inline void tlbi_vmalls12e1is_twice(void)
{
    TLBI_IS_TWICE("vmalls12e1is");
}

/* Removes stage-1 and combined entries of the current VMID on this CPU only. */
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
