/* SPDX-License-Identifier: MIT */
/* The host's own PMU, while guests have theirs. */
#include "pmu_vm.h"

/* ---- The host's own ---- */

/* Event counter n of the host. */
static void host_select(unsigned n)
{
    arch_write(pmselr_el0, n);
    arch_isb();
}

struct host_pmu {
    uint64_t pmcr, enabled, overflow, interrupt, userenr, selr, cycles, cycle_filter;
    uint64_t counter[31], filter[31];
};

static struct host_pmu host_read(void)
{
    struct host_pmu h = {
        .pmcr = arch_read(pmcr_el0),
        .enabled = arch_read(pmcntenset_el0),
        .overflow = arch_read(pmovsset_el0),
        .interrupt = arch_read(pmintenset_el1),
        .userenr = arch_read(pmuserenr_el0),
        .selr = arch_read(pmselr_el0),
        .cycles = arch_read(pmccntr_el0),
        .cycle_filter = arch_read(pmccfiltr_el0),
    };

    for (unsigned n = 0; n < (h.pmcr >> 11 & 0x1f); n++) {
        host_select(n);
        h.counter[n] = arch_read(pmxevcntr_el0);
        h.filter[n] = arch_read(pmxevtyper_el0);
    }
    host_select((unsigned)h.selr);
    return h;
}

/* Nothing that counts at EL2, so that it stays; and no interrupt, which would be taken. */
static void host_fill(void)
{
    unsigned n = arch_read(pmcr_el0) >> 11 & 0x1f;

    for (unsigned i = 0; i < n; i++) {
        host_select(i);
        arch_write(pmxevtyper_el0, INST_RETIRED | (i % 2 ? NOT_EL0 : NOT_EL1));
        arch_write(pmxevcntr_el0, 0x1000 + i);
    }
    arch_write(pmccfiltr_el0, NOT_EL0);
    arch_write(pmccntr_el0, UINT64_C(0x123456789a));
    arch_write(pmovsclr_el0, ~UINT64_C(0));
    arch_write(pmovsset_el0, 5);
    arch_write(pmintenclr_el1, ~UINT64_C(0));
    arch_write(pmintenset_el1, CYCLE | 2);
    arch_write(pmcntenset_el0, CYCLE | 3);
    arch_write(pmuserenr_el0, 6);
    arch_write(pmcr_el0, E | LC);
    host_select(2);
}

void host_clear(void)
{
    arch_write(pmcr_el0, P | C);
    arch_write(pmcntenclr_el0, ~UINT64_C(0));
    arch_write(pmintenclr_el1, ~UINT64_C(0));
    arch_write(pmovsclr_el0, ~UINT64_C(0));
    arch_write(pmuserenr_el0, 0);
}

/* The guest fills everything, overflows included. */
static void guest_fill(struct vcpu *vcpu)
{
    uint64_t ignored[2];

    for (unsigned reg = 0; reg < REGISTERS; reg++)
        access(vcpu, EL1H, reg, true, ~UINT64_C(0));
    count_rounds(vcpu, 100, 3, 100, nothing, ignored);
}

void host_has_its_own_back(struct vcpu *vcpu)
{
    struct host_pmu before, after;

    put();
    host_fill();
    before = host_read();
    CHECK_EQ(before.enabled, CYCLE | 3);
    CHECK_EQ(before.counter[1], 0x1001);
    guest_fill(vcpu);
    put();
    after = host_read();
    CHECK_EQ(after.pmcr, before.pmcr);
    CHECK_EQ(after.enabled, before.enabled);
    CHECK_EQ(after.overflow, before.overflow);
    CHECK_EQ(after.interrupt, before.interrupt);
    CHECK_EQ(after.userenr, before.userenr);
    CHECK_EQ(after.selr, before.selr);
    CHECK_EQ(after.cycles, before.cycles);
    CHECK_EQ(after.cycle_filter, before.cycle_filter);
    for (unsigned n = 0; n < 31; n++) {
        CHECK_EQ(after.counter[n], before.counter[n]);
        CHECK_EQ(after.filter[n], before.filter[n]);
    }
    host_clear();
}

void host_overflows_are_not_lost(struct vcpu *vcpu)
{
    unsigned wrapped = 0;

    for (unsigned left = 1; left <= HOST_CYCLES; left++) {
        bool overflow, low;

        put();
        host_clear();
        arch_write(pmccfiltr_el0, ALSO_EL2);
        arch_write(pmccntr_el0, BIT(32) - left);
        arch_write(pmcr_el0, E);
        arch_write(pmcntenset_el0, CYCLE);
        arch_isb();
        testhost_enter_at(vcpu, pmu_rounds);
        vcpu->regs.x[3] = 1;
        CHECK_EQ(run(vcpu), 1);
        put();
        arch_write(pmcntenclr_el0, CYCLE);
        arch_isb();
        low = !(arch_read(pmccntr_el0) & BIT(31));
        overflow = arch_read(pmovsset_el0) & CYCLE;
        if (low != overflow)
            test_fail("an overflow and its counter");
        wrapped += low;
    }
    CHECK(wrapped > 0 && wrapped < HOST_CYCLES); /* it was from before until after */
    host_clear();
    arch_write(pmccfiltr_el0, 0);
}

void guest_sees_nothing_of_the_host(struct test_vm *vm)
{
    struct vcpu *vcpu;

    put();
    host_fill();
    vcpu = make_vcpu(vm, 3);
    for (unsigned reg = 0; reg < REGISTERS; reg++) {
        if (reg == R_PMCR || reg == R_PMCEID0 || reg == R_PMCEID1 || reg == R_ID_AA64DFR0 ||
            reg == R_ID_DFR0)
            continue;
        if (access(vcpu, EL1H, reg, false, 0) == EC_SVC && vcpu->regs.x[1] != 0)
            test_fail(names[reg]);
    }
    put();
    host_clear();
    MUST(vcpu_destroy(vcpu));
}

void host_may_keep_counters(struct vm *whole, struct vcpu *of_whole)
{
    struct vcpu_percpu *cpu = testhost_percpu(0);
    uint64_t mdcr = arch_read(mdcr_el2), controls, count[2];
    struct vm *const part = whole + 1;
    struct vcpu *vcpu;

    MUST(vcpu_percpu_disable(cpu));
    arch_write(mdcr_el2, (mdcr & ~HPMN) | HOST_CONTROLS | 2);
    controls = arch_read(mdcr_el2) & HOST_CONTROLS; /* that the CPU has */
    CHECK(controls & MDCR_HPME);
    testhost_enable(0);
    CHECK_EQ(features()->pmu_counters, 2);
    CHECK_EQ(testhost_run(of_whole), VCPU_ERR_UNSUPPORTED);

    make_vm(part, 0);
    vcpu = make_vcpu(&part->vm, 0);
    host_select(3);
    arch_write(pmxevtyper_el0, INST_RETIRED);
    arch_write(pmxevcntr_el0, 0);
    arch_write(pmcntenset_el0, 8);
    CHECK_EQ(get(vcpu, R_PMCR) >> 11, 2);
    set(vcpu, R_PMCNTENSET, ~UINT64_C(0));
    CHECK_EQ(get(vcpu, R_PMCNTENSET), CYCLE | 3);
    set(vcpu, R_PMCNTENCLR, ~UINT64_C(0));
    CHECK_EQ(arch_read(pmcntenset_el0), 8);
    CHECK_EQ(arch_read(mdcr_el2) & HOST_CONTROLS, controls);
    count_rounds(vcpu, 1000, 4, 0, put, count);
    CHECK(count[0] >= 8000);
    host_select(3);
    CHECK(arch_read(pmxevcntr_el0) > count[0]);
    CHECK_EQ(arch_read(pmxevtyper_el0), INST_RETIRED);
    put();
    MUST(vcpu_destroy(vcpu));
    testhost_vm_free(&part->vm);
    MUST(vcpu_pmu_destroy(part->pmu));

    host_clear();
    MUST(vcpu_percpu_disable(cpu));
    arch_write(mdcr_el2, mdcr);
    testhost_enable(0);
}
