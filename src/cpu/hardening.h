/* SPDX-License-Identifier: MIT */
/* What a CPU needs at an exit, so that a guest does not steer the host's speculation. Pure. */
#ifndef VCPU_CPU_HARDENING_H
#define VCPU_CPU_HARDENING_H

#include <vcpu/percpu.h>

#include "arm/id.h"
#include "state/state.h"

struct vcpu_hardening vcpu_hardening_choose(const uint64_t id[ID_COUNT],
                                            const struct firmware_answers *firmware);

#endif
