/* SPDX-License-Identifier: MIT */
#include <vcpu/cache.h>

#include <vcpu/error.h>

#include "cache/rules.h"
#include "hw/cache.h"
#include "hw/sysreg.h"
#include "hw/tlb.h"

/* By value: what is in memory is loaded anew at each line. */
static void clean_lines(enum cache_data data, uint64_t at, uint64_t end, uint64_t line)
{
    if (data == CACHE_DATA_TO_COHERENCY) {
        /*
         * A store of a guest with its caches off is not ordered before a DC by address, because it is
         * not to Write-Back memory. If it came after the DC, the caches could be filled in between
         * with what was there before it.
         */
        dsb_sy();
        for (; at < end; at += line)
            dc_civac(at);
    } else if (data == CACHE_DATA_TO_UNIFICATION) {
        for (; at < end; at += line)
            dc_cvau(at);
    }
}

int vcpu_cache_clean(const void *start, size_t size, bool fwb)
{
    struct cache_rules rules = vcpu_cache_rules(READ_SYSREG(ctr_el0), fwb);
    uint64_t first, end;

    if ((!start && size) || !vcpu_cache_lines((uintptr_t)start, size, rules.line, &first, &end))
        return VCPU_ERR_INVALID;
    clean_lines(rules.data, first, end, rules.line);
    /* For the whole system: what reads memory next may be no CPU of the Inner Shareable domain. */
    dsb_sy();
    return VCPU_OK;
}

void vcpu_cache_drop_code(void)
{
    if (vcpu_cache_rules(READ_SYSREG(ctr_el0), false).drops_code)
        ic_ialluis();
    dsb_ish();
    isb();
}
