/* SPDX-License-Identifier: MIT */
/* Translations by the guest's stage 1, done by the CPU. */
#ifndef VCPU_SWITCH_TRANSLATE_H
#define VCPU_SWITCH_TRANSLATE_H

#include <vcpu/exit.h>

#include "state/state.h"

/*
 * The PAR_EL1 of a translation of va as vcpu_translate describes, with EL0's or EL1's rights, for a
 * vCPU that is resident on this CPU. With DAIF masked.
 */
uint64_t vcpu_translate_par(const struct vcpu_state *v, uint64_t va, enum vcpu_access access,
                            bool el0);

#endif
