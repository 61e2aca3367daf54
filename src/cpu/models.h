/* SPDX-License-Identifier: MIT */
/* What a CPU is open to by its model, where its ID registers do not tell. Pure. */
#ifndef VCPU_CPU_MODELS_H
#define VCPU_CPU_MODELS_H

#include "arm/field.h"

/* Bit n is about what ARCH_WORKAROUND_<n + 1> is against. */
#define MODEL_TARGETS_SAFE BIT(0) /* CVE-2017-5715: the targets of branches */
#define MODEL_STORES_SAFE  BIT(1) /* CVE-2018-3639: loads that bypass stores */
#define MODEL_HISTORY_SAFE BIT(2) /* CVE-2022-23960: the history of branches */

struct cpu_model {
    uint32_t midr; /* MIDR_MODEL_BITS */
    uint8_t safe;  /* MODEL_*_SAFE */
    uint8_t loop;  /* turns of the loop that clears the history; 0: no loop is known */
};

/* All 0 for a CPU that is not in the table: it is open to everything. */
struct cpu_model vcpu_model_of(uint64_t midr_el1);

#endif
