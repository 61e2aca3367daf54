/* SPDX-License-Identifier: MIT */
/*
 * A guest can train the branch predictor in two ways:
 *  - the targets of branches (CVE-2017-5715). CPUs with ID_AA64PFR0_EL1.CSV2 tell contexts apart.
 *    All others need a call of firmware, which clears the predictor;
 *  - the history by which a target is chosen (CVE-2022-23960). CSV2 = 3 and more tells histories
 *    apart, ECBHB means that an exception from a lower Exception level does not use the old one.
 *    Otherwise it is cleared: by CLRBHB, a loop of so many branches that nothing of it is left, or
 *    firmware.
 * ARCH_WORKAROUND_3 does both. cpu/models.c knows the CPUs that predict too little to be open to one
 * of them, and the lengths of loops.
 */
#include "cpu/hardening.h"

#include "arm/smccc.h"
#include "cpu/models.h"

#define HISTORIES_APART 3u /* ID_AA64PFR0_EL1.CSV2 */

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
    struct cpu_model model = vcpu_model_of(id[ID_MIDR_EL1]);
    struct vcpu_hardening h = {0};

    if (csv2 == 0 && !(model.safe & MODEL_TARGETS_SAFE))
        choose_for_targets(&h, firmware);
    if (csv2 < HISTORIES_APART && !(model.safe & MODEL_HISTORY_SAFE) &&
        !(id[ID_AA64MMFR1_EL1] & ID_AA64MMFR1_ECBHB))
        choose_for_history(&h, id, model.loop, firmware);
    return h;
}
