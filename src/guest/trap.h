/* SPDX-License-Identifier: MIT */
/* The values of the EL2 registers while a guest is entered, mainly its traps. Pure. */
#ifndef VCPU_GUEST_TRAP_H
#define VCPU_GUEST_TRAP_H

#include "arm/el2.h"
#include "state/state.h"

/*
 * The EL1_ conditions of the world-switch table that hold for a CPU's features, a VM's flags and
 * the guest's identification registers.
 */
uint32_t vcpu_trap_conditions(const struct vcpu_features *features, uint32_t vm_flags,
                              const uint64_t id[ID_REG_COUNT]);

/* HCR_EL2.TWI and TWE for flags among these. The host can change them while vCPUs are resident. */
#define TRAP_WAIT_FLAGS ((uint32_t)(VCPU_VM_TRAP_WFI | VCPU_VM_TRAP_WFE))
static inline uint32_t trap_waits(uint32_t vm_flags)
{
    return (uint32_t)((vm_flags & VCPU_VM_TRAP_WFI ? HCR_EL2_TWI : 0) |
                      (vm_flags & VCPU_VM_TRAP_WFE ? HCR_EL2_TWE : 0));
}

/*
 * The EL2 registers for the guests of a VM, without those of each vCPU (vttbr, vmpidr), the event
 * stream in cnthctl, which is the host's, and the traps of waits.
 */
void vcpu_trap_el2(const struct vcpu_features *features, uint32_t vm_flags,
                   const uint64_t id[ID_REG_COUNT], uint64_t vtcr, uint64_t counter_offset,
                   struct el2_state *el2);

/* Converts them for a host with HCR_EL2.E2H = 1, where two of them have another layout. */
void vcpu_trap_to_vhe(struct el2_state *el2);

/* The host's CPTR_EL2 without its traps of FP, SIMD and SVE; HCR_EL2.E2H decides the layout. */
uint64_t vcpu_trap_cptr_open(uint64_t hcr, uint64_t cptr);

/* The additional traps in HCR_EL2 on a CPU with this result of vcpu_id_fit. */
uint64_t vcpu_trap_unlike(const struct vcpu_features *features, unsigned fit);

/* How much of the guest's EL2 state can stay in the CPU while the host runs there. */
enum trap_sharing {
    TRAP_SHARE_ALL,
    /*
     * The guest's CPTR_EL2 traps the host's own FP/SIMD, SVE, SME or trace: it changes hands at
     * each entry and exit. (HCR_EL2 does so for all.)
     */
    TRAP_SHARE_BUT_CPTR,
    /*
     * The guest's CNTVOFF_EL2 shifts the CNTVCT_EL0 that the host reads: the vCPU is put at the end
     * of each run.
     */
    TRAP_SHARE_NOTHING,
};

/*
 * host_fp: the host uses such registers itself. A host that does not can still trap its own FP/SIMD
 * on purpose; that it does not trap SVE and SME means nothing then.
 */
enum trap_sharing vcpu_trap_sharing(const struct vcpu_features *features,
                                    const struct el2_state *guest, const struct el2_state *host,
                                    bool host_fp, bool host_reads_cntvct);

#endif
