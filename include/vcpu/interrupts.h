/* SPDX-License-Identifier: MIT */
/*
 * The interrupt controller (vcpu/gic.h) and the timers (vcpu/timer.h) of a VM with the wiring that most
 * hosts want, and what a host's interrupt handler does for them, in one call each. Hosts that want it in
 * another way use the calls of those two headers instead.
 *
 * The interrupts are those that Arm's base system architecture names, on the host as for the guest: PPI
 * 25 is the interrupt controller's maintenance interrupt, 26 is EL2's physical timer (CNTHP), 27 is
 * EL1's virtual timer.
 */
#ifndef VCPU_INTERRUPTS_H
#define VCPU_INTERRUPTS_H

#include <vcpu/gic.h>
#include <vcpu/host.h>
#include <vcpu/percpu.h>
#include <vcpu/timer.h>
#include <vcpu/types.h>
#include <vcpu/vm.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What vcpu_interrupts_create is told. */
struct vcpu_interrupts_config {
    struct vcpu_gic_config gic; /* set_active is required */
    /*
     * As in vcpu_timer_config, with gic.host->ctx: an interrupt of this CPU when the machine's count
     * reaches the deadline, for the guest's physical timer. Can be NULL.
     */
    void (*arm)(void *ctx, struct vcpu *vcpu, uint64_t deadline);
    /*
     * As for vcpu_gic_follow, if physical interrupts other than the virtual timer's will be mapped. It is
     * asked about PPI 27 too, and returns vcpu_timer_asserts() for it. NULL: there are no others.
     */
    bool (*is_asserted)(void *ctx, uint16_t physical);
};

/* What was made. The host's memory, which stays where it is until vcpu_interrupts_destroy. */
struct vcpu_interrupts {
    struct vcpu_gic *gic;     /* for the calls of vcpu/gic.h */
    struct vcpu_timer *timer; /* for the calls of vcpu/timer.h */

    /* For the library only. */
    void *ctx;
    void (*arm)(void *ctx, struct vcpu *vcpu, uint64_t deadline);
};

/*
 * Makes both and attaches them to the VM: vcpu_gic_create; vcpu_gic_map_hw of 27 to 27; vcpu_gic_follow;
 * vcpu_timer_create, whose interrupts are PPIs 27 and 30 of that controller. The VM has the flag
 * VCPU_VM_VIRTUAL_GIC, and not VCPU_VM_DIRECT_IRQ. Before the VM's first vCPU, on the CPU that
 * vcpu_vm_create was called on, or one of the same kind.
 *
 * On an error nothing is left to destroy, but the VM may have a device that is gone: the host destroys
 * the VM, and runs no vCPU of it.
 *
 *  VCPU_ERR_INVALID      vm, config or made is NULL; the VM has not these flags; set_active is NULL; or
 *                        as for vcpu_gic_create
 *  VCPU_ERR_UNSUPPORTED  this CPU has no virtual interface of that version
 *  VCPU_ERR_NO_MEMORY    no pages; or the VM has too many devices
 *  VCPU_ERR_STATE        the VM has a vCPU
 */
int vcpu_interrupts_create(struct vcpu_vm *vm, const struct vcpu_interrupts_config *config,
                           struct vcpu_interrupts *made);

/*
 * Ends both and gives their pages back, after the VM was destroyed. Any CPU.
 *
 *  VCPU_ERR_INVALID  made is NULL, or has nothing
 */
int vcpu_interrupts_destroy(struct vcpu_interrupts *made);

/* Whose a physical interrupt is. */
enum vcpu_interrupt_owner {
    VCPU_INTERRUPT_HOSTS = 0, /* the host handles it as one of its own, and deactivates it */
    VCPU_INTERRUPT_DONE = 1,  /* it was the library's, and is handled: the host deactivates it */
    /* It is the resident vCPU's now, and stays active: the guest's end of its own deactivates it. */
    VCPU_INTERRUPT_GUESTS = 2,
};

/*
 * Handles a physical interrupt that is the library's, or says that it is not. For the host's interrupt
 * handler, which has acknowledged the interrupt and dropped its priority. The result (enum
 * vcpu_interrupt_owner) says who deactivates it. A host in EOImode 0, whose end deactivates too, ends each interrupt,
 * and makes it active again (ISACTIVER) for VCPU_INTERRUPT_GUESTS.
 *
 * It handles PPIs 25 to 27 for the vCPU that is resident on this CPU, if its VM has the devices that
 * they are for. All others are the host's, and PPI 26 as well: after this call the host looks at what it
 * has armed, for itself and by `arm`.
 *
 * On that CPU, with interrupts masked, whether a guest was interrupted or the host.
 *
 *  VCPU_ERR_INVALID  cpu is NULL, not enabled, or another CPU's block
 */
int vcpu_percpu_interrupt(struct vcpu_percpu *cpu, uint32_t intid);

#ifdef __cplusplus
}
#endif

#endif
