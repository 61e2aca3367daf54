/* SPDX-License-Identifier: MIT */
/* Translations by the guest's stage 1, done by the CPU. */
#ifndef VCPU_SWITCH_TRANSLATE_H
#define VCPU_SWITCH_TRANSLATE_H

#include <vcpu/exit.h>

#include "state/state.h"

/* With whose rights. Together with 1 for a write they are the operations of vcpu_at. */
enum translate_as {
    TRANSLATE_EL1 = 0, /* as if PSTATE.PAN were 0 */
    TRANSLATE_EL0 = 2,
    TRANSLATE_EL1_PAN = 4, /* as if it were 1: FEAT_PAN2 */
};

/*
 * The PAR_EL1 of a translation of va as vcpu_translate describes, for a vCPU that is resident on
 * this CPU. With DAIF masked. An External abort on the walk is there as well, as a fault.
 */
uint64_t vcpu_translate_par(const struct vcpu_state *v, uint64_t va, enum vcpu_access access,
                            enum translate_as as);

/* asm/at.S */
uint64_t vcpu_at(uint64_t va, unsigned operation, const struct vcpu_state *v);

#endif
