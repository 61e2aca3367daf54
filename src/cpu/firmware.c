/* SPDX-License-Identifier: MIT */
#include "cpu/firmware.h"

#include <vcpu/psci.h>

#include "arm/smccc.h"
#include "cpu/models.h"

/* The result of a call is W0, a signed number. */
static int32_t call(void (*smc)(uint64_t x[31]), uint32_t function, uint32_t argument)
{
    uint64_t x[31];

    x[0] = function;
    x[1] = argument;
    for (unsigned i = 2; i < 18; i++)
        x[i] = 0;
    smc(x);
    return (int32_t)x[0];
}

/*
 * SMCCC_ARCH_FEATURES is of SMCCC 1.1, and SMCCC_VERSION, which tells that, too. Before 1.1 an unknown
 * call may do anything; PSCI_FEATURES, of PSCI 1.0, says whether SMCCC_VERSION is known.
 */
static bool has_arch_features(void (*smc)(uint64_t x[31]))
{
    return call(smc, VCPU_PSCI_VERSION, 0) >= PSCI_1_0 &&
           call(smc, VCPU_PSCI_FEATURES, VCPU_SMCCC_VERSION) >= 0 &&
           call(smc, VCPU_SMCCC_VERSION, 0) >= SMCCC_1_1;
}

void vcpu_firmware_ask(void (*smc)(uint64_t x[31]), struct firmware_answers *answers)
{
    static const uint32_t workarounds[] = {SMCCC_ARCH_WORKAROUND_1, SMCCC_ARCH_WORKAROUND_2,
                                           SMCCC_ARCH_WORKAROUND_3};
    bool has = has_arch_features(smc);

    answers->asked = true;
    for (unsigned i = 0; i < FIRMWARE_WORKAROUNDS; i++)
        answers->workaround[i] =
            has ? call(smc, VCPU_SMCCC_ARCH_FEATURES, workarounds[i]) : VCPU_PSCI_NOT_SUPPORTED;
}

uint8_t vcpu_firmware_unaffected(const uint64_t id[ID_COUNT])
{
    uint64_t csv2 = FIELD_GET(ID_AA64PFR0_CSV2, id[ID_AA64PFR0_EL1]);
    bool no_history = csv2 >= CSV2_3 || (id[ID_AA64MMFR1_EL1] & ID_AA64MMFR1_ECBHB) ||
                      (id[ID_AA64ISAR2_EL1] & ID_AA64ISAR2_CLRBHB);

    return (uint8_t)(vcpu_model_of(id[ID_MIDR_EL1]).safe | (csv2 ? MODEL_TARGETS_SAFE : 0) |
                     (no_history ? MODEL_HISTORY_SAFE : 0));
}
