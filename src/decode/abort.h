/* SPDX-License-Identifier: MIT */
/* Instruction and data aborts from a lower Exception level. */
#ifndef VCPU_DECODE_ABORT_H
#define VCPU_DECODE_ABORT_H

#include <stdbool.h>
#include <stdint.h>

#include <vcpu/exit.h>

/*
 * Fill exit, of which only esr_el2 is set: MMIO, a stage-2 fault, or unhandled if it is not a fault
 * of stage-2 tables. The access of a stage-2 fault is the instruction's. With s1ptw the walk for it
 * faulted, which reads, and can update flags.
 */
void vcpu_decode_data_abort(uint64_t esr, uint64_t far, uint64_t hpfar, const uint64_t x[31],
                            struct vcpu_exit *exit);
void vcpu_decode_instruction_abort(uint64_t esr, uint64_t far, uint64_t hpfar,
                                   struct vcpu_exit *exit);

/*
 * HPFAR_EL2 does not hold the address of this fault: translate far_el2 by stage 1 (AT S1E1R, or AT
 * S1E1W for a write) and give PAR_EL1 to vcpu_decode_apply_par.
 */
static inline bool decode_needs_translation(const struct vcpu_exit *exit)
{
    return exit->reason == VCPU_EXIT_STAGE2_FAULT && !exit->fault.ipa_valid;
}

/*
 * Sets the exit's ipa from PAR_EL1. false, and nothing changes: the translation failed, because the
 * guest has changed its tables. The guest must then run again, and takes the fault that is due.
 */
bool vcpu_decode_apply_par(struct vcpu_exit *exit, uint64_t par);

#endif
