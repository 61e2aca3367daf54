/* SPDX-License-Identifier: MIT */
/* What a guest reads in the identification registers. Pure. */
#ifndef VCPU_CORE_ID_H
#define VCPU_CORE_ID_H

#include <stdbool.h>
#include <stdint.h>

#include "arm/id.h"

/*
 * The guest's values from the host's. Only fields that the library knows to be harmless (they have
 * no state, or state that is switched) are shown, and none higher than known; all others are 0, or
 * what says "not there". gic_sysregs: the guest uses the GIC's system registers itself.
 */
void vcpu_id_for_guest(const uint64_t host[ID_REG_COUNT], bool gic_sysregs,
                       uint64_t guest[ID_REG_COUNT]);

/* Adds SVE, for a VM that asks for it. */
void vcpu_id_show_sve(const uint64_t host[ID_REG_COUNT], uint64_t guest[ID_REG_COUNT]);

/*
 * Shows the guest of such values a PMU of the host's version, FEAT_PMUv3p1 at most: beyond that are
 * more registers (PMMIR_EL1), 64-bit counters, and other rules of counting.
 */
void vcpu_id_show_pmu(const uint64_t host[ID_REG_COUNT], uint64_t guest[ID_REG_COUNT]);

#endif
