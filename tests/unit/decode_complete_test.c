/* SPDX-License-Identifier: MIT */
/* The result of a load, and PC and PSTATE after an instruction. */
#include "cmocka_all.h"

#include "decode/complete.h"

/* What a load leaves in Xt, by C's own conversions. */
static uint64_t model(uint64_t data, unsigned size, bool sign, bool reg64)
{
    int64_t extended;

    switch (size) {
    case 1:
        extended = sign ? (int64_t)(int8_t)data : (int64_t)(uint8_t)data;
        break;
    case 2:
        extended = sign ? (int64_t)(int16_t)data : (int64_t)(uint16_t)data;
        break;
    case 4:
        extended = sign ? (int64_t)(int32_t)data : (int64_t)(uint32_t)data;
        break;
    default:
        extended = (int64_t)data;
        break;
    }
    return reg64 ? (uint64_t)extended : (uint32_t)extended;
}

static void a_load_is_cut_and_extended(void **state)
{
    static const uint64_t data[] = {
        0,
        1,
        0x7f,
        0x80,
        0x7fff,
        0x8000,
        0x7fffffff,
        0x80000000,
        0x7fffffffffffffff,
        0x8000000000000000,
        0xffffffffffffffff,
        0xfedcba9876543210,
        0x0123456789abcdef,
    };

    (void)state;
    for (size_t i = 0; i < sizeof(data) / sizeof(data[0]); i++) {
        for (unsigned sas = 0; sas < 4; sas++) {
            for (unsigned flags = 0; flags < 4; flags++) {
                uint64_t sse = flags & 1, sf = flags >> 1;
                uint64_t esr = 0x93010007 + sas * 0x400000 + sse * 0x200000 + sf * 0x8000;
                uint64_t expected = model(data[i], 1u << sas, sse, sf);

                assert_int_equal(complete_load(esr, data[i]), expected);
                /* No other bit of the syndrome has a say in it. */
                assert_int_equal(complete_load(esr ^ 0xffffffffff1f7fff, data[i]), expected);
            }
        }
    }
}

static void loads_by_name(void **state)
{
    const uint64_t ldrsb_w = 0x93210007, ldrsb_x = 0x93218007, ldrsw_x = 0x93a18007;
    const uint64_t ldr_w = 0x93810007, ldr_x = 0x93c18007;

    (void)state;
    assert_int_equal(complete_load(ldrsb_w, 0xfff80), 0x00000000ffffff80);
    assert_int_equal(complete_load(ldrsb_x, 0xfff80), 0xffffffffffffff80);
    assert_int_equal(complete_load(ldrsw_x, 0x180000001), 0xffffffff80000001);
    assert_int_equal(complete_load(ldr_w, 0xffffffff80000001), 0x0000000080000001);
    assert_int_equal(complete_load(ldr_x, 0xffffffff80000001), 0xffffffff80000001);
}

static void aarch64_moves_by_four(void **state)
{
    uint64_t pc = 0xffff800012345678, pstate = 0x5; /* EL1h */

    (void)state;
    complete_advance(&pc, &pstate, true);
    assert_int_equal(pc, 0xffff80001234567c);
    assert_int_equal(pstate, 0x5);

    /* There is no shorter instruction, whatever IL says where it is not valid. */
    complete_advance(&pc, &pstate, false);
    assert_int_equal(pc, 0xffff800012345680);

    pc = 0xfffffffffffffffc;
    complete_advance(&pc, &pstate, true);
    assert_int_equal(pc, 0);
}

static void aarch64_loses_btype_and_ss_only(void **state)
{
    uint64_t pc = 0, pstate = 0xffffffffffffffef; /* all but nRW */

    (void)state;
    complete_advance(&pc, &pstate, true);
    assert_int_equal(pstate, 0xffffffffffdff3ef); /* 21, 11, 10 */
    for (unsigned bit = 0; bit < 64; bit++) {
        if (bit == 4)
            continue;
        pstate = UINT64_C(1) << bit;
        complete_advance(&pc, &pstate, true);
        assert_int_equal(pstate, bit == 10 || bit == 11 || bit == 21 ? 0 : UINT64_C(1) << bit);
    }
}

static void aarch32_moves_by_its_length_within_32_bits(void **state)
{
    uint64_t pc = 0x1000, pstate = 0x30; /* User, T32 */

    (void)state;
    complete_advance(&pc, &pstate, false);
    assert_int_equal(pc, 0x1002);
    complete_advance(&pc, &pstate, true);
    assert_int_equal(pc, 0x1006);
    assert_int_equal(pstate, 0x30);

    pc = 0xfffffffe;
    complete_advance(&pc, &pstate, false);
    assert_int_equal(pc, 0);
    pc = 0xfffffffc;
    complete_advance(&pc, &pstate, true);
    assert_int_equal(pc, 0);
}

static void aarch32_loses_ss_and_keeps_flags(void **state)
{
    uint64_t pc = 0, pstate = 0xf9ff03ff; /* all but IT: GE, E, Q, the flags, SS */

    (void)state;
    complete_advance(&pc, &pstate, true);
    assert_int_equal(pstate, 0xf9df03ff);
}

/* IT[7:2] is in bits 15:10, IT[1:0] in 26:25. */
static uint64_t with_it(unsigned it)
{
    return 0x30 + ((uint64_t)(it / 4) << 10) + ((uint64_t)(it % 4) << 25);
}

/*
 * The conditions of the instructions that an IT state still covers, by the instruction's own
 * encoding: IT = firstcond : mask, where the lowest 1 of mask ends the block and each bit above it
 * is the last bit of one more condition.
 */
static unsigned conditions_left(unsigned it, unsigned conditions[4])
{
    unsigned count = 0;

    for (unsigned mask = it % 16, last = it / 16 % 2; mask != 0; mask = mask * 2 % 16) {
        conditions[count++] = it / 32 * 2 + last;
        last = mask / 8;
    }
    return count;
}

static void an_it_block_goes_on_with_its_next_condition(void **state)
{
    (void)state;
    for (unsigned it = 1; it < 256; it++) {
        uint64_t pc = 0x1000, pstate = with_it(it);
        unsigned before[4], after[4], count, next;

        count = conditions_left(it, before);
        if (count == 0) /* no such state: mask = 0 is another instruction */
            continue;
        complete_advance(&pc, &pstate, false);
        next = (unsigned)(pstate >> 10 & 0x3f) * 4 + (unsigned)(pstate >> 25 & 3);
        assert_int_equal(pstate & ~UINT64_C(0x0600fc00), 0x30);
        if (count == 1)
            assert_int_equal(next, 0);
        assert_int_equal(conditions_left(next, after), count - 1);
        for (unsigned i = 0; i + 1 < count; i++)
            assert_int_equal(after[i], before[i + 1]);
    }
}

static void outside_an_it_block_there_is_nothing_to_advance(void **state)
{
    uint64_t pc = 0, pstate = with_it(0);

    (void)state;
    complete_advance(&pc, &pstate, true);
    assert_int_equal(pstate, 0x30);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_load_is_cut_and_extended),
        cmocka_unit_test(loads_by_name),
        cmocka_unit_test(aarch64_moves_by_four),
        cmocka_unit_test(aarch64_loses_btype_and_ss_only),
        cmocka_unit_test(aarch32_moves_by_its_length_within_32_bits),
        cmocka_unit_test(aarch32_loses_ss_and_keeps_flags),
        cmocka_unit_test(an_it_block_goes_on_with_its_next_condition),
        cmocka_unit_test(outside_an_it_block_there_is_nothing_to_advance),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
