/* SPDX-License-Identifier: MIT */

#include "serror_guest.h"

#define ISR_A UINT64_C(0x100)

struct test_vm vm;

struct vcpu *vcpu;

struct vcpu_percpu *this_cpu(void)
{
    return testhost_percpu(smp_this()->index);
}

uint64_t reg(uint32_t id)
{
    return testhost_reg(vcpu, id);
}

void set_reg(uint32_t id, uint64_t value)
{
    testhost_set_reg(vcpu, id, value);
}

bool has_ras(void)
{
    return (arch_read(id_aa64pfr0_el1) >> 28 & 0xf) != 0;
}

uint32_t iss(uint32_t with_ras)
{
    return has_ras() ? with_ras : 0;
}

/* ---- The guest ---- */

void begin(const char *entry, uint64_t pstate)
{
    testhost_enter_at(vcpu, entry);
    set_reg(VCPU_REG_PSTATE, pstate);
    set_reg(REG_VBAR, testhost_ipa(serror_vectors));
    vcpu->regs.x[2] = TEST_HOLE_IPA;
    vcpu->regs.x[4] = 0;
    vcpu->regs.x[5] = 0;
}

unsigned run_to_call(void)
{
    int reason = testhost_run(vcpu);

    while (reason == VCPU_EXIT_MMIO_READ) {
        MUST(vcpu_complete_mmio_read(vcpu, 0));
        reason = testhost_run(vcpu);
    }
    if (reason != VCPU_EXIT_HYPERCALL) {
        CHECK_EQ(reason, VCPU_EXIT_HYPERCALL);
        return ~0u;
    }
    reason = vcpu_exit_imm(&vcpu->exit);
    MUST(vcpu_complete_call(vcpu, vcpu->regs.x[0]));
    return (unsigned)reason;
}

void check_pending(bool pending)
{
    CHECK_EQ(run_to_call(), SAY_PENDING);
    CHECK_EQ(vcpu->regs.x[0] & ISR_A, pending ? ISR_A : 0);
    CHECK_EQ(vcpu_has_work(vcpu), pending);
}

void check_taken(unsigned vector, uint32_t with_iss)
{
    CHECK_EQ(run_to_call(), SAY_VECTOR + vector);
    CHECK_EQ(reg(REG_ESR), ESR_SERROR | with_iss);
    CHECK(!vcpu_has_work(vcpu));
}

void check_opened(bool takes, uint32_t with_iss)
{
    check_pending(takes);
    for (unsigned round = 0; round < 2; round++) {
        vcpu->regs.x[4] = 1;
        if (takes && round == 0)
            check_taken(FROM_EL1H, with_iss);
        CHECK_EQ(run_to_call(), SAY_OPEN);
        check_pending(false);
        check_pending(false);
    }
}
