/* SPDX-License-Identifier: MIT */
/*
 * Pure: pages for tables. A change first takes all pages that it needs from the host, and then
 * touches tables. It gives emptied pages back after the TLB maintenance. Both kinds wait in a list.
 *
 * The first word of each page links the list. A page's address has bit 0 clear, so a walker that
 * still holds an emptied table reads an invalid descriptor there.
 */
#ifndef VCPU_STAGE2_PAGES_H
#define VCPU_STAGE2_PAGES_H

#include <stdint.h>

#include <vcpu/stage2.h>

struct vcpu_pages {
    vcpu_pa_t first; /* if count is not 0 */
    uint64_t count;
};

/* The table in a page. */
uint64_t *vcpu_pages_table(const struct vcpu_stage2 *s2, vcpu_pa_t page);

/* Fills an empty list with count pages of the host. VCPU_ERR_NO_MEMORY: the list stays empty. */
int vcpu_pages_reserve(struct vcpu_stage2 *s2, struct vcpu_pages *pages, uint64_t count);

/* Takes a page from the list, and puts one on it. The page holds old data. */
vcpu_pa_t vcpu_pages_take(const struct vcpu_stage2 *s2, struct vcpu_pages *pages);
void vcpu_pages_put(const struct vcpu_stage2 *s2, struct vcpu_pages *pages, vcpu_pa_t page);

/* Gives all pages of the list back to the host. */
void vcpu_pages_release(struct vcpu_stage2 *s2, struct vcpu_pages *pages);

#endif
