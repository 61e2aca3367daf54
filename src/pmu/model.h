/* SPDX-License-Identifier: MIT */
/* Pure: the registers of a PMU, the effect of an access, and the level of the interrupt. */
#ifndef VCPU_PMU_MODEL_H
#define VCPU_PMU_MODEL_H

#include <stdbool.h>
#include <stdint.h>

#include <vcpu/device.h>
#include <vcpu/sysreg.h>

#include "arm/pmu.h"

#define PMINTENSET_EL1 VCPU_SYSREG(3, 0, 9, 14, 1)
#define PMINTENCLR_EL1 VCPU_SYSREG(3, 0, 9, 14, 2)
#define PMCR_EL0       VCPU_SYSREG(3, 3, 9, 12, 0)
#define PMCNTENSET_EL0 VCPU_SYSREG(3, 3, 9, 12, 1)
#define PMCNTENCLR_EL0 VCPU_SYSREG(3, 3, 9, 12, 2)
#define PMOVSCLR_EL0   VCPU_SYSREG(3, 3, 9, 12, 3)
#define PMSWINC_EL0    VCPU_SYSREG(3, 3, 9, 12, 4)
#define PMSELR_EL0     VCPU_SYSREG(3, 3, 9, 12, 5)
#define PMCEID0_EL0    VCPU_SYSREG(3, 3, 9, 12, 6)
#define PMCEID1_EL0    VCPU_SYSREG(3, 3, 9, 12, 7)
#define PMCCNTR_EL0    VCPU_SYSREG(3, 3, 9, 13, 0)
#define PMXEVTYPER_EL0 VCPU_SYSREG(3, 3, 9, 13, 1)
#define PMXEVCNTR_EL0  VCPU_SYSREG(3, 3, 9, 13, 2)
#define PMUSERENR_EL0  VCPU_SYSREG(3, 3, 9, 14, 0)
#define PMOVSSET_EL0   VCPU_SYSREG(3, 3, 9, 14, 3)
#define PMCEID2        VCPU_SYSREG(3, 3, 9, 14, 4) /* AArch32: PMCEID0_EL0[63:32] */
#define PMCEID3        VCPU_SYSREG(3, 3, 9, 14, 5) /* AArch32: PMCEID1_EL0[63:32] */
/* PMEVCNTR<n>_EL0 and PMEVTYPER<n>_EL0 start here; PMEVTYPER31_EL0 is PMCCFILTR_EL0. */
#define PMEVCNTR0_EL0  VCPU_SYSREG(3, 3, 14, 8, 0)
#define PMEVTYPER0_EL0 VCPU_SYSREG(3, 3, 14, 12, 0)
#define PMCCFILTR_EL0  VCPU_SYSREG(3, 3, 14, 15, 7)

/* A PMU's registers: a guest's as it wrote them, or the host's. */
struct pmu_bank {
    uint64_t counter[PMU_CYCLES + 1]; /* PMEVCNTR<n>_EL0, and PMCCNTR_EL0 */
    uint64_t filter[PMU_CYCLES + 1];  /* PMEVTYPER<n>_EL0, and PMCCFILTR_EL0 */
    uint64_t pmcr, userenr, selr;
    /* PMCNTENSET_EL0, PMOVSSET_EL0, PMINTENSET_EL1 */
    uint64_t enabled, overflow, interrupt;
};

/* The part of the PMU that a VM's guests have. */
struct pmu_shape {
    uint64_t counters; /* the bits of the counters: PMU_CYCLES, and 0 to N - 1 */
    uint64_t event;    /* evtCount of the version */
    uint64_t pmcr;     /* the fixed bits: N, and LC without AArch32 */
    uint64_t pmceid[2];
};

/* The bits of the cycle counter and the first n others. */
static inline uint64_t pmu_counters(uint64_t n)
{
    return BIT(PMU_CYCLES) | (BIT(n) - 1);
}

/*
 * An access from EL1 or EL0 that PMUSERENR_EL0 allows. half: an AArch32 program's, to the low 32
 * bits of the register. false: there is no such register, and nothing changed.
 */
bool vcpu_pmu_access(const struct pmu_shape *shape, struct pmu_bank *bank, bool el0, bool half,
                     uint32_t encoding, bool write, uint64_t *value);

/* Can it be a register of the PMU? For nearly all others this is false. */
bool vcpu_pmu_is_register(uint32_t encoding);

/*
 * For vcpu/reg.h: a register of the bank, written without the side effects of an access. VCPU_OK,
 * VCPU_ERR_INVALID, VCPU_ERR_NOT_FOUND. And the encoding of the nth of them; 0 if there are no
 * more.
 */
int vcpu_pmu_reg(const struct pmu_shape *shape, struct pmu_bank *bank, uint32_t encoding,
                 enum vcpu_reg_op op, uint64_t *value);
uint32_t vcpu_pmu_reg_at(const struct pmu_shape *shape, unsigned n);

/* The level of its interrupt. */
static inline bool pmu_level(const struct pmu_bank *bank)
{
    return (bank->pmcr & PMCR_EL0_E) && (bank->overflow & bank->interrupt);
}

/* A guest's filter as it is written to the CPU. el3: is there an EL3? */
uint64_t vcpu_pmu_filter(uint64_t filter, bool el3);

#endif
