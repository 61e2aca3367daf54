/* SPDX-License-Identifier: MIT */

#include "pmu_vm.h"

#define REGISTER_NAME(name, op1, crn, crm, op2) #name,

const char *const names[REGISTERS] = {PMU_REGISTERS(REGISTER_NAME)};
#define REG_ESR (VCPU_REG_SYSREG + VCPU_SYSREG(3, 0, 5, 2, 0))

/* ---- The VMs ---- */

struct vcpu *volatile interrupted; /* whose PMU the host asks at the interrupt */

struct vcpu_pmu *interrupted_pmu;

unsigned interrupts;

int interrupt_result;

void on_overflow(void)
{
    interrupts++;
    if (interrupted)
        interrupt_result = vcpu_pmu_interrupt(interrupted_pmu, interrupted);
}

static void set_ppi(void *ctx, struct vcpu *vcpu, uint32_t intid, bool level)
{
    struct line *line = ctx;

    (void)vcpu;
    CHECK_EQ(intid, VCPU_PMU_PPI);
    CHECK(line->level != level);
    line->level = level;
    line->told++;
}

void make_vm(struct vm *vm, uint32_t flags)
{
    const struct vcpu_pmu_config config = {
        .host = &testhost_hooks, .ctx = &vm->line, .set_ppi = set_ppi};

    vm->line = (struct line){0};
    testhost_vm(&vm->vm, flags | VCPU_VM_PMU);
    CHECK_EQ(vcpu_pmu_create(vm->vm.vm, &config, &vm->pmu), VCPU_OK);
}

struct vcpu *make_vcpu(struct test_vm *vm, uint16_t index)
{
    struct vcpu *vcpu = testhost_vcpu(vm, index);

    CHECK_EQ(vcpu_set_reg(vcpu, REG_VBAR, testhost_ipa(pmu_vectors)), VCPU_OK);
    return vcpu;
}

void put(void)
{
    MUST(vcpu_percpu_put(testhost_percpu(smp_this()->index)));
}

uint64_t guest_esr(struct vcpu *vcpu)
{
    uint64_t esr = 0;

    CHECK_EQ(vcpu_get_reg(vcpu, REG_ESR, &esr), VCPU_OK);
    return esr;
}

unsigned run(struct vcpu *vcpu)
{
    int reason;

    do {
        reason = testhost_run(vcpu);
        if (reason == VCPU_EXIT_IRQ)
            irq_handle();
    } while (reason == VCPU_EXIT_IRQ);
    CHECK_EQ(reason, VCPU_EXIT_HYPERCALL);
    return vcpu_exit_imm(&vcpu->exit);
}

unsigned run_to_vector(struct vcpu *vcpu)
{
    CHECK(run(vcpu) >= SAY_VECTOR);
    return (unsigned)(guest_esr(vcpu) >> 26 & 0x3f);
}

unsigned access(struct vcpu *vcpu, uint64_t pstate, enum reg reg, bool write, uint64_t value)
{
    testhost_enter_at(vcpu, pmu_accesses);
    MUST(vcpu_set_reg(vcpu, VCPU_REG_PC,
                      vcpu->regs.pc + reg * ACCESS_SIZE + (write ? ACCESS_WRITE : 0)));
    MUST(vcpu_set_reg(vcpu, VCPU_REG_PSTATE, pstate));
    vcpu->regs.x[1] = value;
    return run_to_vector(vcpu);
}

uint64_t get(struct vcpu *vcpu, enum reg reg)
{
    CHECK_EQ(access(vcpu, EL1H, reg, false, BIT(63)), EC_SVC);
    return vcpu->regs.x[1];
}

void set(struct vcpu *vcpu, enum reg reg, uint64_t value)
{
    CHECK_EQ(access(vcpu, EL1H, reg, true, value), EC_SVC);
}

const struct vcpu_features *features(void)
{
    return vcpu_percpu_features(testhost_percpu(smp_this()->index));
}
