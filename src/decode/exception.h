/* SPDX-License-Identifier: MIT */
/*
 * Decodes exceptions from a lower Exception level into exits. Pure: all members of an exit come
 * from the arguments, and each exception class, known or not, gives a defined exit.
 */
#ifndef VCPU_DECODE_EXCEPTION_H
#define VCPU_DECODE_EXCEPTION_H

#include <stdbool.h>
#include <stdint.h>

#include <vcpu/exit.h>
#include <vcpu/vcpu.h>

/*
 * A synchronous exception. Fills all of exit. Uses hpfar only where the architecture says that it
 * is valid, and not the PC: ELR_EL2 is after the instruction for HVC, and at it for all others.
 */
void vcpu_decode_exception(uint64_t esr, uint64_t far, uint64_t hpfar, const struct vcpu_regs *regs,
                           struct vcpu_exit *exit);

/* An SError. It has no address. */
void vcpu_decode_serror(uint64_t esr, struct vcpu_exit *exit);

/*
 * Does the trapped instruction pass its condition? An AArch32 instruction can be trapped although
 * it does not; it must then be skipped without any other effect. pstate is SPSR_EL2.
 */
bool vcpu_decode_condition_passed(uint64_t esr, uint64_t pstate);

#endif
