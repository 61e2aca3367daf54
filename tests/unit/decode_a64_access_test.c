/* SPDX-License-Identifier: MIT */
/* What loads and stores do: their accesses, one by one, and what they leave in the registers. */
#include "cmocka_all.h"

#include <string.h>

#include "emulate/a64.h"

#define BASE 0x8000u /* of the memory, which is flat: an IPA is the address */

static uint8_t memory[0x1000];
static uint64_t x[31], sp, v[32 * 4];
static struct a64_registers registers = {
    .x = x, .sp = &sp, .v = v, .stride = 2, .pc = BASE + 0x100, .zero_block = 64};
static unsigned reads, writes;

static void make(const struct vcpu_emulated_access *access, uint64_t *data)
{
    uint8_t *place = memory + (access->ipa.value - BASE);

    assert_in_range(access->ipa.value, BASE, BASE + sizeof(memory) - access->size);
    if (access->write)
        memcpy(place, data, access->size);
    else
        memcpy(data, place, access->size);
    ++*(access->write ? &writes : &reads);
}

static void carry_out(uint32_t word)
{
    struct vcpu_emulation e;

    assert_int_equal(vcpu_a64_classify(word, &e.instruction), VCPU_REFUSAL_NONE);
    vcpu_a64_plan(&e, &registers);
    e.page[0] = vcpu_ipa(e.address & ~UINT64_C(0xfff));
    e.page[1] = vcpu_ipa((e.address + vcpu_a64_extent(&e) - 1) & ~UINT64_C(0xfff));
    reads = writes = 0;
    while (vcpu_a64_access(&e, x)) {
        /* A bus that gives more than was asked for. */
        uint64_t data = e.access.write ? e.access.data : UINT64_C(0xeeeeeeeeeeeeeeee);

        make(&e.access, &data);
        e.access.data = data;
        vcpu_a64_made(&e, x);
    }
    vcpu_a64_finish(&e, &registers);
}

/* Memory is its offsets; registers have their numbers. */
static int set_up(void **state)
{
    (void)state;
    for (unsigned i = 0; i < sizeof(memory); i++)
        memory[i] = (uint8_t)(i ^ i >> 8 ^ 0x80);
    for (unsigned i = 0; i < 31; i++)
        x[i] = UINT64_C(0x0101010101010101) * i;
    for (unsigned i = 0; i < 128; i++)
        v[i] = ~(uint64_t)i;
    sp = BASE + 0x200;
    registers.stride = 2;
    return 0;
}

static uint64_t at(unsigned offset, unsigned size)
{
    uint64_t data = 0;

    memcpy(&data, memory + offset, size);
    return data;
}

static void loads_extend_to_the_register(void **state)
{
    (void)state;
    x[2] = BASE;
    carry_out(0x39400041); /* ldrb w1, [x2] */
    assert_int_equal(x[1], 0x80);
    carry_out(0x39800041); /* ldrsb x1, [x2] */
    assert_int_equal(x[1], UINT64_C(0xffffffffffffff80));
    carry_out(0x39c00041); /* ldrsb w1, [x2] */
    assert_int_equal(x[1], 0xffffff80);
    carry_out(0xb9800041); /* ldrsw x1, [x2] */
    assert_int_equal(x[1], UINT64_C(0xffffffff83828180));
    carry_out(0xb9400041); /* ldr w1, [x2] */
    assert_int_equal(x[1], 0x83828180);
    carry_out(0x69400c41); /* ldpsw x1, x3, [x2] */
    assert_int_equal(x[3], UINT64_C(0xffffffff87868584));
    assert_int_equal(reads, 2);
}

static void stores_write_their_width(void **state)
{
    (void)state;
    x[2] = BASE;
    x[1] = UINT64_C(0x1122334455667788);
    carry_out(0x79000041); /* strh w1, [x2] */
    assert_int_equal(at(0, 8), UINT64_C(0x8786858483827788));
    carry_out(0xa9007c41); /* stp x1, xzr, [x2] */
    assert_int_equal(at(0, 8), x[1]);
    assert_int_equal(at(8, 8), 0);
    assert_int_equal(writes, 2);
}

static void the_base_changes_before_or_after(void **state)
{
    (void)state;
    x[2] = BASE + 0x10;
    carry_out(0xf8408441); /* ldr x1, [x2], #8 */
    assert_int_equal(x[1], at(0x10, 8));
    assert_int_equal(x[2], BASE + 0x18);
    carry_out(0xf85f8c41); /* ldr x1, [x2, #-8]! */
    assert_int_equal(x[1], at(0x10, 8));
    assert_int_equal(x[2], BASE + 0x10);
    carry_out(0xf84087e1); /* ldr x1, [sp], #8 */
    assert_int_equal(x[1], at(0x200, 8));
    assert_int_equal(sp, BASE + 0x208);
    carry_out(0x58000101); /* ldr x1, .+0x20 */
    assert_int_equal(x[1], at(0x120, 8));
}

static void offsets_in_registers_are_extended_then_shifted(void **state)
{
    (void)state;
    x[2] = BASE + 0x100;
    x[3] = UINT64_C(0x12345678fffffffe);
    carry_out(0xf863d841); /* ldr x1, [x2, w3, sxtw #3] */
    assert_int_equal(x[1], at(0xf0, 8));
    x[2] = BASE - UINT64_C(0xfffffffe);
    carry_out(0x38634841); /* ldrb w1, [x2, w3, uxtw] */
    assert_int_equal(x[1], at(0, 1));
    x[2] = BASE - x[3] * 2;
    carry_out(0x78637841); /* ldrh w1, [x2, x3, lsl #1] */
    assert_int_equal(x[1], at(0, 2));
    x[2] = BASE;
    carry_out(0xf87f6841); /* ldr x1, [x2, xzr] */
    assert_int_equal(x[1], at(0, 8));
}

static void vectors_are_cleared_above_what_is_loaded(void **state)
{
    (void)state;
    x[2] = BASE;
    carry_out(0x7d400041); /* ldr h1, [x2] */
    assert_int_equal(v[2], 0x8180);
    assert_int_equal(v[3], 0);
    carry_out(0xad400841); /* ldp q1, q2, [x2] */
    assert_int_equal(reads, 4);
    for (unsigned i = 0; i < 4; i++)
        assert_int_equal(v[2 + i], at(8 * i, 8));
    assert_int_equal(v[6], ~UINT64_C(6));
    carry_out(0xad020841); /* stp q1, q2, [x2, #64] */
    assert_memory_equal(memory, memory + 64, 32);

    registers.stride = 4;  /* vectors of SVE, of 32 bytes */
    carry_out(0x3dc00041); /* ldr q1, [x2] */
    assert_int_equal(v[4], at(0, 8));
    assert_int_equal(v[5], at(8, 8));
    assert_int_equal(v[6] | v[7], 0);
    assert_int_equal(v[8], ~UINT64_C(8));
}

static void atomics_read_then_write(void **state)
{
    static const struct {
        uint32_t word; /* of bytes, with w3 and w1 at x2 */
        uint8_t old, operand, result;
    } rows[] = {
        {0x38230041, 0xf0, 0x22, 0x12}, /* ldaddb */
        {0x38231041, 0xf0, 0x30, 0xc0}, /* ldclrb */
        {0x38232041, 0xf0, 0x30, 0xc0}, /* ldeorb */
        {0x38233041, 0xf0, 0x0f, 0xff}, /* ldsetb */
        {0x38234041, 0xf0, 0x01, 0x01}, /* ldsmaxb */
        {0x38235041, 0xf0, 0x01, 0xf0}, /* ldsminb */
        {0x38236041, 0xf0, 0x01, 0xf0}, /* ldumaxb */
        {0x38237041, 0xf0, 0x01, 0x01}, /* lduminb */
        {0x38238041, 0xf0, 0x5a, 0x5a}, /* swpb */
    };

    (void)state;
    x[2] = BASE;
    for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        memory[0] = rows[i].old;
        x[3] = 0xffffff00 | rows[i].operand;
        carry_out(rows[i].word);
        assert_int_equal(reads, 1);
        assert_int_equal(writes, 1);
        assert_int_equal(x[1], rows[i].old);
        assert_int_equal(memory[0], rows[i].result);
        assert_int_equal(memory[1], 0x81);
    }
}

static void compare_and_swap_swaps_if_equal(void **state)
{
    uint64_t old = at(0, 8), second = at(8, 8);

    (void)state;
    x[2] = BASE;
    x[3] = 0xaa00 | memory[0]; /* its low byte is compared */
    x[1] = 0x42;
    carry_out(0x08a37c41); /* casb w3, w1, [x2] */
    assert_int_equal(writes, 1);
    assert_int_equal(x[3], 0x80);
    assert_int_equal(memory[0], 0x42);
    x[3] = 0x80;
    carry_out(0x08a37c41);
    assert_int_equal(writes, 0);
    assert_int_equal(x[3], 0x42);

    x[14] = BASE;
    memory[0] = 0x80;
    x[4] = old;
    x[5] = second + 1;
    carry_out(0x48247dc6); /* casp x4, x5, x6, x7, [x14] */
    assert_int_equal(reads, 2);
    assert_int_equal(writes, 0);
    assert_int_equal(x[5], second);
    carry_out(0x48247dc6);
    assert_int_equal(writes, 2);
    assert_int_equal(x[4], old);
    assert_int_equal(at(0, 8), x[6]);
    assert_int_equal(at(8, 8), x[7]);
}

static void a_store_exclusive_fails_without_an_access(void **state)
{
    (void)state;
    x[2] = BASE;
    carry_out(0xc8037c41); /* stxr w3, x1, [x2] */
    assert_int_equal(x[3], 1);
    assert_int_equal(reads + writes, 0);
    x[3] = 0;
    carry_out(0xc8230441); /* stxp w3, x1, x1, [x2] */
    assert_int_equal(x[3], 1);
    assert_int_equal(reads + writes, 0);
    assert_int_equal(at(0, 1), 0x80);
}

static void zeros_fill_their_block(void **state)
{
    (void)state;
    x[1] = BASE + 0x5f;
    carry_out(0xd50b7421); /* dc zva, x1 */
    assert_int_equal(writes, 8);
    assert_int_equal(x[1], BASE + 0x5f);
    for (unsigned i = 0x3f; i < 0x81; i++)
        assert_int_equal(memory[i], i < 0x40 || i >= 0x80 ? i ^ 0x80 : 0);
}

/* DCZID_EL0.BS = 9, the most that there is. */
static void zeros_are_at_most_256_accesses(void **state)
{
    struct a64_registers largest = registers;
    struct vcpu_emulation e;

    (void)state;
    largest.zero_block = 2048;
    x[1] = BASE + 2047;
    assert_int_equal(vcpu_a64_classify(0xd50b7421, &e.instruction), VCPU_REFUSAL_NONE);
    vcpu_a64_plan(&e, &largest);
    assert_int_equal(e.writes, 256);
    assert_int_equal(e.reads, 0);
    assert_int_equal(vcpu_a64_extent(&e), 2048);
}

static void prefetches_do_nothing(void **state)
{
    (void)state;
    x[2] = 0;
    carry_out(0xf9800040); /* prfm pldl1keep, [x2] */
    assert_int_equal(reads + writes, 0);
    assert_int_equal(x[0], 0);
}

static void the_second_page_is_elsewhere(void **state)
{
    struct vcpu_emulation e;

    (void)state;
    assert_int_equal(vcpu_a64_classify(0xa9400c41, &e.instruction), VCPU_REFUSAL_NONE);
    x[2] = 0x5ff8; /* ldp x1, x3, [x2] */
    vcpu_a64_plan(&e, &registers);
    assert_int_equal(vcpu_a64_extent(&e), 16);
    e.page[0] = vcpu_ipa(0x70000);
    e.page[1] = vcpu_ipa(0x30000);
    assert_true(vcpu_a64_access(&e, x));
    assert_int_equal(e.access.ipa.value, 0x70ff8);
    vcpu_a64_made(&e, x);
    assert_true(vcpu_a64_access(&e, x));
    assert_int_equal(e.access.ipa.value, 0x30000);
    vcpu_a64_made(&e, x);
    assert_false(vcpu_a64_access(&e, x));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(loads_extend_to_the_register, set_up),
        cmocka_unit_test_setup(stores_write_their_width, set_up),
        cmocka_unit_test_setup(the_base_changes_before_or_after, set_up),
        cmocka_unit_test_setup(offsets_in_registers_are_extended_then_shifted, set_up),
        cmocka_unit_test_setup(vectors_are_cleared_above_what_is_loaded, set_up),
        cmocka_unit_test_setup(atomics_read_then_write, set_up),
        cmocka_unit_test_setup(compare_and_swap_swaps_if_equal, set_up),
        cmocka_unit_test_setup(a_store_exclusive_fails_without_an_access, set_up),
        cmocka_unit_test_setup(zeros_fill_their_block, set_up),
        cmocka_unit_test_setup(zeros_are_at_most_256_accesses, set_up),
        cmocka_unit_test_setup(prefetches_do_nothing, set_up),
        cmocka_unit_test_setup(the_second_page_is_elsewhere, set_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
