/* SPDX-License-Identifier: MIT */
/*
 * The inline functions of vcpu.h are defined here, for callers in another language or without
 * optimization. A kernel's macro `inline` could prevent that.
 */
#undef inline
#define VCPU_INLINE extern inline
#include <vcpu/vcpu.h>

#include "arm/esr.h"
#include "decode/complete.h"
#include "decode/mmio.h"
#include "state/advance.h"

/* Is the exit one of a load, or a store, with a syndrome: MMIO, or a fault? */
static bool has_access(const struct vcpu_exit *exit, bool write)
{
    switch (exit->reason) {
    case VCPU_EXIT_MMIO_READ:
        return !write;
    case VCPU_EXIT_MMIO_WRITE:
        return write;
    case VCPU_EXIT_STAGE2_FAULT:
        return exit->fault.mmio.size != 0 && (exit->fault.access == VCPU_ACCESS_WRITE) == write;
    default:
        return false;
    }
}

int vcpu_complete_mmio_read_any(struct vcpu *vcpu, uint64_t data)
{
    uint64_t esr = vcpu->exit.esr_el2;

    if (!has_access(&vcpu->exit, false))
        return VCPU_ERR_STATE;
    register_write(vcpu->regs.x, decode_mmio_reg(esr), complete_load(esr, data));
    vcpu_advance(state_of(vcpu));
    return VCPU_OK;
}

int vcpu_complete_mmio_write_any(struct vcpu *vcpu)
{
    if (!has_access(&vcpu->exit, true))
        return VCPU_ERR_STATE;
    vcpu_advance(state_of(vcpu));
    return VCPU_OK;
}

int vcpu_complete_call_any(struct vcpu *vcpu, uint64_t x0)
{
    if (vcpu->exit.reason != VCPU_EXIT_HYPERCALL)
        return VCPU_ERR_STATE;
    vcpu->regs.x[0] = x0;
    vcpu_advance(state_of(vcpu));
    return VCPU_OK;
}

/* The numbers in the public header. */
_Static_assert((PSTATE_SS | PSTATE_BTYPE) == 0x200c00 && PSTATE_NRW == 0x10, "as in arm/pstate.h");
_Static_assert((ISS_DABT_SAS | ISS_DABT_SSE) == GENMASK(23, 21) && ISS_DABT_SRT == GENMASK(20, 16),
               "as in arm/esr.h");

int vcpu_complete_sysreg_read(struct vcpu *vcpu, uint64_t value)
{
    if (vcpu->exit.reason != VCPU_EXIT_SYSREG_READ)
        return VCPU_ERR_STATE;
    register_write(vcpu->regs.x, vcpu->exit.sysreg.reg, value);
    vcpu_advance(state_of(vcpu));
    return VCPU_OK;
}

int vcpu_complete_sysreg_write(struct vcpu *vcpu)
{
    if (vcpu->exit.reason != VCPU_EXIT_SYSREG_WRITE)
        return VCPU_ERR_STATE;
    vcpu_advance(state_of(vcpu));
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
    vcpu_advance(state_of(vcpu));
    return VCPU_OK;
}
