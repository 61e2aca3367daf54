/* SPDX-License-Identifier: MIT */
#include <vcpu/interrupts.h>

#include "state/state.h"

static void set_ppi(void *ctx, struct vcpu *vcpu, uint32_t intid, bool level)
{
    const struct vcpu_interrupts *made = ctx;

    vcpu_gic_set_ppi(made->gic, vcpu, intid, level);
}

static void arm(void *ctx, struct vcpu *vcpu, uint64_t deadline)
{
    const struct vcpu_interrupts *made = ctx;

    made->arm(made->ctx, vcpu, deadline);
}

/* The virtual timer is the only source there is. */
static bool is_asserted(void *ctx, uint16_t physical)
{
    (void)ctx;
    (void)physical;
    return vcpu_timer_asserts();
}

int vcpu_interrupts_create(struct vcpu_vm *vm, const struct vcpu_interrupts_config *config,
                           struct vcpu_interrupts *made)
{
    struct vcpu_timer_config timer = {.ctx = made, .set_ppi = set_ppi};
    int error;

    if (!vm || !config || !made || !config->gic.set_active ||
        (vm->flags & (VCPU_VM_VIRTUAL_GIC | VCPU_VM_DIRECT_IRQ)) != VCPU_VM_VIRTUAL_GIC)
        return VCPU_ERR_INVALID;
    *made = (struct vcpu_interrupts){.arm = config->arm};
    error = vcpu_gic_create(vm, &config->gic, &made->gic);
    if (error)
        return error;
    timer.host = config->gic.host;
    timer.arm = config->arm ? arm : NULL;
    made->ctx = timer.host->ctx;
    error = vcpu_timer_create(vm, &timer, &made->timer);
    if (error) {
        vcpu_gic_destroy(made->gic);
        *made = (struct vcpu_interrupts){0};
        return error;
    }
    vcpu_gic_map_hw(made->gic, VCPU_TIMER_VIRTUAL_PPI, VCPU_TIMER_VIRTUAL_PPI);
    vcpu_gic_follow(made->gic, config->is_asserted ? config->is_asserted : is_asserted);
    return VCPU_OK;
}

int vcpu_interrupts_destroy(struct vcpu_interrupts *made)
{
    if (!made || !made->gic || !made->timer)
        return VCPU_ERR_INVALID;
    vcpu_timer_destroy(made->timer);
    vcpu_gic_destroy(made->gic);
    *made = (struct vcpu_interrupts){0};
    return VCPU_OK;
}
