/* SPDX-License-Identifier: MIT */
/*
 * The timers of a VM's vCPUs. Optional to link. A device of vcpu/device.h: a guest's accesses to
 * the registers below never come out of vcpu_run.
 *
 * The virtual timer is the hardware's own: its registers cost no exit, and stay in the CPU while
 * the vCPU is resident. Its interrupt is a physical one, the host's PPI 27, which the host hands on
 * with vcpu_timer_interrupt (or vcpu_gic_forward). With vcpu/gic.h the host maps it,
 * vcpu_gic_map_hw(gic, 27, 27), and the guest's end of interrupt ends both. On QEMU's GICv2 this
 * interrupt can be lost unless the host does what vcpu_gic_map_hw says there.
 *
 * The physical timer and the physical counter are emulated (CNTP_CTL_EL0, CNTP_CVAL_EL0,
 * CNTP_TVAL_EL0, CNTPCT_EL0), for at EL1 the hardware has one of them, and it shows the machine's
 * count. A guest's two counters agree: both are the machine's less the VM's counter offset. Whether
 * a program at EL0, AArch64 or AArch32, may use them is decided by the guest's CNTKCTL_EL1, before
 * there is a trap.
 *
 * A vCPU that leaves a CPU leaves no timer armed there. From then on the host asks
 * vcpu_timer_deadline when it must run again at the latest; vcpu_has_work says so as well.
 *
 * A VM with VCPU_VM_DIRECT_TIMER has the physical timer itself, and the machine's count in it: only
 * the virtual one is dealt with. The other is off while the vCPU is in no CPU, and wakes nobody.
 */
#ifndef VCPU_TIMER_H
#define VCPU_TIMER_H

#include <stdbool.h>
#include <stdint.h>

#include <vcpu/host.h>
#include <vcpu/vcpu.h>
#include <vcpu/vm.h>

#ifdef __cplusplus
extern "C" {
#endif

struct vcpu_timer;

/* Where the guest finds the timers' interrupts: the INTIDs that Arm's base system has for EL1. */
enum {
    VCPU_TIMER_VIRTUAL_PPI = 27,
    VCPU_TIMER_PHYSICAL_PPI = 30,
};

/* No deadline. All others are counts of the machine, as CNTPCT_EL0 has them at EL2. */
#define VCPU_TIMER_NEVER UINT64_MAX

struct vcpu_timer_config {
    const struct vcpu_host *host; /* for its memory hooks */
    void *ctx;                    /* for the two below */
    /*
     * The timers' outputs into the VM's interrupt controller: vcpu_gic_set_ppi, or the host's own
     * model. Called with interrupts masked, on the CPU where the vCPU is resident or which it is
     * leaving, or, when it is reset, on any. What vcpu/device.h says of a device's functions holds
     * for this one and the next.
     *
     * VCPU_TIMER_PHYSICAL_PPI is a level, and told when it changes.
     *
     * VCPU_TIMER_VIRTUAL_PPI stands for a physical interrupt, as vcpu_gic_map_hw has it. It is told
     * high when that was taken, and when the vCPU leaves the CPU while the timer asserts it; told
     * again while it is pending or active it is the same one, and nothing new. It is told low at a
     * reset only. A model of the host's own deactivates the physical interrupt when the guest ends
     * the virtual one; if the timer still asserts it, it will be taken again.
     */
    void (*set_ppi)(void *ctx, struct vcpu *vcpu, uint32_t intid, bool level);
    /*
     * The emulated physical timer of the vCPU that is resident on this CPU wants the CPU to take an
     * interrupt at this count; VCPU_TIMER_NEVER: not any more. Called on that CPU, with interrupts
     * masked, when it changes; a vCPU that leaves the CPU leaves NEVER behind. The interrupt may
     * come while the host runs, and is then no exit: it stays asserted until this hook says
     * otherwise, or its handler calls vcpu_device_notify for the vCPU. NULL: the timer is noticed
     * at the next exit that is an interrupt.
     */
    void (*arm)(void *ctx, struct vcpu *vcpu, uint64_t deadline);
};

/*
 * Makes the timers of a VM's vCPUs and attaches them to it. One page for 72 vCPUs. Before the VM's
 * first vCPU, and after the VM's interrupt controller if that is the library's: its devices are
 * called in the order in which they were attached.
 *
 *  VCPU_ERR_INVALID    a pointer, or a hook but for arm, is NULL
 *  VCPU_ERR_NO_MEMORY  no pages
 *  and what vcpu_vm_attach returns.
 */
int vcpu_timer_create(struct vcpu_vm *vm, const struct vcpu_timer_config *config,
                      struct vcpu_timer **timer);

/* Gives the pages back, after the VM was destroyed. VCPU_ERR_INVALID: NULL. */
int vcpu_timer_destroy(struct vcpu_timer *timer);

/*
 * The host took the virtual timer's physical interrupt on this CPU and dropped its priority without
 * deactivating it (EOImode = 1): it is now this vCPU's. With interrupts masked.
 *
 *  VCPU_ERR_INVALID  NULL
 *  VCPU_ERR_STATE    the vCPU is not resident on this CPU: the host deactivates the interrupt
 */
int vcpu_timer_interrupt(struct vcpu_timer *timer, struct vcpu *vcpu);

/*
 * When must the host run a vCPU that waits, if nothing else comes before? At the earliest count at
 * which one of its timers asserts its interrupt (CTL.ENABLE = 1, IMASK = 0); 0 if that is past. A
 * timer that has told the interrupt controller already, be it by vcpu_timer_interrupt, is the
 * controller's matter: vcpu_has_work says what comes of it. VCPU_TIMER_NEVER: there is nothing to
 * wait for.
 *
 * Any CPU, no lock. While the vCPU is resident on another CPU its virtual timer is not seen here:
 * it interrupts that CPU by itself. What vcpu_set_reg does to the virtual timer counts from the
 * next run on. Neither may be NULL.
 */
uint64_t vcpu_timer_deadline(const struct vcpu_timer *timer, const struct vcpu *vcpu);

#ifdef __cplusplus
}
#endif

#endif
