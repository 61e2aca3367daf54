/* SPDX-License-Identifier: MIT */
/* Vector lengths, and the memory for vectors. */
#include "cmocka_all.h"

#include <stdlib.h>
#include <string.h>

#include "state/sve.h"

/* Lengths of 1, 2, 4, 8 and 16 quadwords; of 1, 2 and 4, as a64fx has; of 1 alone. */
#define POWERS 0x808b
#define A64FX  0x000b
#define ONE    0x0001

static void the_longest_length_up_to_what_was_asked(void **state)
{
    static const uint8_t of_powers[17] = {16, 1, 2, 2, 4, 4, 4, 4, 8, 8, 8, 8, 8, 8, 8, 8, 16};

    (void)state;
    for (unsigned most = 0; most <= 16; most++) {
        unsigned of_a64fx = most == 0 || most >= 4 ? 4 : most == 1 ? 1 : 2;

        assert_int_equal(vcpu_sve_vq(POWERS, most), of_powers[most]);
        assert_int_equal(vcpu_sve_vq(A64FX, most), of_a64fx);
        assert_int_equal(vcpu_sve_vq(ONE, most), 1);
        assert_int_equal(vcpu_sve_vq(0xffff, most), most ? most : 16);
    }
}

/* A length above vq is nobody's business; each one below is, for ZCR_EL1 rounds down to it. */
static void cpus_are_alike_if_they_have_the_same_lengths_up_to_it(void **state)
{
    (void)state;
    for (unsigned vq = 0; vq <= 16; vq++) {
        assert_true(vcpu_sve_same_lengths(POWERS, POWERS, vq));
        for (unsigned bit = 0; bit < 16; bit++)
            assert_int_equal(vcpu_sve_same_lengths(POWERS, (uint16_t)(POWERS ^ 1u << bit), vq),
                             bit >= vq);
    }
}

/* ---- Memory ---- */

#define PAGES_PA UINT64_C(0x80000000)

static struct {
    size_t count;
    bool full;
    _Alignas(16) uint8_t bytes[4 * VCPU_PAGE_SIZE];
} memory;

static vcpu_pa_t alloc_pages(void *ctx, size_t count)
{
    (void)ctx;
    assert_int_equal(memory.count, 0);
    if (memory.full)
        return vcpu_pa(VCPU_PA_NONE_VALUE);
    memory.count = count;
    memset(memory.bytes, 0xee, sizeof(memory.bytes));
    return vcpu_pa(PAGES_PA);
}

static void free_pages(void *ctx, vcpu_pa_t pa, size_t count)
{
    (void)ctx;
    assert_int_equal(pa.value, PAGES_PA);
    assert_int_equal(memory.count, count);
    memory.count = 0;
}

static void *phys_to_virt(void *ctx, vcpu_pa_t pa)
{
    (void)ctx;
    assert_int_equal(pa.value, PAGES_PA);
    return memory.bytes;
}

static const struct vcpu_host host = {
    .alloc_pages = alloc_pages, .free_pages = free_pages, .phys_to_virt = phys_to_virt};

/* Z is 32 vectors of 16 bytes a quadword; P and FFR are 17 of 2 bytes. */
static void all_registers_are_in_their_pages_and_reset_to_zero(void **state)
{
    (void)state;
    for (unsigned vq = 1; vq <= 16; vq++) {
        const size_t bytes = 32 * 16 * vq + 17 * 2 * vq;
        const struct vcpu_vm vm = {.host = &host, .sve_vq = (uint8_t)vq};
        struct sve_area sve = {.z = NULL};

        assert_int_equal(vcpu_sve_create(&vm, &sve), VCPU_OK);
        assert_ptr_equal(sve.z, memory.bytes);
        assert_true(memory.count * VCPU_PAGE_SIZE >= bytes);
        assert_true(memory.count == 1 || memory.count / 2 * VCPU_PAGE_SIZE < bytes);
        assert_true(memory.count == 1 || memory.count == 2 || memory.count == 4);
        vcpu_sve_reset(&vm, &sve);
        for (size_t i = 0; i < sizeof(memory.bytes); i++)
            assert_int_equal(memory.bytes[i], i < bytes ? 0 : 0xee);
        vcpu_sve_destroy(&vm, &sve);
        assert_int_equal(memory.count, 0);
    }
}

static void a_vm_without_sve_takes_no_memory(void **state)
{
    const struct vcpu_vm vm = {.host = &host};
    struct sve_area sve = {.z = NULL};

    (void)state;
    assert_int_equal(vcpu_sve_create(&vm, &sve), VCPU_OK);
    assert_null(sve.z);
    assert_int_equal(memory.count, 0);
    vcpu_sve_reset(&vm, &sve);
    vcpu_sve_destroy(&vm, &sve);
}

static void no_memory_is_said(void **state)
{
    const struct vcpu_vm vm = {.host = &host, .sve_vq = 1};
    struct sve_area sve = {.z = NULL};

    (void)state;
    memory.full = true;
    assert_int_equal(vcpu_sve_create(&vm, &sve), VCPU_ERR_NO_MEMORY);
    assert_null(sve.z);
    memory.full = false;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_longest_length_up_to_what_was_asked),
        cmocka_unit_test(cpus_are_alike_if_they_have_the_same_lengths_up_to_it),
        cmocka_unit_test(all_registers_are_in_their_pages_and_reset_to_zero),
        cmocka_unit_test(a_vm_without_sve_takes_no_memory),
        cmocka_unit_test(no_memory_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
