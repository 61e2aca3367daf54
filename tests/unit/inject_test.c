/* SPDX-License-Identifier: MIT */
/*
 * Taking an exception to EL1: each field by the Arm ARM's AArch64.TakeException, written here once
 * more, with bits as numbers; which syndromes there are, from ESR_EL1's description.
 */
#include "cmocka_all.h"

#include <vcpu/inject.h>

#include "inject/inject.h"
#include "random.h"

#define VBAR UINT64_C(0xffff800008010800)
#define B(n) (UINT64_C(1) << (n))

/* SCTLR_EL1 */
#define SPAN      B(23)
#define DSSBS     B(44)
#define SPINTMASK B(62)

/* What a CPU, and its guest, has of what changes PSTATE. */
enum {
    PAN = 1,
    SSBS = 2,
    MTE = 4,
    NMI = 8,
    FEATURES = 16,
};

static const uint64_t modes[] = {0x0, 0x4, 0x5, 0x10};

#define ELR_BEFORE  UINT64_C(0xe1e1)
#define SPSR_BEFORE UINT64_C(0x5959)
#define ESR_BEFORE  UINT64_C(0xe5e5)
#define FAR_BEFORE  UINT64_C(0xfafa)

static struct vcpu_vm vm;
static struct vcpu_state cpu;

static void prepare(uint64_t pstate, uint64_t sctlr, unsigned features)
{
    vm = (struct vcpu_vm){.features.mte = features & MTE, .features.nmi = features & NMI};
    vm.id[ID_REG_INDEX(7, 1)] = features & PAN ? B(20) : 0; /* ID_AA64MMFR1_EL1.PAN */
    vm.id[ID_REG_INDEX(4, 1)] = features & SSBS ? B(5) : 0; /* ID_AA64PFR1_EL1.SSBS */
    cpu = (struct vcpu_state){.vm = &vm};
    cpu.pub.regs.pc = 0x1234;
    cpu.pub.regs.pstate = pstate;
    cpu.el1[EL1_VBAR_EL1] = VBAR;
    cpu.el1[EL1_SCTLR_EL1] = sctlr;
    cpu.el1[EL1_ELR_EL1] = ELR_BEFORE;
    cpu.el1[EL1_SPSR_EL1] = SPSR_BEFORE;
    cpu.el1[EL1_ESR_EL1] = ESR_BEFORE;
    cpu.el1[EL1_FAR_EL1] = FAR_BEFORE;
}

/* The PSTATE of the handler. */
static uint64_t take(uint64_t pstate, uint64_t sctlr, unsigned features)
{
    prepare(pstate, sctlr, features);
    vcpu_inject_take(&cpu, 0x02000000, 0xabcd, INJECT_SYNC);
    return cpu.pub.regs.pstate;
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
    static const struct {
        enum inject_vector vector;
        uint64_t offset;
    } kinds[] = {{INJECT_SYNC, 0}, {INJECT_IRQ, 0x80}, {INJECT_FIQ, 0x100}, {INJECT_SERROR, 0x180}};

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        print_message("%s\n", rows[i].from);
        for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++) {
            prepare(rows[i].pstate, 0, 0);
            vcpu_inject_take(&cpu, 0x02000000, 0, kinds[k].vector);
            assert_int_equal(cpu.pub.regs.pc, VBAR + rows[i].offset + kinds[k].offset);
        }
    }
}

/* The table of vectors has 2 KiB: VBAR_EL1[10:0] are RES0, whatever was written there. */
static void the_low_bits_of_vbar_do_not_count(void **state)
{
    (void)state;
    for (unsigned bit = 0; bit < 11; bit++) {
        prepare(0x5, 0, 0);
        cpu.el1[EL1_VBAR_EL1] = VBAR | B(bit);
        vcpu_inject_take(&cpu, 0, 0, INJECT_IRQ);
        assert_int_equal(cpu.pub.regs.pc, VBAR + 0x280);
        assert_int_equal(cpu.el1[EL1_VBAR_EL1], VBAR | B(bit));
    }
}

static void what_was_interrupted_is_kept_for_the_return(void **state)
{
    (void)state;
    prepare(0xabcdef00ffc00, SPAN, PAN);
    vcpu_inject_take(&cpu, 0x56000007, 0x77, INJECT_SYNC);
    assert_int_equal(cpu.el1[EL1_ELR_EL1], 0x1234);
    assert_int_equal(cpu.el1[EL1_SPSR_EL1], 0xabcdef00ffc00);
    assert_int_equal(cpu.el1[EL1_ESR_EL1], 0x56000007);
    assert_int_equal(cpu.el1[EL1_FAR_EL1], FAR_BEFORE);
    assert_int_equal(cpu.el1[EL1_SCTLR_EL1], SPAN);
}

/* What becomes of each bit of PSTATE if it is the only one that is set, but for the mode. */
static void each_bit_of_pstate_is_kept_or_cleared(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
        for (unsigned bit = 5; bit < 64; bit++) {
            /* N, Z, C, V; DIT; PAN. All else (SS, IL, UAO or SSBS, BTYPE or IT, Q, GE, E, T) goes. */
            bool kept = bit >= 28 ? bit < 32 : bit == 24 || bit == 22;

            /* DAIF set, EL1h. SPAN = 1: PAN is left alone. */
            assert_int_equal(take(modes[i] | B(bit), SPAN, PAN | SSBS),
                             0x3c5 | (kept ? B(bit) : 0));
        }
    }
}

/* What each feature does with a bit of SCTLR_EL1, and that no other bit of it matters. */
static void each_feature_sets_its_bit_as_sctlr_says(void **state)
{
    static const struct {
        const char *what;
        unsigned feature;
        uint64_t control, bit;
        bool if_set, if_clear; /* the bit afterwards, by the control */
    } rows[] = {
        {"PAN", PAN, SPAN, B(22), false, true},
        {"SSBS", SSBS, DSSBS, B(12), true, false},
        {"TCO", MTE, 0, B(25), true, true},
        {"ALLINT", NMI, SPINTMASK, B(13), false, true},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        for (size_t m = 0; m < sizeof(modes) / sizeof(modes[0]); m++) {
            uint64_t none = take(modes[m], 0, 0), control = rows[i].control;

            print_message("%s from 0x%x\n", rows[i].what, (unsigned)modes[m]);
            assert_int_equal(none, 0x3c5);
            assert_int_equal(take(modes[m], control, rows[i].feature),
                             0x3c5 | (rows[i].if_set ? rows[i].bit : 0));
            assert_int_equal(take(modes[m], ~control, rows[i].feature),
                             0x3c5 | ((control ? rows[i].if_clear : true) ? rows[i].bit : 0));
            assert_int_equal(take(modes[m], ~UINT64_C(0), 0), none);
        }
    }
}

/* Field after field, as the pseudocode assigns them. */
static uint64_t model(uint64_t from, uint64_t sctlr, unsigned features)
{
    uint64_t nzcv = from >> 28 & 15, dit = from >> 24 & 1, pan = from >> 22 & 1;
    uint64_t el = 1, sp = 1, daif = 15, ssbs = 0, tco = 0, allint = 0;

    if (features & NMI)
        allint = !(sctlr >> 62 & 1);
    if ((features & PAN) && !(sctlr >> 23 & 1))
        pan = 1;
    if (features & SSBS)
        ssbs = sctlr >> 44 & 1;
    if (features & MTE)
        tco = 1;
    return nzcv << 28 | tco << 25 | dit << 24 | pan << 22 | allint << 13 | ssbs << 12 | daif << 6 |
           el << 2 | sp;
}

static void any_state_is_taken_as_the_pseudocode_does(void **state)
{
    uint64_t seed = 2;

    (void)state;
    for (unsigned i = 0; i < 200000; i++) {
        uint64_t random = random64(&seed), sctlr = random64(&seed);
        uint64_t pstate = (random64(&seed) & ~UINT64_C(0x1f)) | modes[random & 3];
        unsigned features = random >> 2 & (FEATURES - 1);

        assert_int_equal(take(pstate, sctlr, features), model(pstate, sctlr, features));
        assert_int_equal(cpu.el1[EL1_SPSR_EL1], pstate);
    }
}

/* Illegal execution state is taken with PSTATE.IL = 1 only, a step with PSTATE.SS = 0 only. */
static void the_returned_pstate_is_one_that_raises_the_exception(void **state)
{
    static const struct {
        uint64_t ec, set, clear;
    } rows[] = {{0x0e, B(20), 0}, {0x32, 0, B(21)}, {0x33, 0, B(21)}, {0x00, 0, 0}, {0x3c, 0, 0}};

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        for (unsigned both = 0; both < 4; both++) {
            uint64_t pstate = 0x5 | (uint64_t)both << 20;

            prepare(pstate, 0, 0);
            vcpu_inject_take(&cpu, rows[i].ec << 26, 0, INJECT_SYNC);
            assert_int_equal(cpu.el1[EL1_SPSR_EL1], (pstate | rows[i].set) & ~rows[i].clear);
        }
    }
}

/* ---- Syndromes ---- */

/* From where ESR_EL1 can get each exception class: AArch64, AArch32; in which of two forms. */
static const struct {
    uint8_t ec;
    bool a64, a32, by_level, far;
} classes[] = {
    {0x00, true, true, false, false},  /* unknown reason */
    {0x01, true, true, false, false},  /* WFI, WFE */
    {0x03, false, true, false, false}, /* MCR, MRC of CP15 */
    {0x04, false, true, false, false}, /* MCRR, MRRC of CP15 */
    {0x05, false, true, false, false}, /* MCR, MRC of CP14 */
    {0x06, false, true, false, false}, /* LDC, STC */
    {0x07, true, true, false, false},  /* SIMD and floating point */
    {0x0a, true, false, false, false}, /* LD64B, ST64B */
    {0x0c, false, true, false, false}, /* MRRC of CP14 */
    {0x0d, true, false, false, false}, /* branch target */
    {0x0e, true, true, false, false},  /* illegal state */
    {0x11, false, true, false, false}, /* SVC */
    {0x14, true, false, false, false}, /* MSRR, MRRS */
    {0x15, true, false, false, false}, /* SVC */
    {0x18, true, false, false, false}, /* MSR, MRS */
    {0x19, true, false, false, false}, /* SVE */
    {0x1b, true, false, false, false}, /* TSTART */
    {0x1c, true, false, false, false}, /* pointer authentication failed */
    {0x1d, true, false, false, false}, /* SME */
    {0x20, true, true, true, true},    /* instruction abort */
    {0x21, true, true, true, true},    {0x22, true, true, false, true},   /* PC alignment */
    {0x24, true, true, true, true},                                       /* data abort */
    {0x25, true, true, true, true},    {0x26, true, false, false, false}, /* SP alignment */
    {0x27, true, false, false, false},                                    /* memory copy and set */
    {0x28, false, true, false, false},                                    /* floating point */
    {0x2c, true, false, false, false},                                    /* floating point */
    {0x2d, true, false, false, false},                                  /* guarded control stack */
    {0x30, true, true, true, false},                                    /* breakpoint */
    {0x31, true, true, true, false},   {0x32, true, true, true, false}, /* step */
    {0x33, true, true, true, false},   {0x34, true, true, true, true},  /* watchpoint */
    {0x35, true, true, true, true},    {0x38, false, true, false, false}, /* BKPT */
    {0x3c, true, false, false, false},                                    /* BRK */
    {0x3d, true, true, false, false},                                     /* PMU */
};

#define CLASSES (sizeof(classes) / sizeof(classes[0]))

/* Its row, CLASSES if EL1 takes no such class: those of EL2 and EL3 alone, SError, reserved ones. */
static size_t class_row(uint64_t ec)
{
    size_t row = 0;

    while (row < CLASSES && classes[row].ec != ec)
        row++;
    return row;
}

static void a_class_is_taken_from_where_it_can_come(void **state)
{
    const uint64_t rest = UINT64_C(0x00a5a5a503ffffff);

    (void)state;
    for (uint64_t ec = 0; ec < 64; ec++) {
        for (size_t m = 0; m < sizeof(modes) / sizeof(modes[0]); m++) {
            uint64_t esr = ec << 26 | rest, same = m == 1 || m == 2, want = esr;
            size_t row = class_row(ec);
            bool a32 = m == 3;

            /* What lets WFI and WFE trap to EL1 is for EL0: SCTLR_EL1.nTWI and nTWE. */
            if (row == CLASSES || !(a32 ? classes[row].a32 : classes[row].a64) ||
                (ec == 0x01 && same)) {
                assert_false(vcpu_inject_syndrome(modes[m], &esr));
                continue;
            }
            if (classes[row].by_level)
                want = ((ec & ~UINT64_C(1)) | same) << 26 | rest;
            assert_true(vcpu_inject_syndrome(modes[m], &esr));
            assert_int_equal(esr, want);
        }
    }
}

static void reserved_bits_of_a_syndrome_are_refused(void **state)
{
    (void)state;
    for (unsigned bit = 56; bit < 64; bit++) {
        uint64_t esr = 0x02000000 | B(bit);

        assert_false(vcpu_inject_syndrome(0x5, &esr));
    }
}

/* All other exceptions leave FAR_EL1 UNKNOWN: here, as it was. FnV is bit 10. */
static void the_address_is_written_where_it_has_a_meaning(void **state)
{
    (void)state;
    for (size_t row = 0; row < CLASSES; row++) {
        for (unsigned fnv = 0; fnv < 2; fnv++) {
            prepare(0x5, 0, 0);
            vcpu_inject_take(&cpu, (uint64_t)classes[row].ec << 26 | fnv << 10,
                             UINT64_C(0xa5ff800000001231), INJECT_SYNC);
            assert_int_equal(cpu.el1[EL1_FAR_EL1],
                             classes[row].far && !fnv ? UINT64_C(0xa5ff800000001231) : FAR_BEFORE);
        }
    }
}

/* DFSC and IFSC of a stage 1 with levels 0 to 3, without tags and blocks at level 0. */
static bool fsc_exists(unsigned fsc, bool instruction)
{
    if (fsc <= 0x0f) /* address size, translation; access flag, permission: of what is mapped */
        return fsc != 0x08 && fsc != 0x0c;
    switch (fsc) {
    case 0x10: /* external, and on a walk */
    case 0x14:
    case 0x15:
    case 0x16:
    case 0x17:
    case 0x18: /* parity or ECC, and on a walk */
    case 0x1c:
    case 0x1d:
    case 0x1e:
    case 0x1f:
    case 0x30: /* TLB conflict */
    case 0x31: /* unsupported atomic hardware update */
        return true;
    case 0x21: /* alignment */
    case 0x34: /* lockdown */
    case 0x35: /* unsupported exclusive or atomic access */
        return !instruction;
    default:
        return false;
    }
}

static void an_abort_has_a_syndrome_if_its_status_exists(void **state)
{
    (void)state;
    for (unsigned fsc = 0; fsc < 256; fsc++) {
        for (unsigned access = 0; access < 3; access++) {
            bool instruction = access == VCPU_ACCESS_EXECUTE;
            uint64_t want = (instruction ? 0x82000000 : 0x92000000) | fsc, esr = 0;

            if (access == VCPU_ACCESS_WRITE)
                want |= 0x40;
            assert_int_equal(
                vcpu_inject_abort_syndrome((enum vcpu_access)access, (uint8_t)fsc, true, &esr),
                fsc_exists(fsc, instruction));
            if (fsc_exists(fsc, instruction))
                assert_int_equal(esr, want);
            /* FnV is for an external abort that is not on a walk. */
            assert_int_equal(
                vcpu_inject_abort_syndrome((enum vcpu_access)access, (uint8_t)fsc, false, &esr),
                fsc == 0x10);
            if (fsc == 0x10)
                assert_int_equal(esr, want | 0x400);
        }
        uint64_t esr;

        assert_false(vcpu_inject_abort_syndrome((enum vcpu_access)3, (uint8_t)fsc, true, &esr));
    }
}

/* ---- Debug exceptions, in the form from EL0; what is in vcpu_inject_sync's place notes them ---- */

static uint64_t noted_esr, noted_far;

int vcpu_inject_sync(struct vcpu *vcpu, uint64_t esr, uint64_t far)
{
    noted_esr = esr;
    noted_far = far;
    return vcpu ? VCPU_OK : VCPU_ERR_INVALID;
}

static void debug_exceptions_have_their_syndromes(void **state)
{
    struct vcpu vcpu = {.regs.pstate = 0x5};

    (void)state;
    assert_int_equal(vcpu_inject_brk(&vcpu, 0xf00d), VCPU_OK);
    assert_int_equal(noted_esr, 0xf200f00d);
    assert_int_equal(vcpu_inject_breakpoint(&vcpu), VCPU_OK);
    assert_int_equal(noted_esr, 0xc2000022);
    assert_int_equal(vcpu_inject_watchpoint(&vcpu, false, 0x1237), VCPU_OK);
    assert_int_equal(noted_esr, 0xd2000022);
    assert_int_equal(noted_far, 0x1237);
    assert_int_equal(vcpu_inject_watchpoint(&vcpu, true, 0x1238), VCPU_OK);
    assert_int_equal(noted_esr, 0xd2000062);
    assert_int_equal(noted_far, 0x1238);
    assert_int_equal(vcpu_inject_step(&vcpu, false), VCPU_OK);
    assert_int_equal(noted_esr, 0xcb000022);
    assert_int_equal(vcpu_inject_step(&vcpu, true), VCPU_OK);
    assert_int_equal(noted_esr, 0xcb000062);
    /* BKPT: IL tells whether it has 32 bits (A32) or 16 (T32, PSTATE bit 5). */
    vcpu.regs.pstate = 0x10;
    assert_int_equal(vcpu_inject_brk(&vcpu, 0xbeef), VCPU_OK);
    assert_int_equal(noted_esr, 0xe200beef);
    vcpu.regs.pstate = 0x30;
    assert_int_equal(vcpu_inject_brk(&vcpu, 0x7f), VCPU_OK);
    assert_int_equal(noted_esr, 0xe000007f);
    /* In AArch64 state bit 5 is none of this. */
    vcpu.regs.pstate = 0x20;
    assert_int_equal(vcpu_inject_brk(&vcpu, 0x7f), VCPU_OK);
    assert_int_equal(noted_esr, 0xf200007f);
    assert_int_equal(vcpu_inject_brk(NULL, 0), VCPU_ERR_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_vector_is_of_the_level_and_stack_that_was_interrupted),
        cmocka_unit_test(the_low_bits_of_vbar_do_not_count),
        cmocka_unit_test(what_was_interrupted_is_kept_for_the_return),
        cmocka_unit_test(each_bit_of_pstate_is_kept_or_cleared),
        cmocka_unit_test(each_feature_sets_its_bit_as_sctlr_says),
        cmocka_unit_test(any_state_is_taken_as_the_pseudocode_does),
        cmocka_unit_test(the_returned_pstate_is_one_that_raises_the_exception),
        cmocka_unit_test(a_class_is_taken_from_where_it_can_come),
        cmocka_unit_test(reserved_bits_of_a_syndrome_are_refused),
        cmocka_unit_test(the_address_is_written_where_it_has_a_meaning),
        cmocka_unit_test(an_abort_has_a_syndrome_if_its_status_exists),
        cmocka_unit_test(debug_exceptions_have_their_syndromes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
