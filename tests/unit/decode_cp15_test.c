/* SPDX-License-Identifier: MIT */
/* Which registers of coprocessor 15 a program at EL0 gets at, and how they are moved. */
#include "cmocka_all.h"

#include "decode/sysreg.h"

#define READ 1u

/* As the syndromes of MCR and MRC, and of MCRR and MRRC, are laid out. */
static uint64_t single(unsigned op1, unsigned crn, unsigned crm, unsigned op2, unsigned rest)
{
    return UINT64_C(0x03) << 26 | (uint64_t)op2 << 17 | op1 << 14 | crn << 10 | crm << 1 | rest;
}

static uint64_t pair(unsigned op1, unsigned crm, unsigned rest)
{
    return UINT64_C(0x04) << 26 | (uint64_t)op1 << 16 | crm << 1 | rest;
}

/* IL, CV, COND, Rt and the direction, none of which names the register. */
#define SINGLE_REST ((1u << 25) | (1u << 24) | (0xeu << 20) | (31u << 5) | READ)
/* And Rt2. */
#define PAIR_REST (SINGLE_REST | (31u << 10))

/*
 * What has its AArch64 name's numbers: CNTP_TVAL and CNTP_CTL; the PMU's PMCR to PMCEID1, PMCCNTR to
 * PMXEVCNTR, PMUSERENR to PMMIR with what is not assigned among them, and PMEVCNTR0 to PMCCFILTR.
 */
static bool is_there(unsigned op1, unsigned crn, unsigned crm, unsigned op2)
{
    if (op1 != 0)
        return false;
    if (crn == 9)
        return crm == 12 || crm == 13 || crm == 14;
    return crn == 14 && ((crm == 2 && op2 < 2) || crm >= 8);
}

static void only_the_registers_of_timer_and_pmu_are_there(void **state)
{
    unsigned found = 0;

    (void)state;
    for (unsigned op1 = 0; op1 < 8; op1++)
        for (unsigned crn = 0; crn < 16; crn++)
            for (unsigned crm = 0; crm < 16; crm++)
                for (unsigned op2 = 0; op2 < 8; op2++) {
                    bool there = is_there(op1, crn, crm, op2);
                    uint32_t want = there ? VCPU_SYSREG(3, 3, crn, crm, op2) : 0;

                    assert_int_equal(vcpu_decode_cp15(single(op1, crn, crm, op2, 0)), want);
                    assert_int_equal(vcpu_decode_cp15(single(op1, crn, crm, op2, SINGLE_REST)),
                                     want);
                    found += there;
                }
    assert_int_equal(found, 2 + 3 * 8 + 8 * 8);
    for (unsigned op1 = 0; op1 < 16; op1++)
        for (unsigned crm = 0; crm < 16; crm++) {
            uint32_t want = op1 == 0 && crm == 9 ? VCPU_SYSREG(3, 3, 9, 13, 0) /* PMCCNTR */
                            : crm != 14          ? 0
                            : op1 == 0           ? VCPU_SYSREG(3, 3, 14, 0, 1) /* CNTPCT */
                            : op1 == 2           ? VCPU_SYSREG(3, 3, 14, 2, 2) /* CNTP_CVAL */
                            : op1 == 8           ? VCPU_SYSREG(3, 3, 14, 0, 5) /* CNTPCTSS */
                                                 : 0;

            assert_int_equal(vcpu_decode_cp15(pair(op1, crm, 0)), want);
            assert_int_equal(vcpu_decode_cp15(pair(op1, crm, PAIR_REST)), want);
        }
}

static void other_classes_have_none(void **state)
{
    (void)state;
    for (uint64_t ec = 0; ec < 64; ec++)
        if (ec != 0x03 && ec != 0x04) {
            uint64_t class = ec << 26;

            assert_int_equal(vcpu_decode_cp15(class | (single(0, 14, 2, 1, 0) & 0x1ffffff)), 0);
            assert_int_equal(vcpu_decode_cp15(class | (pair(0, 14, 0) & 0x1ffffff)), 0);
        }
}

static void registers_are_of_32_bits(void **state)
{
    uint64_t x[31];

    (void)state;
    for (unsigned n = 0; n < 31; n++)
        x[n] = UINT64_C(0xfeedfeed00000000) + 0x10 * n;
    assert_int_equal(decode_cp15_data(single(0, 14, 2, 0, 3u << 5), x), 0x30);
    assert_int_equal(decode_cp15_data(single(0, 14, 2, 0, 31u << 5), x), 0);
    assert_int_equal(decode_cp15_data(pair(2, 14, 3u << 5 | 4u << 10), x), UINT64_C(0x4000000030));
    assert_int_equal(decode_cp15_data(pair(2, 14, 3u << 5 | 31u << 10), x), 0x30);

    decode_cp15_load(single(0, 14, 2, 0, 3u << 5), x, UINT64_C(0x1122334455667788));
    assert_int_equal(x[3], 0x55667788);
    assert_int_equal(x[4], UINT64_C(0xfeedfeed00000040));
    decode_cp15_load(pair(0, 14, 5u << 5 | 6u << 10), x, UINT64_C(0x1122334455667788));
    assert_int_equal(x[5], 0x55667788);
    assert_int_equal(x[6], 0x11223344);
    decode_cp15_load(pair(0, 14, 31u << 5 | 31u << 10), x, 1);
    decode_cp15_load(single(0, 14, 2, 0, 31u << 5), x, 1);
    assert_int_equal(x[0], UINT64_C(0xfeedfeed00000000));
    assert_int_equal(x[30], UINT64_C(0xfeedfeed000001e0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_the_registers_of_timer_and_pmu_are_there),
        cmocka_unit_test(other_classes_have_none),
        cmocka_unit_test(registers_are_of_32_bits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
