/* SPDX-License-Identifier: MIT */
#ifndef VCPU_SWITCH_SHORT_EXITS_H
#define VCPU_SWITCH_SHORT_EXITS_H

#include "state/state.h"

/* Pure: which exits of the vCPU may take the short way, as things are now. It is resident here. */
void vcpu_short_exits(struct vcpu_state *v);

#endif
