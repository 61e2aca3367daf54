/* SPDX-License-Identifier: MIT */
/* Exceptions that the host makes a guest take: at its PC, or when the guest has them unmasked. */
#ifndef VCPU_INJECT_H
#define VCPU_INJECT_H

#include <vcpu/types.h>
#include <vcpu/vcpu.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Exceptions for the guest, taken to its EL1 as the architecture takes them at the vCPU's PC:
 * ELR_EL1 gets PC, SPSR_EL1 gets PSTATE, and PC and PSTATE become those of the handler. The call
 * does not check that there is code at the vector. The last exit is answered: its reason becomes
 * VCPU_EXIT_NONE.
 *
 * For a vCPU that does not run; on the CPU where it is resident, or on any CPU if it is not
 * resident. Errors of all of them:
 *
 *  VCPU_ERR_INVALID  vcpu is NULL; an argument has a value that the architecture does not have
 *  VCPU_ERR_BUSY     vcpu is resident on another CPU
 */

/* The instruction at PC is UNDEFINED. */
int vcpu_inject_undefined(struct vcpu *vcpu);

/*
 * A synchronous external abort on a data access, or on an instruction fetch. far, the virtual
 * address, goes to FAR_EL1. The last exit tells whether the access was a store.
 */
int vcpu_inject_data_abort(struct vcpu *vcpu, uint64_t far);
int vcpu_inject_instruction_abort(struct vcpu *vcpu, uint64_t far);

/*
 * Why an access failed: ESR_EL1.DFSC or IFSC. "+ n": add the level, 0 to 3; for access flag and
 * permission 1 to 3.
 */
enum vcpu_fsc {
    VCPU_FSC_ADDRESS_SIZE = 0x00,       /* + n */
    VCPU_FSC_TRANSLATION = 0x04,        /* + n */
    VCPU_FSC_ACCESS_FLAG = 0x08,        /* + n */
    VCPU_FSC_PERMISSION = 0x0c,         /* + n */
    VCPU_FSC_EXTERNAL = 0x10,           /* on the access itself */
    VCPU_FSC_EXTERNAL_WALK = 0x14,      /* + n: on a table walk */
    VCPU_FSC_PARITY = 0x18,             /* on CPUs without FEAT_RAS only, as is the next */
    VCPU_FSC_PARITY_WALK = 0x1c,        /* + n */
    VCPU_FSC_ALIGNMENT = 0x21,          /* not for a fetch */
    VCPU_FSC_TLB_CONFLICT = 0x30,       /* two entries for one address */
    VCPU_FSC_UNSUPPORTED_UPDATE = 0x31, /* hardware update of a table entry's flags */
    VCPU_FSC_LOCKDOWN = 0x34,           /* IMPLEMENTATION DEFINED; not for a fetch */
    VCPU_FSC_UNSUPPORTED_ATOMIC = 0x35, /* exclusive or atomic access; not for a fetch */
};

/*
 * Any abort of stage 1. *far goes to FAR_EL1, with a tag if it has one. If no address is known, far
 * is NULL and ESR_EL1.FnV is set: for VCPU_FSC_EXTERNAL only.
 */
int vcpu_inject_abort(struct vcpu *vcpu, enum vcpu_access access, uint8_t fsc, const uint64_t *far);

/*
 * Any synchronous exception that EL1 can take from the vCPU's present state. esr goes to ESR_EL1:
 * EC, IL, ISS and ISS2. Some exception classes have two values, for an exception from EL1 and from
 * EL0: either can be given, and the call uses the right one. far goes to FAR_EL1 for aborts,
 * watchpoints and PC alignment, unless FnV is set.
 *
 * ELR_EL1 gets PC. For an SVC the host must first move PC to the next instruction.
 *
 *  VCPU_ERR_INVALID  also: esr has a class that is not taken to EL1, or not from this execution
 *                    state or Exception level
 */
int vcpu_inject_sync(struct vcpu *vcpu, uint64_t esr, uint64_t far);

/* The debug exception of a BRK, or of a BKPT in AArch32 state, with its immediate. */
int vcpu_inject_brk(struct vcpu *vcpu, uint16_t imm);

/* The debug exception of a breakpoint at PC. */
int vcpu_inject_breakpoint(struct vcpu *vcpu);

/* The debug exception of a watchpoint on an access to far. */
int vcpu_inject_watchpoint(struct vcpu *vcpu, bool write, uint64_t far);

/*
 * The debug exception of a software step, before the instruction at PC. `exclusive`: the instruction
 * before it was a load-exclusive.
 */
int vcpu_inject_step(struct vcpu *vcpu, bool exclusive);

/*
 * Makes a virtual SError pending. The guest takes it once, when PSTATE.A is 0, or defers it with
 * ESB.
 *  - While it is pending, WFI does not wait and vcpu_has_work (vcpu/device.h) returns true.
 *  - It stays pending when the vCPU is put or runs on another CPU.
 *  - A reset clears it, and so does the wake-up from a power-down state.
 *  - A second one replaces the first: one is pending, with the later syndrome.
 *  - It does not answer an exit.
 * For a vCPU that does not run; on the CPU where it is resident, or on any CPU if it is not
 * resident.
 *
 * iss goes to ESR_EL1. Bit 24 is IDS; if it is set, the host defines the other bits. A CPU without
 * FEAT_RAS cannot report a syndrome: iss must be 0 there.
 *
 *  VCPU_ERR_INVALID      vcpu is NULL; iss has more than 25 bits
 *  VCPU_ERR_UNSUPPORTED  iss is not 0, and the VM's CPUs have no FEAT_RAS
 *  VCPU_ERR_BUSY         vcpu is resident on another CPU
 */
int vcpu_inject_serror(struct vcpu *vcpu, uint32_t iss);

/*
 * An SError that the guest takes at once, as an exception at PC. It answers the exit, and iss need
 * not be 0 on a CPU without FEAT_RAS.
 *
 *  VCPU_ERR_INVALID  vcpu is NULL; iss has more than 25 bits
 *  VCPU_ERR_STATE    the guest has SErrors masked: taken now, one could destroy ELR_EL1 and
 *                    SPSR_EL1 that its handler needs
 *  VCPU_ERR_BUSY     vcpu is resident on another CPU
 */
int vcpu_inject_serror_now(struct vcpu *vcpu, uint32_t iss);

/*
 * Sets the vCPU's IRQ or FIQ line, for a host with its own model of an interrupt controller: a VM
 * without vcpu/gic.h.
 *  - The line keeps its level until the next call, also when the vCPU is put or runs on another
 *    CPU. A reset (vcpu_reset, CPU_ON) sets it low.
 *  - While the line is high, the guest takes the interrupt whenever it has it unmasked, WFI does
 *    not wait, and vcpu_has_work (vcpu/device.h) returns true.
 *  - If the vCPU is entered on another CPU, the send_kick hook makes it exit: VCPU_EXIT_IRQ there,
 *    no VCPU_EXIT_KICK.
 *  - The call does not answer an exit. To set the level that the line has costs next to nothing.
 * Any CPU, any time, no lock; also from a device's functions.
 *
 *  VCPU_ERR_INVALID  vcpu is NULL
 *  VCPU_ERR_STATE    the VM has VCPU_VM_DIRECT_IRQ: its guest takes physical interrupts instead
 */
int vcpu_inject_irq(struct vcpu *vcpu, bool level);
int vcpu_inject_fiq(struct vcpu *vcpu, bool level);

#ifdef __cplusplus
}
#endif

#endif
