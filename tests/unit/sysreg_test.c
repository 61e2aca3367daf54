/* SPDX-License-Identifier: MIT */
/* Trapped system registers: emulated, UNDEFINED, or the host's. Encodings as the Arm ARM has them. */
#include "cmocka_all.h"

#include <stdlib.h>
#include <string.h>

#include <vcpu/sysreg.h>

#include "guest/sysreg.h"
#include "random.h"

#define S(op0, op1, crn, crm, op2) VCPU_SYSREG(op0, op1, crn, crm, op2)

/* Each in memory of its own, so that the sanitizer sees a step over its end. */
struct machine {
    uint64_t *id;
    struct debug_state *debug;
};

/* ID register n reads as 0x101d00 + n. */
static int set_up(void **state)
{
    struct machine *m = malloc(sizeof(*m));

    if (!m)
        return -1;
    m->id = malloc(56 * sizeof(uint64_t));
    m->debug = calloc(1, sizeof(*m->debug));
    *state = m;
    if (!m->id || !m->debug)
        return -1;
    for (unsigned n = 0; n < 56; n++)
        m->id[n] = 0x101d00 + n;
    return 0;
}

static int tear_down(void **state)
{
    struct machine *m = *state;

    free(m->id);
    free(m->debug);
    free(m);
    return 0;
}

static enum outcome access_register(struct machine *m, uint32_t encoding, bool write,
                                    uint64_t *value)
{
    struct vcpu_sysreg_access access = {
        .encoding = encoding, .write = write, .value = *value, .reg = 3};
    enum outcome outcome = vcpu_sysreg_emulate(m->id, m->debug, &access);

    assert_int_equal(access.encoding, encoding);
    assert_int_equal(access.write, write);
    assert_int_equal(access.reg, 3);
    *value = access.value;
    return outcome;
}

static void reads_as(struct machine *m, uint32_t encoding, uint64_t expected)
{
    uint64_t value = 0x5a5a5a5a5a5a5a5a;

    assert_int_equal(access_register(m, encoding, false, &value), OUTCOME_DONE);
    assert_int_equal(value, expected);
}

static void write_to(struct machine *m, uint32_t encoding, uint64_t value)
{
    assert_int_equal(access_register(m, encoding, true, &value), OUTCOME_DONE);
}

static void access_is(struct machine *m, uint32_t encoding, bool write, enum outcome expected)
{
    uint64_t value = 0x5a5a5a5a5a5a5a5a;

    if (access_register(m, encoding, write, &value) != expected)
        fail_msg("S%u_%u_C%u_C%u_%u %s", encoding >> 14, encoding >> 11 & 7, encoding >> 7 & 15,
                 encoding >> 3 & 15, encoding & 7, write ? "written" : "read");
}

static void read_only(struct machine *m, uint32_t encoding, uint64_t value)
{
    const struct debug_state before = *m->debug;

    reads_as(m, encoding, value);
    access_is(m, encoding, true, OUTCOME_UNDEFINED);
    assert_memory_equal(m->debug, &before, sizeof(before));
}

static void id_registers_are_read_only(void **state)
{
    for (unsigned crm = 1; crm < 8; crm++) {
        for (unsigned op2 = 0; op2 < 8; op2++)
            read_only(*state, S(3, 0, 0, crm, op2), 0x101d00 + (crm - 1) * 8 + op2);
    }
}

static void what_tells_the_machine_apart_reads_as_zero(void **state)
{
    read_only(*state, S(3, 0, 0, 0, 6), 0); /* REVIDR_EL1 */
    read_only(*state, S(3, 1, 0, 0, 7), 0); /* AIDR_EL1 */
    write_to(*state, S(3, 0, 1, 0, 1), 0xffffffffffffffff);
    reads_as(*state, S(3, 0, 1, 0, 1), 0); /* ACTLR_EL1 */
}

static void debug_registers_that_keep_what_is_written(void **state)
{
    /* HMC (13) and SSC (15:14) of the control registers are among the bits that are RES0. */
    static const struct {
        uint32_t encoding;
        uint64_t bits;
    } kept[] = {
        {S(2, 0, 0, 2, 2), 0x000000000000b001}, /* MDSCR_EL1: MDE, KDE, TDCC, SS */
        {S(2, 0, 0, 2, 0), 0x0000000060000000}, /* MDCCINT_EL1: RX, TX */
        {S(2, 0, 0, 6, 2), 0x00000000ffffffff}, /* OSECCR_EL1 */
        {S(2, 0, 0, 0, 4), 0xffffffffffffffff}, /* DBGBVR0_EL1 */
        {S(2, 0, 0, 1, 4), 0xffffffffffffffff}, /* DBGBVR1_EL1 */
        {S(2, 0, 0, 0, 5), 0x0000000000ff01e7}, /* DBGBCR0_EL1: BT, LBN, BAS, PMC, E */
        {S(2, 0, 0, 1, 5), 0x0000000000ff01e7}, /* DBGBCR1_EL1 */
        {S(2, 0, 0, 0, 6), 0xffffffffffffffff}, /* DBGWVR0_EL1 */
        {S(2, 0, 0, 1, 6), 0xffffffffffffffff}, /* DBGWVR1_EL1 */
        {S(2, 0, 0, 0, 7), 0x000000001f1f1fff}, /* DBGWCR0_EL1: MASK, WT, LBN, BAS, LSC, PAC, E */
        {S(2, 0, 0, 1, 7), 0x000000001f1f1fff}, /* DBGWCR1_EL1 */
    };
    const size_t count = sizeof(kept) / sizeof(kept[0]);

    for (size_t i = 0; i < count; i++)
        reads_as(*state, kept[i].encoding, 0);
    for (unsigned turn = 0; turn < 64; turn++) {
        /* One bit of each, another one in each. */
        for (size_t i = 0; i < count; i++)
            write_to(*state, kept[i].encoding, UINT64_C(1) << (turn + i) % 64);
        for (size_t i = 0; i < count; i++)
            reads_as(*state, kept[i].encoding, kept[i].bits & UINT64_C(1) << (turn + i) % 64);
    }
}

/* ID_AA64DFR0_EL1 says that there are two of each: BRPs (15:12) and WRPs (23:20) are 1. */
static void comparators_from_the_third_on_are_undefined(void **state)
{
    for (unsigned n = 2; n < 16; n++) {
        for (unsigned op2 = 4; op2 < 8; op2++) {
            access_is(*state, S(2, 0, 0, n, op2), false, OUTCOME_UNDEFINED);
            access_is(*state, S(2, 0, 0, n, op2), true, OUTCOME_UNDEFINED);
        }
    }
}

static void debug_registers_that_ignore_writes(void **state)
{
    static const uint32_t ignored[] = {
        S(2, 0, 0, 0, 2), /* OSDTRRX_EL1 */
        S(2, 0, 0, 3, 2), /* OSDTRTX_EL1 */
        S(2, 3, 0, 4, 0), /* DBGDTR_EL0 */
        S(2, 3, 0, 5, 0), /* DBGDTRRX_EL0 and DBGDTRTX_EL0 */
        S(2, 0, 1, 3, 4), /* OSDLR_EL1 */
        S(2, 0, 1, 4, 4), /* DBGPRCR_EL1 */
    };

    for (size_t i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++) {
        write_to(*state, ignored[i], 0xffffffffffffffff);
        reads_as(*state, ignored[i], 0);
    }
}

static void debug_registers_that_are_read_only(void **state)
{
    read_only(*state, S(2, 3, 0, 1, 0), 0);  /* MDCCSR_EL0 */
    read_only(*state, S(2, 0, 1, 0, 0), 0);  /* MDRAR_EL1: no ROM table */
    read_only(*state, S(2, 0, 7, 14, 6), 0); /* DBGAUTHSTATUS_EL1 */
    read_only(*state, S(2, 0, 1, 1, 4), 8);  /* OSLSR_EL1: OSLM = 0b10 in bits 3 and 0 */
}

static void the_os_lock_is_what_was_written_last(void **state)
{
    const uint32_t oslar = S(2, 0, 1, 0, 4), oslsr = S(2, 0, 1, 1, 4);

    access_is(*state, oslar, false, OUTCOME_UNDEFINED);
    write_to(*state, oslar, 1);
    reads_as(*state, oslsr, 0xa); /* OSLK */
    write_to(*state, oslar, 0xfffffffffffffffe);
    reads_as(*state, oslsr, 0x8);
    write_to(*state, oslar, 0xffffffffffffffff);
    reads_as(*state, oslsr, 0xa);
}

static void claim_tags_are_set_and_cleared_apart(void **state)
{
    const uint32_t set = S(2, 0, 7, 8, 6), clear = S(2, 0, 7, 9, 6);

    reads_as(*state, set, 0xff); /* which tags there are */
    reads_as(*state, clear, 0);
    write_to(*state, set, 0x05);
    reads_as(*state, clear, 0x05);
    write_to(*state, set, 0x50);
    reads_as(*state, clear, 0x55);
    write_to(*state, set, 0xffffffffffffff00); /* RAZ, SBZ */
    reads_as(*state, clear, 0x55);
    write_to(*state, clear, 0x11);
    reads_as(*state, clear, 0x44);
    write_to(*state, clear, 0);
    reads_as(*state, clear, 0x44);
    write_to(*state, clear, 0xffffffffffffffff);
    reads_as(*state, clear, 0);
    reads_as(*state, set, 0xff);
}

/* One of each register that belongs to a feature which the ID registers hide. */
static void registers_of_hidden_features_are_undefined(void **state)
{
    static const struct {
        const char *name;
        uint32_t encoding;
    } rows[] = {
        {"SCTLR2_EL1", S(3, 0, 1, 0, 3)},
        {"RGSR_EL1", S(3, 0, 1, 0, 5)},
        {"GCR_EL1", S(3, 0, 1, 0, 6)},
        {"ZCR_EL1", S(3, 0, 1, 2, 0)},
        {"TRFCR_EL1", S(3, 0, 1, 2, 1)},
        {"SMPRI_EL1", S(3, 0, 1, 2, 4)},
        {"SMCR_EL1", S(3, 0, 1, 2, 6)},
        {"TCR2_EL1", S(3, 0, 2, 0, 3)},
        {"APIAKeyLo_EL1", S(3, 0, 2, 1, 0)},
        {"APIAKeyHi_EL1", S(3, 0, 2, 1, 1)},
        {"APIBKeyLo_EL1", S(3, 0, 2, 1, 2)},
        {"APIBKeyHi_EL1", S(3, 0, 2, 1, 3)},
        {"APDAKeyLo_EL1", S(3, 0, 2, 2, 0)},
        {"APDAKeyHi_EL1", S(3, 0, 2, 2, 1)},
        {"APDBKeyLo_EL1", S(3, 0, 2, 2, 2)},
        {"APDBKeyHi_EL1", S(3, 0, 2, 2, 3)},
        {"APGAKeyLo_EL1", S(3, 0, 2, 3, 0)},
        {"APGAKeyHi_EL1", S(3, 0, 2, 3, 1)},
        {"GCSCR_EL1", S(3, 0, 2, 5, 0)},
        {"GCSPR_EL1", S(3, 0, 2, 5, 1)},
        {"GCSCRE0_EL1", S(3, 0, 2, 5, 2)},
        {"GCSPR_EL0", S(3, 3, 2, 5, 1)},
        {"ERRIDR_EL1", S(3, 0, 5, 3, 0)},
        {"ERRSELR_EL1", S(3, 0, 5, 3, 1)},
        {"ERXFR_EL1", S(3, 0, 5, 4, 0)},
        {"ERXMISC3_EL1", S(3, 0, 5, 5, 3)},
        {"TFSR_EL1", S(3, 0, 5, 6, 0)},
        {"TFSRE0_EL1", S(3, 0, 5, 6, 1)},
        {"PMSCR_EL1", S(3, 0, 9, 9, 0)},
        {"PMSIDR_EL1", S(3, 0, 9, 9, 7)},
        {"PMBLIMITR_EL1", S(3, 0, 9, 10, 0)},
        {"PMBIDR_EL1", S(3, 0, 9, 10, 7)},
        {"TRBLIMITR_EL1", S(3, 0, 9, 11, 0)},
        {"TRBIDR_EL1", S(3, 0, 9, 11, 7)},
        {"PMINTENSET_EL1", S(3, 0, 9, 14, 1)},
        {"PMINTENCLR_EL1", S(3, 0, 9, 14, 2)},
        {"PMMIR_EL1", S(3, 0, 9, 14, 6)},
        {"MAIR2_EL1", S(3, 0, 10, 2, 1)},
        {"PIRE0_EL1", S(3, 0, 10, 2, 2)},
        {"PIR_EL1", S(3, 0, 10, 2, 3)},
        {"POR_EL1", S(3, 0, 10, 2, 4)},
        {"S2POR_EL1", S(3, 0, 10, 2, 5)},
        {"AMAIR2_EL1", S(3, 0, 10, 3, 1)},
        {"LORSA_EL1", S(3, 0, 10, 4, 0)},
        {"MPAMIDR_EL1", S(3, 0, 10, 4, 4)},
        {"LORID_EL1", S(3, 0, 10, 4, 7)},
        {"MPAM1_EL1", S(3, 0, 10, 5, 0)},
        {"MPAM0_EL1", S(3, 0, 10, 5, 1)},
        {"MPAMSM_EL1", S(3, 0, 10, 5, 3)},
        {"RCWSMASK_EL1", S(3, 0, 13, 0, 3)},
        {"ACCDATA_EL1", S(3, 0, 13, 0, 5)},
        {"RCWMASK_EL1", S(3, 0, 13, 0, 6)},
        {"SCXTNUM_EL1", S(3, 0, 13, 0, 7)},
        {"CCSIDR2_EL1", S(3, 1, 0, 0, 2)},
        {"GMID_EL1", S(3, 1, 0, 0, 4)},
        {"SMIDR_EL1", S(3, 1, 0, 0, 6)},
        {"SVCR", S(3, 3, 4, 2, 2)},
        {"FPMR", S(3, 3, 4, 4, 2)},
        {"PMCR_EL0", S(3, 3, 9, 12, 0)},
        {"PMCEID1_EL0", S(3, 3, 9, 12, 7)},
        {"PMCCNTR_EL0", S(3, 3, 9, 13, 0)},
        {"PMXEVTYPER_EL0", S(3, 3, 9, 13, 1)},
        {"PMXEVCNTR_EL0", S(3, 3, 9, 13, 2)},
        {"PMUSERENR_EL0", S(3, 3, 9, 14, 0)},
        {"PMOVSSET_EL0", S(3, 3, 9, 14, 3)},
        {"POR_EL0", S(3, 3, 10, 2, 4)},
        {"TPIDR2_EL0", S(3, 3, 13, 0, 5)},
        {"SCXTNUM_EL0", S(3, 3, 13, 0, 7)},
        {"AMCR_EL0", S(3, 3, 13, 2, 0)},
        {"AMEVCNTR00_EL0", S(3, 3, 13, 4, 0)},
        {"AMEVTYPER115_EL0", S(3, 3, 13, 15, 7)},
        {"PMEVCNTR0_EL0", S(3, 3, 14, 8, 0)},
        {"PMEVTYPER0_EL0", S(3, 3, 14, 12, 0)},
        {"PMCCFILTR_EL0", S(3, 3, 14, 15, 7)},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        access_is(*state, rows[i].encoding, false, OUTCOME_UNDEFINED);
        access_is(*state, rows[i].encoding, true, OUTCOME_UNDEFINED);
    }
}

/* What is trapped only because the guest is not to have it. */
static void instructions_of_hidden_features_are_undefined(void **state)
{
    static const uint32_t rows[] = {
        S(0, 1, 4, 0, 0),  S(0, 1, 4, 1, 0),  S(3, 0, 4, 3, 0),                   /* ALLINT */
        S(1, 0, 9, 1, 1),  S(1, 0, 9, 2, 1),  S(1, 0, 9, 5, 1), S(1, 0, 9, 6, 1), /* TLBI ..nXS */
        S(1, 0, 7, 9, 0),  S(1, 0, 7, 9, 1),                    /* AT S1E1RP, S1E1WP */
        S(1, 0, 8, 1, 0),  S(1, 0, 8, 1, 1),  S(1, 0, 8, 1, 7), /* TLBI VMALLE1OS, VAE1OS, ... */
        S(1, 0, 8, 2, 1),  S(1, 0, 8, 2, 7),                    /* TLBI RVAE1IS, RVAALE1IS */
        S(1, 0, 8, 5, 1),  S(1, 0, 8, 5, 7),                    /* TLBI RVAE1OS, RVAALE1OS */
        S(1, 0, 8, 6, 1),  S(1, 0, 8, 6, 7),                    /* TLBI RVAE1, RVAALE1 */
        S(1, 3, 7, 3, 4),  S(1, 3, 7, 3, 5),  S(1, 3, 7, 3, 7), /* CFP, DVP, CPP RCTX */
        S(1, 3, 7, 4, 1),  S(1, 3, 7, 4, 3),  S(1, 3, 7, 4, 4), /* DC ZVA, GVA, GZVA */
        S(1, 3, 7, 12, 1), S(1, 3, 7, 13, 1),                   /* DC CVAP, CVADP */
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        access_is(*state, rows[i], true, OUTCOME_UNDEFINED);
}

static void trace_and_branch_records_are_undefined(void **state)
{
    /* All of op0 = 2 with op1 = 1 is the trace unit's and the branch records'. */
    for (uint32_t low = 0; low < 1u << 11; low++) {
        access_is(*state, S(2, 1, 0, 0, 0) + low, false, OUTCOME_UNDEFINED);
        access_is(*state, S(2, 1, 0, 0, 0) + low, true, OUTCOME_UNDEFINED);
    }
    access_is(*state, S(2, 4, 0, 7, 0), false, OUTCOME_UNDEFINED); /* DBGVCR32_EL2 */
    access_is(*state, S(2, 3, 0, 1, 1), false, OUTCOME_UNDEFINED);
    access_is(*state, S(2, 0, 9, 13, 0), false, OUTCOME_UNDEFINED); /* SPMACCESSR_EL1 */
}

static void devices_and_the_machine_are_the_hosts(void **state)
{
    static const uint32_t encodings[] = {
        S(3, 0, 12, 11, 5), S(3, 0, 12, 11, 6), S(3, 0, 12, 11, 7), /* ICC_SGI1R, ASGI1R, SGI0R */
        S(3, 0, 12, 12, 0), S(3, 0, 12, 12, 5), S(3, 0, 4, 6, 0),   /* ICC_IAR1, SRE, PMR_EL1 */
        S(3, 3, 14, 0, 1),  S(3, 3, 14, 2, 0),  S(3, 3, 14, 2, 1),  /* CNTPCT, CNTP_TVAL, CTL_EL0 */
        S(3, 3, 14, 2, 2),                                          /* CNTP_CVAL_EL0 */
        S(3, 0, 11, 0, 0),  S(3, 0, 15, 0, 0),  S(3, 3, 15, 0, 0),  /* IMPLEMENTATION DEFINED */
        S(1, 0, 11, 0, 0),  S(1, 6, 15, 15, 7), S(3, 7, 11, 15, 7),
    };

    for (size_t i = 0; i < sizeof(encodings) / sizeof(encodings[0]); i++) {
        uint64_t value = 0x5a5a5a5a5a5a5a5a;

        access_is(*state, encodings[i], false, OUTCOME_HOST);
        access_is(*state, encodings[i], true, OUTCOME_HOST);
        /* The host gets the access as it was decoded. */
        access_register(*state, encodings[i], true, &value);
        assert_int_equal(value, 0x5a5a5a5a5a5a5a5a);
    }
}

/* Every encoding that there is, and what a guest sees of the machine by it. */
static void no_encoding_steps_over_an_end(void **state)
{
    struct machine *m = *state;
    uint64_t seed = 4;

    for (uint32_t encoding = 0; encoding < 1u << 16; encoding++) {
        for (unsigned write = 0; write < 2; write++) {
            uint64_t value = write ? random64(&seed) : 0;
            enum outcome outcome = access_register(m, encoding, write, &value);

            assert_in_range(outcome, OUTCOME_DONE, OUTCOME_HOST);
            /* Instructions (op0 = 1) and the unassigned op0 = 0 are never emulated here. */
            if (encoding >> 14 < 2)
                assert_int_not_equal(outcome, OUTCOME_DONE);
            if (encoding >> 14 == 2)
                assert_int_not_equal(outcome, OUTCOME_HOST);
        }
    }
    for (unsigned n = 0; n < 56; n++)
        assert_int_equal(m->id[n], 0x101d00 + n);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(id_registers_are_read_only),
        TEST(what_tells_the_machine_apart_reads_as_zero),
        TEST(debug_registers_that_keep_what_is_written),
        TEST(comparators_from_the_third_on_are_undefined),
        TEST(debug_registers_that_ignore_writes),
        TEST(debug_registers_that_are_read_only),
        TEST(the_os_lock_is_what_was_written_last),
        TEST(claim_tags_are_set_and_cleared_apart),
        TEST(registers_of_hidden_features_are_undefined),
        TEST(instructions_of_hidden_features_are_undefined),
        TEST(trace_and_branch_records_are_undefined),
        TEST(devices_and_the_machine_are_the_hosts),
        TEST(no_encoding_steps_over_an_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
