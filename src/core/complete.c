/* SPDX-License-Identifier: MIT */
#include <vcpu/vcpu.h>

#include "arm/esr.h"
#include "core/advance.h"

/* The load or store of an exit, if it has one: MMIO, or a fault with a syndrome. */
static const struct vcpu_mmio *access_of(const struct vcpu_exit *exit, bool write)
{
    switch (exit->reason) {
    case VCPU_EXIT_MMIO_READ:
        return write ? NULL : &exit->mmio;
    case VCPU_EXIT_MMIO_WRITE:
        return write ? &exit->mmio : NULL;
    case VCPU_EXIT_STAGE2_FAULT:
        if (exit->fault.mmio.size == 0 || (exit->fault.access == VCPU_ACCESS_WRITE) != write)
            return NULL;
        return &exit->fault.mmio;
    default:
        return NULL;
    }
}

int vcpu_complete_mmio_read(struct vcpu *vcpu, uint64_t data)
{
    const struct vcpu_mmio *mmio = access_of(&vcpu->exit, false);

    if (!mmio)
        return VCPU_ERR_STATE;
    if (mmio->reg != 31)
        vcpu->regs.x[mmio->reg] = complete_load(mmio, data);
    advance(state_of(vcpu));
    return VCPU_OK;
}

int vcpu_complete_mmio_write(struct vcpu *vcpu)
{
    if (!access_of(&vcpu->exit, true))
        return VCPU_ERR_STATE;
    advance(state_of(vcpu));
    return VCPU_OK;
}

int vcpu_complete_sysreg_read(struct vcpu *vcpu, uint64_t value)
{
    if (vcpu->exit.reason != VCPU_EXIT_SYSREG_READ)
        return VCPU_ERR_STATE;
    if (vcpu->exit.sysreg.reg != 31)
        vcpu->regs.x[vcpu->exit.sysreg.reg] = value;
    advance(state_of(vcpu));
    return VCPU_OK;
}

int vcpu_complete_sysreg_write(struct vcpu *vcpu)
{
    if (vcpu->exit.reason != VCPU_EXIT_SYSREG_WRITE)
        return VCPU_ERR_STATE;
    advance(state_of(vcpu));
    return VCPU_OK;
}

int vcpu_complete_call(struct vcpu *vcpu, uint64_t x0)
{
    if (vcpu->exit.reason != VCPU_EXIT_HYPERCALL)
        return VCPU_ERR_STATE;
    vcpu->regs.x[0] = x0;
    advance(state_of(vcpu));
    return VCPU_OK;
}

int vcpu_complete_skip(struct vcpu *vcpu)
{
    const struct vcpu_exit *exit = &vcpu->exit;
    bool wait = exit->reason == VCPU_EXIT_WFI || exit->reason == VCPU_EXIT_WFE;
    bool maintenance = exit->reason == VCPU_EXIT_STAGE2_FAULT && exit->fault.cache_maintenance;
    bool brk = exit->reason == VCPU_EXIT_DEBUG && exit->debug.exception_class == EC_BRK64;

    if (!wait && !maintenance && !brk)
        return VCPU_ERR_STATE;
    advance(state_of(vcpu));
    return VCPU_OK;
}
