/* SPDX-License-Identifier: MIT */
#include "stage2/pages.h"

#include <vcpu/error.h>

#include "stage2/pte.h"

uint64_t *vcpu_pages_table(const struct vcpu_stage2 *s2, vcpu_pa_t page)
{
    return s2->host->phys_to_virt(s2->host->ctx, page);
}

int vcpu_pages_reserve(struct vcpu_stage2 *s2, struct vcpu_pages *pages, uint64_t count)
{
    while (pages->count < count) {
        vcpu_pa_t page = s2->host->alloc_pages(s2->host->ctx, 1);

        if (vcpu_pa_is_none(page)) {
            vcpu_pages_release(s2, pages);
            return VCPU_ERR_NO_MEMORY;
        }
        vcpu_pages_put(s2, pages, page);
        s2->pages++;
    }
    return VCPU_OK;
}

vcpu_pa_t vcpu_pages_take(const struct vcpu_stage2 *s2, struct vcpu_pages *pages)
{
    vcpu_pa_t page = pages->first;

    pages->first = vcpu_pa(vcpu_pte_read(vcpu_pages_table(s2, page)));
    pages->count--;
    return page;
}

void vcpu_pages_put(const struct vcpu_stage2 *s2, struct vcpu_pages *pages, vcpu_pa_t page)
{
    vcpu_pte_write(vcpu_pages_table(s2, page), pages->count ? pages->first.value : 0);
    pages->first = page;
    pages->count++;
}

void vcpu_pages_release(struct vcpu_stage2 *s2, struct vcpu_pages *pages)
{
    while (pages->count) {
        s2->host->free_pages(s2->host->ctx, vcpu_pages_take(s2, pages), 1);
        s2->pages--;
    }
}
