/* SPDX-License-Identifier: MIT */
/*
 * The CPU operations that stage 2 needs, one function each, so that the code that orders them is
 * pure. tlb_hw.c has the real ones; the unit tests have a model of a TLB in their place.
 */
#ifndef VCPU_STAGE2_TLB_H
#define VCPU_STAGE2_TLB_H

#include <stdint.h>

void vcpu_tlb_dsb_ishst(void);
void vcpu_tlb_dsb_ish(void);
void vcpu_tlb_isb(void);

/* The values that vcpu_tlb_select saved. */
struct vcpu_tlb_saved {
    uint64_t vttbr_el2;
    uint64_t vtcr_el2;
    uint64_t daif;
    uint64_t hcr_el2;
};

/*
 * TLBI at EL2 acts on the VMID in VTTBR_EL2, with the width that VTCR_EL2.VS says. select masks all
 * exceptions and sets both registers; restore puts everything back. Between the two, TGE of a VHE
 * host is 0: with TGE, TLBI by EL1's names acts on the host's own TLB entries.
 */
struct vcpu_tlb_saved vcpu_tlb_select(uint64_t vttbr_el2, uint64_t vtcr_el2);
void vcpu_tlb_restore(struct vcpu_tlb_saved saved);

/*
 * Only between the two. `operand` is Xt of the instruction. The last one of a sequence is one of
 * the other two: they are TLBI and DSB ISH, both twice, because of errata (see hw/tlb.h).
 */
void vcpu_tlb_ipas2e1is(uint64_t operand);
void vcpu_tlb_vmalle1is_twice(void);
void vcpu_tlb_vmalls12e1is_twice(void);

#endif
