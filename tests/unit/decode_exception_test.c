/* SPDX-License-Identifier: MIT */
/* Every exception class gives a defined exit. */
#include "decode_exit.h"

#include <vcpu/sysreg.h>

static struct vcpu_exit decode(uint64_t esr)
{
    return decode_exit(esr, UINT64_C(0x1111111111111111), UINT64_C(0x1111111111111111));
}

/* By EC, with ISS = 0: W wfi, H hvc, S smc, R/M sysreg write, F stage-2 fault, D debug, - other. */
static const char classes[65] = "-W------"  /* 00: unknown, wfx, cp15, cp14, fp, vmrs */
                                "--------"  /* 08: vmrs, pauth, ls64, cp14, bti, illegal state */
                                "------HS"  /* 10: svc, hvc, smc of AArch32; of AArch64 */
                                "M-------"  /* 18: msr, sve, eret, tme, fpac, sme, gpc */
                                "F---F---"  /* 20: aborts, alignment, mops */
                                "--------"  /* 28: fp exceptions, gcs, serror */
                                "D-D-D---"  /* 30: breakpoint, step, watchpoint */
                                "D-D-D---"; /* 38: bkpt, vector catch, brk, pmu */

static uint32_t reason_of(char letter)
{
    switch (letter) {
    case 'W':
        return VCPU_EXIT_WFI;
    case 'H':
    case 'S':
        return VCPU_EXIT_HYPERCALL;
    case 'M':
        return VCPU_EXIT_SYSREG_WRITE;
    case 'F':
        return VCPU_EXIT_STAGE2_FAULT;
    case 'D':
        return VCPU_EXIT_DEBUG;
    default:
        return VCPU_EXIT_UNHANDLED;
    }
}

static void every_class_has_its_reason(void **state)
{
    (void)state;
    for (uint64_t ec = 0; ec < 64; ec++) {
        assert_int_equal(decode(ec * 0x4000000).reason, reason_of(classes[ec]));
        assert_int_equal(decode(ec * 0x4000000 + 0x2000000).reason, reason_of(classes[ec]));
        /* ISS2 and the bits above it are none of the class. */
        assert_int_equal(decode(ec * 0x4000000 + 0xffffffff00000000).reason,
                         reason_of(classes[ec]));
    }
}

static void only_aborts_watchpoints_and_pc_alignment_have_far(void **state)
{
    (void)state;
    for (uint64_t ec = 0; ec < 64; ec++) {
        bool has_far = ec == 0x20 || ec == 0x22 || ec == 0x24 || ec == 0x34;

        assert_int_equal(decode(ec * 0x4000000).far_el2, has_far ? FAR : 0);
    }
}

static void only_aborts_have_an_ipa(void **state)
{
    (void)state;
    for (uint64_t ec = 0; ec < 64; ec++) {
        bool has_ipa = ec == 0x20 || ec == 0x24;

        assert_int_equal(decode(ec * 0x4000000 + 7).ipa.value, has_ipa ? 0x9000123 : 0);
    }
}

static void waits_are_told_apart(void **state)
{
    struct vcpu_exit exit;

    (void)state;
    assert_int_equal(decode(0x06000000).reason, VCPU_EXIT_WFI);
    assert_int_equal(decode(0x06000001).reason, VCPU_EXIT_WFE);
    assert_false(decode(0x06000000).wait.timed);
    assert_false(decode(0x06000001).wait.timed);

    exit = decode(0x060000e6); /* wfit x7: RV */
    assert_int_equal(exit.reason, VCPU_EXIT_WFI);
    assert_true(exit.wait.timed);
    assert_int_equal(exit.wait.reg, 7);

    exit = decode(0x060003e7); /* wfet xzr: RV */
    assert_int_equal(exit.reason, VCPU_EXIT_WFE);
    assert_true(exit.wait.timed);
    assert_int_equal(exit.wait.reg, 31);

    exit = decode(0x060000e2); /* wfit without RV */
    assert_int_equal(exit.reason, VCPU_EXIT_WFI);
    assert_false(exit.wait.timed);
    assert_int_equal(exit.wait.reg, 0);

    assert_false(decode(0x060000e4).wait.timed); /* wfi with RV: not a deadline */
}

static void calls_carry_their_immediate(void **state)
{
    struct vcpu_exit exit = decode(0x5a00beef); /* hvc #0xbeef */

    (void)state;
    assert_int_equal(exit.reason, VCPU_EXIT_HYPERCALL);
    assert_int_equal(vcpu_exit_imm(&exit), 0xbeef);
    assert_int_equal(exit.smc, 0);

    exit = decode(0x5e00ffff); /* smc #0xffff */
    assert_int_equal(exit.reason, VCPU_EXIT_HYPERCALL);
    assert_int_equal(vcpu_exit_imm(&exit), 0xffff);
    assert_int_equal(exit.smc, 1);

    exit = decode(0x5bff0000); /* nothing above bit 15 is part of it */
    assert_int_equal(vcpu_exit_imm(&exit), 0);
}

static void only_an_smc_is_an_smc(void **state)
{
    (void)state;
    for (uint64_t ec = 0; ec < 64; ec++)
        assert_int_equal(decode(ec * 0x4000000 + 0x1810007).smc, ec == 0x17);
}

static void only_a_data_abort_of_a_lower_level_is_mmio(void **state)
{
    (void)state;
    for (uint64_t ec = 0; ec < 64; ec++) {
        /* The ISS of a load and a store, at levels 3 and -1. */
        static const uint64_t load[] = {0x1810007, 0x181002b}, store[] = {0x1810047, 0x181006b};

        for (unsigned i = 0; i < 2; i++) {
            uint32_t read = decode(ec * 0x4000000 + load[i]).reason;
            uint32_t write = decode(ec * 0x4000000 + store[i]).reason;

            assert_int_equal(read == VCPU_EXIT_MMIO_READ, ec == 0x24);
            assert_int_equal(write == VCPU_EXIT_MMIO_WRITE, ec == 0x24);
            assert_int_not_equal(read, VCPU_EXIT_MMIO_WRITE);
            assert_int_not_equal(write, VCPU_EXIT_MMIO_READ);
        }
    }
}

static void system_registers_are_named_by_their_encoding(void **state)
{
    static const struct {
        uint32_t esr, reason, encoding;
        unsigned reg;
        uint64_t value; /* that is written; of a read 0 */
    } rows[] = {
        /* mrs x3, midr_el1: op0 3, op1 0, CRn 0, CRm 0, op2 0 */
        {0x62300061, VCPU_EXIT_SYSREG_READ, 0xc000, 3, 0},
        /* msr icc_sgi1r_el1, x5: 3, 0, 12, 11, 5 */
        {0x623a30b6, VCPU_EXIT_SYSREG_WRITE, 0xc65d, 5, 0x6666666666666666},
        /* mrs x30, cntvct_el0: 3, 3, 14, 0, 2 */
        {0x6234fbc1, VCPU_EXIT_SYSREG_READ, 0xdf02, 30, 0},
        /* dc civac, x1: 1, 3, 7, 14, 1 */
        {0x6212dc3c, VCPU_EXIT_SYSREG_WRITE, 0x5bf1, 1, 0x2222222222222222},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct vcpu_exit exit = decode(rows[i].esr);

        assert_int_equal(exit.reason, rows[i].reason);
        assert_int_equal(exit.sysreg.encoding, rows[i].encoding);
        assert_int_equal(exit.sysreg.reg, rows[i].reg);
        assert_int_equal(exit.sysreg.value, rows[i].value);
        assert_int_equal(exit.sysreg.write, rows[i].reason == VCPU_EXIT_SYSREG_WRITE);
    }
}

static void register_31_of_a_system_access_is_zero(void **state)
{
    struct vcpu_exit exit = decode(0x623a33f6); /* msr icc_sgi1r_el1, xzr */

    (void)state;
    assert_int_equal(exit.sysreg.reg, 31);
    assert_int_equal(exit.sysreg.value, 0);
    assert_true(exit.sysreg.write);
}

static void each_field_of_the_encoding_has_its_place(void **state)
{
    (void)state;
    for (uint64_t bits = 0; bits < 1u << 16; bits++) {
        uint64_t op0 = bits >> 14, op1 = bits >> 11 & 7, crn = bits >> 7 & 15, crm = bits >> 3 & 15;
        uint64_t op2 = bits & 7;
        struct vcpu_exit exit =
            decode(0x62000000 + (op0 << 20) + (op2 << 17) + (op1 << 14) + (crn << 10) + (crm << 1));

        assert_int_equal(exit.sysreg.encoding, bits);
    }
}

static void debug_exceptions_tell_class_and_comment(void **state)
{
    static const struct {
        uint64_t esr;
        uint8_t exception_class;
        uint16_t comment;
        uint64_t far;
    } rows[] = {
        {0xf200f00d, 0x3c, 0xf00d, 0}, /* brk #0xf00d */
        {0xe00000ab, 0x38, 0x00ab, 0}, /* bkpt #0xab */
        {0xc2000022, 0x30, 0, 0},      /* breakpoint */
        {0xcb000022, 0x32, 0, 0},      /* software step */
        {0xd2000062, 0x34, 0, FAR},    /* watchpoint, write */
        {0xd2000462, 0x34, 0, 0},      /* watchpoint, FnV */
        {0xe8000022, 0x3a, 0, 0},      /* vector catch */
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct vcpu_exit exit = decode(rows[i].esr);

        assert_int_equal(exit.reason, VCPU_EXIT_DEBUG);
        assert_int_equal(exit.debug.exception_class, rows[i].exception_class);
        assert_int_equal(exit.debug.comment, rows[i].comment);
        assert_int_equal(exit.far_el2, rows[i].far);
    }
}

static void an_serror_has_a_syndrome_and_no_address(void **state)
{
    struct vcpu_exit exit;

    (void)state;
    memset(&exit, 0xa5, sizeof(exit));
    vcpu_decode_serror(0xbe000411, &exit);
    assert_int_equal(exit.reason, VCPU_EXIT_SERROR);
    assert_int_equal(exit.esr_el2, 0xbe000411);
    assert_int_equal(exit.far_el2, 0);
    assert_int_equal(exit.ipa.value, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_class_has_its_reason),
        cmocka_unit_test(only_aborts_watchpoints_and_pc_alignment_have_far),
        cmocka_unit_test(only_aborts_have_an_ipa),
        cmocka_unit_test(waits_are_told_apart),
        cmocka_unit_test(calls_carry_their_immediate),
        cmocka_unit_test(only_an_smc_is_an_smc),
        cmocka_unit_test(only_a_data_abort_of_a_lower_level_is_mmio),
        cmocka_unit_test(system_registers_are_named_by_their_encoding),
        cmocka_unit_test(register_31_of_a_system_access_is_zero),
        cmocka_unit_test(each_field_of_the_encoding_has_its_place),
        cmocka_unit_test(debug_exceptions_tell_class_and_comment),
        cmocka_unit_test(an_serror_has_a_syndrome_and_no_address),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
