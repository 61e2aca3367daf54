/* SPDX-License-Identifier: MIT */
/* The host's answers to the exits of PSCI's calls. Pure. */
#include <vcpu/psci.h>

#include "state/advance.h"
#include "switch/switch.h"
#include "vm/power.h"
#include "vm/reset.h"

static bool is_status(enum vcpu_psci_status status)
{
    return status <= VCPU_PSCI_SUCCESS && status >= VCPU_PSCI_INVALID_ADDRESS;
}

int vcpu_complete_cpu_up(struct vcpu *vcpu, enum vcpu_psci_status status)
{
    struct vcpu_state *v = state_of(vcpu);

    if (!vcpu || !is_status(status))
        return VCPU_ERR_INVALID;
    /* The exit can still be there although its call is over: see vcpu_power_disown. */
    if (vcpu->exit.reason != VCPU_EXIT_CPU_UP || !v->on_target)
        return VCPU_ERR_STATE;

    struct vcpu_state *target = v->on_target;

    if (status == VCPU_PSCI_SUCCESS) {
        vcpu_reset_all(target);
        vcpu_reset_start(target, vcpu->exit.cpu_up.entry, vcpu->exit.cpu_up.context);
        vcpu_power_end(target, VCPU_POWER_ON);
        /* Released last: from here on another CPU can run it. */
        atomic_fetch_and_explicit(&target->token, ~TOKEN_OFF, memory_order_release);
    } else {
        vcpu_power_end(target, VCPU_POWER_OFF);
    }
    v->on_target = NULL;
    vcpu->regs.x[0] = (uint64_t)(int64_t)status;
    vcpu_advance(v);
    return VCPU_OK;
}

int vcpu_complete_suspend(struct vcpu *vcpu, enum vcpu_psci_status status)
{
    struct vcpu_state *v = state_of(vcpu);

    if (!vcpu || !is_status(status))
        return VCPU_ERR_INVALID;
    if (vcpu->exit.reason != VCPU_EXIT_CPU_SUSPEND && vcpu->exit.reason != VCPU_EXIT_SYSTEM_SUSPEND)
        return VCPU_ERR_STATE;

    if (status == VCPU_PSCI_SUCCESS && vcpu->exit.suspend.power_down) {
        const struct vcpu_suspend suspend = vcpu->exit.suspend;

        if (!vcpu_switch_leave(v))
            return VCPU_ERR_BUSY;
        vcpu_reset_core(v);
        vcpu_reset_start(v, suspend.entry, suspend.context);
        return VCPU_OK;
    }
    vcpu->regs.x[0] = (uint64_t)(int64_t)status;
    vcpu_advance(v);
    return VCPU_OK;
}

int vcpu_complete_system_reset(struct vcpu *vcpu, enum vcpu_psci_status status)
{
    if (!vcpu || !is_status(status) || status == VCPU_PSCI_SUCCESS)
        return VCPU_ERR_INVALID;
    if (vcpu->exit.reason != VCPU_EXIT_SYSTEM_RESET || !vcpu->exit.system_reset.extended)
        return VCPU_ERR_STATE;
    vcpu->regs.x[0] = (uint64_t)(int64_t)status;
    vcpu_advance(state_of(vcpu));
    return VCPU_OK;
}
