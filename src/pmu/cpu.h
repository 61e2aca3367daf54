/* SPDX-License-Identifier: MIT */
/*
 * The operations on this CPU's PMU, as functions, so that the code that calls them is pure. The
 * unit tests have a simulated PMU in their place. They touch only what a resident guest owns: the
 * cycle counter and the event counters below MDCR_EL2.HPMN.
 */
#ifndef VCPU_PMU_CPU_H
#define VCPU_PMU_CPU_H

#include "pmu/model.h"

/* PMCEID0_EL0, PMCEID1_EL0. */
void vcpu_pmu_cpu_events(uint64_t pmceid[2]);

/* Reads all registers from the CPU and stops its counters: for the host's. */
void vcpu_pmu_cpu_read(struct pmu_bank *bank);

/*
 * Reads what changes while a guest is entered: counters, overflows, and PMSELR_EL0, which QEMU lets
 * EL0 write in spite of MDCR_EL2.TPM.
 */
void vcpu_pmu_cpu_fetch(struct pmu_bank *bank);

/*
 * Writes all registers to the CPU. A guest's counters count at its own EL1 and EL0 only, and its
 * overflows interrupt only if `interrupts`.
 */
void vcpu_pmu_cpu_write_guest(const struct pmu_bank *bank, bool interrupts);
void vcpu_pmu_cpu_write_host(const struct pmu_bank *bank);

#endif
