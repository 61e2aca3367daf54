/* SPDX-License-Identifier: MIT */
/*
 * For a host's loop: an answer to every exit that the host does not know, and what an exit is in
 * words.
 */
#ifndef VCPU_ANSWER_H
#define VCPU_ANSWER_H

#include <vcpu/types.h>
#include <vcpu/vcpu.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Answers the last exit as a machine would on which nothing more is there:
 *
 *   HYPERCALL                  NOT_SUPPORTED in x0
 *   MMIO_READ, MMIO_WRITE      a synchronous external abort
 *   STAGE2_FAULT               likewise; cache maintenance is skipped, if no walk failed
 *   SYSREG_READ, SYSREG_WRITE  UNDEFINED
 *   WFI, WFE                   skipped: the wait ends at once
 *   CPU_SUSPEND                SUCCESS: the vCPU wakes up at once
 *   CPU_UP, SYSTEM_SUSPEND     DENIED
 *   SYSTEM_RESET               INVALID_PARAMETERS for a vendor's type, which nobody knows
 *   DEBUG                      a BRK is the guest's; else it goes on (vcpu_complete_debug)
 *   UNHANDLED                  an abort that is not stage 2's: the guest's; else UNDEFINED
 *   IRQ, FIQ, KICK, NONE       nothing to answer
 *
 * IRQ and FIQ: the host must have taken the interrupt, or it comes again at once. A host that schedules
 * answers WFI, WFE and CPU_SUSPEND itself, because a guest that waits gives its CPU away.
 *
 * A host whose tables change while its guests run does not refuse each STAGE2_FAULT: while a block is
 * split, accesses to memory that is mapped fault too. vcpu/stage2.h says what it does.
 *
 * For a vCPU that does not run; on the CPU where it is resident, or on any CPU if it is not resident.
 *
 *  VCPU_OK           the host can run the vCPU again
 *  VCPU_ERR_STATE    the vCPU cannot go on, and the host decides what becomes of it. After CPU_DOWN,
 *                    SYSTEM_OFF, SYSTEM_RESET (but for a vendor's type) and SERROR nothing has
 *                    changed. Otherwise the exception was taken at the PC that it came from: the guest
 *                    has no vector there, and would exit like this for ever
 *  VCPU_ERR_INVALID  vcpu is NULL
 *  VCPU_ERR_BUSY     vcpu is resident on another CPU (if the answer touches what is in that CPU)
 */
int vcpu_refuse(struct vcpu *vcpu);

/*
 * Writes a line about the last exit, for a log. An example:
 *
 *   mmio-read of 4 bytes at IPA 0x9000018, pc 0x40080124, esr 0x93830006
 *
 * The line has no newline, is cut to size - 1 characters, and ends with a 0. Returns the length of the
 * whole line. text can be NULL if size is 0. vcpu must not be NULL. Any CPU, while the vCPU does not run.
 */
size_t vcpu_exit_describe(const struct vcpu *vcpu, char *text, size_t size);

#ifdef __cplusplus
}
#endif

#endif
