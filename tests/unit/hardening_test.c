/* SPDX-License-Identifier: MIT */
/* What a CPU does at exits against a guest that has trained its branch predictor. */
#include "cmocka_all.h"

#include <string.h>

#include "cpu/hardening.h"

#define WA1 UINT32_C(0x80008000)
#define WA3 UINT32_C(0x80003fff)

enum { THERE = 0, NOT_REQUIRED = 1, NONE = -1 };

/* ID_AA64PFR0_EL1.CSV2, ID_AA64MMFR1_EL1.ECBHB, ID_AA64ISAR2_EL1.CLRBHB. */
struct cpu {
    uint32_t midr;
    uint64_t csv2, ecbhb, clrbhb;
};

static struct vcpu_hardening choose(struct cpu cpu, int32_t one, int32_t three)
{
    const struct firmware_answers firmware = {.asked = true, .workaround = {one, NONE, three}};
    uint64_t id[ID_COUNT] = {0};

    id[ID_MIDR_EL1] = cpu.midr;
    id[ID_AA64PFR0_EL1] = cpu.csv2 << 56;
    id[ID_AA64MMFR1_EL1] = cpu.ecbhb << 60;
    id[ID_AA64ISAR2_EL1] = cpu.clrbhb << 28;
    return vcpu_hardening_choose(id, &firmware);
}

static void check(struct vcpu_hardening h, uint32_t call, unsigned loop, bool clrbhb, bool targets,
                  bool history)
{
    assert_int_equal(h.call, call);
    assert_int_equal(h.loop, loop);
    assert_int_equal(h.clrbhb, clrbhb);
    assert_int_equal(h.targets_exposed, targets);
    assert_int_equal(h.history_exposed, history);
}

static void check_nothing(struct vcpu_hardening h)
{
    check(h, 0, 0, false, false, false);
}

/* A73, of which nothing is known but what firmware says. */
#define A73 0x411fd091

static void targets_are_the_firmwares_business_without_csv2(void **state)
{
    const struct cpu cpu = {.midr = A73, .ecbhb = 1};

    (void)state;
    check(choose(cpu, THERE, NONE), WA1, 0, false, false, false);
    check(choose(cpu, THERE, THERE), WA3, 0, false, false, false);
    check(choose(cpu, NONE, THERE), WA3, 0, false, false, false);
    check(choose(cpu, NONE, NONE), 0, 0, false, true, false);
    check_nothing(choose(cpu, NOT_REQUIRED, NONE));
    check_nothing(choose((struct cpu){.midr = A73, .csv2 = 1, .ecbhb = 1}, THERE, THERE));
}

static void history_of_an_unknown_cpu_is_the_firmwares_business(void **state)
{
    const struct cpu cpu = {.midr = A73, .csv2 = 2};

    (void)state;
    check(choose(cpu, THERE, THERE), WA3, 0, false, false, false);
    check(choose(cpu, THERE, NONE), 0, 0, false, false, true);
    check_nothing(choose(cpu, NONE, NOT_REQUIRED));
}

static void each_of_three_fields_makes_the_history_safe_or_clearable(void **state)
{
    (void)state;
    for (uint64_t csv2 = 1; csv2 < 16; csv2++) {
        struct vcpu_hardening h = choose((struct cpu){.midr = A73, .csv2 = csv2}, NONE, NONE);

        check(h, 0, 0, false, false, csv2 < 3);
    }
    for (uint64_t value = 1; value < 16; value++) {
        check_nothing(choose((struct cpu){.midr = A73, .csv2 = 1, .ecbhb = value}, NONE, NONE));
        check(choose((struct cpu){.midr = A73, .csv2 = 1, .clrbhb = value}, NONE, THERE), 0, 0,
              true, false, false);
        /* Also where a loop is known. */
        check(choose((struct cpu){.midr = 0x410fd490, .csv2 = 1, .clrbhb = value}, NONE, NONE), 0,
              0, true, false, false);
    }
}

static void firmware_that_was_not_asked_has_nothing(void **state)
{
    const struct firmware_answers firmware = {.asked = false, .workaround = {0, 0, 0}};
    uint64_t id[ID_COUNT] = {0};

    (void)state;
    id[ID_MIDR_EL1] = A73;
    check(vcpu_hardening_choose(id, &firmware), 0, 0, false, true, true);
}

static const struct {
    uint32_t model;
    unsigned loop;
} loops[] = {
    {0x410fd070, 8},   /* Cortex-A57 */
    {0x410fd080, 8},   /* A72 */
    {0x410fd0b0, 24},  /* A76 */
    {0x410fd0e0, 24},  /* A76AE */
    {0x410fd0d0, 24},  /* A77 */
    {0x410fd0c0, 24},  /* Neoverse N1 */
    {0x510f8040, 24},  /* Kryo 4xx Gold */
    {0x410fd410, 32},  /* A78 */
    {0x410fd420, 32},  /* A78AE */
    {0x410fd4b0, 32},  /* A78C */
    {0x410fd440, 32},  /* X1 */
    {0x410fd4c0, 32},  /* X1C */
    {0x410fd470, 32},  /* A710 */
    {0x410fd480, 32},  /* X2 */
    {0x410fd490, 32},  /* Neoverse N2 */
    {0x410fd400, 32},  /* Neoverse V1 */
    {0x480fd010, 32},  /* TSV110 */
    {0x410fd4d0, 38},  /* A715 */
    {0x410fd810, 38},  /* A720 */
    {0x410fd4e0, 132}, /* X3 */
    {0x410fd4f0, 132}, /* Neoverse V2 */
    {0xc00fac30, 11},  /* AmpereOne AC03 */
};

static void each_cpu_has_its_loop_in_all_revisions(void **state)
{
    (void)state;
    for (unsigned i = 0; i < sizeof(loops) / sizeof(loops[0]); i++) {
        struct cpu cpu = {.midr = loops[i].model, .csv2 = 1};

        check(choose(cpu, NONE, NONE), 0, loops[i].loop, false, false, false);
        check(choose(cpu, NONE, THERE), 0, loops[i].loop, false, false, false);
        cpu.midr |= 0x70000d; /* r7pd */
        check(choose(cpu, NONE, NONE), 0, loops[i].loop, false, false, false);
        cpu.ecbhb = 1;
        check_nothing(choose(cpu, NONE, NONE));
    }
}

/* Both in one call, or a call and a loop. */
static void a_cpu_can_need_a_call_and_a_loop(void **state)
{
    const struct cpu a72 = {.midr = 0x410fd083};

    (void)state;
    check(choose(a72, THERE, NONE), WA1, 8, false, false, false);
    check(choose(a72, THERE, THERE), WA3, 0, false, false, false);
    check(choose(a72, NONE, NONE), 0, 8, false, true, false);
    check(choose((struct cpu){.midr = 0x481fd010}, NONE, NONE), 0, 32, false, false, false);
}

static void cpus_that_predict_little_need_nothing(void **state)
{
    static const uint32_t safe[] = {
        0x410fd034,                         /* Cortex-A53 */
        0x410fd040,                         /* A35 */
        0x411fd050,                         /* A55 */
        0x420f1000,                         /* Brahma-B53 */
        0x51af8014, 0x517f803c, 0x51df805e, /* Kryo 2xx, 3xx and 4xx Silver */
    };

    (void)state;
    for (unsigned i = 0; i < sizeof(safe) / sizeof(safe[0]); i++)
        check_nothing(choose((struct cpu){.midr = safe[i]}, NONE, NONE));
    /* A510, A520: the history, and CSV2 for the targets. */
    check_nothing(choose((struct cpu){.midr = 0x411fd461, .csv2 = 1}, NONE, NONE));
    check_nothing(choose((struct cpu){.midr = 0x410fd801, .csv2 = 1}, NONE, NONE));
    check(choose((struct cpu){.midr = 0x411fd461}, NONE, NONE), 0, 0, false, true, false);
    /* The number is the implementer's. */
    check(choose((struct cpu){.midr = 0x430fd034}, NONE, NONE), 0, 0, false, true, true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(targets_are_the_firmwares_business_without_csv2),
        cmocka_unit_test(history_of_an_unknown_cpu_is_the_firmwares_business),
        cmocka_unit_test(each_of_three_fields_makes_the_history_safe_or_clearable),
        cmocka_unit_test(firmware_that_was_not_asked_has_nothing),
        cmocka_unit_test(each_cpu_has_its_loop_in_all_revisions),
        cmocka_unit_test(a_cpu_can_need_a_call_and_a_loop),
        cmocka_unit_test(cpus_that_predict_little_need_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
