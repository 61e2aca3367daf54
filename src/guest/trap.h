/* SPDX-License-Identifier: MIT */
/* What is trapped while a guest runs: the values of the EL2 registers. Pure. */
#ifndef VCPU_GUEST_TRAP_H
#define VCPU_GUEST_TRAP_H

#include "state/state.h"

/*
 * The EL1_ conditions of the world-switch table that a CPU's features, a VM's flags and what its
 * guests read in the identification registers meet.
 */
uint32_t vcpu_trap_conditions(const struct vcpu_features *features, uint32_t vm_flags,
                              const uint64_t id[ID_REG_COUNT]);

/*
 * The EL2 registers for the guests of a VM, but for those that are each vCPU's own (vttbr, vmpidr)
 * and the event stream in cnthctl, which is the host's.
 */
void vcpu_trap_el2(const struct vcpu_features *features, uint32_t vm_flags,
                   const uint64_t id[ID_REG_COUNT], uint64_t vtcr, uint64_t counter_offset,
                   struct el2_state *el2);

/* They become those for a host with HCR_EL2.E2H = 1, where two of them have another layout. */
void vcpu_trap_to_vhe(struct el2_state *el2);

/* A host's CPTR_EL2 without its traps of FP, SIMD and SVE; HCR_EL2.E2H says how it is laid out. */
uint64_t vcpu_trap_cptr_open(uint64_t hcr, uint64_t cptr);

/* What HCR_EL2 traps besides on a CPU that fits like this: of vcpu_id_fit. */
uint64_t vcpu_trap_unlike(const struct vcpu_features *features, unsigned fit);

/*
 * How much of EL2 a guest can leave in the CPU while the host runs there.
 */
enum trap_sharing {
    TRAP_SHARE_ALL,
    /* Its CPTR_EL2 traps the host's own FP/SIMD, SVE, SME or trace: it changes hands at each entry
     * and exit. (HCR_EL2 does so for all.) */
    TRAP_SHARE_BUT_CPTR,
    /* Its CNTVOFF_EL2 shifts the CNTVCT_EL0 that the host reads: the vCPU is put at each exit. */
    TRAP_SHARE_NOTHING,
};

/*
 * host_fp: the host uses such registers itself. If not, it may still trap its own FP/SIMD, to be
 * sure; but that it does not trap SVE and SME says nothing.
 */
enum trap_sharing vcpu_trap_sharing(const struct vcpu_features *features,
                                    const struct el2_state *guest, const struct el2_state *host,
                                    bool host_fp, bool host_reads_cntvct);

#endif
