/* SPDX-License-Identifier: MIT */
#include <vcpu/interrupts.h>

#include "gic/device.h"
#include "state/hold.h"
#include "timer/device.h"

#define MAINTENANCE_PPI 25u
#define HYP_TIMER_PPI   26u

/* The device of the VM with these functions; NULL if it has none. */
static void *device_of(const struct vcpu_vm *vm, const struct vcpu_device_ops *ops)
{
    for (unsigned i = 0; i < vm->devices; i++)
        if (vm->device[i].ops == ops)
            return vm->device[i].ctx;
    return NULL;
}

int vcpu_percpu_interrupt(struct vcpu_percpu *block, uint32_t intid)
{
    struct percpu_state *cpu = percpu_of(block);
    struct vcpu_timer *timer;
    struct vcpu_gic *gic;
    struct vcpu *vcpu;

    if (!block || !hold_is_usable(cpu))
        return VCPU_ERR_INVALID;
    if (!cpu->resident)
        return VCPU_INTERRUPT_HOSTS;
    vcpu = &cpu->resident->pub;
    if (intid == VCPU_TIMER_VIRTUAL_PPI) {
        timer = device_of(cpu->resident->vm, &vcpu_timer_device);
        if (!timer)
            return VCPU_INTERRUPT_HOSTS;
        /* An error: the guest has stopped its timer in the meantime. */
        return vcpu_timer_interrupt(timer, vcpu) ? VCPU_INTERRUPT_DONE : VCPU_INTERRUPT_GUESTS;
    }
    if (intid == MAINTENANCE_PPI) {
        gic = device_of(cpu->resident->vm, &vcpu_gic_device);
        if (!gic)
            return VCPU_INTERRUPT_HOSTS;
        vcpu_gic_maintenance(gic, vcpu);
        return VCPU_INTERRUPT_DONE;
    }
    if (intid == HYP_TIMER_PPI)
        vcpu_device_notify(vcpu); /* its physical timer may be due */
    return VCPU_INTERRUPT_HOSTS;
}
