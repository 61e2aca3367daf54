/* SPDX-License-Identifier: MIT */
/* A vCPU's registers as a reset leaves them, in memory: it is in no CPU. */
#ifndef VCPU_VM_RESET_H
#define VCPU_VM_RESET_H

#include "state/state.h"

/* All registers, the devices' part of it, and no interrupt line up. */
void vcpu_reset_all(struct vcpu_state *v);

/*
 * What a CPU without power loses. Its timers and devices are not in it: they go on, and one of them
 * may be what wakes it, or the only thing that ever will.
 */
void vcpu_reset_core(struct vcpu_state *v);

/* A vCPU that was reset starts at an entry point. */
void vcpu_reset_start(struct vcpu_state *v, uint64_t entry, uint64_t context);

#endif
