/* SPDX-License-Identifier: MIT */
/*
 * A guest's PMU counts what the guest does, wherever it runs and whoever runs beside it; and the
 * host has its own back. Under icount, where an instruction is a cycle, and both are exact.
 */
#include "pmu_vm.h"

/* ---- Without ---- */

static void not_there(struct test_vm *vm)
{
    struct vcpu *vcpu = make_vcpu(vm, 0);

    CHECK_EQ(get(vcpu, R_ID_AA64DFR0) >> 8 & 0xf, 0);
    CHECK_EQ(get(vcpu, R_ID_DFR0) >> 24 & 0xf, 0);
    for (unsigned userenr = 0; userenr < 2; userenr++) {
        put();
        arch_write(pmuserenr_el0, userenr ? 0xf : 0); /* the host's, which is of no matter */
        for (unsigned reg = 0; reg < R_ID_AA64DFR0; reg++) {
            for (unsigned write = 0; write < 2; write++) {
                if (access(vcpu, EL1H, reg, write, 0) != EC_UNDEFINED ||
                    access(vcpu, EL0T, reg, write, 0) != EC_UNDEFINED)
                    test_fail(names[reg]);
            }
        }
        put();
        CHECK_EQ(arch_read(pmuserenr_el0), userenr ? 0xf : 0);
    }
    arch_write(pmuserenr_el0, 0);
    MUST(vcpu_destroy(vcpu));
}

/* All of the host's counters stay the host's, as HPMN divides them now: not as it did at enable. */
static void without_one_the_host_divides(struct test_vm *vm)
{
    struct vcpu *vcpu = make_vcpu(vm, 0);
    uint64_t mdcr = arch_read(mdcr_el2);

    for (unsigned hpmn = 1; hpmn <= 2; hpmn++) {
        put();
        arch_write(mdcr_el2, (mdcr & ~HPMN) | hpmn);
        CHECK_EQ(get(vcpu, R_ID_AA64DFR0) >> 8 & 0xf, 0);
        CHECK_EQ(arch_read(mdcr_el2) & HPMN, hpmn);
    }
    put();
    arch_write(mdcr_el2, mdcr);
    MUST(vcpu_destroy(vcpu));
}

static void misuse(struct test_vm *without)
{
    const struct vcpu_pmu_config config = {.host = &testhost_hooks}, no_host = {0};
    struct vcpu_pmu *pmu;

    CHECK_EQ(vcpu_pmu_create(without->vm, &config, &pmu), VCPU_ERR_STATE);
    CHECK_EQ(vcpu_pmu_create(NULL, &config, &pmu), VCPU_ERR_INVALID);
    CHECK_EQ(vcpu_pmu_create(without->vm, NULL, &pmu), VCPU_ERR_INVALID);
    CHECK_EQ(vcpu_pmu_create(without->vm, &config, NULL), VCPU_ERR_INVALID);
    CHECK_EQ(vcpu_pmu_create(without->vm, &no_host, &pmu), VCPU_ERR_INVALID);
    CHECK_EQ(vcpu_pmu_destroy(NULL), VCPU_ERR_INVALID);
    CHECK_EQ(vcpu_pmu_interrupt(NULL, NULL), VCPU_ERR_INVALID);
}

/* ---- */

static struct vm vms[3];
static struct test_vm without;

static void second_cpu(unsigned index)
{
    (void)index;
    testhost_enable(0);
    testhost_gic();
    testhost_serve();
}

static void counting(struct vcpu *const vcpu[3])
{
    test_begin("the guest's EL1 and EL0 count, each if it is to, and the host does not");
    host_is_not_counted(vcpu[0]);
    levels_are_told_apart(vcpu[0]);
    test_begin("event counters overflow and read as 32 bits");
    counters_wrap_at_32_bits(vcpu[0]);
    test_begin("three vCPUs of two VMs on one CPU count as if alone");
    each_counts_its_own(vcpu);
    put();
    test_begin("counts go with a vCPU from CPU to CPU");
    counts_move_along(vcpu[0]);
}

static void overflows(struct vm *vm, struct vcpu *vcpu)
{
    test_begin("an overflow interrupts once, as a level that the guest lets down");
    overflow_is_a_level(vm, vcpu);
    test_begin("an overflow that the guest itself sets");
    overflow_by_hand(vm, vcpu);
    test_begin("an overflow of a vCPU that leaves its CPU is not lost");
    overflow_of_one_that_left(vm, vcpu);
    test_begin("a reset lets the line down");
    reset_lets_the_line_down(vm, vcpu);
}

void host_main(const struct machine *machine)
{
    struct vcpu *vcpu[3];

    testhost_enable(0);
    gic_find(machine);
    gic_init();
    testhost_gic();
    irq_register(VCPU_PMU_PPI, on_overflow);
    gic_enable(VCPU_PMU_PPI);
    host_clear();
    if (!smp_start(second_cpu))
        test_fail("the other CPU does not start");
    make_vm(&vms[0], 0);
    make_vm(&vms[2], 0);
    testhost_vm(&without, 0);
    vcpu[0] = make_vcpu(&vms[0].vm, 0);
    vcpu[1] = make_vcpu(&vms[0].vm, 1);
    vcpu[2] = make_vcpu(&vms[2].vm, 0);

    test_begin("the ID registers show a PMU of the version that the CPU has, v3p1 at most");
    version_is_shown(vcpu[0]);
    test_begin("registers keep what they may");
    registers_keep_what_they_may(vcpu[0]);
    test_begin("counters that are not there are UNDEFINED");
    absent_ones_are_undefined(vcpu[0]);
    test_begin("software increments");
    software_increments(vcpu[0]);
    counting(vcpu);
    overflows(&vms[0], vcpu[0]);
    test_begin("EL0 has what PMUSERENR_EL0 says, and what it forbids goes to EL1");
    el0_has_what_pmuserenr_says(vcpu[0]);
    test_begin("AArch32 programs have it too");
    aarch32_programs(&vms[0], vcpu[0]);
    test_begin("the host's PMU is as before after a put");
    host_has_its_own_back(vcpu[0]);
    test_begin("an overflow of the host's is not lost when a guest comes");
    host_overflows_are_not_lost(vcpu[0]);
    test_begin("a new guest finds zeros where the host has something");
    guest_sees_nothing_of_the_host(&vms[0].vm);
    test_begin("the host keeps the counters from its HPMN on");
    put();
    host_may_keep_counters(vms, vcpu[0]);
    test_begin("a VM that did not ask has no PMU, at EL1 and EL0");
    not_there(&without);
    test_begin("and leaves all counters the host's, as it divides them");
    without_one_the_host_divides(&without);
    test_begin("what vcpu_pmu_create refuses");
    misuse(&without);
    test_end();
}
