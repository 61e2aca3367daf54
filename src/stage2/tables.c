/* SPDX-License-Identifier: MIT */
/* Pure: making and destroying a set of tables, and the lookup of an address. */
#include "hw/host_memory.h"

#include <vcpu/error.h>
#include <vcpu/stage2.h>

#include "arm/stage2.h"
#include "stage2/pages.h"
#include "stage2/pte.h"
#include "stage2/tlb.h"
#include "stage2/walk.h"

int vcpu_stage2_create(struct vcpu_stage2 *s2, const struct vcpu_host *host, uint8_t ipa_bits,
                       uint8_t pa_bits, uint8_t vmid_bits, uint16_t vmid)
{
    struct vcpu_stage2_shape shape;

    if (!s2 || !host_memory_hooks_exist(host))
        return VCPU_ERR_INVALID;
    if (vcpu_stage2_shape(ipa_bits, pa_bits, vmid_bits, &shape) != VCPU_OK)
        return VCPU_ERR_INVALID;
    if (vmid == 0 || vmid >= BIT(vmid_bits))
        return VCPU_ERR_INVALID;

    vcpu_pa_t root = host->alloc_pages(host->ctx, shape.root_pages);
    if (vcpu_pa_is_none(root))
        return VCPU_ERR_NO_MEMORY;

    *s2 = (struct vcpu_stage2){
        .host = host,
        .shape = shape,
        .root = root,
        .pages = shape.root_pages,
        .vmid = vmid,
        .pa_bits = pa_bits,
    };
    for (unsigned i = 0; i < shape.root_pages; i++)
        memset(vcpu_pages_table(s2, vcpu_pa(root.value + (uint64_t)i * VCPU_PAGE_SIZE)), 0,
               VCPU_PAGE_SIZE);
    /* The walkers of all CPUs see it empty before any of them can get the root. */
    vcpu_tlb_dsb_ishst();
    return VCPU_OK;
}

int vcpu_stage2_set_features(struct vcpu_stage2 *s2, uint32_t features)
{
    if (!s2 || (features & ~(uint32_t)(VCPU_S2_HAS_FWB | VCPU_S2_HAS_XNX)))
        return VCPU_ERR_INVALID;
    for (uint64_t i = 0; i < s2->shape.root_pages; i++) {
        const uint64_t *table = vcpu_pages_table(s2, vcpu_pa(s2->root.value + i * VCPU_PAGE_SIZE));

        for (unsigned n = 0; n < S2_ENTRIES; n++) {
            if (vcpu_pte_is_valid(table[n]))
                return VCPU_ERR_STATE;
        }
    }
    s2->features = features;
    return VCPU_OK;
}

int vcpu_stage2_destroy(struct vcpu_stage2 *s2)
{
    if (!s2)
        return VCPU_ERR_INVALID;

    /*
     * The whole range cuts no block, so this needs no page. Then no TLB holds a link to the pages.
     */
    int result = vcpu_stage2_unmap(s2, vcpu_ipa(0), BIT(s2->shape.ipa_bits));
    if (result != VCPU_OK)
        return result;
    s2->host->free_pages(s2->host->ctx, s2->root, s2->shape.root_pages);
    memset(s2, 0, sizeof(*s2));
    return VCPU_OK;
}

vcpu_pa_t vcpu_stage2_root(const struct vcpu_stage2 *s2)
{
    return s2->root;
}

int vcpu_stage2_query(const struct vcpu_stage2 *s2, vcpu_ipa_t ipa,
                      struct vcpu_stage2_mapping *mapping)
{
    if (!s2 || !mapping || ipa.value >= BIT(s2->shape.ipa_bits))
        return VCPU_ERR_INVALID;

    int level = s2->shape.start_level;
    const uint64_t *table = vcpu_walk_root_table(s2, ipa.value);
    uint64_t pte = vcpu_pte_read(&table[vcpu_pte_index(ipa.value, level)]);

    while (vcpu_pte_is_table(pte, level)) {
        table = vcpu_pages_table(s2, vcpu_pa(vcpu_pte_address(pte)));
        level++;
        pte = vcpu_pte_read(&table[vcpu_pte_index(ipa.value, level)]);
    }
    if (!vcpu_pte_is_valid(pte))
        return VCPU_ERR_NOT_FOUND;

    mapping->size = vcpu_pte_size(level);
    mapping->pa = vcpu_pa(vcpu_pte_address(pte) + ipa.value % mapping->size);
    mapping->flags = vcpu_pte_flags(pte);
    return VCPU_OK;
}
