/* SPDX-License-Identifier: MIT */
/* AArch32 instructions that are trapped although their condition fails. */
#include "cmocka_all.h"

#include "decode/exception.h"

/* Bit n of a row: does the condition hold with NZCV = n? Written from the table of conditions. */
static const uint16_t holds[16] = {
    0xf0f0, /* EQ  Z */
    0x0f0f, /* NE */
    0xcccc, /* CS  C */
    0x3333, /* CC */
    0xff00, /* MI  N */
    0x00ff, /* PL */
    0xaaaa, /* VS  V */
    0x5555, /* VC */
    0x0c0c, /* HI  C and not Z */
    0xf3f3, /* LS */
    0xaa55, /* GE  N == V */
    0x55aa, /* LT */
    0x0a05, /* GT  N == V and not Z */
    0xf5fa, /* LE */
    0xffff, /* AL */
    0xffff, /* unconditional */
};

#define AARCH32 UINT64_C(0x10)

static void every_condition_with_every_flag(void **state)
{
    (void)state;
    for (uint64_t cond = 0; cond < 16; cond++) {
        for (uint64_t nzcv = 0; nzcv < 16; nzcv++) {
            /* A trapped MRC (EC 3) with CV = 1. */
            uint64_t esr = 0x0f000000 + (cond << 20);

            assert_int_equal(vcpu_decode_condition_passed(esr, nzcv << 28 | AARCH32),
                             holds[cond] >> nzcv & 1);
        }
    }
}

static void without_cv_the_it_block_tells(void **state)
{
    (void)state;
    for (uint64_t cond = 0; cond < 15; cond++) {
        for (uint64_t nzcv = 0; nzcv < 16; nzcv++) {
            /* IT = cond : mask, with the last instruction of a block (mask 0b1000) or the first of
             * four (mask 0b0001); IT[7:2] in 15:10, IT[1:0] in 26:25. COND is UNKNOWN: here NE. */
            uint64_t last = nzcv << 28 | cond << 12 | 2 << 10 | 0x30;
            uint64_t first = nzcv << 28 | cond << 12 | 1 << 25 | 0x30;

            assert_int_equal(vcpu_decode_condition_passed(0x0e100000, last),
                             holds[cond] >> nzcv & 1);
            assert_int_equal(vcpu_decode_condition_passed(0x0e100000, first),
                             holds[cond] >> nzcv & 1);
        }
    }
}

static void outside_an_it_block_an_instruction_without_cv_passes(void **state)
{
    (void)state;
    for (uint64_t nzcv = 0; nzcv < 16; nzcv++)
        assert_true(vcpu_decode_condition_passed(0x0e000000, nzcv << 28 | 0x30));
}

static void the_conditional_classes(void **state)
{
    (void)state;
    for (uint64_t ec = 0; ec < 64; ec++) {
        bool conditional = (ec >= 3 && ec <= 8) || ec == 1 || ec == 12;
        /* EQ with Z = 0; bit 19 is CCKNOWNPASS in EC 0x13 only. */
        uint64_t esr = ec * 0x4000000 + 0x03000000;

        assert_int_equal(vcpu_decode_condition_passed(esr, AARCH32), !conditional);
        assert_int_equal(vcpu_decode_condition_passed(esr + 0x80000, AARCH32),
                         !(conditional || ec == 0x13));
        assert_int_equal(vcpu_decode_condition_passed(esr + 0xff00000000000000, AARCH32),
                         !conditional);
    }
}

static void aarch64_has_no_conditional_traps(void **state)
{
    (void)state;
    for (uint64_t ec = 0; ec < 64; ec++)
        assert_true(vcpu_decode_condition_passed(ec * 0x4000000 + 0x03000000, 0x5));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_condition_with_every_flag),
        cmocka_unit_test(without_cv_the_it_block_tells),
        cmocka_unit_test(outside_an_it_block_an_instruction_without_cv_passes),
        cmocka_unit_test(the_conditional_classes),
        cmocka_unit_test(aarch64_has_no_conditional_traps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
