/* SPDX-License-Identifier: MIT */
/*
 * Devices inside the library: asked at an exit before the host is, so that an access costs no way
 * out to the host's loop and back. The library's own interrupt controller is one; a host may attach
 * others.
 */
#ifndef VCPU_DEVICE_H
#define VCPU_DEVICE_H

#include <stdbool.h>
#include <stdint.h>

#include <vcpu/addr.h>
#include <vcpu/vcpu.h>
#include <vcpu/vm.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What vcpu/reg.h wants of a register. */
enum vcpu_reg_op {
    VCPU_REG_OP_GET,   /* its value */
    VCPU_REG_OP_CHECK, /* would it take this one? Nothing is changed */
    VCPU_REG_OP_SET,   /* it gets this one, if it would take it */
};

/*
 * Called with interrupts masked, on the CPU where the vCPU is, in the middle of vcpu_run or of what
 * is said below: no allocation, no call of vcpu_run or vcpu_put, no waiting but for a short
 * spinlock, no vcpu_inject_ call but of the irq and fiq lines, nothing of vcpu/reg.h. A
 * vcpu_device_notify of the same vCPU from its sync is for another of its devices: one that gives
 * itself notice each time is called a few times, and then at the next exit by an interrupt. FP/SIMD
 * registers are the guest's, and CPTR_EL2 and CNTVOFF_EL2 too: they must not be used, nor SVE, nor
 * CNTVCT_EL0. A member may be NULL.
 *
 * A device that answers false to an access has done nothing: it may be asked again for the same
 * one.
 */
struct vcpu_device_ops {
    /*
     * An access of 1, 2, 4 or 8 bytes to an address that is not mapped. Read: set *data, of which
     * the library takes what the instruction loads. false: not this device's.
     */
    bool (*mmio)(void *ctx, struct vcpu *vcpu, vcpu_ipa_t ipa, unsigned size, bool write,
                 uint64_t *data);

    /*
     * A trapped MRS or MSR (or system instruction), before the library answers it itself: read, and
     * *value is set; write, and it was *value. false: not this device's. Also for what an
     * AArch32 program at EL0 does to the physical counter and timer, by their AArch64 names.
     */
    bool (*sysreg)(void *ctx, struct vcpu *vcpu, uint32_t encoding, bool write, uint64_t *value);

    /* The vCPU has become resident on this CPU; it is about to leave it (also in vcpu_put). */
    void (*load)(void *ctx, struct vcpu *vcpu);
    void (*put)(void *ctx, struct vcpu *vcpu);

    /*
     * The vCPU is reset: created (vcpu_vm_vcpu does not find it yet), started by a CPU_ON, or
     * vcpu_reset. Not when it wakes from a power-down state: devices keep their power in it. It is
     * in no CPU. Any CPU.
     */
    void (*reset)(void *ctx, struct vcpu *vcpu);

    /*
     * After vcpu_device_notify: at the vCPU's next exit by an interrupt, before the host sees it,
     * or before it goes on. And after vcpu_device_watch: at its next exit by an interrupt. It is
     * resident here.
     */
    void (*sync)(void *ctx, struct vcpu *vcpu);

    /* Has a vCPU that waits a reason to go on? Any CPU, no lock; the vCPU may be anywhere. */
    bool (*has_work)(void *ctx, const struct vcpu *vcpu);

    /*
     * Registers of the vCPU that the device has, by their encoding, for vcpu/reg.h: state that is
     * read and written without what an access of the guest does besides. The vCPU is resident on
     * this CPU, or in none. VCPU_OK, VCPU_ERR_INVALID: a value that it cannot have,
     * VCPU_ERR_NOT_FOUND: not this device's.
     */
    int (*reg)(void *ctx, struct vcpu *vcpu, uint32_t encoding, enum vcpu_reg_op op,
               uint64_t *value);

    /*
     * The encoding of the nth of them, from 0 on, in an order in which they can be written; 0: there
     * are no more. It does not change while the vCPU lives. Any CPU, interrupts masked or not.
     */
    uint32_t (*reg_at)(void *ctx, const struct vcpu *vcpu, unsigned n);
};

#define VCPU_VM_MAX_DEVICES 4u

/*
 * Attaches a device. ops and ctx stay the caller's and must be valid while the VM is. Before the
 * VM's first vCPU.
 *
 *  VCPU_ERR_INVALID    vm or ops is NULL
 *  VCPU_ERR_STATE      the VM has a vCPU
 *  VCPU_ERR_NO_MEMORY  it has VCPU_VM_MAX_DEVICES already
 */
int vcpu_vm_attach(struct vcpu_vm *vm, const struct vcpu_device_ops *ops, void *ctx);

/*
 * A device has something new for this vCPU: it comes out of the guest if it is in it, and the
 * devices' sync is called before it goes on. An IRQ exit may come of it, and no VCPU_EXIT_KICK. Any
 * CPU, no lock.
 */
void vcpu_device_notify(struct vcpu *vcpu);

/*
 * The device wants its sync called at the vCPU's next exit by an IRQ or FIQ, once: it may be the
 * one that caused it. On the CPU where the vCPU is resident.
 */
void vcpu_device_watch(struct vcpu *vcpu);

/*
 * Asks the VM's devices for one access, as an exit does. For a host that carries out an instruction
 * itself; vcpu_emulate does it for its own. On the CPU where the vCPU is resident, while it does
 * not run. False: no device takes it, or the vCPU is not resident here.
 */
bool vcpu_device_access(struct vcpu *vcpu, vcpu_ipa_t ipa, unsigned size, bool write,
                        uint64_t *data);

/*
 * Has a vCPU that waits (VCPU_EXIT_WFI, VCPU_EXIT_CPU_SUSPEND) a reason to go on: an interrupt, an
 * SError, a kick, something new from a device? Never, if it is off. Any CPU, no lock.
 *
 * A host that lets the vCPU sleep must not miss what comes between the exit and the sleep:
 *
 *   1. mark the vCPU as waiting, where whoever may give it work will see the mark;
 *   2. ask vcpu_has_work. If it says so, take the mark back and complete the exit
 *      (vcpu_complete_skip, vcpu_complete_suspend);
 *   3. else run something else. Whoever gives it work (vcpu_kick, vcpu_device_notify, the lines of
 *      vcpu/inject.h, a device) looks for the mark after that, and wakes the vCPU, which is
 *      completed then. The wake hook of vcpu/host.h is called by each of them, and is the place.
 *
 * Each of these calls orders what the caller wrote before against what it reads after, so one of
 * the two sees the other. To complete without a reason is right, too: an interrupt may be gone
 * again on a real machine. So it is always for WFE, once others have had the CPU: what the guest
 * waits for is an event of its other vCPUs, which the library does not see.
 */
bool vcpu_has_work(const struct vcpu *vcpu);

#ifdef __cplusplus
}
#endif

#endif
