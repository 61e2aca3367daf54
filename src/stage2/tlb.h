/* SPDX-License-Identifier: MIT */
/*
 * The instructions that stage 2 needs of the CPU, one function each, so that the code that orders
 * them is pure. tlb_hw.c has them for the CPU; the unit tests put a model of a TLB in their place.
 */
#ifndef VCPU_STAGE2_TLB_H
#define VCPU_STAGE2_TLB_H

#include <stdint.h>

void vcpu_tlb_dsb_ishst(void);
void vcpu_tlb_dsb_ish(void);
void vcpu_tlb_isb(void);

/* What vcpu_tlb_select put aside. */
struct vcpu_tlb_saved {
    uint64_t vttbr_el2;
    uint64_t vtcr_el2;
    uint64_t daif;
    uint64_t hcr_el2;
};

/*
 * TLBI at EL2 acts on the VMID in VTTBR_EL2, whose width VTCR_EL2.VS says: select puts both
 * registers to the values given, with all exceptions masked, and restore puts everything back. TGE
 * of a VHE host is clear between the two: with it, TLBI by EL1's names is for the host's own TLB.
 */
struct vcpu_tlb_saved vcpu_tlb_select(uint64_t vttbr_el2, uint64_t vtcr_el2);
void vcpu_tlb_restore(struct vcpu_tlb_saved saved);

/* Between the two only. `operand` is Xt of the instruction. */
void vcpu_tlb_ipas2e1is(uint64_t operand);
void vcpu_tlb_vmalle1is(void);
void vcpu_tlb_vmalls12e1is(void);

#endif
