/* SPDX-License-Identifier: MIT */
/* What a CPU is, from its identification registers. Pure. */
#ifndef VCPU_CPU_PROBE_H
#define VCPU_CPU_PROBE_H

#include <stdbool.h>
#include <stdint.h>

#include <vcpu/percpu.h>

#include "arm/id.h"

/*
 * May the library run here at all? Any Exception level above EL0 can read these two.
 * VCPU_OK or VCPU_ERR_NOT_EL2.
 */
int vcpu_probe_level(uint64_t currentel, uint64_t spsel);

/* What to read before vcpu_probe_features, for it is not there on every CPU. */
bool vcpu_probe_has_pmu(const uint64_t id[ID_REG_COUNT]);
bool vcpu_probe_has_gic_sysregs(const uint64_t id[ID_REG_COUNT]);

/*
 * Event counters that guests can have: the host keeps those from its MDCR_EL2.HPMN on. If that has
 * a value that it may not have everywhere, 0 or beyond what there are, all of them.
 */
uint8_t vcpu_probe_guest_counters(uint64_t pmcr_el0, uint64_t mdcr_el2);

/*
 * Fills features. pmcr_el0 and icc_sre_el2 are 0 where the two above say so.
 * VCPU_OK, or VCPU_ERR_UNSUPPORTED: E2H without TGE, no AArch64 at EL1, no 4 KiB granule at
 * stage 2.
 */
int vcpu_probe_features(const uint64_t id[ID_REG_COUNT], uint64_t hcr_el2, uint64_t pmcr_el0,
                        uint64_t icc_sre_el2, struct vcpu_features *features);

#endif
