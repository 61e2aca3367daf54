/* SPDX-License-Identifier: MIT */
/* SMCCC TRNG. Function ids are those of the specification, spelled out. */
#include "cmocka_all.h"

#include <string.h>

#include "calls_vm.h"

#define NO_ENTROPY (-3)

static unsigned entropy_calls;
static size_t entropy_size;
static bool has_entropy;

static bool entropy(void *ctx, struct vcpu *vcpu, void *bytes, size_t size)
{
    assert_ptr_equal(ctx, &entropy_calls);
    assert_ptr_equal(vcpu, &v.pub);
    entropy_calls++;
    entropy_size = size;
    for (size_t i = 0; i < size; i++)
        ((uint8_t *)bytes)[i] = (uint8_t)(0xa1 + i);
    return has_entropy;
}

static void with_entropy(void)
{
    calls.entropy = entropy;
    calls.entropy_ctx = &entropy_calls;
    calls.trng_uuid[0] = 0x11111111;
    calls.trng_uuid[3] = 0x44444444;
    has_entropy = true;
    entropy_calls = 0;
    set();
}

static void trng_is_version_1(void **state)
{
    (void)state;
    with_entropy();
    answers(DIRT | 0x84000050, 0, 0x10000);
    for (unsigned fn = 0x50; fn < 0x54; fn++)
        answers(0x84000051, DIRT | (0x84000000 + fn), 0);
    answers(0x84000051, 0xc4000053, 0);
    answers(0x84000051, 0x84000054, NOT_SUPPORTED);
    answers(0x84000051, 0xc4000050, NOT_SUPPORTED);
    answers(0x84000051, 0x84000000, NOT_SUPPORTED);
    answers(0x84000052, 0, 0x11111111);
    assert_int_equal(v.pub.regs.x[1], 0);
    assert_int_equal(v.pub.regs.x[3], 0x44444444);
    is_the_librarys(0x84000054, 0);
    is_the_librarys(0xc4000050, 0);
    is_the_librarys(0x8400004f, 0);
    assert_int_equal(entropy_calls, 0);
}

static void trng_features_agree_with_the_filter(void **state)
{
    static const struct vcpu_call_range ranges[] = {{0x84000053, 0x84000053, VCPU_CALL_DENY},
                                                    {0x84000052, 0x84000052, VCPU_CALL_EXIT}};

    (void)state;
    calls.ranges = ranges;
    calls.range_count = 2;
    with_entropy();
    answers(0x84000051, 0x84000053, NOT_SUPPORTED);
    answers(0x84000051, 0x84000052, 0);
    answers(0x84000051, 0xc4000053, 0);
    answers(0x84000053, 32, NOT_SUPPORTED);
    assert_int_equal(call(0x84000052, 0), CALL_EXIT);
}

/* The lowest bits are in x3. The source's first byte is the lowest. */
static void as_many_bits_as_were_asked_for(void **state)
{
    (void)state;
    with_entropy();
    for (unsigned wide = 0; wide < 2; wide++) {
        unsigned width = wide ? 64 : 32;

        for (unsigned bits = 1; bits <= 3 * width; bits++) {
            uint8_t expected[24] = {0};

            for (unsigned i = 0; i < (bits + 7) / 8; i++)
                expected[i] = (uint8_t)(0xa1 + i);
            if (bits % 8)
                expected[bits / 8] &= (uint8_t)((1u << bits % 8) - 1);
            answers(wide ? 0xc4000053 : DIRT | 0x84000053, wide ? bits : DIRT | bits, 0);
            assert_int_equal(entropy_size, (bits + 7) / 8);
            for (unsigned i = 0; i < 3; i++) {
                uint64_t word = 0;

                memcpy(&word, &expected[i * width / 8], width / 8);
                assert_int_equal(v.pub.regs.x[3 - i], word);
            }
        }
    }
}

static void fails(uint64_t x0, uint64_t x1, int64_t status, unsigned asked)
{
    entropy_calls = 0;
    answers(x0, x1, status);
    for (unsigned i = 1; i < 4; i++)
        assert_int_equal(v.pub.regs.x[i], 0);
    assert_int_equal(entropy_calls, asked);
}

static void no_more_bits_than_fit(void **state)
{
    (void)state;
    with_entropy();
    fails(0x84000053, 0, -2, 0);
    fails(0x84000053, 97, -2, 0);
    fails(0x84000053, DIRT, -2, 0);
    fails(0x84000053, 0xffffffff, -2, 0);
    fails(0xc4000053, 0, -2, 0);
    fails(0xc4000053, 193, -2, 0);
    fails(0xc4000053, DIRT | 8, -2, 0); /* here x1 has 64 bits */
}

static void no_bits_without_entropy(void **state)
{
    (void)state;
    with_entropy();
    has_entropy = false;
    fails(0x84000053, 96, NO_ENTROPY, 1);
    fails(0xc4000053, 192, NO_ENTROPY, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(trng_is_version_1, set_up),
        cmocka_unit_test_setup(trng_features_agree_with_the_filter, set_up),
        cmocka_unit_test_setup(as_many_bits_as_were_asked_for, set_up),
        cmocka_unit_test_setup(no_more_bits_than_fit, set_up),
        cmocka_unit_test_setup(no_bits_without_entropy, set_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
