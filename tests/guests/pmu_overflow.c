/* SPDX-License-Identifier: MIT */
/* Overflows of a guest's counters, and their interrupt. */
#include "pmu_vm.h"

static void prepare_overflow(struct vm *vm, struct vcpu *vcpu, uint64_t left)
{
    set(vcpu, R_PMINTENSET, CYCLE);
    begin_to_count(vcpu, 0);
    set(vcpu, R_PMCCNTR, -left);
    begin_rounds(vcpu, EL1H, 100000, 2);
    interrupted = vcpu;
    interrupted_pmu = vm->pmu;
    interrupts = 0;
    interrupt_result = 1;
}

void overflow_is_a_level(struct vm *vm, struct vcpu *vcpu)
{
    unsigned told = vm->line.told;

    prepare_overflow(vm, vcpu, 5000);
    CHECK_EQ(run(vcpu), 1);
    CHECK_EQ(interrupts, 1);
    CHECK_EQ(interrupt_result, VCPU_OK);
    CHECK(vm->line.level);
    CHECK_EQ(vm->line.told, told + 1);
    CHECK(!gic_is_pending(VCPU_PMU_PPI));
    complete(vcpu);
    CHECK_EQ(run(vcpu), 1); /* a long round without an interrupt, though it is not cleared */
    CHECK_EQ(interrupts, 1);

    CHECK_EQ(get(vcpu, R_PMOVSSET), CYCLE);
    CHECK_EQ(get(vcpu, R_PMINTENSET), CYCLE); /* the mask is not the guest's affair */
    set(vcpu, R_PMOVSCLR, 2);
    CHECK(vm->line.level);
    set(vcpu, R_PMOVSCLR, CYCLE);
    CHECK(!vm->line.level);
    CHECK_EQ(vm->line.told, told + 2);

    prepare_overflow(vm, vcpu, 5000);
    CHECK_EQ(run(vcpu), 1);
    CHECK_EQ(interrupts, 1);
    CHECK(vm->line.level);
    set(vcpu, R_PMCR, LC); /* E = 0: no interrupt */
    CHECK(!vm->line.level);
    set(vcpu, R_PMCR, E);
    CHECK(vm->line.level);
    set(vcpu, R_PMINTENCLR, CYCLE);
    CHECK(!vm->line.level);
    set(vcpu, R_PMCR, 0);
    set(vcpu, R_PMOVSCLR, CYCLE);
    CHECK_EQ(vm->line.told, told + 6);
}

void overflow_by_hand(struct vm *vm, struct vcpu *vcpu)
{
    set(vcpu, R_PMCR, E);
    set(vcpu, R_PMINTENSET, CYCLE);
    set(vcpu, R_PMOVSSET, CYCLE);
    CHECK(vm->line.level);
    CHECK(!gic_is_pending(VCPU_PMU_PPI));
    set(vcpu, R_PMOVSCLR, CYCLE);
    CHECK(!vm->line.level);
    set(vcpu, R_PMINTENCLR, CYCLE);
    set(vcpu, R_PMCR, 0);
}

void overflow_of_one_that_left(struct vm *vm, struct vcpu *vcpu)
{
    prepare_overflow(vm, vcpu, 5000);
    gic_disable(VCPU_PMU_PPI);
    CHECK_EQ(run(vcpu), 1);
    CHECK(!vm->line.level);
    CHECK(gic_is_pending(VCPU_PMU_PPI));
    put();
    CHECK(vm->line.level);
    CHECK(!gic_is_pending(VCPU_PMU_PPI));
    CHECK_EQ(vcpu_pmu_interrupt(vm->pmu, vcpu), VCPU_ERR_STATE);
    gic_enable(VCPU_PMU_PPI);
    CHECK_EQ(get(vcpu, R_PMOVSSET), CYCLE); /* it is back here */
    CHECK(!gic_is_pending(VCPU_PMU_PPI));
    CHECK_EQ(interrupts, 0);
    set(vcpu, R_PMCR, 0);
    set(vcpu, R_PMOVSCLR, CYCLE);
    CHECK(!vm->line.level);
}

void reset_lets_the_line_down(struct vm *vm, struct vcpu *vcpu)
{
    set(vcpu, R_PMCR, E);
    set(vcpu, R_PMCCNTR, 99);
    set(vcpu, R_PMINTENSET, 1);
    set(vcpu, R_PMOVSSET, 1);
    CHECK(vm->line.level);
    CHECK_EQ(vcpu_reset(vcpu, false), VCPU_OK);
    CHECK(!vm->line.level);
    CHECK_EQ(vcpu_set_reg(vcpu, REG_VBAR, testhost_ipa(pmu_vectors)), VCPU_OK);
    CHECK_EQ(get(vcpu, R_PMCR) & 0x3f, 0);
    CHECK_EQ(get(vcpu, R_PMOVSSET), 0);
    CHECK_EQ(get(vcpu, R_PMINTENSET), 0);
    CHECK_EQ(get(vcpu, R_PMCCNTR), 0);
}
