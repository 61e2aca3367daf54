/* SPDX-License-Identifier: MIT */
/* System registers that are trapped: what the library makes of them. Pure. */
#ifndef VCPU_CORE_SYSREG_H
#define VCPU_CORE_SYSREG_H

#include <stdbool.h>
#include <stdint.h>

#include <vcpu/exit.h>

#include "arm/id.h"
#include "core/state.h"

enum sysreg_outcome {
    SYSREG_DONE,      /* a read's value is in access->value; PC is the caller's to move */
    SYSREG_UNDEFINED, /* hidden from the guest */
    SYSREG_EXIT,      /* the host's */
};

enum sysreg_outcome vcpu_sysreg_emulate(const uint64_t id[ID_REG_COUNT], struct debug_state *debug,
                                        struct vcpu_sysreg_access *access);

#endif
