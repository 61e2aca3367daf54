/* SPDX-License-Identifier: MIT */
/*
 * The performance monitors of a VM's vCPUs. Optional to link. A device of vcpu/device.h, for a VM
 * with VCPU_VM_PMU: a guest's accesses to the registers never come out of vcpu_run.
 *
 * The registers are emulated, the counting is the hardware's: while a vCPU is resident its counters
 * are in the CPU. They count what the guest does at its EL1 and EL0 and nothing else: not EL2 (what
 * the host does between exit and entry), not EL3, not the Secure state. The guest has the cycle
 * counter, vcpu_vm_pmu_counters event counters of 32 bits, and the events that the CPU has on which
 * vcpu_pmu_create was called. Whether EL0 may use them is decided by the guest's PMUSERENR_EL0,
 * before there is a trap; an AArch32 program may as well.
 *
 * What the host shares with it. While such a vCPU is resident the cycle counter, the event counters
 * below MDCR_EL2.HPMN, PMCR_EL0, PMSELR_EL0 and PMUSERENR_EL0 belong to the guest; when it leaves
 * (vcpu_put) they are as before, and have not counted meanwhile. A host that wants event counters
 * that go on beside the guest's sets HPMN below their numbers before vcpu_percpu_enable: those from
 * HPMN on are never touched, nor shown (vcpu_features.pmu_counters is then HPMN). HPMN = 0 is taken
 * for all, and a guest has all. A VHE host puts the vCPU before its own EL0 runs, where the guest's
 * counters would go on.
 *
 * All CPUs of the VM have at least as many counters, or vcpu_run says VCPU_ERR_UNSUPPORTED. That
 * they know the same events is the host's concern: one that a CPU has not does not count there.
 * Counters are told apart by Exception level only: events that a CPU counts for more than its own
 * instructions (of a cache or bus that CPUs share) are those of all.
 */
#ifndef VCPU_PMU_H
#define VCPU_PMU_H

#include <stdbool.h>
#include <stdint.h>

#include <vcpu/host.h>
#include <vcpu/vcpu.h>
#include <vcpu/vm.h>

#ifdef __cplusplus
extern "C" {
#endif

struct vcpu_pmu;

/* The interrupt of an overflow, for the guest and the host: Arm's base system has it there. */
#define VCPU_PMU_PPI 23u

struct vcpu_pmu_config {
    const struct vcpu_host *host; /* for its memory hooks */
    void *ctx;
    /*
     * The output of a vCPU's PMU into the VM's interrupt controller: vcpu_gic_set_ppi, or the
     * host's own model. intid is VCPU_PMU_PPI, a level, told when it changes. Called with
     * interrupts masked, on the CPU where the vCPU is resident or which it is leaving, or, when it
     * is reset or vcpu/reg.h writes its registers, on any. What vcpu/device.h says of a device's
     * functions holds for it. NULL: the guest takes the physical interrupt itself. Only so, and
     * always so, with VCPU_VM_DIRECT_IRQ: with nobody to let the interrupt fall it comes again and
     * again.
     */
    void (*set_ppi)(void *ctx, struct vcpu *vcpu, uint32_t intid, bool level);
};

/*
 * Makes the PMUs of a VM's vCPUs and attaches them to it. One page, and one for 3 vCPUs. On a CPU
 * that is enabled; before the VM's first vCPU, after the VM's policy (vcpu_vm_set_id), and after its
 * interrupt controller if that is the library's.
 *
 *  VCPU_ERR_INVALID    a pointer, or a memory hook, is NULL
 *  VCPU_ERR_STATE      the VM was made without VCPU_VM_PMU, or its policy hides the PMU
 *  VCPU_ERR_NO_MEMORY  no pages
 *  and what vcpu_vm_attach returns.
 */
int vcpu_pmu_create(struct vcpu_vm *vm, const struct vcpu_pmu_config *config,
                    struct vcpu_pmu **pmu);

/* Gives the pages back, after the VM was destroyed. VCPU_ERR_INVALID: NULL. */
int vcpu_pmu_destroy(struct vcpu_pmu *pmu);

/*
 * The host took the PMU's physical interrupt on this CPU: a counter of this vCPU of the VM, or of the
 * host's own, has overflowed. The guest's is made to let go of the line, and set_ppi told; the guest's
 * overflow interrupts no more until the guest has cleared it. The host then looks at its own
 * counters, and ends the interrupt as any of its own. With interrupts masked. A line that takes its
 * time to fall may make it come once more, to no effect.
 *
 *  VCPU_ERR_INVALID  NULL
 *  VCPU_ERR_STATE    the vCPU is not resident on this CPU: the interrupt is not its
 */
int vcpu_pmu_interrupt(struct vcpu_pmu *pmu, struct vcpu *vcpu);

#ifdef __cplusplus
}
#endif

#endif
