/* SPDX-License-Identifier: MIT */
#include "pmu/cpu.h"

#include "arm/el2.h"
#include "arm/id.h"
#include "hw/sysreg.h"

/* The number of a guest's event counters. */
static unsigned event_counters(void)
{
    return (unsigned)FIELD_GET(MDCR_EL2_HPMN, READ_SYSREG(mdcr_el2));
}

/* Selects the counter of PMXEVTYPER_EL0 and PMXEVCNTR_EL0. */
static void select(uint64_t n)
{
    WRITE_SYSREG(pmselr_el0, n);
    isb();
}

void vcpu_pmu_cpu_events(uint64_t pmceid[2])
{
    pmceid[0] = READ_SYSREG(pmceid0_el0);
    pmceid[1] = READ_SYSREG(pmceid1_el0);
}

void vcpu_pmu_cpu_fetch(struct pmu_bank *bank)
{
    unsigned count = event_counters();

    bank->selr = READ_SYSREG(pmselr_el0);
    bank->overflow = READ_SYSREG(pmovsset_el0) & pmu_counters(count);
    bank->counter[PMU_CYCLES] = READ_SYSREG(pmccntr_el0);
    for (unsigned n = 0; n < count; n++) {
        select(n);
        bank->counter[n] = READ_SYSREG(pmxevcntr_el0);
    }
    WRITE_SYSREG(pmselr_el0, bank->selr);
}

void vcpu_pmu_cpu_read(struct pmu_bank *bank)
{
    unsigned count = event_counters();
    uint64_t selr = READ_SYSREG(pmselr_el0);

    bank->enabled = READ_SYSREG(pmcntenset_el0) & pmu_counters(count);
    /*
     * They stop here: otherwise an overflow between the read of its flag and the read of the
     * counter would be lost.
     */
    WRITE_SYSREG(pmcntenclr_el0, pmu_counters(count));
    isb();
    bank->pmcr = READ_SYSREG(pmcr_el0);
    bank->userenr = READ_SYSREG(pmuserenr_el0);
    bank->interrupt = READ_SYSREG(pmintenset_el1) & pmu_counters(count);
    bank->filter[PMU_CYCLES] = READ_SYSREG(pmccfiltr_el0);
    for (unsigned n = 0; n < count; n++) {
        select(n);
        bank->filter[n] = READ_SYSREG(pmxevtyper_el0);
    }
    WRITE_SYSREG(pmselr_el0, selr);
    vcpu_pmu_cpu_fetch(bank);
}

/* The last writes are those that let counters count and overflows interrupt. */
static void write(const struct pmu_bank *bank, uint64_t pmcr, uint64_t interrupt, bool guest)
{
    unsigned count = event_counters();
    bool el3 = READ_SYSREG(id_aa64pfr0_el1) & ID_AA64PFR0_EL3;
    uint64_t cycles = bank->filter[PMU_CYCLES];

    WRITE_SYSREG(pmcntenclr_el0, pmu_counters(count));
    WRITE_SYSREG(pmintenclr_el1, pmu_counters(count));
    for (unsigned n = 0; n < count; n++) {
        select(n);
        WRITE_SYSREG(pmxevtyper_el0,
                     guest ? vcpu_pmu_filter(bank->filter[n], el3) : bank->filter[n]);
        WRITE_SYSREG(pmxevcntr_el0, bank->counter[n]);
    }
    WRITE_SYSREG(pmccfiltr_el0, guest ? vcpu_pmu_filter(cycles, el3) : cycles);
    isb(); /* now none counts, also if there are no event counters */
    WRITE_SYSREG(pmccntr_el0, bank->counter[PMU_CYCLES]);
    WRITE_SYSREG(pmovsclr_el0, pmu_counters(count));
    WRITE_SYSREG(pmovsset_el0, bank->overflow);
    WRITE_SYSREG(pmselr_el0, bank->selr);
    WRITE_SYSREG(pmuserenr_el0, bank->userenr);
    WRITE_SYSREG(pmcr_el0, pmcr);
    WRITE_SYSREG(pmintenset_el1, interrupt);
    WRITE_SYSREG(pmcntenset_el0, bank->enabled);
    isb();
}

/* DP: keeps the cycle counter too out of EL3 and the Secure state, as its filter does. */
void vcpu_pmu_cpu_write_guest(const struct pmu_bank *bank, bool interrupts)
{
    write(bank, bank->pmcr | PMCR_EL0_DP, interrupts ? bank->interrupt : 0, true);
}

void vcpu_pmu_cpu_write_host(const struct pmu_bank *bank)
{
    write(bank, bank->pmcr, bank->interrupt, false);
}
