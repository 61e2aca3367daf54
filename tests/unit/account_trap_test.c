/* SPDX-License-Identifier: MIT */
/*
 * The account of all state names the control that traps or hides each register: those are what
 * guest/trap.c sets. Bits are numbers here, as the Arm ARM gives them.
 */
#include "cmocka_all.h"

#include <string.h>

#include "guest/account.h"
#include "guest/id.h"
#include "guest/trap.h"

#define B(n) (UINT64_C(1) << (n))

enum fate { SWITCHED, EMULATED, EXIT, HIDDEN, PLAIN };

static const struct row {
    enum fate fate;
    const char *name;
    uint32_t first, n;
    const char *feature, *by;
} rows[] = {
/* What is switched has no control. */
#undef EL1_TABLE
#define EL1_TABLE ""
#define VCPU_REGS ""
#define SIMD      ""
#define ROW(fate, name, op0, op1, crn, crm, op2, n, el1, el0, feature, by)                         \
    {fate, #name, VCPU_SYSREG(op0, op1, crn, crm, op2), n, #feature, by},
    ACCOUNT_TABLE(ROW)
#undef ROW
};

#define ROWS (sizeof(rows) / sizeof(rows[0]))

/* ---- The CPU that has everything, and a guest that is shown nothing of it ---- */

static struct el2_state el2;

static int set_up(void **state)
{
    static const uint64_t id[ID_REG_COUNT];
    struct vcpu_features features, without_evt;

    (void)state;
    memset(&features, 1, sizeof(features));
    without_evt = features;
    without_evt.evt = false;
    memset(&el2, 0xa5, sizeof(el2));
    vcpu_trap_el2(&features, 0, id, 0, 0, &el2);
    /* And a CPU whose caches are not those of the VM. */
    el2.hcr |= vcpu_trap_unlike(&features, ID_FITS | ID_FITS_WITHOUT_CACHES | ID_FITS_WITHOUT_ZVA) |
               vcpu_trap_unlike(&without_evt, ID_FITS | ID_FITS_WITHOUT_CACHES);
    return 0;
}

/* ---- Controls, by name ---- */

static const struct {
    const char *name;
    const uint64_t *value;
    uint64_t bits;
} controls[] = {
    {"HCR_EL2.SWIO", &el2.hcr, B(1)},
    {"HCR_EL2.FMO", &el2.hcr, B(3)},
    {"HCR_EL2.IMO", &el2.hcr, B(4)},
    {"HCR_EL2.AMO", &el2.hcr, B(5)},
    {"HCR_EL2.FB", &el2.hcr, B(9)},
    {"HCR_EL2.TID1", &el2.hcr, B(16)},
    {"HCR_EL2.TID2", &el2.hcr, B(17)},
    {"HCR_EL2.TID3", &el2.hcr, B(18)},
    {"HCR_EL2.TACR", &el2.hcr, B(21)},
    {"HCR_EL2.TDZ", &el2.hcr, B(28)},
    {"HCR_EL2.TLOR", &el2.hcr, B(35)},
    {"HCR_EL2.TERR", &el2.hcr, B(36)},
    {"HCR_EL2.NV", &el2.hcr, B(42)},
    {"HCR_EL2.FIEN", &el2.hcr, B(47)},
    {"HCR_EL2.TID4", &el2.hcr, B(49)},
    {"HCR_EL2.EnSCXT", &el2.hcr, B(53)},
    {"HCR_EL2.ATA", &el2.hcr, B(56)},
    {"HCR_EL2.TID5", &el2.hcr, B(58)},
    {"HCRX_EL2.TALLINT", &el2.hcrx, B(6)},
    {"HCRX_EL2.TCR2En", &el2.hcrx, B(14)},
    {"HCRX_EL2.SCTLR2En", &el2.hcrx, B(15)},
    {"HCRX_EL2.GCSEn", &el2.hcrx, B(22)},
    {"HCRX_EL2.EnFPM", &el2.hcrx, B(23)},
    {"CPTR_EL2.TSM", &el2.cptr, B(12)},
    {"CPTR_EL2.TTA", &el2.cptr, B(20)},
    {"CPTR_EL2.TAM", &el2.cptr, B(30)},
    {"MDCR_EL2.TPMCR", &el2.mdcr, B(5)},
    {"MDCR_EL2.TPM", &el2.mdcr, B(6)},
    {"MDCR_EL2.TDA", &el2.mdcr, B(9)},
    {"MDCR_EL2.TDOSA", &el2.mdcr, B(10)},
    {"MDCR_EL2.TDRA", &el2.mdcr, B(11)},
    {"MDCR_EL2.E2PB", &el2.mdcr, B(12) | B(13)},
    {"MDCR_EL2.TPMS", &el2.mdcr, B(14)},
    {"MDCR_EL2.TTRF", &el2.mdcr, B(19)},
    {"MDCR_EL2.E2TB", &el2.mdcr, B(24) | B(25)},
    {"CNTHCTL_EL2.EL1PCTEN", &el2.cnthctl, B(0)},
    {"CNTHCTL_EL2.EL1PCEN", &el2.cnthctl, B(1)},
    {"ICC_SRE_EL2.Enable", &el2.icc_sre, B(3)},
    {"ICH_HCR_EL2.TC", &el2.ich_hcr, B(10)},
    {"ICH_HCR_EL2.TALL0", &el2.ich_hcr, B(11)},
    {"ICH_HCR_EL2.TALL1", &el2.ich_hcr, B(12)},
    {"MPAM2_EL2.TRAPMPAM1EL1", &el2.mpam2, B(48)},
    {"MPAM2_EL2.TRAPMPAM0EL1", &el2.mpam2, B(49)},
    {"MPAM2_EL2.EnMPAMSM", &el2.mpam2, B(50)},
    {"MPAM2_EL2.TIDR", &el2.mpam2, B(58)},
    {"HFGRTR_EL2.nACCDATA_EL1", &el2.hfgrtr, B(50)},
    {"HFGRTR_EL2.nGCS_EL0", &el2.hfgrtr, B(52)},
    {"HFGRTR_EL2.nGCS_EL1", &el2.hfgrtr, B(53)},
    {"HFGRTR_EL2.nSMPRI_EL1", &el2.hfgrtr, B(54)},
    {"HFGRTR_EL2.nRCWMASK_EL1", &el2.hfgrtr, B(56)},
    {"HFGRTR_EL2.nPIRE0_EL1", &el2.hfgrtr, B(57)},
    {"HFGRTR_EL2.nPIR_EL1", &el2.hfgrtr, B(58)},
    {"HFGRTR_EL2.nPOR_EL0", &el2.hfgrtr, B(59)},
    {"HFGRTR_EL2.nPOR_EL1", &el2.hfgrtr, B(60)},
    {"HFGRTR_EL2.nS2POR_EL1", &el2.hfgrtr, B(61)},
    {"HFGRTR_EL2.nMAIR2_EL1", &el2.hfgrtr, B(62)},
    {"HFGRTR_EL2.nAMAIR2_EL1", &el2.hfgrtr, B(63)},
    {"HDFGRTR_EL2.TRBIDR_EL1", &el2.hdfgrtr, B(51)},
    {"HDFGRTR_EL2.nBRBIDR", &el2.hdfgrtr, B(59)},
    {"HDFGRTR_EL2.nBRBCTL", &el2.hdfgrtr, B(60)},
    {"HDFGRTR_EL2.nBRBDATA", &el2.hdfgrtr, B(61)},
    {"HDFGRTR_EL2.PMBIDR_EL1", &el2.hdfgrtr, B(63)},
};

#define CONTROLS (sizeof(controls) / sizeof(controls[0]))

static void check_control(const struct row *row, const char *name, bool clear)
{
    for (size_t i = 0; i < CONTROLS; i++) {
        uint64_t want = clear ? 0 : controls[i].bits;

        if (strcmp(controls[i].name, name) != 0)
            continue;
        if ((*controls[i].value & controls[i].bits) != want)
            fail_msg("%s: %s is not so", row->name, name);
        return;
    }
    fail_msg("%s: %s is no control", row->name, name);
}

/* The part without " = 0" behind it, which says whether that was there. */
static bool strip_clear(const char *part, size_t *length)
{
    static const char clear[] = " = 0";
    const size_t n = sizeof(clear) - 1;

    if (*length <= n || memcmp(part + *length - n, clear, n) != 0)
        return false;
    *length -= n;
    return true;
}

/*
 * Checks the controls that `by` names, "REGISTER_EL2.FIELD" or the next field of the same register,
 * and says how many these are. A register without a field is none, nor are other words.
 */
static unsigned check_row(const struct row *row)
{
    static const char el2_dot[] = "_EL2.";
    char name[64] = "";
    size_t stem = 0; /* the register in name, with its dot */
    unsigned count = 0;

    for (const char *at = row->by, *next; *at; at = next) {
        size_t length = strcspn(at, ",");
        bool clear;

        next = at + length + strspn(at + length, ", ");
        clear = strip_clear(at, &length);
        for (size_t i = 0; i + sizeof(el2_dot) - 1 < length; i++) {
            if (memcmp(at + i, el2_dot, sizeof(el2_dot) - 1) != 0)
                continue;
            stem = i + sizeof(el2_dot) - 1;
            assert_true(stem < sizeof(name));
            memcpy(name, at, stem);
            at += stem;
            length -= stem;
            break;
        }
        /* Instructions are below. */
        if (!stem || strncmp(name, "HFGITR_EL2.", stem) == 0 ||
            (length > 4 && memcmp(at + length - 4, "_EL2", 4) == 0))
            continue;
        assert_true(stem + length < sizeof(name));
        memcpy(name + stem, at, length);
        name[stem + length] = '\0';
        check_control(row, name, clear || name[stem] == 'n');
        count++;
    }
    return count;
}

static bool begins(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

/* No EL2 control is needed, or there is none. */
static bool has_a_reason(const char *by)
{
    static const char *const reasons[] = {"EL2's", "EL3's", "Secure EL1's", "none",
                                          "outside of Debug state"};

    for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
        if (begins(by, reasons[i]))
            return true;
    return false;
}

static void each_control_is_as_the_account_says(void **state)
{
    unsigned count = 0;

    (void)state;
    for (size_t i = 0; i < ROWS; i++) {
        unsigned controls_of_row = check_row(&rows[i]);

        if (rows[i].fate != PLAIN && rows[i].fate != SWITCHED && !controls_of_row &&
            !begins(rows[i].by, "HFGITR_EL2.") && !has_a_reason(rows[i].by))
            fail_msg("%s: what traps it?", rows[i].name);
        count += controls_of_row;
    }
    assert_true(count > 100);
}

/* ---- Instructions: HFGITR_EL2 ---- */

#define I(op1, crn, crm, op2) VCPU_SYSREG(1, op1, crn, crm, op2)

static const struct instruction {
    uint16_t encoding;
    uint8_t bit;
    bool n; /* traps if it is clear */
} instructions[] = {
    {I(0, 7, 1, 0), 0, false},  /* IC IALLUIS */
    {I(0, 7, 5, 0), 1, false},  /* IC IALLU */
    {I(3, 7, 5, 1), 2, false},  /* IC IVAU */
    {I(0, 7, 6, 1), 3, false},  /* DC IVAC */
    {I(0, 7, 6, 2), 4, false},  /* DC ISW */
    {I(0, 7, 10, 2), 5, false}, /* DC CSW */
    {I(0, 7, 14, 2), 6, false}, /* DC CISW */
    {I(3, 7, 11, 1), 7, false}, /* DC CVAU */
    {I(3, 7, 12, 1), 8, false}, /* DC CVAP, and of tags */
    {I(3, 7, 12, 3), 8, false},  {I(3, 7, 12, 5), 8, false},
    {I(3, 7, 13, 1), 9, false}, /* DC CVADP, and of tags */
    {I(3, 7, 13, 3), 9, false},  {I(3, 7, 13, 5), 9, false},
    {I(3, 7, 14, 1), 10, false}, /* DC CIVAC */
    {I(3, 7, 4, 1), 11, false},  /* DC ZVA */
    {I(0, 7, 8, 0), 12, false},  /* AT S1E1R */
    {I(0, 7, 8, 1), 13, false},  /* AT S1E1W */
    {I(0, 7, 8, 2), 14, false},  /* AT S1E0R */
    {I(0, 7, 8, 3), 15, false},  /* AT S1E0W */
    {I(0, 7, 9, 0), 16, false},  /* AT S1E1RP */
    {I(0, 7, 9, 1), 17, false},  /* AT S1E1WP */
    {I(0, 8, 1, 0), 18, false},  /* TLBI VMALLE1OS */
    {I(0, 8, 1, 1), 19, false},  /* TLBI VAE1OS */
    {I(0, 8, 1, 2), 20, false},  /* TLBI ASIDE1OS */
    {I(0, 8, 1, 3), 21, false},  /* TLBI VAAE1OS */
    {I(0, 8, 1, 5), 22, false},  /* TLBI VALE1OS */
    {I(0, 8, 1, 7), 23, false},  /* TLBI VAALE1OS */
    {I(0, 8, 5, 1), 24, false},  /* TLBI RVAE1OS */
    {I(0, 8, 5, 3), 25, false},  /* TLBI RVAAE1OS */
    {I(0, 8, 5, 5), 26, false},  /* TLBI RVALE1OS */
    {I(0, 8, 5, 7), 27, false},  /* TLBI RVAALE1OS */
    {I(0, 8, 3, 0), 28, false},  /* TLBI VMALLE1IS */
    {I(0, 8, 3, 1), 29, false},  /* TLBI VAE1IS */
    {I(0, 8, 3, 2), 30, false},  /* TLBI ASIDE1IS */
    {I(0, 8, 3, 3), 31, false},  /* TLBI VAAE1IS */
    {I(0, 8, 3, 5), 32, false},  /* TLBI VALE1IS */
    {I(0, 8, 3, 7), 33, false},  /* TLBI VAALE1IS */
    {I(0, 8, 2, 1), 34, false},  /* TLBI RVAE1IS */
    {I(0, 8, 2, 3), 35, false},  /* TLBI RVAAE1IS */
    {I(0, 8, 2, 5), 36, false},  /* TLBI RVALE1IS */
    {I(0, 8, 2, 7), 37, false},  /* TLBI RVAALE1IS */
    {I(0, 8, 6, 1), 38, false},  /* TLBI RVAE1 */
    {I(0, 8, 6, 3), 39, false},  /* TLBI RVAAE1 */
    {I(0, 8, 6, 5), 40, false},  /* TLBI RVALE1 */
    {I(0, 8, 6, 7), 41, false},  /* TLBI RVAALE1 */
    {I(0, 8, 7, 0), 42, false},  /* TLBI VMALLE1 */
    {I(0, 8, 7, 1), 43, false},  /* TLBI VAE1 */
    {I(0, 8, 7, 2), 44, false},  /* TLBI ASIDE1 */
    {I(0, 8, 7, 3), 45, false},  /* TLBI VAAE1 */
    {I(0, 8, 7, 5), 46, false},  /* TLBI VALE1 */
    {I(0, 8, 7, 7), 47, false},  /* TLBI VAALE1 */
    {I(3, 7, 3, 4), 48, false},  /* CFP RCTX */
    {I(3, 7, 3, 5), 49, false},  /* DVP RCTX */
    {I(3, 7, 3, 7), 50, false},  /* CPP RCTX */
    {I(3, 7, 10, 1), 54, false}, /* DC CVAC */
    {I(1, 7, 2, 5), 55, true},   /* BRB INJ */
    {I(1, 7, 2, 4), 56, true},   /* BRB IALL */
    {I(3, 7, 7, 0), 57, true},   /* GCSPUSHM */
    {I(0, 7, 7, 4), 59, true},   /* GCSPUSHX */
    {I(0, 7, 7, 5), 59, true},   /* GCSPOPCX */
    {I(3, 7, 3, 6), 60, false},  /* COSP RCTX */
    {I(0, 7, 9, 2), 62, false},  /* AT S1E1A */
};

static const struct instruction *instruction(uint32_t encoding)
{
    for (size_t i = 0; i < sizeof(instructions) / sizeof(instructions[0]); i++)
        if (instructions[i].encoding == encoding)
            return &instructions[i];
    return NULL;
}

static void an_instruction_is_trapped_by_its_own_bit_or_by_none(void **state)
{
    uint64_t left = el2.hfgitr;

    (void)state;
    for (size_t i = 0; i < ROWS; i++) {
        bool names_it = strstr(rows[i].by, "HFGITR_EL2.") != NULL;

        for (uint32_t e = rows[i].first; e < rows[i].first + rows[i].n; e++) {
            const struct instruction *in = instruction(e);

            if (!in && names_it)
                fail_msg("%s: HFGITR_EL2 has no bit for it", rows[i].name);
            if (!in)
                continue;
            left &= ~B(in->bit);
            if (in->n ? !names_it || (el2.hfgitr & B(in->bit))
                      : names_it != ((el2.hfgitr & B(in->bit)) != 0))
                fail_msg("%s, S1_%u_C%u_C%u_%u: bit %u", rows[i].name, e >> 11 & 7, e >> 7 & 15,
                         e >> 3 & 15, e & 7, in->bit);
        }
    }
    assert_int_equal(left, 0);
}

/* A guest that is shown the feature of the row, and no more than that, has its instructions. */
static void and_not_if_the_guest_is_shown_its_feature(void **state)
{
    static const struct {
        const char *name;
        uint8_t id, shift, least;
    } features[] = {
        {"TLBIOS", ID_REG_INDEX(6, 0), 56, 1},  {"TLBIRANGE", ID_REG_INDEX(6, 0), 56, 2},
        {"DPB", ID_REG_INDEX(6, 1), 0, 1},      {"DPB2", ID_REG_INDEX(6, 1), 0, 2},
        {"SPECRES", ID_REG_INDEX(6, 1), 40, 1}, {"SPECRES2", ID_REG_INDEX(6, 1), 40, 2},
        {"ATS1A", ID_REG_INDEX(6, 2), 60, 1},   {"PAN2", ID_REG_INDEX(7, 1), 20, 2},
    };
    unsigned count = 0;

    (void)state;
    for (size_t i = 0; i < ROWS; i++) {
        for (size_t f = 0; f < sizeof(features) / sizeof(features[0]); f++) {
            const struct vcpu_features cpu = {.fgt = true};
            uint64_t id[ID_REG_COUNT] = {0}, bits = 0;

            if (strcmp(features[f].name, rows[i].feature) != 0)
                continue;
            for (uint32_t e = rows[i].first; e < rows[i].first + rows[i].n; e++)
                bits |= instruction(e) ? B(instruction(e)->bit) : 0;
            for (unsigned field = 0; field < 16; field++) {
                id[features[f].id] = (uint64_t)field << features[f].shift;
                vcpu_trap_el2(&cpu, 0, id, 0, 0, &el2);
                if ((el2.hfgitr & bits) != (field < features[f].least ? bits : 0))
                    fail_msg("%s, field %u", rows[i].name, field);
                count++;
            }
        }
    }
    assert_int_equal(count % 16, 0);
    assert_true(count > 16 * 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(each_control_is_as_the_account_says, set_up),
        cmocka_unit_test_setup(an_instruction_is_trapped_by_its_own_bit_or_by_none, set_up),
        cmocka_unit_test_setup(and_not_if_the_guest_is_shown_its_feature, set_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
