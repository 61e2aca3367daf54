/* SPDX-License-Identifier: MIT */
/* Taking an exception to EL1: each bit of PSTATE by the Arm ARM's AArch64.TakeException. */
#include "cmocka_all.h"

#include "core/inject.h"
#include "random.h"

#define VBAR UINT64_C(0xffff800008010800)
#define SPAN UINT64_C(0x00800000)
/* SCTLR_EL1.DSSBS */
#define DSSBS UINT64_C(0x0000100000000000)

static struct inject_state take(uint64_t pstate, uint64_t sctlr, bool pan, bool ssbs,
                                enum inject_vector vector)
{
    struct inject_state state = {.pc = 0x1234, .pstate = pstate, .vbar = VBAR, .sctlr = sctlr};
    const struct inject_features features = {.pan = pan, .ssbs = ssbs};

    vcpu_inject_take(&state, &features, vector);
    assert_int_equal(state.vbar, VBAR);
    assert_int_equal(state.sctlr, sctlr);
    return state;
}

static void the_vector_is_of_the_level_and_stack_that_was_interrupted(void **state)
{
    static const struct {
        const char *from;
        uint64_t pstate, offset;
    } rows[] = {
        {"EL1t", 0x3c4, 0x000},
        {"EL1h", 0x3c5, 0x200},
        {"EL0t", 0x000, 0x400},
        {"User, A32", 0x010, 0x600},
        {"User, T32", 0x030, 0x600},
        {"EL0t, all but M", 0xffffffe0, 0x400},
        {"EL1h, all but M", 0xffffffe5, 0x200},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        uint64_t base = VBAR + rows[i].offset;

        print_message("%s\n", rows[i].from);
        assert_int_equal(take(rows[i].pstate, 0, 0, 0, INJECT_SYNC).pc, base);
        assert_int_equal(take(rows[i].pstate, 0, 0, 0, INJECT_IRQ).pc, base + 0x80);
        assert_int_equal(take(rows[i].pstate, 0, 0, 0, INJECT_FIQ).pc, base + 0x100);
        assert_int_equal(take(rows[i].pstate, 0, 0, 0, INJECT_SERROR).pc, base + 0x180);
    }
}

/* The table of vectors has 2 KiB: VBAR_EL1[10:0] are RES0, whatever was written there. */
static void the_low_bits_of_vbar_do_not_count(void **state)
{
    const struct inject_features features = {0};

    (void)state;
    for (unsigned bit = 0; bit < 11; bit++) {
        struct inject_state is = {.pstate = 0x5, .vbar = VBAR | UINT64_C(1) << bit};

        vcpu_inject_take(&is, &features, INJECT_IRQ);
        assert_int_equal(is.pc, VBAR + 0x280);
    }
}

/* What becomes of each bit of PSTATE if it is the only one that is set, but for the mode. */
static void each_bit_of_pstate_is_kept_or_cleared(void **state)
{
    static const uint64_t modes[] = {0x0, 0x4, 0x5, 0x10};

    (void)state;
    for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
        for (unsigned bit = 5; bit < 64; bit++) {
            /* N, Z, C, V; DIT; PAN. All else (SS, IL, UAO or SSBS, BTYPE or IT, Q, GE, E, T) goes. */
            bool kept = bit >= 28 ? bit < 32 : bit == 24 || bit == 22;
            uint64_t one = UINT64_C(1) << bit;

            /* DAIF set, EL1h. SPAN = 1: PAN is left alone. */
            assert_int_equal(take(modes[i] | one, SPAN, true, true, INJECT_SYNC).pstate,
                             0x3c5 | (kept ? one : 0));
        }
    }
}

static void pan_is_set_unless_span_says_no(void **state)
{
    const uint64_t pan = 0x00400000;

    (void)state;
    assert_int_equal(take(0x0, 0, true, false, INJECT_SYNC).pstate, 0x3c5 | pan);
    assert_int_equal(take(0x5, 0, true, false, INJECT_SYNC).pstate, 0x3c5 | pan);
    assert_int_equal(take(0x10, 0, true, false, INJECT_IRQ).pstate, 0x3c5 | pan);
    assert_int_equal(take(0x0, SPAN, true, false, INJECT_SYNC).pstate, 0x3c5);
    assert_int_equal(take(pan, SPAN, true, false, INJECT_SYNC).pstate, 0x3c5 | pan);
    /* SPAN is RES1 without the feature, but a 0 in it must not make a bit that is not there. */
    assert_int_equal(take(0x0, 0, false, false, INJECT_SYNC).pstate, 0x3c5);
    /* No other bit of SCTLR_EL1 matters. */
    assert_int_equal(take(0x0, ~SPAN, true, false, INJECT_SYNC).pstate, 0x3c5 | pan);
    assert_int_equal(take(0x0, ~DSSBS, true, true, INJECT_SYNC).pstate, 0x3c5);
}

static void ssbs_is_what_dssbs_says(void **state)
{
    const uint64_t ssbs = 0x1000;

    (void)state;
    assert_int_equal(take(0x5, SPAN | DSSBS, true, true, INJECT_SYNC).pstate, 0x3c5 | ssbs);
    assert_int_equal(take(0x5, SPAN, true, true, INJECT_SYNC).pstate, 0x3c5);
    assert_int_equal(take(0x5 | ssbs, SPAN, true, true, INJECT_SYNC).pstate, 0x3c5);
    assert_int_equal(take(0x5 | ssbs, SPAN | DSSBS, true, true, INJECT_SYNC).pstate, 0x3c5 | ssbs);
    assert_int_equal(take(0x5, SPAN | DSSBS, true, false, INJECT_SYNC).pstate, 0x3c5);
    /* In AArch32 state it is bit 23. */
    assert_int_equal(take(0x800010, SPAN, true, true, INJECT_SYNC).pstate, 0x3c5);
    assert_int_equal(take(0x10, SPAN | DSSBS, true, true, INJECT_SYNC).pstate, 0x3c5 | ssbs);
}

/* Field after field, as the pseudocode assigns them. */
static uint64_t model(uint64_t from, uint64_t sctlr, bool pan, bool ssbs)
{
    uint64_t nzcv = from >> 28 & 15, dit = from >> 24 & 1, old_pan = from >> 22 & 1;
    uint64_t el = 1, sp = 1, daif = 15;

    if (pan && !(sctlr >> 23 & 1))
        old_pan = 1;
    return nzcv << 28 | dit << 24 | old_pan << 22 | (ssbs ? sctlr >> 44 & 1 : 0) << 12 | daif << 6 |
           el << 2 | sp;
}

static void any_state_is_taken_as_the_pseudocode_does(void **state)
{
    static const uint64_t modes[] = {0x0, 0x4, 0x5, 0x10};
    uint64_t seed = 2;

    (void)state;
    for (unsigned i = 0; i < 100000; i++) {
        uint64_t random = random64(&seed), sctlr = random64(&seed);
        uint64_t pstate = (random64(&seed) & ~UINT64_C(0x1f)) | modes[random & 3];
        bool pan = random >> 2 & 1, ssbs = random >> 3 & 1;

        assert_int_equal(take(pstate, sctlr, pan, ssbs, INJECT_SYNC).pstate,
                         model(pstate, sctlr, pan, ssbs));
    }
}

static void the_syndrome_of_undefined_is_unknown_reason(void **state)
{
    (void)state;
    /* EC 0, with IL = 1 and ISS = 0 as it always has. */
    assert_int_equal(vcpu_inject_esr_undefined(), 0x02000000);
}

/* IL, and DFSC or IFSC 0x10: a synchronous external abort that is not on a walk. */
static void the_syndrome_of_an_abort_tells_the_level_it_is_from(void **state)
{
    static const struct {
        const char *from;
        uint64_t pstate, data, instruction;
    } rows[] = {
        {"EL0t", 0x60000000, 0x92000010, 0x82000010},
        {"EL1t", 0x3c4, 0x96000010, 0x86000010},
        {"EL1h", 0x3c5, 0x96000010, 0x86000010},
        {"User, A32", 0x10, 0x92000010, 0x82000010},
        {"User, T32", 0x60000030, 0x92000010, 0x82000010},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        print_message("%s\n", rows[i].from);
        assert_int_equal(vcpu_inject_esr_abort(rows[i].pstate, false), rows[i].data);
        assert_int_equal(vcpu_inject_esr_abort(rows[i].pstate, true), rows[i].instruction);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_vector_is_of_the_level_and_stack_that_was_interrupted),
        cmocka_unit_test(the_low_bits_of_vbar_do_not_count),
        cmocka_unit_test(each_bit_of_pstate_is_kept_or_cleared),
        cmocka_unit_test(pan_is_set_unless_span_says_no),
        cmocka_unit_test(ssbs_is_what_dssbs_says),
        cmocka_unit_test(any_state_is_taken_as_the_pseudocode_does),
        cmocka_unit_test(the_syndrome_of_undefined_is_unknown_reason),
        cmocka_unit_test(the_syndrome_of_an_abort_tells_the_level_it_is_from),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
