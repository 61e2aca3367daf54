/* SPDX-License-Identifier: MIT */
/* The fast path of a data abort. Syndromes are spelled out, not made with the code's masks. */
#include "cmocka_all.h"

#include <stdlib.h>
#include <string.h>

#include "decode/mmio.h"
#include "state/state.h"

#define FAR   UINT64_C(0xffff00000abcd123)
#define HPFAR UINT64_C(0x0000000000090000) /* FIPA = 0x9000 << 12 */
#define IPA   UINT64_C(0x0000000009000123)

/* Xn holds 0xf1f1.. with n in each byte's place: any two registers and any two bytes differ. */
static uint64_t value_of(unsigned n)
{
    return UINT64_C(0xf1e2d3c4b5a69788) ^ UINT64_C(0x0101010101010101) * n;
}

static void fill(uint64_t x[31])
{
    for (unsigned n = 0; n < 31; n++)
        x[n] = value_of(n);
}

/* What the device gives to a load: value_of(0), of which each byte has its sign bit set. */
#define DEVICE UINT64_C(0xf1e2d3c4b5a69788)

struct known {
    const char *instruction;
    uint64_t esr;
    bool write;
    uint8_t size, reg;
    uint64_t data; /* a store's; of a load what it leaves in the register */
};

/* EC 0x24 and IL are 0x92000000, ISV 0x01000000. */
static const struct known known[] = {
    {"ldrb w0, [x1]; level 0", 0x93000004, false, 1, 0, 0x88},
    {"ldr w1, [x0]; level 3", 0x93810007, false, 4, 1, 0xb5a69788},
    {"ldrsw x2, [x0]; level 2", 0x93a28006, false, 4, 2, 0xffffffffb5a69788},
    {"ldrsh w5, [x0]; level 1", 0x93650005, false, 2, 5, 0xffff9788},
    {"ldrsb x30, [x0]", 0x933e8006, false, 1, 30, 0xffffffffffffff88},
    {"ldr xzr, [x0]", 0x93df8006, false, 8, 31, 0},
    {"ldar x7, [x0]", 0x93c7c006, false, 8, 7, 0xf1e2d3c4b5a69788},
    {"ldrh in T32, IL = 0", 0x91420007, false, 2, 2, 0x9788},
    {"strb w3, [x0]", 0x93030045, true, 1, 3, 0x8b},
    {"strh w3, [x0]", 0x93430046, true, 2, 3, 0x948b},
    {"str w3, [x0]", 0x93830046, true, 4, 3, 0xb6a5948b},
    {"str x3, [x0]", 0x93c38047, true, 8, 3, 0xf2e1d0c7b6a5948b},
    {"str xzr, [x0]", 0x93df8047, true, 8, 31, 0},
    {"stlr w4, [x0]", 0x93844046, true, 4, 4, 0xb1a2938c},
    /* ISS2: bits above 31 say nothing of the class. */
    {"ldr w1, [x0] with Xs", 0x0000001f93810007, false, 4, 1, 0xb5a69788},
    {"str w3, [x0] with all of ISS2", 0xffffffff93830046, true, 4, 3, 0xb6a5948b},
};

/* The load takes its register from the syndrome, and no other register changes. */
static void check_load(const struct known *row, const struct vcpu_exit *exit)
{
    struct vcpu_state v = {.pub.exit = *exit, .pub.regs.pstate = 0x5};

    fill(v.pub.regs.x);
    v.pub.exit.esr_el2 = row->esr;
    assert_int_equal(vcpu_complete_mmio_read(&v.pub, DEVICE), VCPU_OK);
    for (unsigned n = 0; n < 31; n++)
        assert_int_equal(v.pub.regs.x[n], n == row->reg ? row->data : value_of(n));
}

static void known_instructions_are_decoded(void **state)
{
    uint64_t x[31];

    (void)state;
    fill(x);
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        const struct known *row = &known[i];
        struct vcpu_exit exit;

        memset(&exit, 0xa5, sizeof(exit));
        print_message("%s\n", row->instruction);
        assert_true(decode_mmio(row->esr, FAR, HPFAR, x, &exit));
        assert_int_equal(exit.reason, row->write ? VCPU_EXIT_MMIO_WRITE : VCPU_EXIT_MMIO_READ);
        assert_int_equal(exit.far_el2, FAR);
        assert_int_equal(exit.ipa.value, IPA);
        assert_int_equal(exit.smc, 0);
        assert_int_equal(exit.mmio.size, row->size);
        assert_int_equal(decode_mmio_reg(row->esr), row->reg);
        if (row->write)
            assert_int_equal(exit.mmio.data, row->data);
        else
            check_load(row, &exit);
    }
}

static void the_syndrome_is_left_to_the_vectors(void **state)
{
    uint64_t x[31];
    struct vcpu_exit exit = {.esr_el2 = 42};

    (void)state;
    fill(x);
    assert_true(decode_mmio(0x93810007, FAR, HPFAR, x, &exit));
    assert_int_equal(exit.esr_el2, 42);
}

static void every_width_sign_and_register_is_told_apart(void **state)
{
    uint64_t *x = malloc(31 * sizeof(*x)); /* of its own: reading x[31] is an error in ASan */

    (void)state;
    assert_non_null(x);
    fill(x);
    for (uint64_t bits = 0; bits < 1u << 12; bits++) {
        /* From bit 0: WnR, AR, SF, SRT (5), SSE, SAS (2), and one of two levels. */
        uint64_t write = bits & 1, ar = bits >> 1 & 1, sf = bits >> 2 & 1, srt = bits >> 3 & 31;
        uint64_t sse = bits >> 8 & 1, sas = bits >> 9 & 3, dfsc = bits >> 11 ? 0x07 : 0x05;
        uint64_t esr = UINT64_C(0x93000000) + sas * 0x400000 + sse * 0x200000 + srt * 0x10000 +
                       sf * 0x8000 + ar * 0x4000 + write * 0x40 + dfsc;
        static const uint64_t sizes[] = {1, 2, 4, 8};
        uint64_t data = 0;
        struct vcpu_exit exit;

        memset(&exit, 0xff, sizeof(exit));
        assert_true(decode_mmio(esr, FAR, HPFAR, x, &exit));
        assert_int_equal(exit.reason, write ? VCPU_EXIT_MMIO_WRITE : VCPU_EXIT_MMIO_READ);
        assert_int_equal(exit.mmio.size, sizes[sas]);
        assert_int_equal(decode_mmio_size(esr), sizes[sas]);
        assert_int_equal(decode_mmio_reg(esr), srt);
        if (srt != 31)
            memcpy(&data, &x[srt], sizes[sas]); /* a little-endian machine */
        if (write)
            assert_int_equal(exit.mmio.data, data);
    }
    free(x);
}

static void refuses(uint64_t esr)
{
    uint64_t x[31];
    struct vcpu_exit exit, before;

    fill(x);
    memset(&exit, 0x5a, sizeof(exit));
    memcpy(&before, &exit, sizeof(exit));
    if (decode_mmio(esr, FAR, HPFAR, x, &exit))
        fail_msg("taken for MMIO: %#lx", (unsigned long)esr);
    assert_memory_equal(&exit, &before, sizeof(exit));
}

static void what_is_not_plain_mmio_is_refused_untouched(void **state)
{
    (void)state;
    refuses(0x92000006);         /* ISV = 0: ldr w1, [x0], #4 */
    refuses(0x92000046);         /* ISV = 0: str w1, [x0, #4]! */
    refuses(0x92000406);         /* ISV = 0 and the bit of FnV */
    refuses(0x9200002b);         /* ISV = 0 at level -1 */
    refuses(0x93810087);         /* S1PTW */
    refuses(0x938100ab);         /* S1PTW at level -1 */
    refuses(0x93810147);         /* CM */
    refuses(0x92000147);         /* dc civac: CM, WnR, no ISV */
    refuses(0x93c29006);         /* LD64B: ISV, SAS = 3, LST = 2 */
    refuses(0x93c28846);         /* ST64BV: LST = 1 */
    refuses(0x0000000393c29846); /* ST64BV0: LST = 3, Xs in ISS2 */
    refuses(0x9381002b);         /* level -1 is vcpu_decode_data_abort's */
    refuses(0x9381006b);
    refuses(0x93810007ull << 32); /* the syndrome in the upper half only */
}

static void only_translation_faults_of_level_0_to_3_are_mmio(void **state)
{
    uint64_t x[31];

    (void)state;
    fill(x);
    for (uint64_t dfsc = 0; dfsc < 64; dfsc++) {
        bool translation = dfsc >= 4 && dfsc <= 7;
        struct vcpu_exit exit = {0};

        if (!translation)
            refuses(0x93810000 + dfsc);
        else
            assert_true(decode_mmio(0x93810000 + dfsc, FAR, HPFAR, x, &exit));
    }
}

static void the_address_is_hpfar_with_the_offset_of_far(void **state)
{
    static const struct {
        uint64_t far, hpfar, ipa;
    } rows[] = {
        {0, 0, 0},
        {0xfff, 0, 0xfff},
        {0xffffffffffffffff, 0, 0xfff},
        {0x1000, 0x10, 0x1000},                          /* VA != IPA: only bits 11:0 count */
        {0x7777, 0xfffffff0, 0xfffffff777},              /* 40 bits */
        {0x123, 0x00000ffffffffff0, 0x000ffffffffff123}, /* 52 bits */
        {0x123, 0x0000fffffffffff0, 0x00fffffffffff123}, /* 56 bits */
        {0x123, 0x8000000000090000, 0x0000000009000123}, /* NS is no address bit */
        {0x123, 0x000000000009000f, 0x0000000009000123}, /* what lies below FIPA */
    };
    uint64_t x[31];

    (void)state;
    fill(x);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct vcpu_exit exit = {0};

        assert_true(decode_mmio(0x93810007, rows[i].far, rows[i].hpfar, x, &exit));
        assert_int_equal(exit.ipa.value, rows[i].ipa);
        assert_int_equal(exit.far_el2, rows[i].far);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_instructions_are_decoded),
        cmocka_unit_test(the_syndrome_is_left_to_the_vectors),
        cmocka_unit_test(every_width_sign_and_register_is_told_apart),
        cmocka_unit_test(what_is_not_plain_mmio_is_refused_untouched),
        cmocka_unit_test(only_translation_faults_of_level_0_to_3_are_mmio),
        cmocka_unit_test(the_address_is_hpfar_with_the_offset_of_far),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
