/* SPDX-License-Identifier: MIT */
/* Asking the machine's firmware what it does for a CPU, with firmware of all ages. */
#include "cmocka_all.h"

#include <string.h>

#include "cpu/firmware.h"

/* Firmware: what it answers, and what it was asked. */
static struct {
    int32_t psci_version, has_smccc_version, smccc_version;
    int32_t features[3]; /* ARCH_WORKAROUND_1 to 3 */
    unsigned calls, strange;
} firmware;

static void smc(uint64_t x[31])
{
    int32_t answer = -1;

    firmware.calls++;
    switch (x[0]) {
    case 0x84000000: /* PSCI_VERSION */
        answer = firmware.psci_version;
        break;
    case 0x8400000a: /* PSCI_FEATURES */
        if (x[1] == 0x80000000 && firmware.psci_version >= 0x10000)
            answer = firmware.has_smccc_version;
        else
            firmware.strange++;
        break;
    case 0x80000000: /* SMCCC_VERSION */
        if (firmware.has_smccc_version >= 0)
            answer = firmware.smccc_version;
        else
            firmware.strange++;
        break;
    case 0x80000001: /* SMCCC_ARCH_FEATURES */
        if (firmware.smccc_version < 0x10001)
            firmware.strange++;
        else if (x[1] == 0x80008000)
            answer = firmware.features[0];
        else if (x[1] == 0x80007fff)
            answer = firmware.features[1];
        else if (x[1] == 0x80003fff)
            answer = firmware.features[2];
        else
            firmware.strange++;
        break;
    default:
        firmware.strange++;
    }
    /* The upper half of x0 has no meaning in a 32-bit call, and the rest may be anything. */
    x[0] = UINT64_C(0xabcd) << 32 | (uint32_t)answer;
    for (unsigned i = 1; i < 18; i++)
        x[i] = UINT64_MAX;
}

static void expect(int32_t one, int32_t two, int32_t three, unsigned calls)
{
    struct firmware_answers answers;

    memset(&answers, 0x5a, sizeof(answers));
    firmware.calls = firmware.strange = 0;
    vcpu_firmware_ask(smc, &answers);
    assert_true(answers.asked);
    assert_int_equal(answers.workaround[0], one);
    assert_int_equal(answers.workaround[1], two);
    assert_int_equal(answers.workaround[2], three);
    assert_int_equal(firmware.calls, calls);
    assert_int_equal(firmware.strange, 0);
}

static void test_answers(void **state)
{
    (void)state;
    firmware.psci_version = 0x10001;
    firmware.has_smccc_version = 0;
    firmware.smccc_version = 0x10002;
    firmware.features[0] = 0;
    firmware.features[1] = -2;
    firmware.features[2] = 1;
    expect(0, -2, 1, 6);
    firmware.smccc_version = 0x10001;
    firmware.features[0] = -1;
    expect(-1, -2, 1, 6);
}

/* No call that this firmware may not know. */
static void test_older_firmware(void **state)
{
    (void)state;
    firmware.psci_version = 0x10001;
    firmware.has_smccc_version = 0;
    firmware.smccc_version = 0x10000;
    expect(-1, -1, -1, 3);
    firmware.has_smccc_version = -1;
    expect(-1, -1, -1, 2);
    firmware.psci_version = 2;
    expect(-1, -1, -1, 1);
    firmware.psci_version = -1;
    expect(-1, -1, -1, 1);
}

/* By MIDR_EL1's implementer and part, CSV2, ECBHB and CLRBHB: the numbers of the calls not needed. */
static unsigned unaffected(uint64_t midr, uint64_t csv2, uint64_t ecbhb, uint64_t clrbhb)
{
    uint64_t id[ID_COUNT] = {0};

    id[ID_MIDR_EL1] = midr;
    id[ID_AA64PFR0_EL1] = csv2 << 56;
    id[ID_AA64MMFR1_EL1] = ecbhb << 60;
    id[ID_AA64ISAR2_EL1] = clrbhb << 28;
    return vcpu_firmware_unaffected(id);
}

#define ONE   1u
#define TWO   2u
#define THREE 4u

/* Some models predict nothing, or not by history, whatever their ID registers say. */
static void test_unaffected(void **state)
{
    static const struct {
        uint32_t model;
        unsigned not_needed;
    } models[] = {
        {0x410fd030, ONE | TWO | THREE}, /* Cortex-A53 */
        {0x410fd040, ONE | TWO | THREE}, /* A35 */
        {0x410fd050, ONE | TWO | THREE}, /* A55 */
        {0x420f1000, ONE | TWO | THREE}, /* Brahma-B53 */
        {0x510f8010, ONE | THREE},       /* Kryo 2xx Silver */
        {0x510f8030, ONE | TWO | THREE}, /* 3xx */
        {0x510f8050, ONE | TWO | THREE}, /* 4xx */
        {0x410fd460, THREE},             /* A510 */
        {0x410fd800, THREE},             /* A520 */
        {0x480fd010, ONE},               /* TSV110 */
        {0x410fd070, 0},                 /* A57 */
        {0x410fd080, 0},                 /* A72 */
        {0x410fd090, 0},                 /* A73 */
        {0x410fd0a0, 0},                 /* A75 */
        {0x410fd0b0, 0},                 /* A76 */
        {0x410fd0c0, 0},                 /* Neoverse N1 */
        {0x410fd400, 0},                 /* Neoverse V1 */
        {0x420fd030, 0},                 /* the number is the implementer's */
    };

    (void)state;
    for (unsigned i = 0; i < sizeof(models) / sizeof(models[0]); i++) {
        uint64_t midr = models[i].model | 0x300004; /* r3p4 */
        unsigned is = models[i].not_needed;

        assert_int_equal(unaffected(midr, 0, 0, 0), is);
        assert_int_equal(unaffected(midr, 1, 0, 0), is | ONE);
        assert_int_equal(unaffected(midr, 2, 0, 0), is | ONE);
        assert_int_equal(unaffected(midr, 3, 0, 0), is | ONE | THREE);
        assert_int_equal(unaffected(midr, 1, 1, 0), is | ONE | THREE);
        assert_int_equal(unaffected(midr, 0, 0, 1), is | THREE);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_answers),
        cmocka_unit_test(test_older_firmware),
        cmocka_unit_test(test_unaffected),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
