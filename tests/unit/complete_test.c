/* SPDX-License-Identifier: MIT */
/* Completing exits: what a vCPU is afterwards, and when a completion is refused. */
#include "cmocka_all.h"

#include <string.h>

#include "state/state.h"

#define PC UINT64_C(0xffff800010001000)

/* All that a completion can change is in the public part and behind it in one object. */
static struct vcpu_state make(uint32_t reason, uint64_t esr, uint64_t pstate)
{
    struct vcpu_state v;

    memset(&v, 0x77, sizeof(v));
    v.pub.regs.pc = PC;
    v.pub.regs.pstate = pstate;
    for (unsigned n = 0; n < 31; n++)
        v.pub.regs.x[n] = UINT64_C(0xabcd000000000000) + n;
    memset(&v.pub.exit, 0, sizeof(v.pub.exit));
    v.pub.exit.reason = reason;
    v.pub.exit.esr_el2 = esr;
    return v;
}

/* An exit of each reason, whose syndrome says nothing. */
static struct vcpu_state make_reason(uint32_t reason)
{
    return make(reason, 0x02000000, 0x5);
}

enum completion {
    MMIO_READ,
    MMIO_READ_ANY,
    MMIO_WRITE,
    MMIO_WRITE_ANY,
    CALL,
    CALL_ANY,
    SYSREG_READ,
    SYSREG_WRITE,
    SKIP,
    COMPLETIONS
};

static int complete(enum completion which, struct vcpu *vcpu, uint64_t value)
{
    switch (which) {
    case MMIO_READ:
        return vcpu_complete_mmio_read(vcpu, value);
    case MMIO_READ_ANY:
        return vcpu_complete_mmio_read_any(vcpu, value);
    case MMIO_WRITE:
        return vcpu_complete_mmio_write(vcpu);
    case MMIO_WRITE_ANY:
        return vcpu_complete_mmio_write_any(vcpu);
    case CALL:
        return vcpu_complete_call(vcpu, value);
    case CALL_ANY:
        return vcpu_complete_call_any(vcpu, value);
    case SYSREG_READ:
        return vcpu_complete_sysreg_read(vcpu, value);
    case SYSREG_WRITE:
        return vcpu_complete_sysreg_write(vcpu);
    case SKIP:
        return vcpu_complete_skip(vcpu);
    default:
        fail();
        return 0;
    }
}

/* Is this exit, with nothing in its union, answered by this completion? */
static bool fits(enum completion which, uint32_t reason)
{
    switch (which) {
    case MMIO_READ:
    case MMIO_READ_ANY:
        return reason == VCPU_EXIT_MMIO_READ;
    case MMIO_WRITE:
    case MMIO_WRITE_ANY:
        return reason == VCPU_EXIT_MMIO_WRITE;
    case CALL:
    case CALL_ANY:
        return reason == VCPU_EXIT_HYPERCALL;
    case SYSREG_READ:
        return reason == VCPU_EXIT_SYSREG_READ;
    case SYSREG_WRITE:
        return reason == VCPU_EXIT_SYSREG_WRITE;
    default:
        return reason == VCPU_EXIT_WFI || reason == VCPU_EXIT_WFE;
    }
}

static void refused(enum completion which, struct vcpu_state *v)
{
    struct vcpu_state before;

    memcpy(&before, v, sizeof(before));
    assert_int_equal(complete(which, &v->pub, 0x5555), VCPU_ERR_STATE);
    assert_memory_equal(v, &before, sizeof(before));
}

static void a_wrong_reason_is_refused_and_nothing_changed(void **state)
{
    (void)state;
    for (unsigned which = 0; which < COMPLETIONS; which++) {
        /* One more than there are: a number that is no reason. */
        for (uint32_t reason = 0; reason <= VCPU_EXIT_REASONS; reason++) {
            struct vcpu_state v = make_reason(reason);

            if (!fits(which, reason))
                refused(which, &v);
        }
    }
}

/* The next completion and a reason that it fits, (0, 0) being before the first; false: no more. */
static bool next_fitting(unsigned *which, uint32_t *reason)
{
    do {
        if (++*reason == VCPU_EXIT_REASONS) {
            *reason = 1;
            ++*which;
        }
    } while (*which < COMPLETIONS && !fits(*which, *reason));
    return *which < COMPLETIONS;
}

static void the_right_reason_is_completed_once(void **state)
{
    unsigned which = 0;
    uint32_t reason = 0;

    (void)state;
    while (next_fitting(&which, &reason)) {
        struct vcpu_state v = make_reason(reason);

        assert_int_equal(complete(which, &v.pub, 0x5555), VCPU_OK);
        assert_int_equal(v.pub.regs.pc, PC + 4);
        assert_int_equal(v.pub.exit.reason, VCPU_EXIT_NONE);
        for (unsigned again = 0; again < COMPLETIONS; again++)
            refused(again, &v);
    }
}

/* What is neither PC, PSTATE, the result nor the reason stays as it is. */
static void nothing_else_of_the_vcpu_changes(void **state)
{
    unsigned which = 0;
    uint32_t reason = 0;

    (void)state;
    while (next_fitting(&which, &reason)) {
        struct vcpu_state v = make_reason(reason), expected = make_reason(reason);
        bool has_result = which == MMIO_READ || which == MMIO_READ_ANY || which == CALL ||
                          which == CALL_ANY || which == SYSREG_READ;

        complete(which, &v.pub, 0x5555);
        expected.pub.regs.pc = PC + 4;
        expected.pub.exit.reason = VCPU_EXIT_NONE;
        if (has_result) /* a syndrome of zeroes is a byte for W0, and X0 is named by 0 */
            expected.pub.regs.x[0] = which == MMIO_READ || which == MMIO_READ_ANY ? 0x55 : 0x5555;
        assert_memory_equal(&v, &expected, sizeof(v));
    }
}

static void btype_and_ss_are_for_the_instruction_that_is_done(void **state)
{
    unsigned which = 0;
    uint32_t reason = 0;

    (void)state;
    while (next_fitting(&which, &reason)) {
        struct vcpu_state v = make_reason(reason);

        v.pub.exit.smc = reason == VCPU_EXIT_HYPERCALL;
        v.pub.regs.pstate = 0xffffffffffffffe5; /* SS 21, BTYPE 11:10 */
        assert_int_equal(complete(which, &v.pub, 0), VCPU_OK);
        assert_int_equal(v.pub.regs.pstate, 0xffffffffffdff3e5);
    }
}

/* The four kinds of a load's syndrome through the inline one, and through the other. */
static void a_load_is_extended_into_its_register(void **state)
{
    static const struct {
        const char *instruction;
        uint64_t esr, value;
        unsigned reg;
    } rows[] = {
        {"ldr w5", 0x93850007, 0x0000000083828180, 5},
        {"ldr x5", 0x93c58007, 0x8786858483828180, 5},
        {"ldrsw x6", 0x93a68007, 0xffffffff83828180, 6},
        {"ldrh w7", 0x93470007, 0x0000000000008180, 7},
        {"ldrsh w8", 0x93680007, 0x00000000ffff8180, 8},
        {"ldrsh x9", 0x93698007, 0xffffffffffff8180, 9},
        {"ldrb w0", 0x93000007, 0x0000000000000080, 0},
        {"ldrsb w30", 0x933e0007, 0x00000000ffffff80, 30},
        {"ldrsb x30", 0x933e8007, 0xffffffffffffff80, 30},
        {"ldr wzr", 0x939f0007, 0, 31},
        {"ldr xzr", 0x93df8007, 0, 31},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        for (unsigned which = MMIO_READ; which <= MMIO_READ_ANY; which++) {
            struct vcpu_state v = make(VCPU_EXIT_MMIO_READ, rows[i].esr, 0x5);
            struct vcpu_state expected = make(VCPU_EXIT_NONE, rows[i].esr, 0x5);

            print_message("%s\n", rows[i].instruction);
            expected.pub.regs.pc = PC + 4;
            if (rows[i].reg != 31)
                expected.pub.regs.x[rows[i].reg] = rows[i].value;
            assert_int_equal(complete(which, &v.pub, 0x8786858483828180), VCPU_OK);
            /* With Rt = 31 no register changes, nor what stands behind the 31: PC. */
            assert_memory_equal(&v, &expected, sizeof(v));
        }
    }
}

/* T32: bit 5 of PSTATE; an instruction of 16 bits has IL = 0, bit 25 of the syndrome. */
static void aarch32_moves_by_the_length_of_the_instruction(void **state)
{
    unsigned which = 0;
    uint32_t reason = 0;

    (void)state;
    while (next_fitting(&which, &reason)) {
        struct vcpu_state v = make(reason, 0x00000000, 0x30);

        if (which == CALL) /* no HVC at EL0 */
            continue;
        v.pub.regs.pc = 0x1002;
        assert_int_equal(complete(which, &v.pub, 0), VCPU_OK);
        assert_int_equal(v.pub.regs.pc, 0x1004);

        v = make(reason, 0x02000000, 0x30);
        v.pub.regs.pc = 0xfffffffe; /* and within 32 bits */
        assert_int_equal(complete(which, &v.pub, 0), VCPU_OK);
        assert_int_equal(v.pub.regs.pc, 0x2);
    }
}

/* In AArch32 state bits 11:10 are part of IT, which moves on by its own rule. */
static void an_aarch32_access_does_not_clear_btype(void **state)
{
    /* ITTT EQ, first instruction: IT = 0000 0010, IT[7:2] in bits 15:10, IT[1:0] in 26:25. */
    struct vcpu_state v = make(VCPU_EXIT_MMIO_READ, 0x91810007, 0x04000030);

    (void)state;
    assert_int_equal(vcpu_complete_mmio_read(&v.pub, 0x12345678), VCPU_OK);
    assert_int_equal(v.pub.regs.x[1], 0x12345678);
    assert_int_equal(v.pub.regs.pstate, 0x00000430); /* IT = 0000 0100 */

    v = make(VCPU_EXIT_MMIO_WRITE, 0x91810047, 0x04000030);
    assert_int_equal(vcpu_complete_mmio_write(&v.pub), VCPU_OK);
    assert_int_equal(v.pub.regs.pstate, 0x00000430);
}

static void a_call_sets_x0_to_all_64_bits(void **state)
{
    for (unsigned smc = 0; smc < 2; smc++) {
        for (unsigned which = CALL; which <= CALL_ANY; which++) {
            struct vcpu_state v = make(VCPU_EXIT_HYPERCALL, smc ? 0x5e000000 : 0x5a000000, 0x5);
            struct vcpu_state expected = v;

            v.pub.exit.smc = expected.pub.exit.smc = smc;
            assert_int_equal(complete(which, &v.pub, 0xffffffffffffffff), VCPU_OK);
            expected.pub.regs.x[0] = 0xffffffffffffffff;
            expected.pub.regs.pc = PC + 4;
            expected.pub.exit.reason = VCPU_EXIT_NONE;
            assert_memory_equal(&v, &expected, sizeof(v));
        }
    }
    (void)state;
}

static void a_system_register_is_read_into_xt(void **state)
{
    (void)state;
    for (unsigned reg = 0; reg < 32; reg++) {
        struct vcpu_state v = make_reason(VCPU_EXIT_SYSREG_READ), expected;

        v.pub.exit.sysreg.reg = (uint8_t)reg;
        memcpy(&expected, &v, sizeof(v));
        assert_int_equal(vcpu_complete_sysreg_read(&v.pub, 0xfedcba9876543210), VCPU_OK);
        if (reg != 31)
            expected.pub.regs.x[reg] = 0xfedcba9876543210;
        expected.pub.regs.pc = PC + 4;
        expected.pub.exit.reason = VCPU_EXIT_NONE;
        assert_memory_equal(&v, &expected, sizeof(v));
    }
}

static struct vcpu_state make_fault(uint64_t esr, uint8_t size, enum vcpu_access access)
{
    struct vcpu_state v = make(VCPU_EXIT_STAGE2_FAULT, esr, 0x5);

    v.pub.exit.fault.kind = VCPU_FAULT_PERMISSION;
    v.pub.exit.fault.mmio.size = size;
    v.pub.exit.fault.access = (uint8_t)access;
    return v;
}

static void a_fault_with_a_syndrome_is_emulated_like_mmio(void **state)
{
    (void)state;
    for (unsigned any = 0; any < 2; any++) {
        struct vcpu_state v = make_fault(0x93a4800f, 4, VCPU_ACCESS_READ); /* ldrsw x4 */

        refused(MMIO_WRITE + any, &v);
        refused(SKIP, &v);
        assert_int_equal(complete(MMIO_READ + any, &v.pub, 0x80000000), VCPU_OK);
        assert_int_equal(v.pub.regs.x[4], 0xffffffff80000000);
        assert_int_equal(v.pub.regs.pc, PC + 4);
        assert_int_equal(v.pub.exit.reason, VCPU_EXIT_NONE);

        v = make_fault(0x9384004f, 4, VCPU_ACCESS_WRITE); /* str w4 */
        refused(MMIO_READ + any, &v);
        refused(SKIP, &v);
        assert_int_equal(complete(MMIO_WRITE + any, &v.pub, 0), VCPU_OK);
        assert_int_equal(v.pub.regs.pc, PC + 4);
        assert_int_equal(v.pub.exit.reason, VCPU_EXIT_NONE);
    }
}

/* `ldr w1, [x0], #4`, fetches, cache maintenance: the syndrome does not say what would be done. */
static void a_fault_without_a_syndrome_is_not_emulated(void **state)
{
    static const enum vcpu_access accesses[] = {VCPU_ACCESS_READ, VCPU_ACCESS_WRITE,
                                                VCPU_ACCESS_EXECUTE};

    (void)state;
    for (unsigned i = 0; i < 3; i++) {
        struct vcpu_state v = make_fault(0x92000007, 0, accesses[i]);

        for (unsigned which = 0; which < COMPLETIONS; which++)
            refused(which, &v);
    }
}

static void maintenance_waits_and_brk_are_skipped_and_nothing_else(void **state)
{
    (void)state;
    for (uint8_t ec = 0; ec < 64; ec++) {
        struct vcpu_state v = make_reason(VCPU_EXIT_DEBUG);

        v.pub.exit.debug.exception_class = ec;
        if (ec != 0x3c) {
            refused(SKIP, &v);
            continue;
        }
        assert_int_equal(vcpu_complete_skip(&v.pub), VCPU_OK);
        assert_int_equal(v.pub.regs.pc, PC + 4);
    }

    struct vcpu_state v = make_fault(0x92000147, 0, VCPU_ACCESS_WRITE);

    v.pub.exit.fault.cache_maintenance = true;
    for (unsigned which = 0; which < SKIP; which++)
        refused(which, &v);
    assert_int_equal(vcpu_complete_skip(&v.pub), VCPU_OK);
    assert_int_equal(v.pub.regs.pc, PC + 4);
    assert_int_equal(v.pub.exit.reason, VCPU_EXIT_NONE);
}

/* A `wfi` of 16 bits. */
static void a_wait_in_t32_is_two_bytes_long(void **state)
{
    struct vcpu_state v = make(VCPU_EXIT_WFI, 0x04e00000, 0x30);

    (void)state;
    v.pub.regs.pc = 0x1000;
    assert_int_equal(vcpu_complete_skip(&v.pub), VCPU_OK);
    assert_int_equal(v.pub.regs.pc, 0x1002);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_wrong_reason_is_refused_and_nothing_changed),
        cmocka_unit_test(the_right_reason_is_completed_once),
        cmocka_unit_test(nothing_else_of_the_vcpu_changes),
        cmocka_unit_test(btype_and_ss_are_for_the_instruction_that_is_done),
        cmocka_unit_test(a_load_is_extended_into_its_register),
        cmocka_unit_test(aarch32_moves_by_the_length_of_the_instruction),
        cmocka_unit_test(an_aarch32_access_does_not_clear_btype),
        cmocka_unit_test(a_call_sets_x0_to_all_64_bits),
        cmocka_unit_test(a_system_register_is_read_into_xt),
        cmocka_unit_test(a_fault_with_a_syndrome_is_emulated_like_mmio),
        cmocka_unit_test(a_fault_without_a_syndrome_is_not_emulated),
        cmocka_unit_test(maintenance_waits_and_brk_are_skipped_and_nothing_else),
        cmocka_unit_test(a_wait_in_t32_is_two_bytes_long),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
