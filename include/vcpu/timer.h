/* SPDX-License-Identifier: MIT */
/*
 * The timers of a VM's vCPUs: a device (vcpu/device.h), optional to link. vcpu_run does not return
 * the guest's accesses to the registers below.
 *
 * Virtual timer: the hardware's own. Its registers cost no exit, and stay in the CPU while the vCPU
 * is resident. It raises a physical interrupt, the host's PPI 27, and the host forwards that with
 * vcpu_timer_interrupt (or vcpu_timer_forward). With vcpu/gic.h the host maps it,
 * vcpu_gic_map_hw(gic, 27, 27), and the guest's end of the interrupt deactivates the physical one
 * too. On QEMU's GICv2 the interrupt can be lost: vcpu_gic_map_hw says what the host does there.
 *
 * Physical timer and physical counter: emulated (CNTP_CTL_EL0, CNTP_CVAL_EL0, CNTP_TVAL_EL0,
 * CNTPCT_EL0). The hardware has one such timer for EL1, and its counter has no offset. The guest's
 * two counters agree: each is the machine's count minus the VM's counter offset. The guest's
 * CNTKCTL_EL1 decides whether EL0, AArch64 or AArch32, may use them, before EL2's trap is looked
 * at.
 *
 * A vCPU that is put leaves no timer armed in the CPU. From then on vcpu_timer_deadline says when
 * the host must run it again at the latest; a timer that was due at the put already is reported by
 * vcpu_has_work, and has no deadline any more.
 *
 * With VCPU_VM_DIRECT_TIMER the guest has the physical timer itself, with the machine's count. Only
 * the virtual timer is handled as above. The physical one is off while the vCPU is not resident,
 * and wakes nobody.
 */
#ifndef VCPU_TIMER_H
#define VCPU_TIMER_H

#include <vcpu/host.h>
#include <vcpu/types.h>
#include <vcpu/vcpu.h>
#include <vcpu/vm.h>

#ifdef __cplusplus
extern "C" {
#endif

struct vcpu_gic;
struct vcpu_timer;

/* The INTIDs of the guest's timers: those that Arm's base system architecture has for EL1. */
enum {
    VCPU_TIMER_VIRTUAL_PPI = 27,  /* CNTV */
    VCPU_TIMER_PHYSICAL_PPI = 30, /* CNTP */
};

/* No deadline. Every other deadline is a count of the machine, as CNTPCT_EL0 reads at EL2. */
#define VCPU_TIMER_NEVER 0xffffffffffffffff

/* What vcpu_timer_create is told. */
struct vcpu_timer_config {
    const struct vcpu_host *host; /* for its memory hooks */
    void *ctx;                    /* for set_ppi and arm */
    /*
     * Tells the VM's interrupt controller the level of a timer's interrupt: vcpu_gic_set_ppi, or
     * the host's own model. Called with interrupts masked, on the CPU where the vCPU is resident or
     * is being put; or at a reset on any CPU, with interrupts masked or not. The rules of
     * vcpu/device.h for a device's functions hold for set_ppi and arm.
     *
     * VCPU_TIMER_PHYSICAL_PPI is a level: called when it changes.
     *
     * VCPU_TIMER_VIRTUAL_PPI stands for a physical interrupt, as with vcpu_gic_map_hw. Called with
     *  - high, when the host took the physical interrupt (vcpu_timer_interrupt);
     *  - high, when the vCPU is put while the timer asserts the interrupt. If the interrupt is
     *    pending or active already, this is the same one, not a new one;
     *  - low, at a reset only.
     * A model of the host's own deactivates the physical interrupt when the guest deactivates the
     * virtual one. If the timer still asserts it then, the host takes it again.
     */
    void (*set_ppi)(void *ctx, struct vcpu *vcpu, uint32_t intid, bool level);
    /*
     * Asks the host for an interrupt on this CPU when the machine's count reaches `deadline`, for
     * the emulated physical timer of the vCPU that is resident here. VCPU_TIMER_NEVER cancels it.
     * Called on that CPU, with interrupts masked, when the deadline changes; at a put with
     * VCPU_TIMER_NEVER if one was set.
     *
     * If that interrupt comes while the host runs, it causes no exit. Then it must either stay
     * asserted until this hook is called again, or its handler must call vcpu_device_notify for the
     * vCPU.
     *
     * NULL: the library notices that the timer is due only at the vCPU's next exit by an interrupt.
     */
    void (*arm)(void *ctx, struct vcpu *vcpu, uint64_t deadline);
};

/*
 * Makes the timers of a VM's vCPUs and attaches them to the VM. Takes one page for 63 vCPUs. Any
 * CPU; before the VM's first vCPU, and after the interrupt controller if that is the library's,
 * because devices are called in the order in which they were attached.
 *
 *  VCPU_ERR_INVALID    vm, config or timer is NULL; host, one of its memory hooks or set_ppi is
 *                      NULL
 *  VCPU_ERR_NO_MEMORY  no pages; or from vcpu_vm_attach
 *  VCPU_ERR_STATE      from vcpu_vm_attach: the VM has a vCPU
 */
int vcpu_timer_create(struct vcpu_vm *vm, const struct vcpu_timer_config *config,
                      struct vcpu_timer **timer);

/*
 * Ends the timers and gives their pages back, after the VM was destroyed. Any CPU.
 *
 *  VCPU_ERR_INVALID  timer is NULL
 */
int vcpu_timer_destroy(struct vcpu_timer *timer);

/*
 * Forwards the virtual timer's physical interrupt to the vCPU. The host took it on this CPU,
 * dropped its priority, and did not deactivate it (EOImode = 1). With interrupts masked.
 *
 *  VCPU_ERR_INVALID  timer or vcpu is NULL
 *  VCPU_ERR_STATE    vcpu is not resident on this CPU, or its timer does not assert the interrupt
 *                    (any more): the host deactivates the interrupt
 */
int vcpu_timer_interrupt(struct vcpu_timer *timer, struct vcpu *vcpu);

/*
 * Does the same as vcpu_timer_interrupt, for a VM with vcpu/gic.h, where every instruction counts: by
 * vcpu_gic_forward instead of the set_ppi hook. None of the pointers may be NULL. It may or may not call
 * the wake hook: the caller is the host, and knows whether the vCPU waits.
 *
 *  VCPU_ERR_STATE    as for vcpu_timer_interrupt
 *  VCPU_ERR_INVALID  from vcpu_gic_forward: the PPI stands for no physical interrupt
 */
int vcpu_timer_forward(struct vcpu_timer *timer, struct vcpu_gic *gic, struct vcpu *vcpu);

/*
 * Does the virtual timer that is in this CPU assert its interrupt? For vcpu_gic_follow. On a CPU where a
 * vCPU is resident.
 */
bool vcpu_timer_asserts(void);

/*
 * Returns the count at which the host must run a vCPU that waits, if no other reason comes before:
 * the earliest count at which one of its timers asserts its interrupt (CTL.ENABLE = 1, IMASK = 0), or
 * at which its WFIT or WFET ends (vcpu_wait_deadline, vcpu/device.h). 0 if that is past,
 * VCPU_TIMER_NEVER if there is nothing to wait for.
 *
 * A timer that has already told the interrupt controller does not count, also if it was by
 * vcpu_timer_interrupt: vcpu_has_work says whether that interrupt is a reason to go on.
 *
 * Neither pointer may be NULL. Any CPU, no lock. The virtual timer of a vCPU that is resident on
 * another CPU does not count: it interrupts that CPU itself. A change of the virtual timer by
 * vcpu_set_reg counts from the vCPU's next run on.
 */
uint64_t vcpu_timer_deadline(const struct vcpu_timer *timer, const struct vcpu *vcpu);

#ifdef __cplusplus
}
#endif

#endif
