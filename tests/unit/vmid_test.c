/* SPDX-License-Identifier: MIT */
#include "cmocka_all.h"

#include <pthread.h>
#include <stdbool.h>
#include <string.h>

#include <vcpu/error.h>
#include <vcpu/vmid.h>

#include "stage2/tlb.h"

static struct vcpu_vmid_pool pool;

/* The maintenance of vcpu_vmid_free as letters, one for each instruction. */
static char trace[16];
static uint64_t selected_vttbr, selected_vtcr;
static bool in_use_throughout;
static bool tracing;

static void note(char what)
{
    if (!tracing)
        return;
    size_t length = strlen(trace);
    uint16_t vmid = (uint16_t)(selected_vttbr >> 48);

    assert_true(length + 1 < sizeof(trace));
    trace[length] = what;
    if (strchr(trace, 's') && !(pool.used[vmid / 64] >> (vmid % 64) & 1))
        in_use_throughout = false;
}

void vcpu_tlb_dsb_ishst(void)
{
    note('w');
}

void vcpu_tlb_dsb_ish(void)
{
    note('d');
}

void vcpu_tlb_isb(void)
{
    note('i');
}

struct vcpu_tlb_saved vcpu_tlb_select(uint64_t vttbr_el2, uint64_t vtcr_el2)
{
    struct vcpu_tlb_saved saved = {1, 2, 3, 4};

    if (tracing) {
        selected_vttbr = vttbr_el2;
        selected_vtcr = vtcr_el2;
    }
    note('s');
    return saved;
}

void vcpu_tlb_restore(struct vcpu_tlb_saved saved)
{
    assert_int_equal(saved.vttbr_el2, 1);
    assert_int_equal(saved.vtcr_el2, 2);
    assert_int_equal(saved.daif, 3);
    assert_int_equal(saved.hcr_el2, 4);
    note('r');
}

void vcpu_tlb_ipas2e1is(uint64_t operand)
{
    (void)operand;
    note('p');
}

void vcpu_tlb_vmalle1is_twice(void)
{
    note('1');
}

void vcpu_tlb_vmalls12e1is_twice(void)
{
    note('A');
}

static void all_but_zero_are_handed_out_once(void **state)
{
    static const uint8_t sizes[] = {8, 16};
    static bool seen[65536];

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        uint32_t limit = 1u << sizes[i];
        uint16_t vmid = 0;

        memset(seen, 0, sizeof(seen));
        assert_int_equal(vcpu_vmid_pool_init(&pool, sizes[i]), VCPU_OK);
        for (uint32_t n = 1; n < limit; n++) {
            assert_int_equal(vcpu_vmid_alloc(&pool, &vmid), VCPU_OK);
            assert_in_range(vmid, 1, limit - 1);
            assert_false(seen[vmid]);
            seen[vmid] = true;
        }
        vmid = 0x1234;
        assert_int_equal(vcpu_vmid_alloc(&pool, &vmid), VCPU_ERR_NO_VMID);
        assert_int_equal(vmid, 0x1234);
    }
}

static void the_one_given_back_is_found_in_a_full_pool(void **state)
{
    static const uint16_t some[] = {1, 63, 64, 4711, 65535};
    uint16_t vmid;

    (void)state;
    assert_int_equal(vcpu_vmid_pool_init(&pool, 16), VCPU_OK);
    while (vcpu_vmid_alloc(&pool, &vmid) == VCPU_OK)
        ;
    for (size_t i = 0; i < sizeof(some) / sizeof(some[0]); i++) {
        assert_int_equal(vcpu_vmid_free(&pool, some[i]), VCPU_OK);
        assert_int_equal(vcpu_vmid_alloc(&pool, &vmid), VCPU_OK);
        assert_int_equal(vmid, some[i]);
        assert_int_equal(vcpu_vmid_alloc(&pool, &vmid), VCPU_ERR_NO_VMID);
    }
}

static void trace_free(uint16_t vmid)
{
    memset(trace, 0, sizeof(trace));
    in_use_throughout = true;
    tracing = true;
    assert_int_equal(vcpu_vmid_free(&pool, vmid), VCPU_OK);
    tracing = false;
}

static void a_vmid_leaves_the_tlbs_before_it_is_free(void **state)
{
    static const uint8_t sizes[] = {8, 16};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        uint16_t vmid;

        assert_int_equal(vcpu_vmid_pool_init(&pool, sizes[i]), VCPU_OK);
        for (int n = 0; n < 200; n++)
            assert_int_equal(vcpu_vmid_alloc(&pool, &vmid), VCPU_OK);
        trace_free(vmid);
        assert_string_equal(trace, "wsAr");
        assert_true(in_use_throughout);
        assert_int_equal(selected_vttbr >> 48, vmid);
        assert_int_equal(selected_vtcr >> 19 & 1, sizes[i] == 16); /* VS: the VMID's width */
        assert_int_equal(vcpu_vmid_free(&pool, vmid), VCPU_ERR_NOT_FOUND);
    }
}

static void what_is_no_vmid_is_refused(void **state)
{
    uint16_t vmid;

    (void)state;
    assert_int_equal(vcpu_vmid_pool_init(NULL, 8), VCPU_ERR_INVALID);
    assert_int_equal(vcpu_vmid_pool_init(&pool, 0), VCPU_ERR_INVALID);
    assert_int_equal(vcpu_vmid_pool_init(&pool, 12), VCPU_ERR_INVALID);
    assert_int_equal(vcpu_vmid_pool_init(&pool, 8), VCPU_OK);
    assert_int_equal(vcpu_vmid_alloc(NULL, &vmid), VCPU_ERR_INVALID);
    assert_int_equal(vcpu_vmid_alloc(&pool, NULL), VCPU_ERR_INVALID);
    assert_int_equal(vcpu_vmid_free(NULL, 1), VCPU_ERR_INVALID);
    assert_int_equal(vcpu_vmid_free(&pool, 0), VCPU_ERR_INVALID);
    assert_int_equal(vcpu_vmid_free(&pool, 256), VCPU_ERR_INVALID);
    assert_int_equal(vcpu_vmid_free(&pool, 255), VCPU_ERR_NOT_FOUND);
}

enum { THREADS = 4, ROUNDS = 100000, HELD = 2 };

static unsigned holders[256];
static pthread_barrier_t all_there;

/* Takes and gives back in turns; returns NULL if it was ever given one that somebody held. */
static void *take_and_give(void *shared)
{
    uint16_t held[HELD];

    pthread_barrier_wait(&all_there);
    for (int round = 0; round < ROUNDS; round++) {
        int slot = round % HELD;

        if (round >= HELD) {
            __atomic_fetch_sub(&holders[held[slot]], 1, __ATOMIC_SEQ_CST);
            if (vcpu_vmid_free(shared, held[slot]) != VCPU_OK)
                return NULL;
        }
        if (vcpu_vmid_alloc(shared, &held[slot]) != VCPU_OK)
            return NULL;
        if (__atomic_fetch_add(&holders[held[slot]], 1, __ATOMIC_SEQ_CST) != 0)
            return NULL;
    }
    return shared;
}

static void cpus_at_the_same_time_never_get_the_same(void **state)
{
    pthread_t threads[THREADS];

    (void)state;
    memset(holders, 0, sizeof(holders));
    assert_int_equal(vcpu_vmid_pool_init(&pool, 8), VCPU_OK);
    assert_int_equal(pthread_barrier_init(&all_there, NULL, THREADS), 0);
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, take_and_give, &pool), 0);
    for (int i = 0; i < THREADS; i++) {
        void *result;

        assert_int_equal(pthread_join(threads[i], &result), 0);
        assert_ptr_equal(result, &pool);
    }
    unsigned used = 0;
    for (size_t i = 0; i < 256 / 64; i++)
        used += (unsigned)__builtin_popcountll(pool.used[i]);
    assert_int_equal(used, 1 + THREADS * HELD);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_but_zero_are_handed_out_once),
        cmocka_unit_test(the_one_given_back_is_found_in_a_full_pool),
        cmocka_unit_test(a_vmid_leaves_the_tlbs_before_it_is_free),
        cmocka_unit_test(what_is_no_vmid_is_refused),
        cmocka_unit_test(cpus_at_the_same_time_never_get_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
