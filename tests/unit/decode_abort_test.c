/* SPDX-License-Identifier: MIT */
/* Aborts that are not plain MMIO. Syndromes are spelled out, not made with the code's masks. */
#include "decode_exit.h"

#include "decode/abort.h"
#include "decode/complete.h"

#define IPA  UINT64_C(0x0000000009000123)
#define PAGE UINT64_C(0x0000000009000000)

static struct vcpu_exit decode(uint64_t esr)
{
    return decode_exit(esr, UINT64_C(0x8000000080008000), 1);
}

/*
 * Each fault status code, 0 to 63, as the table of DFSC in the Arm ARM has it: kind and level of a
 * stage-2 fault, or '-' for what is none.
 */
struct status {
    char kind; /* Address size, Translation, access Flag, Permission, - */
    int level;
};

static const struct status statuses[64] = {
    {'A', 0}, {'A', 1},  {'A', 2}, {'A', 3},  {'T', 0}, {'T', 1}, {'T', 2}, {'T', 3},
    {'F', 0}, {'F', 1},  {'F', 2}, {'F', 3},  {'P', 0}, {'P', 1}, {'P', 2}, {'P', 3},
    {'-', 0}, {'-', 0},  {'-', 0}, {'-', 0},  {'-', 0}, {'-', 0}, {'-', 0}, {'-', 0},
    {'-', 0}, {'-', 0},  {'-', 0}, {'-', 0},  {'-', 0}, {'-', 0}, {'-', 0}, {'-', 0},
    {'-', 0}, {'-', 0},  {'-', 0}, {'-', 0},  {'-', 0}, {'-', 0}, {'-', 0}, {'-', 0},
    {'-', 0}, {'A', -1}, {'-', 0}, {'T', -1}, {'-', 0}, {'-', 0}, {'-', 0}, {'-', 0},
    {'-', 0}, {'-', 0},  {'-', 0}, {'-', 0},  {'-', 0}, {'-', 0}, {'-', 0}, {'-', 0},
    {'-', 0}, {'-', 0},  {'-', 0}, {'-', 0},  {'-', 0}, {'-', 0}, {'-', 0}, {'-', 0},
};

static int kind_of(char letter)
{
    switch (letter) {
    case 'A':
        return VCPU_FAULT_ADDRESS_SIZE;
    case 'T':
        return VCPU_FAULT_TRANSLATION;
    case 'F':
        return VCPU_FAULT_ACCESS_FLAG;
    default:
        return VCPU_FAULT_PERMISSION;
    }
}

static void check_status(uint64_t esr, const struct status *status, bool s1ptw, int access)
{
    struct vcpu_exit exit = decode(esr);

    assert_int_equal(exit.far_el2, FAR);
    if (status->kind == '-') {
        assert_int_equal(exit.reason, VCPU_EXIT_UNHANDLED);
        assert_int_equal(exit.ipa.value, 0);
        assert_false(decode_needs_translation(&exit));
        return;
    }
    assert_int_equal(exit.reason, VCPU_EXIT_STAGE2_FAULT);
    assert_int_equal(exit.fault.kind, kind_of(status->kind));
    assert_int_equal(exit.fault.level, status->level);
    assert_int_equal(exit.fault.access, access);
    assert_int_equal(exit.fault.s1ptw, s1ptw);
    assert_false(exit.fault.cache_maintenance);
    assert_int_equal(exit.fault.mmio.size, 0);
    if (s1ptw) {
        assert_true(exit.fault.ipa_valid);
        assert_int_equal(exit.ipa.value, PAGE);
    } else if (status->kind == 'P') {
        assert_false(exit.fault.ipa_valid);
        assert_int_equal(exit.ipa.value, 0);
    } else {
        assert_true(exit.fault.ipa_valid);
        assert_int_equal(exit.ipa.value, IPA);
    }
    assert_int_equal(decode_needs_translation(&exit), !exit.fault.ipa_valid);
}

static void every_status_of_a_data_abort(void **state)
{
    (void)state;
    for (uint64_t dfsc = 0; dfsc < 64; dfsc++) {
        check_status(0x92000000 + dfsc, &statuses[dfsc], false, VCPU_ACCESS_READ);
        check_status(0x92000040 + dfsc, &statuses[dfsc], false, VCPU_ACCESS_WRITE);
        check_status(0x92000080 + dfsc, &statuses[dfsc], true, VCPU_ACCESS_READ);
        check_status(0x920000c0 + dfsc, &statuses[dfsc], true, VCPU_ACCESS_WRITE);
        check_status(0x00fffffe92000000 + dfsc, &statuses[dfsc], false, VCPU_ACCESS_READ);
    }
}

static void every_status_of_an_instruction_abort(void **state)
{
    (void)state;
    for (uint64_t ifsc = 0; ifsc < 64; ifsc++) {
        check_status(0x82000000 + ifsc, &statuses[ifsc], false, VCPU_ACCESS_EXECUTE);
        check_status(0x82000080 + ifsc, &statuses[ifsc], true, VCPU_ACCESS_EXECUTE);
        /* What the bits of ISV, CM and WnR would be means nothing in a fetch. */
        check_status(0x83810140 + ifsc, &statuses[ifsc], false, VCPU_ACCESS_EXECUTE);
    }
}

/* Lines of PITFALLS on memory aborts: what each syndrome must not be taken for. */
static const struct pitfall {
    const char *line;
    uint64_t esr;
    uint32_t reason;
    uint64_t ipa;
    uint8_t size;
    bool s1ptw, cache_maintenance, needs_translation;
} pitfalls[] = {
    {"12: ldr w1, [x0], #4", 0x92000006, VCPU_EXIT_STAGE2_FAULT, IPA, 0, false, false, false},
    {"12: ldp w0, w1, [x2]", 0x92000007, VCPU_EXIT_STAGE2_FAULT, IPA, 0, false, false, false},
    {"13: FnV's bit is not ISV", 0x92000406, VCPU_EXIT_STAGE2_FAULT, IPA, 0, false, false, false},
    {"13: all of ISS but ISV", 0x92ff4046, VCPU_EXIT_STAGE2_FAULT, IPA, 0, false, false, false},
    {"16: a walk", 0x92000087, VCPU_EXIT_STAGE2_FAULT, PAGE, 0, true, false, false},
    {"16: a walk with ISV", 0x93810087, VCPU_EXIT_STAGE2_FAULT, PAGE, 0, true, false, false},
    {"16: dc civac", 0x92000146, VCPU_EXIT_STAGE2_FAULT, IPA, 0, false, true, false},
    {"16: dc ivac with ISV", 0x93810146, VCPU_EXIT_STAGE2_FAULT, IPA, 0, false, true, false},
    {"17: permission, no HPFAR", 0x9200004f, VCPU_EXIT_STAGE2_FAULT, 0, 0, false, false, true},
    {"17: permission on a walk", 0x920000cf, VCPU_EXIT_STAGE2_FAULT, PAGE, 0, true, false, false},
    {"17: access flag", 0x9200000b, VCPU_EXIT_STAGE2_FAULT, IPA, 0, false, false, false},
    {"18: str w1 to read-only", 0x9381004f, VCPU_EXIT_STAGE2_FAULT, 0, 4, false, false, true},
    {"18: fetch, no execute", 0x8200000f, VCPU_EXIT_STAGE2_FAULT, 0, 0, false, false, true},
    {"19: ISS2", 0x0000001f92000006, VCPU_EXIT_STAGE2_FAULT, IPA, 0, false, false, false},
    {"19: level -1, no ISV", 0x9200002b, VCPU_EXIT_STAGE2_FAULT, IPA, 0, false, false, false},
    {"19: level -1, fetch", 0x8200002b, VCPU_EXIT_STAGE2_FAULT, IPA, 0, false, false, false},
    {"19: level -1, size", 0x92000029, VCPU_EXIT_STAGE2_FAULT, IPA, 0, false, false, false},
};

static void no_pitfall_of_memory_aborts(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(pitfalls) / sizeof(pitfalls[0]); i++) {
        const struct pitfall *row = &pitfalls[i];
        struct vcpu_exit exit = decode(row->esr);

        print_message("%s\n", row->line);
        assert_int_equal(exit.reason, row->reason);
        assert_int_equal(exit.ipa.value, row->ipa);
        assert_int_equal(exit.far_el2, FAR);
        assert_int_equal(exit.fault.mmio.size, row->size);
        assert_int_equal(exit.fault.s1ptw, row->s1ptw);
        assert_int_equal(exit.fault.cache_maintenance, row->cache_maintenance);
        assert_int_equal(decode_needs_translation(&exit), row->needs_translation);
    }
}

static void plain_mmio_comes_out_as_such(void **state)
{
    struct vcpu_exit exit = decode(0x93c38047); /* str x3 */

    (void)state;
    assert_int_equal(exit.reason, VCPU_EXIT_MMIO_WRITE);
    assert_int_equal(exit.ipa.value, IPA);
    assert_int_equal(exit.far_el2, FAR);
    assert_int_equal(exit.mmio.size, 8);
    assert_int_equal(exit.mmio.data, 0x8000000080008003);
    assert_false(decode_needs_translation(&exit));
}

/* Its code is apart from those of levels 0 to 3, which the fast path knows. */
static void level_minus_1_is_mmio_as_well(void **state)
{
    struct vcpu_exit exit = decode(0x9381002b); /* ldr w1 */

    (void)state;
    assert_int_equal(exit.reason, VCPU_EXIT_MMIO_READ);
    assert_int_equal(exit.ipa.value, IPA);
    assert_int_equal(exit.far_el2, FAR);
    assert_int_equal(exit.mmio.size, 4);
    assert_int_equal(decode_mmio_reg(exit.esr_el2), 1);

    exit = decode(0x93de806b); /* str x30 */
    assert_int_equal(exit.reason, VCPU_EXIT_MMIO_WRITE);
    assert_int_equal(exit.ipa.value, IPA);
    assert_int_equal(exit.far_el2, FAR);
    assert_int_equal(exit.mmio.size, 8);
    assert_int_equal(decode_mmio_reg(exit.esr_el2), 30);
    assert_int_equal(exit.mmio.data, 0x800000008000801e);

    assert_int_equal(decode(0x938100ab).reason, VCPU_EXIT_STAGE2_FAULT); /* S1PTW */
    assert_int_equal(decode(0x9381016b).reason, VCPU_EXIT_STAGE2_FAULT); /* CM */
    assert_int_equal(decode(0x93c2902b).reason, VCPU_EXIT_STAGE2_FAULT); /* LD64B */
}

static void a_permission_fault_tells_what_the_instruction_does(void **state)
{
    struct vcpu_exit exit = decode(0x9343004f); /* strh w3 */

    (void)state;
    assert_int_equal(exit.fault.kind, VCPU_FAULT_PERMISSION);
    assert_int_equal(exit.fault.access, VCPU_ACCESS_WRITE);
    assert_int_equal(exit.fault.level, 3);
    assert_int_equal(exit.fault.mmio.size, 2);
    assert_int_equal(decode_mmio_reg(exit.esr_el2), 3);
    assert_int_equal(exit.fault.mmio.data, 0x8003);

    exit = decode(0x93a2800e); /* ldrsw x2 */
    assert_int_equal(exit.fault.access, VCPU_ACCESS_READ);
    assert_int_equal(exit.fault.level, 2);
    assert_int_equal(exit.fault.mmio.size, 4);
    assert_int_equal(decode_mmio_reg(exit.esr_el2), 2);
    assert_int_equal(complete_load(exit.esr_el2, 0x80000001), 0xffffffff80000001);

    exit = decode(0x93df804f); /* str xzr */
    assert_int_equal(exit.fault.mmio.size, 8);
    assert_int_equal(decode_mmio_reg(exit.esr_el2), 31);
    assert_int_equal(exit.fault.mmio.data, 0);
}

static void a_64_byte_access_has_no_plain_syndrome(void **state)
{
    struct vcpu_exit exit = decode(0x93c29006); /* LD64B: LST = 2 */

    (void)state;
    assert_int_equal(exit.reason, VCPU_EXIT_STAGE2_FAULT);
    assert_int_equal(exit.fault.mmio.size, 0);
    assert_true(exit.fault.ipa_valid);
}

static void cache_maintenance_counts_as_a_write(void **state)
{
    (void)state;
    assert_int_equal(decode(0x92000146).fault.access, VCPU_ACCESS_WRITE);
    assert_int_equal(decode(0x92000106).fault.access, VCPU_ACCESS_WRITE);
}

static void an_external_abort_may_have_no_address(void **state)
{
    (void)state;
    assert_int_equal(decode(0x92000010).far_el2, FAR);
    assert_int_equal(decode(0x92000410).far_el2, 0);
    assert_int_equal(decode(0x92000410).reason, VCPU_EXIT_UNHANDLED);
    assert_int_equal(decode(0x82000410).far_el2, 0);
    assert_int_equal(decode(0x82000010).far_el2, FAR);
    /* FnV has no meaning for any other status. */
    assert_int_equal(decode(0x92000414).far_el2, FAR);
    assert_int_equal(decode(0x92000421).far_el2, FAR);
}

static void par_gives_the_page_and_far_the_offset(void **state)
{
    static const struct {
        uint64_t par, ipa;
    } rows[] = {
        {0x0000000009000b80, 0x0000000009000123},
        {0xff00000009000b80, 0x0000000009000123}, /* ATTR in the top byte */
        {0x0000ffffffffff80, 0x0000fffffffff123}, /* 48 bits; SH, NS, RES1 below 12 */
        {0x000ffffffffffb80, 0x000ffffffffff123}, /* 52 bits */
        {0xfff0000000000ffe, 0x0000000000000123},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct vcpu_exit exit = decode(0x9381004f);

        assert_true(decode_needs_translation(&exit));
        assert_true(vcpu_decode_apply_par(&exit, rows[i].par));
        assert_int_equal(exit.ipa.value, rows[i].ipa);
        assert_true(exit.fault.ipa_valid);
        assert_false(decode_needs_translation(&exit));
    }
}

/* FnP, which is SF if ISV = 1: of the address only the page is known. */
static void an_imprecise_address_is_that_of_a_page(void **state)
{
    struct vcpu_exit exit = decode(0x92008006);

    (void)state;
    assert_int_equal(exit.reason, VCPU_EXIT_STAGE2_FAULT);
    assert_int_equal(exit.ipa.value, PAGE);
    assert_int_equal(exit.far_el2, FAR & ~UINT64_C(0xfff));
    exit = decode(0x9200804f);
    assert_true(decode_needs_translation(&exit));
    assert_true(vcpu_decode_apply_par(&exit, 0x0000000009000b80));
    assert_int_equal(exit.ipa.value, PAGE);
    assert_int_equal(decode(0x92000006).far_el2, FAR);
    assert_int_equal(decode(0x9381804f).far_el2, FAR); /* str x1 */
    assert_int_equal(decode(0x82008006).far_el2, FAR); /* a fetch */
}

static void a_failed_translation_changes_nothing(void **state)
{
    struct vcpu_exit exit = decode(0x9381004f);
    struct vcpu_exit before;

    (void)state;
    memcpy(&before, &exit, sizeof(exit));
    assert_false(vcpu_decode_apply_par(&exit, 0x0000000009000b81));
    assert_memory_equal(&exit, &before, sizeof(exit));
    assert_true(decode_needs_translation(&exit));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_status_of_a_data_abort),
        cmocka_unit_test(every_status_of_an_instruction_abort),
        cmocka_unit_test(no_pitfall_of_memory_aborts),
        cmocka_unit_test(plain_mmio_comes_out_as_such),
        cmocka_unit_test(level_minus_1_is_mmio_as_well),
        cmocka_unit_test(a_permission_fault_tells_what_the_instruction_does),
        cmocka_unit_test(a_64_byte_access_has_no_plain_syndrome),
        cmocka_unit_test(cache_maintenance_counts_as_a_write),
        cmocka_unit_test(an_external_abort_may_have_no_address),
        cmocka_unit_test(par_gives_the_page_and_far_the_offset),
        cmocka_unit_test(an_imprecise_address_is_that_of_a_page),
        cmocka_unit_test(a_failed_translation_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
