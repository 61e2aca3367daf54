/* SPDX-License-Identifier: MIT */
/*
 * Exceptions from a lower Exception level, decoded into exits. Pure: all that an exit says comes
 * from the arguments, and each exception class, known or not, gives a defined exit.
 */
#ifndef VCPU_DECODE_EXCEPTION_H
#define VCPU_DECODE_EXCEPTION_H

#include <stdbool.h>
#include <stdint.h>

#include <vcpu/exit.h>
#include <vcpu/vcpu.h>

/*
 * A synchronous exception. hpfar is looked at only where the architecture says that it is valid.
 * Fills all of exit. The PC is not looked at: for HVC ELR_EL2 is behind the instruction already,
 * for everything else it is at it.
 */
void vcpu_decode_exception(uint64_t esr, uint64_t far, uint64_t hpfar, const struct vcpu_regs *regs,
                           struct vcpu_exit *exit);

/* An SError. It has no address. */
void vcpu_decode_serror(uint64_t esr, struct vcpu_exit *exit);

/*
 * Does the trapped instruction pass its condition? An AArch32 instruction may be trapped although
 * it does not, and then must be skipped with no other effect. pstate is SPSR_EL2.
 */
bool vcpu_decode_condition_passed(uint64_t esr, uint64_t pstate);

#endif
