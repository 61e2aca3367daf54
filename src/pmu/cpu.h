/* SPDX-License-Identifier: MIT */
/*
 * The PMU of the CPU that this runs on, as functions, so that the code that uses them is pure. The
 * unit tests put a simulated one in their place. Of it they touch what a resident guest owns: the
 * cycle counter and the event counters below MDCR_EL2.HPMN.
 */
#ifndef VCPU_PMU_CPU_H
#define VCPU_PMU_CPU_H

#include "pmu/model.h"

/* PMCEID0_EL0, PMCEID1_EL0. */
void vcpu_pmu_cpu_events(uint64_t pmceid[2]);

/* Everything, from the CPU, where nothing counts from then on: for the host's. */
void vcpu_pmu_cpu_read(struct pmu_bank *bank);

/*
 * What changes while a guest runs: counters and overflows; and PMSELR_EL0, which QEMU lets EL0 have
 * in spite of MDCR_EL2.TPM.
 */
void vcpu_pmu_cpu_fetch(struct pmu_bank *bank);

/*
 * Everything, to the CPU. Of a guest's nothing but its own EL1 and EL0 counts, and its overflows
 * interrupt only if `interrupts`.
 */
void vcpu_pmu_cpu_write_guest(const struct pmu_bank *bank, bool interrupts);
void vcpu_pmu_cpu_write_host(const struct pmu_bank *bank);

#endif
