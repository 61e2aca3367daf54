/* SPDX-License-Identifier: MIT */
/* What a host makes a guest take: exceptions at its PC; SErrors, interrupts when it lets them. */
#ifndef VCPU_INJECT_H
#define VCPU_INJECT_H

#include <stdbool.h>
#include <stdint.h>

#include <vcpu/vcpu.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Exceptions for the guest, taken to its EL1 as the architecture would take them at the vCPU's PC:
 * that goes to ELR_EL1, PSTATE to SPSR_EL1, and both are then the handler's. What is at the vector
 * is the guest's affair. A vCPU that does not run; on the CPU where its state is, or on any after
 * vcpu_put. The last exit is answered by them: its reason becomes VCPU_EXIT_NONE.
 *
 *  VCPU_ERR_INVALID  NULL, or an argument that the architecture has not got
 *  VCPU_ERR_BUSY     its state is in another CPU's registers
 */

/* The instruction at PC is UNDEFINED. */
int vcpu_inject_undefined(struct vcpu *vcpu);

/*
 * A synchronous external abort on the access, or the fetch, at the virtual address. In FAR_EL1 goes
 * far. Whether it was a store is taken from the exit.
 */
int vcpu_inject_data_abort(struct vcpu *vcpu, uint64_t far);
int vcpu_inject_instruction_abort(struct vcpu *vcpu, uint64_t far);

/*
 * Why an access failed: ESR_EL1.DFSC and IFSC. Where + n stands the level, 0 to 3, is added; 1 to 3
 * for the flags and permissions of what is mapped there.
 */
enum vcpu_fsc {
    VCPU_FSC_ADDRESS_SIZE = 0x00,  /* + n */
    VCPU_FSC_TRANSLATION = 0x04,   /* + n */
    VCPU_FSC_ACCESS_FLAG = 0x08,   /* + n */
    VCPU_FSC_PERMISSION = 0x0c,    /* + n */
    VCPU_FSC_EXTERNAL = 0x10,      /* on the access itself */
    VCPU_FSC_EXTERNAL_WALK = 0x14, /* + n: on a table walk */
    VCPU_FSC_PARITY = 0x18,        /* and this with its walks only on CPUs without FEAT_RAS */
    VCPU_FSC_PARITY_WALK = 0x1c,   /* + n */
    VCPU_FSC_ALIGNMENT = 0x21,     /* not of a fetch */
    VCPU_FSC_TLB_CONFLICT = 0x30,
    VCPU_FSC_UNSUPPORTED_UPDATE = 0x31, /* of a table entry's flags by the CPU */
    VCPU_FSC_LOCKDOWN = 0x34,           /* IMPLEMENTATION DEFINED; not of a fetch */
    VCPU_FSC_UNSUPPORTED_ATOMIC = 0x35, /* exclusive or atomic access; not of a fetch */
};

/*
 * Any abort of stage 1. *far goes to FAR_EL1, with its tag if there is one. far is NULL if no
 * address is known, as it may be for VCPU_FSC_EXTERNAL alone: ESR_EL1.FnV says so.
 */
int vcpu_inject_abort(struct vcpu *vcpu, enum vcpu_access access, uint8_t fsc, const uint64_t *far);

/*
 * Any synchronous exception that EL1 can take from where the vCPU is, the syndrome being the
 * host's: EC, IL, ISS and ISS2 of ESR_EL1. Of classes that tell whether the exception came from EL1
 * or below either form is right, and becomes the one that holds. For aborts, watchpoints and PC
 * alignment far goes to FAR_EL1, unless FnV is set.
 *
 * ELR_EL1 is PC: for SVC the host moves it behind the instruction before.
 *
 *  VCPU_ERR_INVALID  also a class that is not taken to EL1, or not from this execution state or
 *                    Exception level
 */
int vcpu_inject_sync(struct vcpu *vcpu, uint64_t esr, uint64_t far);

/*
 * Debug exceptions. BRK (in AArch32 state BKPT) with its immediate; a breakpoint at PC; a
 * watchpoint on the access to far; and, before the instruction at PC, a software step: `exclusive`
 * if the one before it was a load-exclusive.
 */
int vcpu_inject_brk(struct vcpu *vcpu, uint16_t imm);
int vcpu_inject_breakpoint(struct vcpu *vcpu);
int vcpu_inject_watchpoint(struct vcpu *vcpu, bool write, uint64_t far);
int vcpu_inject_step(struct vcpu *vcpu, bool exclusive);

/*
 * A virtual SError. It is pending until the guest has it unmasked (PSTATE.A) and takes it, once, or
 * defers it with ESB; wherever the vCPU goes, while WFI does not wait and vcpu_has_work
 * (vcpu/device.h) is true. A reset clears it, and so does waking from a power-down state. Of two
 * that meet one is left, with the later syndrome. It is no answer to an exit. A vCPU that does not
 * run, as for the exceptions.
 *
 * iss goes to ESR_EL1: bit 24 is IDS, and with it set the rest is the host's own. A CPU without
 * FEAT_RAS cannot report it: it must be 0 there.
 *
 *  VCPU_ERR_INVALID      NULL, or more than ISS's 25 bits
 *  VCPU_ERR_UNSUPPORTED  iss is not 0, and the VM's CPUs have no FEAT_RAS
 *  VCPU_ERR_BUSY         its state is in another CPU's registers
 */
int vcpu_inject_serror(struct vcpu *vcpu, uint32_t iss);

/*
 * The same as an exception at PC, at once, with any syndrome on any CPU.
 *
 *  VCPU_ERR_STATE  the guest has SErrors masked: one taken now could destroy what its handler needs
 */
int vcpu_inject_serror_now(struct vcpu *vcpu, uint32_t iss);

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
