/* SPDX-License-Identifier: MIT */
/*
 * The performance monitors (PMU) of a VM's vCPUs: a device (vcpu/device.h), optional to link, for a
 * VM with VCPU_VM_PMU. vcpu_run does not return the guest's accesses to the registers.
 *
 * The registers are emulated, and the hardware counts: while a vCPU is resident, its counters are
 * in the CPU. They count the guest at its EL1 and EL0 only: not EL2 (the host, between exit and
 * entry), not EL3, not the Secure state. The guest has
 *  - the cycle counter, and vcpu_vm_pmu_counters event counters of 32 bits;
 *  - the events of the CPU on which vcpu_pmu_create was called.
 * The guest's PMUSERENR_EL0 decides whether EL0 may use them, before EL2's trap is looked at. An
 * AArch32 program at EL0 can use them too.
 *
 * While such a vCPU is resident these belong to the guest: the cycle counter, the event counters
 * below MDCR_EL2.HPMN, PMCR_EL0, PMSELR_EL0 and PMUSERENR_EL0. When it is put they are as before;
 * the host's counters among them have not counted meanwhile.
 *  - A host that wants event counters of its own to go on sets MDCR_EL2.HPMN to their lowest number
 *    before vcpu_percpu_enable. Counters from HPMN on are never touched or shown to a guest, and
 *    vcpu_features.pmu_counters is HPMN. HPMN = 0 counts as all: a guest has all event counters.
 *  - A VHE host puts the vCPU before its own EL0 runs, because the guest's counters would count
 *    there.
 *
 * All CPUs of the VM must have at least as many counters, or vcpu_run returns VCPU_ERR_UNSUPPORTED.
 * The host must know whether they have the same events: an event that a CPU does not have does not
 * count there. Counters are filtered by Exception level only. So an event that a CPU counts for
 * others too (of a cache or bus that CPUs share) counts for all of them.
 */
#ifndef VCPU_PMU_H
#define VCPU_PMU_H

#include <vcpu/host.h>
#include <vcpu/types.h>
#include <vcpu/vcpu.h>
#include <vcpu/vm.h>

#ifdef __cplusplus
extern "C" {
#endif

struct vcpu_pmu;

/* The overflow interrupt's INTID, for guest and host: that of Arm's base system architecture. */
#define VCPU_PMU_PPI 23u

/* What vcpu_pmu_create is told. */
struct vcpu_pmu_config {
    const struct vcpu_host *host; /* for its memory hooks */
    void *ctx;                    /* for set_ppi */
    /*
     * Tells the VM's interrupt controller the level of the PMU's interrupt: vcpu_gic_set_ppi, or
     * the host's own model. intid is VCPU_PMU_PPI. Called when the level changes, with interrupts
     * masked, on the CPU where the vCPU is resident or is being put; on any CPU when vcpu/reg.h
     * writes the registers, or at a reset, with interrupts masked or not. The rules of vcpu/device.h for a device's functions hold.
     *
     * It must be NULL with VCPU_VM_DIRECT_IRQ, because the guest takes the physical interrupt
     * itself then. It must not be NULL without that flag: nobody would make the line fall, and the
     * interrupt would come again and again.
     */
    void (*set_ppi)(void *ctx, struct vcpu *vcpu, uint32_t intid, bool level);
};

/*
 * Makes the PMUs of a VM's vCPUs and attaches them to the VM. Takes one page, and one for each 3
 * vCPUs. On a CPU that is enabled; before the VM's first vCPU, after the VM's policy
 * (vcpu_vm_set_id), and after its interrupt controller if that is the library's.
 *
 *  VCPU_ERR_INVALID    vm, config or pmu is NULL; host or one of its memory hooks is NULL
 *  VCPU_ERR_STATE      the VM was made without VCPU_VM_PMU, or its policy hides the PMU; or from
 *                      vcpu_vm_attach: the VM has a vCPU
 *  VCPU_ERR_NO_MEMORY  no pages; or from vcpu_vm_attach
 */
int vcpu_pmu_create(struct vcpu_vm *vm, const struct vcpu_pmu_config *config,
                    struct vcpu_pmu **pmu);

/*
 * Ends the PMUs and gives their pages back, after the VM was destroyed. Any CPU.
 *
 *  VCPU_ERR_INVALID  pmu is NULL
 */
int vcpu_pmu_destroy(struct vcpu_pmu *pmu);

/*
 * Tells the library that the host took the PMU's physical interrupt on this CPU: a counter of this
 * vCPU, or of the host, has overflowed. With interrupts masked. If a counter of the guest did,
 *  - set_ppi is called with a high level;
 *  - the guest's overflow does not raise the physical interrupt until the guest has cleared it.
 * The host then looks at its own counters, and ends the interrupt like any other of its own. If the
 * physical line falls slowly, the interrupt can come once more, with no effect.
 *
 *  VCPU_ERR_INVALID  pmu or vcpu is NULL
 *  VCPU_ERR_STATE    vcpu is not resident on this CPU: the interrupt is not its
 */
int vcpu_pmu_interrupt(struct vcpu_pmu *pmu, struct vcpu *vcpu);

#ifdef __cplusplus
}
#endif

#endif
