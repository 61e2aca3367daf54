/* SPDX-License-Identifier: MIT */
/*
 * Guests whose programs go through all system registers by their encodings, at EL1 and at EL0. The
 * vectors step over what faults: x1 to x5 are theirs.
 */
#ifndef ENCODINGS_H
#define ENCODINGS_H

#include <vcpu/device.h>

#include "testhost.h"

#define INSN_MRS(reg, encoding) (0xd5200000u | (encoding) << 5 | (reg)) /* SYSL, if op0 = 1 */
#define INSN_MSR(reg, encoding) (0xd5000000u | (encoding) << 5 | (reg)) /* SYS, if op0 = 1 */
#define INSN_END                0xd4000001u                             /* svc #0 */

/* Guest RAM for programs, and for the vectors' byte of each word of one. */
#define PROGRAM_IPA     (TEST_RAM_IPA + 0x100000u)
#define TAKEN_IPA       (TEST_RAM_IPA + 0x200000u)
#define AFTER_TAKEN_IPA (TEST_RAM_IPA + 0x280000u)

/* A VM with all that it has to ask for, as far as the CPU has that. first: NULL or a first device. */
void encodings_rich_vm(struct test_vm *t, const struct vcpu_device_ops *first);

/* A vCPU of it. */
struct vcpu *encodings_vcpu(struct test_vm *t, uint16_t index);

/*
 * Runs the program at ipa to its end. Everything that EL1 can give to EL0 is given. What the host
 * is asked about is UNDEFINED; `seen` is told before, if it is not NULL.
 */
void encodings_run(struct vcpu *vcpu, uint64_t ipa, bool el0, void (*seen)(const struct vcpu *));

#endif
