/* SPDX-License-Identifier: MIT */
#include "stage2/flush.h"

#include "arm/el2.h"
#include "arm/stage2.h"
#include "stage2/tlb.h"

struct vcpu_flush_target vcpu_flush_target(const struct vcpu_stage2 *s2)
{
    struct vcpu_flush_target target = {s2->vmid, (s2->shape.vtcr_el2 & VTCR_EL2_VS) != 0};

    return target;
}

/*
 * A TLBI uses only the VMID and its width. The other fields make sure that no walk succeeds while
 * these values are in the registers: EL1's registers may be another guest's, and a walk would put
 * that guest's translations under this VMID. A start at level 0 with 25 bits of IPA (T0SZ = 39) is
 * inconsistent on every CPU. The architecture gives a translation fault for it, and no TLB holds
 * that.
 */
static struct vcpu_tlb_saved select_vmid(struct vcpu_flush_target target)
{
    uint64_t vtcr = VTCR_EL2_RES1 | FIELD_PREP(VTCR_EL2_T0SZ, 39u) |
                    FIELD_PREP(VTCR_EL2_SL0, VTCR_EL2_SL0_LEVEL(0)) |
                    (target.wide ? VTCR_EL2_VS : 0);

    return vcpu_tlb_select(FIELD_PREP(VTTBR_EL2_VMID, target.vmid), vtcr);
}

void vcpu_flush_add(struct vcpu_flush *flush, uint64_t ipa)
{
    if (flush->count < VCPU_FLUSH_MAX_ENTRIES)
        flush->operands[flush->count] = FIELD_PREP(TLBI_IPA, ipa >> TLBI_IPA_SHIFT);
    flush->count++;
}

void vcpu_flush_run(const struct vcpu_flush *flush, struct vcpu_flush_target target)
{
    if (flush->count == 0)
        return;
    if (flush->count > VCPU_FLUSH_MAX_ENTRIES) {
        vcpu_flush_all(target);
        return;
    }

    /* From here on no walker reads the old descriptors. */
    vcpu_tlb_dsb_ishst();

    struct vcpu_tlb_saved saved = select_vmid(target);
    for (uint64_t i = 0; i < flush->count; i++)
        vcpu_tlb_ipas2e1is(flush->operands[i]);
    /*
     * Entries that combine both stages are not found by IPA. They could be made again from the
     * stage-2 entries until those are gone, so they are removed after them.
     */
    vcpu_tlb_dsb_ish();
    vcpu_tlb_vmalle1is_twice();
    vcpu_tlb_restore(saved);
}

void vcpu_flush_all(struct vcpu_flush_target target)
{
    vcpu_tlb_dsb_ishst();

    struct vcpu_tlb_saved saved = select_vmid(target);
    vcpu_tlb_vmalls12e1is_twice();
    vcpu_tlb_restore(saved);
}
