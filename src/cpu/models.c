/* SPDX-License-Identifier: MIT */
/* The one table of CPUs; docs/errata.md has the same one, and the errata test compares them. */
#include "cpu/models.h"

#include "arm/midr.h"

#define ALL_SAFE (MODEL_TARGETS_SAFE | MODEL_STORES_SAFE | MODEL_HISTORY_SAFE)

static const struct cpu_model models[] = {
    {MIDR_CORTEX_A35, ALL_SAFE, 0},
    {MIDR_CORTEX_A53, ALL_SAFE, 0},
    {MIDR_CORTEX_A55, ALL_SAFE, 0},
    {MIDR_CORTEX_A510, MODEL_HISTORY_SAFE, 0}, /* the targets by CSV2, the stores by SSBS */
    {MIDR_CORTEX_A520, MODEL_HISTORY_SAFE, 0},
    {MIDR_BRAHMA_B53, ALL_SAFE, 0},
    {MIDR_KRYO_2XX_SILVER, MODEL_TARGETS_SAFE | MODEL_HISTORY_SAFE, 0},
    {MIDR_KRYO_3XX_SILVER, ALL_SAFE, 0},
    {MIDR_KRYO_4XX_SILVER, ALL_SAFE, 0},
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
    {MIDR_TSV110, MODEL_TARGETS_SAFE, 32},
    {MIDR_CORTEX_A715, 0, 38},
    {MIDR_CORTEX_A720, 0, 38},
    {MIDR_CORTEX_X3, 0, 132},
    {MIDR_NEOVERSE_V2, 0, 132},
    {MIDR_AMPERE_ONE_AC03, 0, 11},
};

struct cpu_model vcpu_model_of(uint64_t midr_el1)
{
    for (unsigned i = 0; i < sizeof(models) / sizeof(models[0]); i++)
        if ((midr_el1 & MIDR_MODEL_BITS) == models[i].midr)
            return models[i];
    return (struct cpu_model){0};
}
