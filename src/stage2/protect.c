/* SPDX-License-Identifier: MIT */
/* Pure: vcpu_stage2_protect. */
#include <vcpu/error.h>
#include <vcpu/stage2.h>

#include "stage2/flush.h"
#include "stage2/pte.h"
#include "stage2/split.h"
#include "stage2/walk.h"

struct protect {
    struct vcpu_walk walk; /* first: the callbacks get it */
    uint32_t flags;
    struct vcpu_flush flush;
};

static int check_leaf(struct vcpu_walk *walk, uint64_t *entry, int level, uint64_t ipa,
                      uint64_t end)
{
    const struct protect *protect = (struct protect *)walk;
    uint64_t pte = vcpu_pte_read(entry);

    (void)level;
    (void)ipa;
    (void)end;
    if (!vcpu_pte_is_valid(pte))
        return VCPU_ERR_NOT_FOUND;
    if ((vcpu_pte_flags(pte) & PTE_DEVICE) && (protect->flags & PTE_EXECUTE))
        return VCPU_ERR_INVALID;
    return VCPU_OK;
}

/*
 * A change of permissions needs no break-before-make (size, output address, memory type and
 * shareability do): old and new may be in TLBs together until the invalidation. So a guest that
 * runs always finds its memory mapped.
 */
static int protect_leaf(struct vcpu_walk *walk, uint64_t *entry, int level, uint64_t ipa,
                        uint64_t end)
{
    struct protect *protect = (struct protect *)walk;
    uint64_t old = vcpu_pte_read(entry);
    uint64_t new = vcpu_pte_with_permissions(old, protect->flags);

    (void)level;
    (void)end;
    if (new != old) {
        vcpu_pte_write(entry, new);
        vcpu_flush_add(&protect->flush, ipa);
    }
    return VCPU_OK;
}

int vcpu_stage2_protect(struct vcpu_stage2 *s2, vcpu_ipa_t ipa, uint64_t size, uint32_t flags)
{
    if (!s2 || !vcpu_walk_valid_range(s2, ipa.value, size) ||
        !vcpu_pte_valid_permissions(flags, s2->features))
        return VCPU_ERR_INVALID;

    struct protect protect = {.walk.leaf = check_leaf, .flags = flags};
    uint64_t end = ipa.value + size;

    int result = vcpu_walk_range(s2, &protect.walk, ipa.value, end);
    if (result == VCPU_OK)
        result = vcpu_split_ends(s2, ipa.value, end);
    if (result != VCPU_OK)
        return result;

    protect.walk.leaf = protect_leaf;
    vcpu_walk_range(s2, &protect.walk, ipa.value, end);
    vcpu_flush_run(&protect.flush, vcpu_flush_target(s2));
    return VCPU_OK;
}
