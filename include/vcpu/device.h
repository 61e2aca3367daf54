/* SPDX-License-Identifier: MIT */
/*
 * Devices that the library asks at an exit before vcpu_run returns it: an access to one does not
 * cost a return to the host's loop. The library's interrupt controller, timers and PMU are such
 * devices. The host can attach its own.
 */
#ifndef VCPU_DEVICE_H
#define VCPU_DEVICE_H

#include <vcpu/addr.h>
#include <vcpu/types.h>
#include <vcpu/vcpu.h>
#include <vcpu/vm.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What the `reg` function does with a register. */
enum vcpu_reg_op {
    VCPU_REG_OP_GET,   /* returns its value */
    VCPU_REG_OP_CHECK, /* checks whether it can have this value; nothing changes */
    VCPU_REG_OP_SET,   /* sets this value, if it can have it */
};

/*
 * The functions of a device. Each can be NULL. If the comment of one does not say otherwise, it is
 * called with interrupts masked, on the CPU where the vCPU is resident, in the middle of vcpu_run
 * or of another call (vcpu_put, vcpu_device_access, those of vcpu/reg.h).
 *
 * FP/SIMD registers, CPTR_EL2 and CNTVOFF_EL2 are then the guest's. So a function must not
 *  - use FP/SIMD or SVE registers, or CNTVCT_EL0;
 *  - allocate memory, or wait for anything but a short spinlock;
 *  - call vcpu_run, vcpu_put, a completion, anything of vcpu/reg.h, or a vcpu_inject_ function
 *    other than vcpu_inject_irq and vcpu_inject_fiq.
 *
 * `mmio` and `sysreg` return false if the device does not handle the access. They must not have
 * side effects then: the library may ask again for the same access.
 *
 * `sync` may call vcpu_device_notify for the same vCPU, to have another of its devices look. If a
 * device does so in each call, the library calls sync a few times (VCPU_VM_MAX_DEVICES), and then
 * at a later exit.
 */
struct vcpu_device_ops {
    /*
     * An access of 1, 2, 4 or 8 bytes to an address that is not mapped. A read sets *data, and the
     * library takes the bytes that the instruction loads; a write has *data.
     */
    bool (*mmio)(void *ctx, struct vcpu *vcpu, vcpu_ipa_t ipa, unsigned size, bool write,
                 uint64_t *data);

    /*
     * A trapped MRS, MSR or system instruction, before the library answers it itself. A read sets
     * *value, a write has *value. Also an access of an AArch32 program at EL0 to the physical
     * counter and timer or the performance monitor, with the encoding of the AArch64 register.
     */
    bool (*sysreg)(void *ctx, struct vcpu *vcpu, uint32_t encoding, bool write, uint64_t *value);

    /* load: the vCPU has been loaded on this CPU. put: it is about to be put, also by vcpu_put. */
    void (*load)(void *ctx, struct vcpu *vcpu);
    void (*put)(void *ctx, struct vcpu *vcpu);

    /*
     * The vCPU is reset: by vcpu_create (vcpu_vm_vcpu does not find it yet), by vcpu_reset, or
     * because a CPU_ON starts it. Not when it wakes from a power-down state, because devices keep
     * their power in it. The vCPU is not resident. Any CPU, with interrupts masked or not.
     */
    void (*reset)(void *ctx, struct vcpu *vcpu);

    /*
     * After vcpu_device_notify: before the guest goes on, at the exit that the notice causes, at
     * another exit that the library answers, or in the next vcpu_run. Notices that come before that
     * call are one. After vcpu_device_watch: at the next exit by an IRQ or FIQ.
     */
    void (*sync)(void *ctx, struct vcpu *vcpu);

    /*
     * Has the vCPU, which waits, a reason to go on? Any CPU, no lock; it can be resident anywhere.
     */
    bool (*has_work)(void *ctx, const struct vcpu *vcpu);

    /*
     * For vcpu/reg.h: a register that the device has for the vCPU, by its encoding, read or written
     * without the side effects of a guest's access. The vCPU is resident on this CPU, or nowhere.
     * Returns VCPU_OK, or
     *  VCPU_ERR_INVALID    the register cannot have *value
     *  VCPU_ERR_NOT_FOUND  the device does not have this register
     */
    int (*reg)(void *ctx, struct vcpu *vcpu, uint32_t encoding, enum vcpu_reg_op op,
               uint64_t *value);

    /*
     * The encoding of the nth of these registers, counted from 0, in an order in which they can be
     * written; 0 if there are no more. The list does not change while the vCPU lives. Any CPU,
     * interrupts masked or not.
     */
    uint32_t (*reg_at)(void *ctx, const struct vcpu *vcpu, unsigned n);
};

/* The most devices of a VM, with those of the library. */
#define VCPU_VM_MAX_DEVICES 8u

/*
 * Attaches a device, before the VM's first vCPU. Devices are called in the order in which they were
 * attached. ops and ctx stay the caller's, and must be valid until the VM is destroyed. Any CPU.
 *
 *  VCPU_ERR_INVALID    vm or ops is NULL
 *  VCPU_ERR_STATE      the VM has a vCPU
 *  VCPU_ERR_NO_MEMORY  the VM has VCPU_VM_MAX_DEVICES devices already
 */
int vcpu_vm_attach(struct vcpu_vm *vm, const struct vcpu_device_ops *ops, void *ctx);

/*
 * Gives the vCPU notice: a device has something new for it. If the vCPU is entered, it exits. The
 * devices' sync is called before the guest goes on. That can cause a VCPU_EXIT_IRQ, but no
 * VCPU_EXIT_KICK. In a device's put of the same vCPU the wake hook is not called (vcpu/host.h). vcpu must not be NULL. Any CPU, no lock.
 */
void vcpu_device_notify(struct vcpu *vcpu);

/*
 * Tells the host, by the hook `wake`, that the vCPU may have a reason to go on: for a device whose
 * has_work finds one from now on, and that needs no call of its sync. Not in a put of the vCPU, as with
 * vcpu_device_notify. vcpu must not be NULL. Any CPU, no lock.
 */
void vcpu_device_wake(struct vcpu *vcpu);

/*
 * Asks for one call of the devices' sync before the vCPU goes on, as vcpu_device_notify does, and
 * calls no hook: for a device's has_work, which finds something to do there. vcpu must not be NULL.
 * On the CPU where the vCPU is resident, while it does not run. No lock.
 */
void vcpu_device_resync(struct vcpu *vcpu);

/*
 * Asks for one call of the devices' sync in the next vcpu_run, before the guest goes on, and ends this
 * run with VCPU_EXIT_KICK: for a device that has left a long job, because an interrupt of the host is
 * pending. Calls no hook. vcpu must not be NULL. In a device's mmio, sysreg or sync.
 */
void vcpu_device_postpone(struct vcpu *vcpu);

/*
 * Asks for one call of the devices' sync at the vCPU's next exit by an IRQ or FIQ: for a device
 * whose own interrupt that may be. vcpu must not be NULL. On the CPU where the vCPU is resident.
 */
void vcpu_device_watch(struct vcpu *vcpu);

/*
 * Asks the VM's devices for one access, as an exit does: for a host that emulates an instruction
 * itself (vcpu_emulate does this for its own). On the CPU where the vCPU is resident, while it does
 * not run. Returns false if no device takes the access, or the vCPU is not resident on this CPU.
 */
bool vcpu_device_access(struct vcpu *vcpu, vcpu_ipa_t ipa, unsigned size, bool write,
                        uint64_t *data);

/*
 * Has a vCPU that waits (VCPU_EXIT_WFI, VCPU_EXIT_WFE, VCPU_EXIT_CPU_SUSPEND,
 * VCPU_EXIT_SYSTEM_SUSPEND) a reason to go on: an interrupt, an SError, a kick, something new from a
 * device, or the end of a WFIT or WFET? Always false for a vCPU that is off. vcpu must not be NULL.
 * Any CPU, no lock.
 *
 * A host that lets the vCPU sleep must not miss a reason that comes between the exit and the sleep:
 *
 *   1. Mark the vCPU as waiting, where everybody who can give it a reason sees the mark.
 *   2. Call vcpu_has_work. If it returns true, remove the mark and complete the exit
 *      (vcpu_complete_skip, vcpu_complete_suspend).
 *   3. Otherwise run something else. A function that gives the vCPU a reason (vcpu_kick,
 *      vcpu_device_notify, those for lines and SErrors in vcpu/inject.h, vcpu_gic_set_line and the
 *      like) calls the wake hook (vcpu/host.h) afterwards. The hook looks for the mark and wakes
 *      the vCPU: the host then removes the mark and completes the exit.
 *
 *   4. After each put of a vCPU that waits: ask vcpu_timer_deadline, for the host's own alarm, and
 *      vcpu_has_work, as in step 2. Its timers are no longer in a CPU, and the hook is not called for
 *      what the put finds. That is vcpu_put, vcpu_percpu_put, vcpu_percpu_disable and vcpu_save. A
 *      vcpu_run of another vCPU puts the resident one too, and does not come back to let the host
 *      ask: so a host puts a vCPU that waits before it runs another one on that CPU.
 *
 * Each of these functions, and vcpu_has_work, orders the caller's earlier writes before its later
 * reads. So at least one of the two sides sees the other.
 *
 * To complete the exit without a reason is also right, because on a real machine an interrupt can
 * be gone again. Always do so for WFE, after other vCPUs have had the CPU: the guest waits for an
 * event from its other vCPUs, and the library does not see these events.
 */
bool vcpu_has_work(const struct vcpu *vcpu);

/*
 * Returns the deadline of a vCPU whose last exit is a WFIT or WFET (FEAT_WFxT; `timed` of vcpu_wait),
 * as a count of the machine (CNTPCT_EL0). 0 if it is past, UINT64_MAX if the vCPU does not wait in
 * this way. The host completes the exit at the deadline, if no other reason comes before: from then on
 * vcpu_has_work returns true. vcpu_timer_deadline (vcpu/timer.h) includes it. vcpu must not be NULL.
 * Any CPU, no lock.
 *
 * The deadline is the value of the instruction's register, compared with the guest's virtual count:
 *  - it follows vcpu_vm_set_counter_offset, and a write of the register;
 *  - it ends with the exit: by the completion, an injected exception, a reset, or vcpu_restore;
 *  - a vCPU that was saved and restored executes the instruction again, with the same deadline.
 */
uint64_t vcpu_wait_deadline(const struct vcpu *vcpu);

#ifdef __cplusplus
}
#endif

#endif
