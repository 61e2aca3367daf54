/* SPDX-License-Identifier: MIT */
/*
 * A virtual interrupt controller for a VM: GICv3 with affinity routing, or GICv2. The VM wants the
 * flag VCPU_VM_VIRTUAL_GIC.
 *
 * The guest's distributor and redistributors are emulated; its CPU interface is the hardware's own
 * virtual one, so that taking and ending an interrupt costs no exit. Both show one security state.
 * It is a device of vcpu/device.h: accesses of the guest to it never come out of vcpu_run.
 *
 * With version 2 a guest that ends interrupts in two halves (EOImode = 1) can have as many of them
 * active as there are list registers; the next one waits for an end.
 *
 * While a vCPU of such a VM is resident ICH_HCR_EL2 and the rest of the virtual interface (GICH for
 * version 2) belong to it. The host enables its maintenance interrupt (a PPI, 25 by convention) on
 * each CPU: it makes room when more is pending than there are list registers.
 */
#ifndef VCPU_GIC_H
#define VCPU_GIC_H

#include <stdbool.h>
#include <stdint.h>

#include <vcpu/addr.h>
#include <vcpu/host.h>
#include <vcpu/vcpu.h>
#include <vcpu/vm.h>

#ifdef __cplusplus
extern "C" {
#endif

struct vcpu_gic;

#define VCPU_GIC_MAX_SPIS     988u /* INTIDs 32 to 1019 */
#define VCPU_GIC_V2_MAX_VCPUS 8u

/* What a version takes of the guest's address space, for each redistributor one such size. */
#define VCPU_GIC_V2_DISTRIBUTOR_SIZE   UINT64_C(0x1000)
#define VCPU_GIC_V3_DISTRIBUTOR_SIZE   UINT64_C(0x10000)
#define VCPU_GIC_V3_REDISTRIBUTOR_SIZE UINT64_C(0x20000)

struct vcpu_gic_config {
    const struct vcpu_host *host; /* the VM's: for its memory hooks, and wake */
    /*
     * 3: on a host with a GICv3 CPU interface. 2: on a host with a GICv2; the guest's CPU interface
     * is then the page or pages of GICV, which the host maps by stage 2, as device memory, where it
     * tells the guest that GICC is.
     */
    uint8_t version;
    uint16_t spis;      /* how many SPIs the guest has: 0 to VCPU_GIC_MAX_SPIS */
    uint16_t max_vcpus; /* as many as the VM's, or fewer; VCPU_GIC_V2_MAX_VCPUS at most in v2 */
    vcpu_ipa_t distributor;
    vcpu_ipa_t redistributors; /* version 3: one behind the other, by the vCPU's index */
    /* Version 2: the host's mapping (Device memory) of GICH, the same on all CPUs. */
    volatile void *gich;
    /*
     * Sets or clears the active state of a physical interrupt that vcpu_gic_map_hw knows
     * (ISACTIVER or ICACTIVER of the distributor; for a PPI those of the CPU it is called on), where
     * the hardware does not do it by itself: see there. Called with interrupts masked, with
     * host->ctx. NULL if nothing is mapped.
     */
    void (*set_active)(void *ctx, uint16_t physical, bool active);
};

/*
 * Makes an interrupt controller and attaches it to the VM. About 1 page for 9 vCPUs and 1 for 9 x
 * 32 SPIs. On a CPU that is enabled; before the VM's first vCPU.
 *
 *  VCPU_ERR_INVALID      a pointer or a hook is NULL; a number out of range; addresses that are not
 *                        a multiple of a frame (64 KiB, v2: 4 KiB) or overlap
 *  VCPU_ERR_UNSUPPORTED  this CPU's interrupt controller has not that version's virtual interface
 *  VCPU_ERR_NO_MEMORY    no pages
 *  and what vcpu_vm_attach returns.
 */
int vcpu_gic_create(struct vcpu_vm *vm, const struct vcpu_gic_config *config,
                    struct vcpu_gic **gic);

/*
 * Gives its pages back, after its VM was destroyed. Calls set_active for the SPIs of devices that
 * the guest left pending or active. On any CPU. VCPU_ERR_INVALID: NULL.
 */
int vcpu_gic_destroy(struct vcpu_gic *gic);

/*
 * The level of a line into the controller: SPI intid, or PPI intid of one vCPU. As a device drives
 * it: an edge-triggered interrupt becomes pending when the line rises, a level-sensitive one is
 * pending for as long as it is high. Any CPU, interrupts masked or not, also while the vCPU runs;
 * what runs elsewhere is kicked, and vcpu_has_work tells of one that waits. Quick on the CPU where
 * the vCPU is resident.
 *
 * What a resident vCPU was shown before it waited is in that CPU's registers: of such interrupts
 * vcpu_has_work tells only there, and anywhere after a vcpu_put.
 * VCPU_ERR_INVALID: NULL, another kind of intid, or none that the guest has.
 */
int vcpu_gic_set_line(struct vcpu_gic *gic, uint32_t intid, bool level);
int vcpu_gic_set_ppi(struct vcpu_gic *gic, struct vcpu *vcpu, uint32_t intid, bool level);

/*
 * The host took the physical interrupt of a device or timer that the guest's PPI intid stands for
 * (vcpu_gic_map_hw), and dropped its priority without deactivating it. The short form of
 * vcpu_gic_set_ppi for where every instruction counts: on the CPU where the vCPU is resident, with
 * interrupts masked, and neither pointer NULL. The wake hook may not be called: the caller is the
 * host, and knows whether the vCPU waits. For the virtual timer vcpu_timer_interrupt does it with
 * some 30 instructions more, and then vcpu_has_work does not count the timer any more; by this it
 * does, as long as the vCPU stays on the CPU and the timer is due, though the guest may have masked
 * the interrupt: its WFI then ends at once.
 *
 *  VCPU_ERR_STATE    the vCPU is not resident on this CPU, so it is not its interrupt: the host
 *                    deactivates it
 *  VCPU_ERR_INVALID  the guest has no such PPI, or it stands for none
 */
int vcpu_gic_forward(struct vcpu_gic *gic, struct vcpu *vcpu, uint32_t intid);

/*
 * From now on the guest's interrupt intid (an SPI, or a PPI on each of its vCPUs) stands for the
 * physical one of a device that the guest has, or of the virtual timer (27, 27): when the guest
 * deactivates it, so is the physical one, without an exit. The host acknowledges each physical
 * interrupt, drops its priority without deactivating it (EOImode = 1), and sets the line high; only
 * to withdraw it need the line be set low. For a vCPU that has just left its CPU the line may also
 * be set high without an interrupt having been taken: one that the guest has pending or active is
 * the same. Before the guest runs. physical = 0 takes the mapping back.
 *
 * From there on the library keeps the physical one's active state, by set_active where that takes a
 * store: when the guest clears the pending or active state in its distributor, when the host sets
 * the line low before the guest took the interrupt, and for a PPI, whose state each CPU has for
 * itself, when the vCPU with the interrupt pending or active leaves the CPU (inactive, or it would
 * not come for the next vCPU) and comes to one (active, or it would come a second time before the
 * guest has ended it there).
 *
 * QEMU's GICv2 (7.2 at least) has a fault here. If the physical interrupt is pending when the guest
 * deactivates it, as that of a timer which is due again already, a real GICv2 signals it at once.
 * QEMU's does so only when another interrupt changes or the distributor is written. A host that runs
 * on QEMU's GICv2
 *  - writes 0 to GICD_ISPENDR0, which changes nothing, before a CPU waits in which a vCPU is resident;
 *  - takes an interrupt now and then (its own timer's) while a guest runs.
 * VCPU_ERR_INVALID: NULL, an intid that the guest has not or an SGI; physical is no PPI or SPI.
 */
int vcpu_gic_map_hw(struct vcpu_gic *gic, uint32_t intid, uint16_t physical);

/*
 * For the host's handler of the maintenance interrupt, which normally finds nothing to do: the
 * library answers it on the way out of the guest. But it may come up between that way out and the
 * next way in, and as its line is a level, it stays until this is called. vcpu is the one that ran
 * last on this CPU; nothing is done if it is no longer resident here.
 * VCPU_ERR_INVALID: NULL.
 */
int vcpu_gic_maintenance(struct vcpu_gic *gic, struct vcpu *vcpu);

#ifdef __cplusplus
}
#endif

#endif
