/* SPDX-License-Identifier: MIT */
#include "cmocka_all.h"

#include <string.h>

#include <vcpu/sysreg.h>

/* Encodings as the 16 bits op0:op1:CRn:CRm:op2, from the registers' pages in the Arm ARM. */
static const struct {
    uint32_t encoding;
    const char *name;
} known[] = {
    {0xc000, "MIDR_EL1"},        {0xc005, "MPIDR_EL1"},        {0xc020, "ID_AA64PFR0_EL1"},
    {0xc028, "ID_AA64DFR0_EL1"}, {0xc030, "ID_AA64ISAR0_EL1"}, {0xc038, "ID_AA64MMFR0_EL1"},
    {0xc080, "SCTLR_EL1"},       {0xc082, "CPACR_EL1"},        {0xc100, "TTBR0_EL1"},
    {0xc102, "TCR_EL1"},         {0xc200, "SPSR_EL1"},         {0xc201, "ELR_EL1"},
    {0xc230, "ICC_PMR_EL1"},     {0xc290, "ESR_EL1"},          {0xc300, "FAR_EL1"},
    {0xc3a0, "PAR_EL1"},         {0xc510, "MAIR_EL1"},         {0xc600, "VBAR_EL1"},
    {0xc65d, "ICC_SGI1R_EL1"},   {0xc660, "ICC_IAR1_EL1"},     {0xc665, "ICC_SRE_EL1"},
    {0xc684, "TPIDR_EL1"},       {0xc708, "CNTKCTL_EL1"},      {0xc801, "CLIDR_EL1"},
    {0xd000, "CSSELR_EL1"},      {0xd801, "CTR_EL0"},          {0xde82, "TPIDR_EL0"},
    {0xdf00, "CNTFRQ_EL0"},      {0xdf02, "CNTVCT_EL0"},       {0xdf19, "CNTV_CTL_EL0"},
    {0x8012, "MDSCR_EL1"},       {0x8084, "OSLAR_EL1"},        {0x83f6, "DBGAUTHSTATUS_EL1"},
};

static void known_registers_have_their_names(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        const char *name = vcpu_sysreg_name(known[i].encoding);

        assert_non_null(name);
        assert_string_equal(name, known[i].name);
    }
}

/* The list as the library has it, in its order. */
static const struct {
    uint32_t encoding;
    const char *name;
} list[] = {
#define SYSREG(op0, op1, crn, crm, op2, name) {VCPU_SYSREG(op0, op1, crn, crm, op2), name},
#include "decode/sysreg_list.h"
#undef SYSREG
};
#define LISTED (sizeof(list) / sizeof(list[0]))

static void the_list_ascends_and_every_row_is_found(void **state)
{
    (void)state;
    for (size_t i = 0; i < LISTED; i++) {
        const char *name = vcpu_sysreg_name(list[i].encoding);

        if (i > 0 && list[i].encoding <= list[i - 1].encoding)
            fail_msg("%s is out of order", list[i].name);
        assert_non_null(name);
        assert_string_equal(name, list[i].name);
    }
}

static void no_name_stands_twice(void **state)
{
    (void)state;
    for (size_t i = 0; i < LISTED; i++) {
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(list[i].name, list[j].name);
    }
}

/* CRn, CRm and op2 may be anything, but a register's name says the level that op1 stands for. */
static void the_suffix_agrees_with_op1(void **state)
{
    (void)state;
    for (size_t i = 0; i < LISTED; i++) {
        uint32_t op0 = list[i].encoding >> 14, op1 = list[i].encoding >> 11 & 7;
        const char *suffix = strrchr(list[i].name, '_');

        if (op0 < 2 || !suffix || strcmp(list[i].name, "SP_EL0") == 0)
            continue;
        assert_string_equal(suffix, op1 == 3 ? "_EL0" : "_EL1");
    }
}

static void the_unknown_has_no_name(void **state)
{
    (void)state;
    assert_null(vcpu_sysreg_name(0));
    assert_null(vcpu_sysreg_name(0xc001));           /* between MIDR_EL1 and MPIDR_EL1 */
    assert_null(vcpu_sysreg_name(0xe080));           /* SCTLR_EL2 */
    assert_null(vcpu_sysreg_name(0xffff));           /* IMPLEMENTATION DEFINED */
    assert_null(vcpu_sysreg_name(0x10000 + 0xc000)); /* more than 16 bits */
    assert_null(vcpu_sysreg_name(UINT32_MAX));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_registers_have_their_names),
        cmocka_unit_test(the_list_ascends_and_every_row_is_found),
        cmocka_unit_test(no_name_stands_twice),
        cmocka_unit_test(the_suffix_agrees_with_op1),
        cmocka_unit_test(the_unknown_has_no_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
