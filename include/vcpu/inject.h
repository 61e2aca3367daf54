/* SPDX-License-Identifier: MIT */
/* What a host makes a guest take: exceptions at its PC, interrupts when it has them unmasked. */
#ifndef VCPU_INJECT_H
#define VCPU_INJECT_H

#include <stdbool.h>
#include <stdint.h>

#include <vcpu/vcpu.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Exceptions for the guest, taken to its EL1 as the architecture would take them at the vCPU's PC.
 * A vCPU that does not run; on the CPU where its state is, or on any after vcpu_put. The last exit
 * is answered by them: its reason becomes VCPU_EXIT_NONE, and PC is that of the vector.
 *
 *  VCPU_ERR_INVALID  NULL
 *  VCPU_ERR_BUSY     its state is in another CPU's registers
 */

/* The instruction at PC is UNDEFINED. */
int vcpu_inject_undefined(struct vcpu *vcpu);

/*
 * A synchronous external abort on the access, or the fetch, at the virtual address. In FAR_EL1 goes
 * far.
 */
int vcpu_inject_data_abort(struct vcpu *vcpu, uint64_t far);
int vcpu_inject_instruction_abort(struct vcpu *vcpu, uint64_t far);

/*
 * The vCPU's IRQ and FIQ inputs, for a host with an interrupt controller model of its own: a VM
 * without vcpu/gic.h. A line that is up stays up until it is let down, wherever the vCPU goes; a
 * reset (vcpu_reset, CPU_ON) lets it down. While it is up the guest takes the interrupt whenever it
 * has it unmasked, WFI does not wait, and vcpu_has_work (vcpu/device.h) is true.
 *
 * Any CPU, any time, no lock; also from a device's functions. A vCPU in the guest on another CPU is
 * taken out for it by the send_kick hook: an IRQ exit comes of that there, and no VCPU_EXIT_KICK.
 * No exit is answered by it. Repeating the level that a line has costs next to nothing.
 *
 *  VCPU_ERR_INVALID  NULL
 *  VCPU_ERR_STATE    a VCPU_VM_DIRECT_IRQ VM: its guest takes physical interrupts instead
 */
int vcpu_inject_irq(struct vcpu *vcpu, bool level);
int vcpu_inject_fiq(struct vcpu *vcpu, bool level);

#ifdef __cplusplus
}
#endif

#endif
