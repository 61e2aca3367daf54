/* SPDX-License-Identifier: MIT */
/*
 * Pure: the VMID allocator. CPUs share the words of the pool through the compiler's atomic
 * operations of the C11 model, on plain types, because the struct must also compile as C++.
 */
#include "hw/memory.h"
#include <stddef.h>

#include <vcpu/error.h>
#include <vcpu/vmid.h>

#include "arm/field.h"
#include "stage2/flush.h"

#define WORD_BITS 64u

int vcpu_vmid_pool_init(struct vcpu_vmid_pool *pool, uint8_t vmid_bits)
{
    if (!pool || (vmid_bits != 8 && vmid_bits != 16))
        return VCPU_ERR_INVALID;

    memset(pool, 0, sizeof(*pool));
    pool->limit = 1u << vmid_bits;
    pool->used[0] = BIT(0); /* VMID 0 is never allocated */
    pool->next = 1;
    return VCPU_OK;
}

/*
 * Takes a free bit of the word and returns its number, or WORD_BITS if there is none. The loop
 * repeats only if another CPU took a bit of the word: one CPU always makes progress.
 */
static unsigned take_bit(uint64_t *word)
{
    uint64_t used = __atomic_load_n(word, __ATOMIC_RELAXED);

    while (~used) {
        unsigned bit = (unsigned)__builtin_ctzll(~used);

        /* Acquire: the TLB entries of its last user are gone before it is used again. */
        used = __atomic_fetch_or(word, BIT(bit), __ATOMIC_ACQUIRE);
        if (!(used & BIT(bit)))
            return bit;
    }
    return WORD_BITS;
}

int vcpu_vmid_alloc(struct vcpu_vmid_pool *pool, uint16_t *vmid)
{
    if (!pool || !vmid)
        return VCPU_ERR_INVALID;

    /* Where the last one was found. Only a hint, so it can be stale. */
    uint32_t words = pool->limit / WORD_BITS;
    uint32_t first = __atomic_load_n(&pool->next, __ATOMIC_RELAXED) / WORD_BITS;

    for (uint32_t i = 0; i < words; i++) {
        uint32_t word = (first + i) % words;
        unsigned bit = take_bit(&pool->used[word]);

        if (bit < WORD_BITS) {
            *vmid = (uint16_t)(word * WORD_BITS + bit);
            __atomic_store_n(&pool->next, *vmid, __ATOMIC_RELAXED);
            return VCPU_OK;
        }
    }
    return VCPU_ERR_NO_VMID;
}

int vcpu_vmid_free(struct vcpu_vmid_pool *pool, uint16_t vmid)
{
    if (!pool || vmid == 0 || vmid >= pool->limit)
        return VCPU_ERR_INVALID;

    uint64_t *word = &pool->used[vmid / WORD_BITS];
    uint64_t bit = BIT(vmid % WORD_BITS);
    struct vcpu_flush_target target = {vmid, pool->limit > 256};

    if (!(__atomic_load_n(word, __ATOMIC_RELAXED) & bit))
        return VCPU_ERR_NOT_FOUND;
    vcpu_flush_all(target);
    __atomic_fetch_and(word, ~bit, __ATOMIC_RELEASE);
    return VCPU_OK;
}
