/* SPDX-License-Identifier: MIT */
/* Answers trapped accesses to system registers. Pure. */
#ifndef VCPU_GUEST_SYSREG_H
#define VCPU_GUEST_SYSREG_H

#include <stdbool.h>
#include <stdint.h>

#include <vcpu/exit.h>

#include "arm/id.h"
#include "state/state.h"

/* Parts of a VCPU_SYSREG encoding. */
#define SYSREG_OP2 GENMASK(2, 0)
#define SYSREG_CRM GENMASK(6, 3)
#define SYSREG_CRN GENMASK(10, 7)
#define SYSREG_OP1 GENMASK(13, 11)
#define SYSREG_OP0 GENMASK(15, 14)

enum sysreg_outcome {
    SYSREG_DONE,      /* a read's value is in access->value; PC is the caller's to move */
    SYSREG_UNDEFINED, /* hidden from the guest */
    SYSREG_EXIT,      /* the host's */
};

enum sysreg_outcome vcpu_sysreg_emulate(const uint64_t id[ID_REG_COUNT], struct debug_state *debug,
                                        struct vcpu_sysreg_access *access);

#endif
