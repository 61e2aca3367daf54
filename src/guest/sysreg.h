/* SPDX-License-Identifier: MIT */
/* Answers trapped accesses to system registers. Pure. */
#ifndef VCPU_GUEST_SYSREG_H
#define VCPU_GUEST_SYSREG_H

#include <stdbool.h>
#include <stdint.h>

#include <vcpu/exit.h>

#include "arm/id.h"
#include "decode/outcome.h"
#include "state/state.h"

/* Its outcome is DONE with a read's value in access->value, UNDEFINED, or HOST. */
enum outcome vcpu_sysreg_emulate(const uint64_t id[ID_REG_COUNT], struct debug_state *debug,
                                 struct vcpu_sysreg_access *access);

#endif
