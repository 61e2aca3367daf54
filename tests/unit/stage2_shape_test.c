/* SPDX-License-Identifier: MIT */
#include "cmocka_all.h"

#include <stdbool.h>
#include <string.h>

#include <vcpu/error.h>
#include <vcpu/stage2.h>

static const uint8_t pa_sizes[] = {32, 36, 40, 42, 44, 48};

/*
 * The architecture's own check of VTCR_EL2 (translation table walk, second stage, 4 KiB): what the
 * first lookup resolves is the IPA less 9 bits for each level below it and 12 for the page. It is
 * at least 1 bit, and at most the 9 of a table and 4 of concatenation. Level 0 wants more than 42
 * bits of physical address.
 */
static bool start_is_permitted(int level, int ipa_bits, int pa_bits)
{
    int first = ipa_bits - (9 * (3 - level) + 12);

    if (level < 0 || (level == 0 && pa_bits <= 42))
        return false;
    return first >= 1 && first <= 9 + 4;
}

static void check_shape(int ipa_bits, int pa_bits, int pa_code, int vmid_bits)
{
    struct vcpu_stage2_shape shape;

    memset(&shape, 0xa5, sizeof(shape));
    assert_int_equal(
        vcpu_stage2_shape((uint8_t)ipa_bits, (uint8_t)pa_bits, (uint8_t)vmid_bits, &shape),
        VCPU_OK);

    uint64_t vtcr = shape.vtcr_el2;
    int level = 2 - (int)(vtcr >> 6 & 3);

    assert_int_equal(64 - (int)(vtcr & 63), ipa_bits);
    assert_true(start_is_permitted(level, ipa_bits, pa_bits));
    /* Every lower start would be refused: no walk is longer than it must be. */
    for (int lower = level + 1; lower <= 2; lower++)
        assert_false(start_is_permitted(lower, ipa_bits, pa_bits));
    assert_int_equal(vtcr >> 8 & 3, 1);                /* IRGN0: Write-Back, allocating */
    assert_int_equal(vtcr >> 10 & 3, 1);               /* ORGN0 likewise */
    assert_int_equal(vtcr >> 12 & 3, 3);               /* SH0: Inner Shareable */
    assert_int_equal(vtcr >> 14 & 3, 0);               /* TG0: 4 KiB */
    assert_int_equal(vtcr >> 16 & 7, pa_code);         /* PS */
    assert_int_equal(vtcr >> 19 & 1, vmid_bits == 16); /* VS */
    assert_int_equal(vtcr >> 20, 1u << 11);            /* RES1 bit 31, and nothing else */

    assert_int_equal(shape.ipa_bits, ipa_bits);
    assert_int_equal(shape.start_level, level);
    /* 512 entries a table. */
    uint64_t entries = UINT64_C(1) << (ipa_bits - 12 - 9 * (3 - level));
    assert_int_equal(shape.root_pages, (entries + 511) / 512);
}

static void every_size_has_a_permitted_shape(void **state)
{
    (void)state;
    for (int i = 0; i < 6; i++) {
        for (int ipa_bits = 32; ipa_bits <= pa_sizes[i]; ipa_bits++) {
            check_shape(ipa_bits, pa_sizes[i], i, 8);
            check_shape(ipa_bits, pa_sizes[i], i, 16);
        }
    }
}

struct example {
    uint8_t ipa_bits, pa_bits, vmid_bits, start_level, root_pages;
    uint64_t vtcr_el2;
};

/* Put together by hand from the field descriptions of VTCR_EL2. */
static void known_machines_have_these_shapes(void **state)
{
    static const struct example examples[] = {
        {32, 32, 8, 2, 4, 0x80003520},  /* the least: level 2, four tables */
        {34, 36, 8, 2, 16, 0x8001351e}, /* the most that level 2 can start */
        {35, 36, 8, 1, 1, 0x8001355d},  /* the least for level 1 */
        {36, 36, 8, 1, 1, 0x8001355c},  /* ARMv8.0 at its smallest usual size */
        {40, 40, 8, 1, 2, 0x80023558},  /* cortex-a53 */
        {42, 42, 8, 1, 8, 0x80033556},  /* level 0 is not permitted: eight tables */
        {43, 44, 8, 1, 16, 0x80043555}, /* the most that level 1 can start */
        {44, 44, 8, 0, 1, 0x80043594},  /* cortex-a72 */
        {48, 48, 16, 0, 1, 0x800d3590}, /* neoverse-n1 */
        {40, 48, 16, 1, 2, 0x800d3558}, /* a small guest there */
    };
    (void)state;
    for (size_t i = 0; i < sizeof(examples) / sizeof(examples[0]); i++) {
        const struct example *e = &examples[i];
        struct vcpu_stage2_shape shape;

        assert_int_equal(vcpu_stage2_shape(e->ipa_bits, e->pa_bits, e->vmid_bits, &shape), VCPU_OK);
        assert_int_equal(shape.vtcr_el2, e->vtcr_el2);
        assert_int_equal(shape.start_level, e->start_level);
        assert_int_equal(shape.root_pages, e->root_pages);
    }
}

static bool is_pa_size(int bits)
{
    return memchr(pa_sizes, bits, sizeof(pa_sizes)) != NULL;
}

static void all_else_is_refused(void **state)
{
    struct vcpu_stage2_shape shape;

    (void)state;
    assert_int_equal(vcpu_stage2_shape(40, 40, 8, NULL), VCPU_ERR_INVALID);
    for (int pa = 0; pa < 256; pa++) {
        for (int ipa = 0; ipa < 256; ipa++) {
            bool valid = is_pa_size(pa) && ipa >= 32 && ipa <= pa;

            assert_int_equal(vcpu_stage2_shape((uint8_t)ipa, (uint8_t)pa, 8, &shape),
                             valid ? VCPU_OK : VCPU_ERR_INVALID);
        }
    }
    for (int vmid = 0; vmid < 256; vmid++) {
        bool valid = vmid == 8 || vmid == 16;

        assert_int_equal(vcpu_stage2_shape(40, 40, (uint8_t)vmid, &shape),
                         valid ? VCPU_OK : VCPU_ERR_INVALID);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_size_has_a_permitted_shape),
        cmocka_unit_test(known_machines_have_these_shapes),
        cmocka_unit_test(all_else_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
