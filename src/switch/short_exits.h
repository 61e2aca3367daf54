/* SPDX-License-Identifier: MIT */
#ifndef VCPU_SWITCH_SHORT_EXITS_H
#define VCPU_SWITCH_SHORT_EXITS_H

#include "state/state.h"

/* Pure: the exits of the vCPU that can take the short path now. It is resident here. */
void vcpu_short_exits(struct vcpu_state *v);

#endif
