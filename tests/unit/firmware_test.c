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
#define ALL   7u
#define THREE 4u

static void test_unaffected(void **state)
{
    static const uint16_t in_order[] = {0xd03, 0xd04, 0xd05};
    static const uint16_t others[] = {0xd07, 0xd08, 0xd09, 0xd0a, 0xd0b, 0xd0c, 0xd40, 0xd46};

    (void)state;
    for (unsigned i = 0; i < 3; i++) {
        assert_int_equal(unaffected(0x410f0000 | in_order[i] << 4, 0, 0, 0), ALL);
        assert_int_equal(unaffected(0x413f0004 | in_order[i] << 4, 0, 0, 0), ALL);
        assert_int_equal(unaffected(0x420f0000 | in_order[i] << 4, 0, 0, 0), 0);
    }
    for (unsigned i = 0; i < 8; i++) {
        uint64_t midr = 0x410f0003 | others[i] << 4;

        assert_int_equal(unaffected(midr, 0, 0, 0), 0);
        assert_int_equal(unaffected(midr, 1, 0, 0), ONE);
        assert_int_equal(unaffected(midr, 2, 0, 0), ONE);
        assert_int_equal(unaffected(midr, 3, 0, 0), ONE | THREE);
        assert_int_equal(unaffected(midr, 1, 1, 0), ONE | THREE);
        assert_int_equal(unaffected(midr, 0, 0, 1), THREE);
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
