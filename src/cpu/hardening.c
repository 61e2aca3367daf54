/* SPDX-License-Identifier: MIT */
/*
 * A guest can train the branch predictor in two ways:
 *  - the targets of branches (CVE-2017-5715). CPUs with ID_AA64PFR0_EL1.CSV2 tell contexts apart.
 *    All others need a call of firmware, which clears the predictor;
 *  - the history by which a target is chosen (CVE-2022-23960). CSV2 = 3 and more tells histories
 *    apart, ECBHB means that an exception from a lower Exception level does not use the old one.
 *    Otherwise it is cleared: by CLRBHB, a loop of so many branches that nothing of it is left, or
 *    firmware.
 * ARCH_WORKAROUND_3 does both. A CPU that predicts too little to be open to one of them is in the
 * table, as are the lengths of loops. docs/errata.md has the same table.
 */
#include "cpu/hardening.h"

#include "arm/midr.h"
#include "arm/smccc.h"

#define HISTORIES_APART 3u /* ID_AA64PFR0_EL1.CSV2 */

enum { TARGETS_SAFE = 1, HISTORY_SAFE = 2, BOTH_SAFE = 3 };

static const struct {
    uint32_t model;
    uint8_t safe;
    uint8_t loop; /* turns; 0: no loop is known */
} models[] = {
    {MIDR_CORTEX_A35, BOTH_SAFE, 0},
    {MIDR_CORTEX_A53, BOTH_SAFE, 0},
    {MIDR_CORTEX_A55, BOTH_SAFE, 0},
    {MIDR_CORTEX_A510, BOTH_SAFE, 0},
    {MIDR_CORTEX_A520, BOTH_SAFE, 0},
    {MIDR_BRAHMA_B53, BOTH_SAFE, 0},
    {MIDR_KRYO_2XX_SILVER, BOTH_SAFE, 0},
    {MIDR_KRYO_3XX_SILVER, BOTH_SAFE, 0},
    {MIDR_KRYO_4XX_SILVER, BOTH_SAFE, 0},
    {MIDR_CORTEX_A57, 0, 8},
    {MIDR_CORTEX_A72, 0, 8},
    {MIDR_CORTEX_A76, 0, 24},
    {MIDR_CORTEX_A76AE, 0, 24},
    {MIDR_CORTEX_A77, 0, 24},
    {MIDR_NEOVERSE_N1, 0, 24},
    {MIDR_KRYO_4XX_GOLD, 0, 24},
    {MIDR_CORTEX_A78, 0, 32},
    {MIDR_CORTEX_A78AE, 0, 32},
    {MIDR_CORTEX_A78C, 0, 32},
    {MIDR_CORTEX_X1, 0, 32},
    {MIDR_CORTEX_X1C, 0, 32},
    {MIDR_CORTEX_A710, 0, 32},
    {MIDR_CORTEX_X2, 0, 32},
    {MIDR_NEOVERSE_N2, 0, 32},
    {MIDR_NEOVERSE_V1, 0, 32},
    {MIDR_TSV110, TARGETS_SAFE, 32},
    {MIDR_CORTEX_A715, 0, 38},
    {MIDR_CORTEX_A720, 0, 38},
    {MIDR_CORTEX_X3, 0, 132},
    {MIDR_NEOVERSE_V2, 0, 132},
    {MIDR_AMPERE_ONE_AC03, 0, 11},
};

/* An answer of SMCCC_ARCH_FEATURES: see struct firmware_answers. */
#define ANSWER_THERE        0
#define ANSWER_NOT_REQUIRED 1

static int32_t answer(const struct firmware_answers *firmware, unsigned workaround)
{
    return firmware->asked ? firmware->workaround[workaround - 1] : -1;
}

static void choose_for_targets(struct vcpu_hardening *h, const struct firmware_answers *firmware)
{
    if (answer(firmware, 3) == ANSWER_THERE)
        h->call = SMCCC_ARCH_WORKAROUND_3;
    else if (answer(firmware, 1) == ANSWER_THERE)
        h->call = SMCCC_ARCH_WORKAROUND_1;
    else if (answer(firmware, 1) != ANSWER_NOT_REQUIRED)
        h->targets_exposed = true;
}

static void choose_for_history(struct vcpu_hardening *h, const uint64_t id[ID_COUNT], uint8_t loop,
                               const struct firmware_answers *firmware)
{
    if (h->call == SMCCC_ARCH_WORKAROUND_3)
        return;
    if (id[ID_AA64ISAR2_EL1] & ID_AA64ISAR2_CLRBHB)
        h->clrbhb = true;
    else if (loop)
        h->loop = loop;
    else if (answer(firmware, 3) == ANSWER_THERE)
        h->call = SMCCC_ARCH_WORKAROUND_3;
    else if (answer(firmware, 3) != ANSWER_NOT_REQUIRED)
        h->history_exposed = true;
}

struct vcpu_hardening vcpu_hardening_choose(const uint64_t id[ID_COUNT],
                                            const struct firmware_answers *firmware)
{
    uint64_t csv2 = FIELD_GET(ID_AA64PFR0_CSV2, id[ID_AA64PFR0_EL1]);
    struct vcpu_hardening h = {0};
    uint8_t safe = 0, loop = 0;

    for (unsigned i = 0; i < sizeof(models) / sizeof(models[0]); i++)
        if ((id[ID_MIDR_EL1] & MIDR_MODEL_BITS) == models[i].model) {
            safe = models[i].safe;
            loop = models[i].loop;
        }
    if (csv2 == 0 && !(safe & TARGETS_SAFE))
        choose_for_targets(&h, firmware);
    if (csv2 < HISTORIES_APART && !(safe & HISTORY_SAFE) &&
        !(id[ID_AA64MMFR1_EL1] & ID_AA64MMFR1_ECBHB))
        choose_for_history(&h, id, loop, firmware);
    return h;
}
