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
 * For TLBI only VMID and its width count. The rest is such that no walk succeeds while they stand:
 * EL1's registers may be those of another guest, and a walk with them would put its translations
 * under this VMID. The start at level 0 with 25 bits of IPA (T0SZ = 39) is inconsistent on every
 * CPU, and the architecture gives a translation fault for it, which no TLB holds.
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

    /* No walker reads the old descriptors from here on. */
    vcpu_tlb_dsb_ishst();

    struct vcpu_tlb_saved saved = select_vmid(target);
    for (uint64_t i = 0; i < flush->count; i++)
        vcpu_tlb_ipas2e1is(flush->operands[i]);
    /* Entries that combine both stages are not found by IPA, and could be made again out of the
     * stage-2 ones until those are gone. */
    vcpu_tlb_dsb_ish();
    vcpu_tlb_vmalle1is();
    vcpu_tlb_dsb_ish();
    vcpu_tlb_restore(saved);
}

void vcpu_flush_all(struct vcpu_flush_target target)
{
    vcpu_tlb_dsb_ishst();

    struct vcpu_tlb_saved saved = select_vmid(target);
    vcpu_tlb_vmalls12e1is();
    vcpu_tlb_dsb_ish();
    vcpu_tlb_restore(saved);
}
