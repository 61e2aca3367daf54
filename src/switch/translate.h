/* SPDX-License-Identifier: MIT */
/* The guest's stage 1, asked of the CPU. */
#ifndef VCPU_SWITCH_TRANSLATE_H
#define VCPU_SWITCH_TRANSLATE_H

#include <vcpu/exit.h>

#include "state/state.h"

/*
 * PAR_EL1 of the translation of va that vcpu_translate describes, with EL0's rights or EL1's, for a
 * vCPU that is resident on this CPU; with DAIF masked.
 */
uint64_t vcpu_translate_par(const struct vcpu_state *v, uint64_t va, enum vcpu_access access,
                            bool el0);

#endif
