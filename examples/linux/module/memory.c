// SPDX-License-Identifier: MIT
/* Pages of the kernel for the library, and pages of a process for its guest. */
#include <linux/mm.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>

#include "module.h"

#define PIECE 512 /* pages that are pinned, or cleaned, at a time */

struct pinned {
    struct list_head list;
    struct mm_struct *mm;
    size_t count;
    struct page *pages[];
};

vcpu_pa_t memory_alloc(void *ctx, size_t count)
{
    unsigned long page = __get_free_pages(GFP_KERNEL_ACCOUNT, ilog2(count));

    return (vcpu_pa_t){page ? virt_to_phys((void *)page) : VCPU_PA_NONE_VALUE};
}

void memory_free(void *ctx, vcpu_pa_t pa, size_t count)
{
    free_pages((unsigned long)phys_to_virt(pa.value), ilog2(count));
}

void *memory_virt(void *ctx, vcpu_pa_t pa)
{
    return phys_to_virt(pa.value);
}

static void unpin(struct pinned *pinned, size_t size)
{
    size_t done;

    for (done = 0; done < pinned->count; done += PIECE) {
        unpin_user_pages_dirty_lock(pinned->pages + done,
                                    min_t(size_t, PIECE, pinned->count - done), true);
        cond_resched();
    }
    account_locked_vm(pinned->mm, size, false);
    mmdrop(pinned->mm);
    kvfree(pinned);
}

static int pin(struct pinned *pinned, unsigned long user, size_t count)
{
    while (pinned->count < count) {
        int got = pin_user_pages_fast(user + pinned->count * PAGE_SIZE,
                                      min_t(size_t, PIECE, count - pinned->count),
                                      FOLL_WRITE | FOLL_LONGTERM, pinned->pages + pinned->count);

        if (got <= 0)
            return got ? got : -EFAULT;
        if (fatal_signal_pending(current))
            return -EINTR;
        pinned->count += got;
    }
    return 0;
}

/* How many of the pages lie behind each other in memory. */
static size_t contiguous(struct page **pages, size_t count)
{
    size_t n = 1;

    while (n < count && page_to_pfn(pages[n]) == page_to_pfn(pages[0]) + n)
        n++;
    return n;
}

static int map(struct guest *guest, const struct pinned *pinned, u64 ipa)
{
    size_t done = 0, n;

    for (; done < pinned->count; done += n) {
        struct page **pages = (struct page **)pinned->pages + done;
        int error;

        n = contiguous(pages, pinned->count - done);
        error = vcpu_stage2_map(&guest->stage2, (vcpu_ipa_t){ipa + done * PAGE_SIZE},
                                (vcpu_pa_t){page_to_phys(pages[0])}, n * PAGE_SIZE, VCPU_S2_RWX);
        if (error) {
            if (done)
                vcpu_stage2_unmap(&guest->stage2, (vcpu_ipa_t){ipa}, done * PAGE_SIZE);
            return module_errno(error);
        }
        cond_resched();
    }
    return 0;
}

/* Before it is mapped: rule 1 of vcpu/cache.h. */
static void clean(const struct pinned *pinned)
{
    size_t i;

    for (i = 0; i < pinned->count; i++) {
        vcpu_cache_clean(page_address(pinned->pages[i]), PAGE_SIZE, false);
        if (i % PIECE == 0)
            cond_resched();
    }
    vcpu_cache_drop_code();
}

long memory_add(struct guest *guest, const struct dev_vcpu_memory *memory)
{
    size_t count = memory->size / PAGE_SIZE;
    struct pinned *pinned;
    long error;

    if (!count || (memory->ipa | memory->size | memory->user) % PAGE_SIZE)
        return -EINVAL;
    pinned = kvmalloc(struct_size(pinned, pages, count), GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
    if (!pinned)
        return -ENOMEM;
    error = account_locked_vm(current->mm, count, true);
    if (error) {
        kvfree(pinned);
        return error;
    }
    pinned->count = 0;
    pinned->mm = current->mm;
    mmgrab(pinned->mm);
    error = pin(pinned, memory->user, count);
    if (!error) {
        clean(pinned);
        error = map(guest, pinned, memory->ipa);
    }
    if (error)
        unpin(pinned, count);
    else
        list_add(&pinned->list, &guest->memory);
    return error;
}

void memory_release(struct guest *guest)
{
    struct pinned *pinned, *next;

    list_for_each_entry_safe(pinned, next, &guest->memory, list) unpin(pinned, pinned->count);
}
