/* SPDX-License-Identifier: MIT */
/*
 * A virtual interrupt controller for a VM: GICv3 with affinity routing, or GICv2. The VM has the
 * flag VCPU_VM_VIRTUAL_GIC. It is a device (vcpu/device.h).
 *
 * Distributor and redistributors are emulated: vcpu_run does not return plain loads and stores
 * there. It returns accesses without a syndrome, as VCPU_EXIT_STAGE2_FAULT: pairs, and those with
 * pre- or post-index, which a compiler makes of a driver's loop over a register array. So a host
 * for guests that nobody has looked at has vcpu_emulate (vcpu/emulate.h) too. The guest's CPU
 * interface is the hardware's virtual one, so to take and to end an interrupt costs no exit. The
 * guest sees one security state in all three. ICC_SRE_EL1 reads 7 and ignores writes: a guest of
 * version 3 cannot turn its system registers off.
 *
 * Of the CPU's list registers at most 4 are used. A guest that uses EOImode = 1 can have at most as
 * many active interrupts, if its writes to DIR are no exits: a further interrupt stays pending until
 * the guest has deactivated one, also one that no handler will end. They are exits with version 3 on
 * CPUs that have ICH_VTR_EL2.TDS, and with version 2 if the library answers GICC_DIR (cpu_interface
 * below): then there is no such limit.
 *
 * An access of a guest or a call of the host keeps interrupts masked for at most 3,000 instructions,
 * however many interrupts there are, with the kick and wake hooks of 4 other vCPUs. The lock of the controller is held for at most 1,500. A CPU that waits for it waits only for the CPUs
 * that came before.
 *
 * For an interrupt of the host, what takes longer is left with VCPU_EXIT_KICK: an SGI to more than 4
 * vCPUs (to all others: in a VM with more than 4) and a write that changes more than 4 interrupts, or
 * GICD_CTLR, after every 4 of them, and the list registers twice. The host takes the interrupt as after VCPU_EXIT_IRQ. The vCPU's next vcpu_run
 * goes on with it, before the guest does. vcpu_device_access ends it. vcpu_save keeps what is left of
 * an SGI, and makes the rest of a write: save a VM's vCPUs before its distributor. A reset of the vCPU
 * drops both.
 *
 * A vCPU that goes off in its handlers leaves their interrupts active: CPU_OFF and CPU_ON do not
 * reset the redistributor. They stay active until the guest clears them, and keep no others away (but
 * see EOImode = 1).
 *
 * The host
 *  - leaves ICH_HCR_EL2 and the rest of the virtual interface (GICH for version 2) to the library
 *    while a vCPU of such a VM is resident;
 *  - enables the maintenance interrupt (a PPI, 25 by convention) on each CPU. It tells the library
 *    to list more when more interrupts are pending than there are list registers.
 */
#ifndef VCPU_GIC_H
#define VCPU_GIC_H

#include <vcpu/addr.h>
#include <vcpu/host.h>
#include <vcpu/types.h>
#include <vcpu/vcpu.h>
#include <vcpu/vm.h>

#ifdef __cplusplus
extern "C" {
#endif

struct vcpu_gic;

#define VCPU_GIC_MAX_SPIS     988u /* INTIDs 32 to 1019 */
#define VCPU_GIC_V2_MAX_VCPUS 8u   /* as many as GICv2 has targets */

/* Sizes in the guest's address space; the redistributor's is for each vCPU. */
#define VCPU_GIC_V2_DISTRIBUTOR_SIZE   0x1000ull
#define VCPU_GIC_V3_DISTRIBUTOR_SIZE   0x10000ull
#define VCPU_GIC_V3_REDISTRIBUTOR_SIZE 0x20000ull

/* What vcpu_gic_create is told. */
struct vcpu_gic_config {
    const struct vcpu_host *host; /* the VM's: the memory hooks, and ctx for set_active */
    /*
     * 3 on a host with a GICv3 CPU interface, 2 on a host with a GICv2. With 2 the guest's CPU
     * interface is the host's GICV. The host maps its page or pages by stage 2, as device memory,
     * at the IPA that the guest knows as GICC's.
     */
    uint8_t version;
    uint16_t spis;      /* the number of the guest's SPIs, 0 to VCPU_GIC_MAX_SPIS */
    uint16_t max_vcpus; /* that of the VM, or less; at most VCPU_GIC_V2_MAX_VCPUS in version 2 */
    vcpu_ipa_t distributor;    /* where the guest knows it */
    vcpu_ipa_t redistributors; /* version 3: contiguous, in the order of the vCPUs' indices */
    /*
     * Version 2: 0, or the IPA at which the guest knows GICC. Then the host maps only the first of
     * GICC's two pages. The second has one register, GICC_DIR, and the library answers it: each
     * deactivation of a guest with EOImode = 1 is an exit.
     */
    vcpu_ipa_t cpu_interface;
    /* Version 2: the host's mapping (Device memory) of GICH, the same on all CPUs. */
    volatile void *gich;
    /*
     * Sets or clears the active state of a physical interrupt of vcpu_gic_map_hw, with ISACTIVER or
     * ICACTIVER of the host's distributor; for a PPI, those of this CPU. vcpu_gic_map_hw says when.
     *
     * The change is complete when the hook returns, because the guest may end the interrupt next:
     * after the store the hook reads the register back, and executes a DSB. It comes after the host's
     * acknowledge of the interrupt: with GICv3 that needs a DSB before the store, if the handler has none.
     *
     * ctx is host->ctx. Called with interrupts masked. Can be NULL if nothing is mapped.
     */
    void (*set_active)(void *ctx, uint16_t physical, bool active);
};

/*
 * Makes an interrupt controller and attaches it to the VM. Takes about 1 page for 4 vCPUs and 1
 * page for 5 x 32 SPIs. On the CPU that vcpu_vm_create was called on, or one of the same kind; before
 * the VM's first vCPU. With version 3 the VM then runs only on CPUs with at least as many list
 * registers, and with the same bits of priority and INTID, as that CPU: on others vcpu_run returns
 * VCPU_ERR_UNSUPPORTED.
 *
 *  VCPU_ERR_INVALID      vm, config or gic is NULL; host or one of its memory hooks is NULL;
 *                        version, spis or max_vcpus is out of range; version 2: gich is NULL;
 *                        distributor, redistributors or cpu_interface is not a multiple of a frame
 *                        (64 KiB, version 2: 4 KiB), they overlap, or go beyond 2^64
 *  VCPU_ERR_UNSUPPORTED  this CPU has no virtual interface of that version
 *  VCPU_ERR_NO_MEMORY    no pages; or from vcpu_vm_attach
 *  VCPU_ERR_STATE        from vcpu_vm_attach: the VM has a vCPU
 */
int vcpu_gic_create(struct vcpu_vm *vm, const struct vcpu_gic_config *config,
                    struct vcpu_gic **gic);

/*
 * Ends the interrupt controller and gives its pages back, after its VM was destroyed. For each
 * mapped SPI that the guest left pending or active, makes the physical one inactive (set_active).
 * Any CPU.
 *
 *  VCPU_ERR_INVALID  gic is NULL
 */
int vcpu_gic_destroy(struct vcpu_gic *gic);

/*
 * Resets the whole controller, as the reset of a machine does: the distributor, and all
 * redistributors and CPU interfaces, have the state of a new controller. For each mapped SPI that
 * was pending or active, the physical one is made inactive (set_active). Lines keep their levels,
 * and what vcpu_gic_map_hw mapped stays so. Levels that messages set are low.
 *
 * For a host that resets its VM and keeps it: no vCPU is resident, nor is one loaded before the
 * call returns. A vCPU's own part of the reset is vcpu_reset, before or after this. Any CPU. Interrupts
 * are masked for some 1000 instructions at a time.
 *
 *  VCPU_ERR_INVALID  gic is NULL
 *  VCPU_ERR_STATE    a vCPU is resident on a CPU; nothing was changed
 */
int vcpu_gic_reset(struct vcpu_gic *gic);

/*
 * Sets the level of a line into the controller: SPI intid, or PPI intid of one vCPU. An
 * edge-triggered interrupt becomes pending when the line rises; a level-sensitive one is pending
 * while it is high. For an interrupt of vcpu_gic_map_hw see there. Any CPU, interrupts masked or
 * not, also while the vCPU runs. On the CPU where the vCPU is resident the call takes a short path.
 * Otherwise the vCPU gets notice (vcpu/device.h), which makes it exit if it is entered elsewhere.
 *
 * vcpu_has_work reports the interrupt for a vCPU that waits. But interrupts that are already in the
 * list registers of a resident vCPU are known to that CPU only: vcpu_has_work reports them on that
 * CPU, and on any CPU after vcpu_put.
 *
 *  VCPU_ERR_INVALID  gic or vcpu is NULL; intid is not an SPI (for set_ppi: not a PPI); the guest
 *                    has no such SPI; vcpu's index is not below the controller's max_vcpus
 */
int vcpu_gic_set_line(struct vcpu_gic *gic, uint32_t intid, bool level);
int vcpu_gic_set_ppi(struct vcpu_gic *gic, struct vcpu *vcpu, uint32_t intid, bool level);

/*
 * A message-signalled interrupt that arrives as an SPI. set: an edge-triggered SPI becomes pending; a
 * level-sensitive one stays pending until the message that clears it. Not set: an edge-triggered SPI
 * is not pending any more, and the level of the other is low. An MSI of PCI is edge-triggered, and
 * only ever sets. It does the same as the guest's write to GICD_SETSPI_NSR and GICD_CLRSPI_NSR of
 * version 3 (GICD_TYPER.MBIS reads 1), and to MSI_SETSPI_NS of vcpu_gic_v2m. The level is beside that
 * of a wire (vcpu_gic_set_line): the interrupt is pending while either is high. Any CPU, as
 * vcpu_gic_set_line.
 *
 * A device that the host emulates sends a message by a write of the INTID to an address that the
 * guest's driver gave it. That address is the host's to compare: it is distributor +
 * VCPU_GIC_V3_SETSPI (the guest's device tree has `mbi-ranges` and `msi-controller`), or frame +
 * VCPU_GIC_V2M_SETSPI. A device of the machine cannot write there.
 *
 *  VCPU_ERR_INVALID  gic is NULL; intid is not an SPI; the guest has no such SPI
 */
int vcpu_gic_msi(struct vcpu_gic *gic, uint32_t intid, bool set);

/* The offset of GICD_SETSPI_NSR in the distributor. */
#define VCPU_GIC_V3_SETSPI 0x40ull

/*
 * A GICv2m frame: the register that messages are written to, where the interrupt controller has
 * none (version 2), or where the guest knows this one (version 3 as well). The caller's, valid
 * until the VM is destroyed, and it does not change.
 */
struct vcpu_gic_v2m {
    struct vcpu_gic *gic;  /* that gets the messages */
    vcpu_ipa_t frame;      /* VCPU_GIC_V2M_SIZE bytes, not mapped */
    uint16_t first, count; /* the SPIs that it sends: INTIDs first to first + count - 1 */
};

#define VCPU_GIC_V2M_SIZE   0x1000ull /* of a frame */
#define VCPU_GIC_V2M_SETSPI 0x40ull   /* the offset of MSI_SETSPI_NS in it */

/*
 * Attaches the frame to the VM as a device. Messages for another SPI than these are ignored. Before
 * the VM's first vCPU, any CPU.
 *
 *  VCPU_ERR_INVALID    vm, v2m or its gic is NULL; gic is another VM's; frame is not a multiple
 *                      of its size; count is 0; one of these is no SPI that the guest has
 *  VCPU_ERR_STATE      from vcpu_vm_attach: the VM has a vCPU
 *  VCPU_ERR_NO_MEMORY  from vcpu_vm_attach
 */
int vcpu_gic_v2m_attach(struct vcpu_vm *vm, const struct vcpu_gic_v2m *v2m);

/*
 * Forwards a physical interrupt that the guest's PPI intid stands for (vcpu_gic_map_hw): the host
 * has acknowledged it and dropped its priority, and has not deactivated it. A short form of
 * vcpu_gic_set_ppi with a high level, for where every instruction counts. On the CPU where the vCPU
 * is resident, with interrupts masked. Neither pointer may be NULL. It may or may not call the wake
 * hook: the caller is the host, and knows whether the vCPU waits.
 *
 * For the virtual timer vcpu_timer_interrupt does the same, with about 35 instructions more. It also
 * checks that the vCPU's timer asserts the interrupt. vcpu_gic_forward does not: if the host takes
 * the interrupt of the vCPU that was resident before only now, this guest gets an interrupt that is
 * not its own. The two also differ in what vcpu_has_work says afterwards:
 *  - after vcpu_timer_interrupt, it does not count the timer any more;
 *  - after vcpu_gic_forward, it counts the timer as long as the vCPU stays on this CPU and the
 *    timer is due, even if the guest has masked the interrupt. A WFI of the guest then ends at
 *    once.
 *
 *  VCPU_ERR_STATE    vcpu is not resident on this CPU. The interrupt is then not this vCPU's, and
 *                    the host must deactivate it
 *  VCPU_ERR_INVALID  intid is not a PPI; it stands for no physical interrupt; vcpu's index is not
 *                    below the controller's max_vcpus
 */
int vcpu_gic_forward(struct vcpu_gic *gic, struct vcpu *vcpu, uint32_t intid);

/*
 * Lets the guest's interrupt intid (an SPI, or a PPI on each of its vCPUs) stand for a physical
 * one: that of a device that the guest has, or of the virtual timer (27, 27). When the guest
 * deactivates its interrupt, the hardware deactivates the physical one, without an exit. physical =
 * 0 ends the mapping. Before the guest runs.
 *
 * For each physical interrupt the host
 *   1. acknowledges it;
 *   2. drops its priority, and does not deactivate it (EOImode = 1);
 *   3. sets the line high (vcpu_gic_set_line, vcpu_gic_set_ppi). It need not set the line low,
 *      except to withdraw the interrupt.
 * When the vCPU is put, the host may set the line high although it took no new interrupt. With
 * vcpu/timer.h it does so (set_ppi) for a virtual timer that is due, because the timer stops with
 * the put. If the guest has the interrupt pending or active, this is the same one, not a new one.
 *
 * The library keeps the physical interrupt's active state in step from then on. It calls set_active
 *  - inactive, when the guest clears the pending or active state in its distributor;
 *  - inactive, when the host sets the line low before the guest took the interrupt;
 *  - for a PPI that is pending or active, because each CPU has its own state of a PPI:
 *     - inactive, when the vCPU leaves the CPU; else the PPI would not come for the next vCPU;
 *     - active, when the vCPU comes to a CPU; else it would come again before the guest has ended
 *       it.
 *
 * QEMU's GICv2 (in 7.2 and 10.0) has a fault here. If the physical interrupt is already pending
 * again when the guest deactivates it, as that of a timer can be, a real GICv2 signals it at once.
 * QEMU's signals it only when another interrupt changes, or when the distributor is written. A host
 * on QEMU's GICv2
 *  - writes 0 to GICD_ISPENDR0, which changes nothing, before a CPU with a resident vCPU waits;
 *  - takes an interrupt from time to time (its own timer's) while a guest runs.
 *
 *  VCPU_ERR_INVALID  gic is NULL; intid is an SGI, or the guest has no such interrupt; physical is
 *                    neither 0 nor a PPI or SPI
 */
int vcpu_gic_map_hw(struct vcpu_gic *gic, uint32_t intid, uint16_t physical);

/*
 * Lets forwarded levels follow their sources. A level-sensitive interrupt of vcpu_gic_map_hw is then
 * pending only while its source asserts it, as on a machine. A guest lowers a source without an exit
 * (it stops its timer, or clears a device's interrupt), so the library asks is_asserted
 *  - when a guest reads or writes the pending, active or enable bit of such an interrupt;
 *  - before it lists such an interrupt (of SPIs that wait for a list register, about the first
 *    eight), and when it brings list registers up to date;
 *  - in vcpu_has_work, on the CPU where the vCPU is resident.
 * If the source has fallen before the guest took the interrupt, the interrupt is not pending any
 * more, and the library makes the physical one inactive (set_active), so that it can come again.
 * What a write to ISPENDR made pending stays so until it is taken.
 *
 * is_asserted returns whether the source asserts the physical interrupt now:
 *  - of a device: the interrupt's bit in ISPENDR of the host's distributor. It reads 1 while a
 *    level-sensitive input is high, also if the interrupt is active;
 *  - of the virtual timer: vcpu_timer_asserts (vcpu/timer.h).
 * It is not asked about interrupts that the guest has configured as edge-triggered. For a PPI it is
 * called on the CPU where the vCPU is resident. If another vCPU reads that PPI's pending state, or
 * that of an SPI that is in a list register there, the read returns what the library knew last, and
 * the other CPU looks soon. While the vCPU is in no CPU, a PPI's state is that of vcpu_put.
 *
 * ctx is host->ctx. is_asserted is called with interrupts masked, mostly with a spinlock of the
 * controller held: it reads a register, takes no lock, and calls no other function of the library.
 *
 * An interrupt that is in a list register makes a WFI of the guest end at once, without an exit. So a
 * guest that masks interrupts and lowers the source waits in a loop until the host looks again: the
 * host calls vcpu_gic_maintenance from time to time while a guest runs for long.
 *
 * Any CPU; before the guest runs. The code is linked only if the host calls this function.
 *
 *  VCPU_ERR_INVALID  gic or is_asserted is NULL
 */
int vcpu_gic_follow(struct vcpu_gic *gic, bool (*is_asserted)(void *ctx, uint16_t physical));

/*
 * Lets guests of this VM have SPIs that one of several vCPUs takes, whichever can (1 of N): those with
 * GICD_IROUTER.Interrupt_Routing_Mode = 1, and GICD_TYPER.No1N reads 0; with a GICv2 those with several
 * targets. Without this call the former do not exist (No1N = 1), and the latter go to the first target.
 * Either is what the architecture allows.
 *
 * Such an interrupt goes to a vCPU that waits (the host has called vcpu_has_work for it); else to one
 * that is resident on a CPU; else to any. Only those are chosen that are on and whose CPU interface
 * enables the interrupt's group. If it is put before it has taken the interrupt, another one is chosen.
 * Exits of a guest that uses this are as slow as those with a maintenance interrupt to look for, and an
 * interrupt of the host, or another CPU for the lock, waits for up to 3,500 instructions.
 *
 * Any CPU; before the VM's first vCPU. The code is linked only if the host calls this function.
 *
 *  VCPU_ERR_INVALID  gic is NULL
 *  VCPU_ERR_STATE    the VM has, or had, a vCPU
 */
int vcpu_gic_share(struct vcpu_gic *gic);

/*
 * Brings the list registers up to date, for the host's handler of the maintenance interrupt.
 * Normally there is nothing to do, because the library does it at the exit. But the interrupt can
 * also come between that exit and the next entry. Its line is a level, so it stays until this call.
 * vcpu is the one that ran last on this CPU; if it is not resident here any more, nothing is done.
 * With vcpu_gic_follow it also asks the sources of forwarded interrupts.
 *
 *  VCPU_ERR_INVALID  gic or vcpu is NULL; vcpu's index is not below the controller's max_vcpus
 */
int vcpu_gic_maintenance(struct vcpu_gic *gic, struct vcpu *vcpu);

#ifdef __cplusplus
}
#endif

#endif
