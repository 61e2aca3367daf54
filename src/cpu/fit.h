/* SPDX-License-Identifier: MIT */
#ifndef VCPU_CPU_FIT_H
#define VCPU_CPU_FIT_H

#include "arm/gic.h"
#include "state/state.h"

/*
 * Pure. Is a CPU's virtual interface of GICv3 (ICH_VTR_EL2) good for a VM whose interrupt controller
 * was made for another? There must be as many list registers. The rest is the same: the guest reads
 * it in ICC_CTLR_EL1, and it says which registers and traps the controller uses.
 */
static inline bool fit_gic_interface(uint32_t has, uint32_t wants)
{
    return !((has ^ wants) & ICH_VTR_KIND) &&
           (has & ICH_VTR_ListRegs) >= (wants & ICH_VTR_ListRegs);
}

/*
 * Does this CPU have everything that the VM's guests are shown? 0, or the result of vcpu_id_fit.
 * What the CPU has beyond that is trapped: traps are chosen for each CPU.
 */
unsigned vcpu_fit(const struct percpu_state *cpu, struct vcpu_vm *vm);

#endif
