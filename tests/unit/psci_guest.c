/* SPDX-License-Identifier: MIT */
#include "psci_guest.h"

void prepare(uint64_t target)
{
    for (unsigned i = 0; i < VCPUS; i++) {
        state_of(vcpu[i])->mpidr = (i == OTHER ? target : ~target) & UINT64_C(0xff00ffffff);
        state_of(vcpu[i])->power = i == CALLER ? VCPU_POWER_ON : VCPU_POWER_OFF;
    }
    vcpu_power_cancel(state_of(vcpu[CALLER]));
}

static void see_exit(const struct vcpu_exit *exit, struct psci_call *is)
{
    switch (exit->reason) {
    case VCPU_EXIT_CPU_UP:
        assert_ptr_equal(exit->cpu_up.target, vcpu[OTHER]);
        is->kind = PSCI_CPU_ON;
        is->target = vcpu_mpidr(exit->cpu_up.target);
        is->entry = exit->cpu_up.entry;
        is->context = exit->cpu_up.context;
        break;
    case VCPU_EXIT_CPU_DOWN:
        is->kind = PSCI_CPU_OFF;
        break;
    case VCPU_EXIT_CPU_SUSPEND:
    case VCPU_EXIT_SYSTEM_SUSPEND:
        is->kind = exit->reason == VCPU_EXIT_CPU_SUSPEND ? PSCI_CPU_SUSPEND : PSCI_SYSTEM_SUSPEND;
        is->power_state = exit->suspend.power_state;
        is->power_down = exit->suspend.power_down;
        is->entry = exit->suspend.entry;
        is->context = exit->suspend.context;
        break;
    case VCPU_EXIT_SYSTEM_OFF:
        is->kind = exit->system_off.type ? PSCI_SYSTEM_OFF2 : PSCI_SYSTEM_OFF;
        is->type = exit->system_off.type;
        break;
    case VCPU_EXIT_SYSTEM_RESET:
        is->kind = exit->system_reset.extended ? PSCI_SYSTEM_RESET2 : PSCI_SYSTEM_RESET;
        is->type = exit->system_reset.type;
        is->cookie = exit->system_reset.cookie;
        break;
    default:
        assert_int_equal(exit->reason, VCPU_EXIT_HYPERCALL);
        is->kind = PSCI_NONE;
        break;
    }
    assert_int_equal(exit->smc, exit->reason == VCPU_EXIT_HYPERCALL);
}

struct psci_call repeat(uint64_t x0, uint64_t x1, uint64_t x2, uint64_t x3)
{
    struct vcpu *v = vcpu[CALLER];
    struct psci_call is = {.kind = PSCI_ANSWER};
    enum outcome outcome;

    /* It is 0 for all exits but one. */
    v->exit.smc = 1;
    v->exit.reason = VCPU_EXIT_HYPERCALL;
    v->regs.x[0] = x0;
    v->regs.x[1] = x1;
    v->regs.x[2] = x2;
    v->regs.x[3] = x3;
    outcome = vcpu_psci_call(state_of(v));
    is.answer = (int64_t)v->regs.x[0];
    if (outcome == OUTCOME_DONE && (x0 & 0xbfffffff) == 0x84000004 && is.answer == AFFINITY_OFF) {
        is.kind = PSCI_AFFINITY_INFO;
        is.target = vcpu_mpidr(vcpu[OTHER]);
    } else if (outcome != OUTCOME_DONE) {
        assert_int_equal(outcome,
                         v->exit.reason == VCPU_EXIT_CPU_DOWN ? OUTCOME_OFF : OUTCOME_HOST);
        see_exit(&v->exit, &is);
        /* The answer is still to come. */
        assert_int_equal(v->regs.x[0], x0);
        is.answer = 0;
    }
    return is;
}

struct psci_call call(uint64_t x0, uint64_t x1, uint64_t x2, uint64_t x3)
{
    prepare(x0 & 0x40000000 ? x1 : (uint32_t)x1);
    return repeat(x0, x1, x2, x3);
}

void check_answer(struct psci_call is, int64_t answer)
{
    assert_int_equal(is.kind, PSCI_ANSWER);
    assert_int_equal(is.answer, answer);
}

int set_up(void **state)
{
    int result = setup(state);

    vm->shape.ipa_bits = 48;
    return result;
}
