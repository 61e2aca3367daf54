/* SPDX-License-Identifier: MIT */
/* The account of all state: one answer for each encoding, and the code keeps to it. */
#include "cmocka_all.h"

#include <string.h>

#include "guest/account.h"
#include "guest/sysreg.h"
#include "state/el1_table.h"

enum fate { SWITCHED, EMULATED, EXIT, HIDDEN, PLAIN };
enum access { NO = 0, RO = 1, WO = 2, RW = 3 };

static const struct row {
    enum fate fate;
    const char *name;
    uint32_t first, n;
    enum access el1, el0;
    const char *feature, *by;
} rows[] = {
#define ROW(fate, name, op0, op1, crn, crm, op2, n, el1, el0, feature, by)                         \
    {fate, #name, VCPU_SYSREG(op0, op1, crn, crm, op2), n, el1, el0, #feature, #by},
    ACCOUNT_TABLE(ROW)
#undef ROW
};

#define ROWS (sizeof(rows) / sizeof(rows[0]))

static const struct row *find(uint32_t encoding)
{
    for (size_t i = 0; i < ROWS; i++)
        if (encoding >= rows[i].first && encoding < rows[i].first + rows[i].n)
            return &rows[i];
    return NULL;
}

static void rows_are_in_order_and_apart(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS; i++) {
        uint32_t end = rows[i].first + rows[i].n;

        assert_true(rows[i].n > 0);
        /* op0 = 1 to 3, and a range does not leave its op1. */
        assert_in_range(rows[i].first, VCPU_SYSREG(1, 0, 0, 0, 0), VCPU_SYSREG(3, 7, 15, 15, 7));
        assert_int_equal((end - 1) >> 11, rows[i].first >> 11);
        if (i + 1 < ROWS && end > rows[i + 1].first)
            fail_msg("%s and %s overlap", rows[i].name, rows[i + 1].name);
    }
}

static void implementation_defined_is_in_no_row(void **state)
{
    (void)state;
    for (uint32_t encoding = 0; encoding < 1u << 16; encoding++) {
        uint32_t op0 = encoding >> 14, crn = encoding >> 7 & 15;

        assert_int_equal(account_is_impdef(encoding),
                         (op0 == 1 || op0 == 3) && (crn == 11 || crn == 15));
        if (account_is_impdef(encoding) && find(encoding))
            fail_msg("%s is IMPLEMENTATION DEFINED", find(encoding)->name);
    }
}

static void what_is_there_can_be_accessed(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS; i++) {
        if (rows[i].fate != HIDDEN)
            assert_true(rows[i].el1 != NO);
        /* EL0 has nothing that EL1 has not. */
        assert_int_equal(rows[i].el0 & ~rows[i].el1, 0);
    }
}

/* ---- The world switch ---- */

#define EL1_ROW(name, op0, op1, crn, crm, op2, vhe, when, reset)                                   \
    {#name, VCPU_SYSREG(op0, op1, crn, crm, op2), #when},
static const struct {
    const char *name;
    uint32_t encoding;
    const char *when;
} switched[] = {EL1_TABLE(EL1_ROW)};
#undef EL1_ROW

#define SWITCHED_ROWS (sizeof(switched) / sizeof(switched[0]))

static bool is_switched(uint32_t encoding)
{
    for (size_t i = 0; i < SWITCHED_ROWS; i++)
        if (switched[i].encoding == encoding)
            return true;
    return false;
}

static void every_register_of_the_switch_is_in_the_account(void **state)
{
    (void)state;
    for (size_t i = 0; i < SWITCHED_ROWS; i++) {
        const struct row *row = find(switched[i].encoding);

        if (!row)
            fail_msg("%s is in no row", switched[i].name);
        /* A guest has SP_EL1, VDISR_EL2 and VSESR_EL2 by other names only. */
        if ((switched[i].encoding >> 11 & 7) == 4) {
            assert_int_equal(row->fate, HIDDEN);
            continue;
        }
        /* The host may be asked for it, if it is not the guest's own. */
        if (strcmp(switched[i].when, "EL1_DIRECT_TIMER") == 0)
            assert_int_equal(row->fate, EXIT);
        else if (row->fate != SWITCHED || strcmp(row->by, "EL1_TABLE") != 0)
            fail_msg("%s is switched, and the account does not know", switched[i].name);
    }
}

static void what_the_account_calls_switched_is(void **state)
{
    static const char *const elsewhere[] = {"SP_EL0", "FPCR", "FPSR", "TPIDR_EL0"};
    unsigned others = 0;

    (void)state;
    for (size_t i = 0; i < ROWS; i++) {
        if (rows[i].fate != SWITCHED)
            continue;
        if (strcmp(rows[i].by, "EL1_TABLE") != 0) {
            assert_string_equal(rows[i].name, elsewhere[others++]);
            continue;
        }
        for (uint32_t n = 0; n < rows[i].n; n++)
            if (!is_switched(rows[i].first + n))
                fail_msg("%s is not in the table of the switch", rows[i].name);
    }
    assert_int_equal(others, 4);
}

/* The same condition in both. */
static void switched_with_the_feature(void **state)
{
    static const struct {
        const char *when, *feature;
    } same[] = {{"EL1_ALWAYS", "ALWAYS"},  {"EL1_PAUTH", "PAUTH"},
                {"EL1_SVE", "SVE"},        {"EL1_SCXTNUM", "SCXTNUM"},
                {"EL1_SME", "CPU_TPIDR2"}, {"EL1_DIRECT_TIMER", "ALWAYS"}};

    (void)state;
    for (size_t i = 0; i < SWITCHED_ROWS; i++) {
        const struct row *row = find(switched[i].encoding);
        bool found = row->fate == HIDDEN;

        for (size_t k = 0; k < sizeof(same) / sizeof(same[0]); k++)
            found |= strcmp(same[k].when, switched[i].when) == 0 &&
                     strcmp(same[k].feature, row->feature) == 0;
        assert_that(found, "%s: %s and %s", switched[i].name, switched[i].when, row->feature);
    }
}

/* ---- What is trapped ---- */

/* Sixteen breakpoints and watchpoints, so that each comparator is there. */
static const uint64_t id[ID_REG_COUNT] = {[ID_AA64DFR0_EL1] = 0xf0f006};

/* DC ISW, IGSW, IGDSW, then those that clean, and those that do both; and what is not assigned. */
static bool is_set_way(uint32_t encoding)
{
    unsigned crm = encoding >> 3 & 15, op2 = encoding & 7;

    return encoding >> 7 == (1u << 7 | 7) && (crm == 2 || crm == 6 || crm == 10 || crm == 14) &&
           (op2 == 0 || op2 == 2 || op2 == 4 || op2 == 6);
}

static enum outcome expected(uint32_t encoding, bool write)
{
    const struct row *row = find(encoding);

    if (account_is_impdef(encoding))
        return OUTCOME_HOST;
    if (is_set_way(encoding))
        return OUTCOME_HOST;
    if (!row)
        return OUTCOME_UNDEFINED;
    if (row->fate == EXIT)
        return OUTCOME_HOST;
    /* The PMU is a device, and is asked before. */
    if (row->fate != EMULATED || strncmp(row->feature, "PMU", 3) == 0)
        return OUTCOME_UNDEFINED;
    return row->el1 & (write ? WO : RO) ? OUTCOME_DONE : OUTCOME_UNDEFINED;
}

static void a_trapped_encoding_comes_to_what_the_account_says(void **state)
{
    (void)state;
    for (uint32_t encoding = 0; encoding < 1u << 16; encoding++) {
        for (unsigned write = 0; write < 2; write++) {
            struct debug_state debug = {0};
            struct vcpu_sysreg_access access = {.encoding = encoding, .write = write};

            assert_that(vcpu_sysreg_emulate(id, &debug, &access) == expected(encoding, write),
                        "S%u_%u_C%u_C%u_%u %s", encoding >> 14, encoding >> 11 & 7,
                        encoding >> 7 & 15, encoding >> 3 & 15, encoding & 7,
                        write ? "written" : "read");
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_in_order_and_apart),
        cmocka_unit_test(implementation_defined_is_in_no_row),
        cmocka_unit_test(what_is_there_can_be_accessed),
        cmocka_unit_test(every_register_of_the_switch_is_in_the_account),
        cmocka_unit_test(what_the_account_calls_switched_is),
        cmocka_unit_test(switched_with_the_feature),
        cmocka_unit_test(a_trapped_encoding_comes_to_what_the_account_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
