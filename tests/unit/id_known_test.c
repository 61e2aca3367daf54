/* SPDX-License-Identifier: MIT */
/* The table of fields against all fields of the Arm ARM, and against CPUs that there are. */
#include "id_lists.h"

/* Every field that the Arm ARM has up to Armv9.2 is in the table, once. */
static void the_table_accounts_for_every_field(void **state)
{
    static const struct {
        const char *name;
        uint8_t reg;
        uint64_t mask;
    } rows[] = {
#define SHOW(reg, field, most, rule) {#reg " " #field, reg##_EL1, reg##_##field},
#define HIDE(reg, field, why)        {#reg " " #field, reg##_EL1, why[0] ? reg##_##field : 0},
        ID_TABLE(SHOW, HIDE)
#undef SHOW
#undef HIDE
    };
    /* Digits of no field (RES0). */
    static const struct {
        uint8_t reg;
        uint64_t res0;
    } registers[] = {
        {PFR0, 0},
        {PFR1, 0x0000000000f00000},
        {AT(4, 4), 0xf00f00f0f000ff00},
        {DFR0, 0},
        {ISAR0, 0x000000000000000f},
        {ISAR1, 0},
        {ISAR2, 0x0000f00000000000},
        {MMFR0, 0x00ff000000000000},
        {MMFR1, 0},
        {MMFR2, 0x0000f00000000000},
        {ARM_PFR0, 0xffffffff00000000},
        {ARM_PFR1, 0xffffffff00000000},
        {ARM_PFR2, 0xfffffffffffff000},
        {ARM_DFR0, 0xffffffff00000000},
    };
    uint64_t seen[56] = {0};

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        uint64_t low = rows[i].mask & -rows[i].mask;

        if (rows[i].mask != low * 15 || (seen[rows[i].reg] & rows[i].mask))
            fail_msg("%s", rows[i].name);
        seen[rows[i].reg] |= rows[i].mask;
    }
    for (size_t i = 0; i < sizeof(registers) / sizeof(registers[0]); i++) {
        assert_int_equal(seen[registers[i].reg], ~registers[i].res0);
        seen[registers[i].reg] = 0;
    }
    for (unsigned reg = 0; reg < 56; reg++)
        assert_int_equal(seen[reg], 0);
}

static void known_cpus_are_seen_like_this(void **state)
{
    /* As a guest at EL1 reads them under QEMU 7.2. */
    static const struct {
        const char *name;
        uint64_t host[ID_COUNT], pfr0, pfr1, isar0, isar1, isar2, mmfr0, mmfr1, mmfr2;
    } rows[] = {
        {
            .name = "Cortex-A72",
            .host = {[PFR0] = 0x0000000001000222,
                     [DFR0] = 0x0000000010305106,
                     [ISAR0] = 0x0000000000011120,
                     [MMFR0] = 0x0000000000001124},
            .pfr0 = 0x0000000000000012,
            .isar0 = 0x0000000000011120,
            .mmfr0 = 0x0000000000001024,
        },
        {
            .name = "Neoverse-N1",
            .host = {[PFR0] = 0x1100000011110112,
                     [PFR1] = 0x0000000000000020,
                     [DFR0] = 0x0000000110305408,
                     [ISAR0] = 0x0000100010211120,
                     [ISAR1] = 0x0000000000100001,
                     [MMFR0] = 0x0000000000101125,
                     [MMFR1] = 0x0000000010212122,
                     [MMFR2] = 0x0000000000001011},
            .pfr0 = 0x1100000000110012,
            .pfr1 = 0x0000000000000020,
            .isar0 = 0x0000100010211120,
            .isar1 = 0x0000000000100001,
            .mmfr0 = 0x0000000000101025,
            .mmfr1 = 0x0000000000202002, /* without XNX, LO, VH, VMIDBits */
            .mmfr2 = 0x0000000000000011, /* without IESB */
        },
        {
            .name = "max",
            .host = {[PFR0] = 0x1201001121110222,
                     [PFR1] = 0x0000000001000021,
                     [AT(4, 5)] = 0x80f100fd00000000,
                     [DFR0] = 0x0000000010305609,
                     [ISAR0] = 0x1221111110212120,
                     [ISAR1] = 0x0011111101211012,
                     [MMFR0] = 0x0000032310201126,
                     [MMFR1] = 0x0000011010211122,
                     [MMFR2] = 0x1021011010011011},
            .pfr0 = 0x1101000000110012, /* CSV2 without SCXTNUM; no EL2, GIC, RAS, SVE, SEL2 */
            .pfr1 = 0x0000000000000021, /* no SME */
            .isar0 = 0x1221111110212120,
            .isar1 = 0x0011111101211012,
            .mmfr0 = 0x0000000000101025, /* 48 bits: PARange 5, TGran4 0, TGran16 1 */
            .mmfr1 = 0x0000001000201002, /* no XNX, LO, VH, VMIDBits, HCX */
            .mmfr2 = 0x1021000010010011, /* no FWB, IESB, IDS */
        },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        uint64_t guest[ID_COUNT];

        print_message("%s\n", rows[i].name);
        vcpu_id_for_guest(rows[i].host, 0, guest);
        check_guest(rows[i].host, guest);
        assert_int_equal(guest[PFR0], rows[i].pfr0);
        assert_int_equal(guest[PFR1], rows[i].pfr1);
        assert_int_equal(guest[ISAR0], rows[i].isar0);
        assert_int_equal(guest[ISAR1], rows[i].isar1);
        assert_int_equal(guest[ISAR2], rows[i].isar2);
        assert_int_equal(guest[MMFR0], rows[i].mmfr0);
        assert_int_equal(guest[MMFR1], rows[i].mmfr1);
        assert_int_equal(guest[MMFR2], rows[i].mmfr2);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_table_accounts_for_every_field),
        cmocka_unit_test(known_cpus_are_seen_like_this),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
