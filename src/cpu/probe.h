/* SPDX-License-Identifier: MIT */
/* A CPU's features, from its identification registers. Pure. */
#ifndef VCPU_CPU_PROBE_H
#define VCPU_CPU_PROBE_H

#include <stdbool.h>
#include <stdint.h>

#include <vcpu/percpu.h>

#include "arm/id.h"
#include "arm/midr.h"

/*
 * Can the library run here? Any Exception level above EL0 can read these two registers. VCPU_OK or
 * VCPU_ERR_NOT_EL2.
 */
int vcpu_probe_level(uint64_t currentel, uint64_t spsel);

/*
 * Is it a CPU on which the library must not run, because of an erratum? See docs/errata.md.
 *
 * AmpereOne AC04_CPU_23: a write of HCR_EL2 can corrupt the translations of loads and stores in
 * flight, except with a DSB before it and an ISB behind it. Entries and exits have none.
 */
static inline bool probe_is_refused(uint64_t midr_el1)
{
    return (midr_el1 & MIDR_MODEL_BITS) == MIDR_AMPERE_ONE_AC04;
}

/*
 * Is it one that has the virtual CPU interface of a GIC, and says in ID_AA64PFR0_EL1.GIC that it has
 * none? Apple's M1 and M2 do. A guest would reach those registers, which nobody switches or traps, and
 * could raise SErrors with them (SEIS).
 */
static inline bool probe_hides_gic(uint64_t midr_el1, uint64_t pfr0)
{
    return (midr_el1 & MIDR_IMPLEMENTER) == MIDR_APPLE && !(pfr0 & ID_AA64PFR0_GIC);
}

/* Does EL3 let EL2 access SCXTNUM_ELx, with these flags of the host? */
static inline bool probe_may_use_scxtnum(uint64_t pfr0, uint32_t flags)
{
    return !(pfr0 & ID_AA64PFR0_EL3) || (flags & VCPU_PERCPU_SCXTNUM);
}

/* Registers to read before vcpu_probe_features; not every CPU has them. */
bool vcpu_probe_has_pmu(const uint64_t id[ID_REG_COUNT]);
bool vcpu_probe_has_gic_sysregs(const uint64_t id[ID_REG_COUNT]);

/*
 * The number of a guest's event counters: the host keeps those from its MDCR_EL2.HPMN on. If HPMN
 * is 0 or above the number, values that not every CPU allows, the guest has all.
 */
uint8_t vcpu_probe_guest_counters(uint64_t pmcr_el0, uint64_t mdcr_el2);

/*
 * Fills features. pmcr_el0 and icc_sre_el2 are 0 if the two functions above return false. VCPU_OK,
 * or VCPU_ERR_UNSUPPORTED: E2H without TGE, no AArch64 at EL1, no 4 KiB granule at stage 2, one of the
 * two above.
 */
int vcpu_probe_features(const uint64_t id[ID_COUNT], uint64_t hcr_el2, uint64_t pmcr_el0,
                        uint64_t icc_sre_el2, struct vcpu_features *features);

#endif
