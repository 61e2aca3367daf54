/* SPDX-License-Identifier: MIT */
#include "stage2/tlb.h"

#include "arm/el2.h"
#include "hw/sysreg.h"
#include "hw/tlb.h"

void vcpu_tlb_dsb_ishst(void)
{
    dsb_ishst();
}

void vcpu_tlb_dsb_ish(void)
{
    dsb_ish();
}

void vcpu_tlb_isb(void)
{
    isb();
}

/*
 * Masked, because a host that switches vCPUs in an interrupt would find, or leave, the wrong
 * VTTBR_EL2. VTCR_EL2 is written first and restored last, with an ISB between: the selected VMID is
 * never in VTTBR_EL2 while VTCR_EL2 allows a table walk (see flush.c). HCR_EL2.VM is set for the same
 * reason: with stage 2 off, which it can be while no vCPU is resident, a speculative walk by the host's
 * registers of EL1 would fill the TLB under this VMID without asking VTCR_EL2.
 */
struct vcpu_tlb_saved vcpu_tlb_select(uint64_t vttbr_el2, uint64_t vtcr_el2)
{
    struct vcpu_tlb_saved saved = {.daif = daif_mask_all()};

    saved.hcr_el2 = READ_SYSREG(hcr_el2);
    saved.vttbr_el2 = READ_SYSREG(vttbr_el2);
    saved.vtcr_el2 = READ_SYSREG(vtcr_el2);
    WRITE_SYSREG(hcr_el2, (saved.hcr_el2 & ~HCR_EL2_TGE) | HCR_EL2_VM);
    WRITE_SYSREG(vtcr_el2, vtcr_el2);
    isb();
    WRITE_SYSREG(vttbr_el2, vttbr_el2);
    isb();
    return saved;
}

void vcpu_tlb_restore(struct vcpu_tlb_saved saved)
{
    WRITE_SYSREG(vttbr_el2, saved.vttbr_el2);
    isb();
    WRITE_SYSREG(vtcr_el2, saved.vtcr_el2);
    WRITE_SYSREG(hcr_el2, saved.hcr_el2);
    isb();
    daif_restore(saved.daif);
}

void vcpu_tlb_ipas2e1is(uint64_t operand)
{
    tlbi_ipas2e1is(operand);
}

void vcpu_tlb_vmalle1is_twice(void)
{
    tlbi_vmalle1is_twice();
}

void vcpu_tlb_vmalls12e1is_twice(void)
{
    tlbi_vmalls12e1is_twice();
}
