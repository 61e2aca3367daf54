/* SPDX-License-Identifier: MIT */
/* Pure: the registers of an emulated physical timer. */
#ifndef VCPU_TIMER_PHYSICAL_H
#define VCPU_TIMER_PHYSICAL_H

#include <stdbool.h>
#include <stdint.h>

#include <vcpu/sysreg.h>

/* The two registers that hold its state. */
#define REG_CNTP_CTL_EL0  VCPU_SYSREG(3, 3, 14, 2, 1)
#define REG_CNTP_CVAL_EL0 VCPU_SYSREG(3, 3, 14, 2, 2)

struct timer_physical {
    uint64_t cval;
    uint64_t ctl; /* ENABLE and IMASK */
};

enum timer_access {
    TIMER_NOT_MINE, /* some other register, or a write to the counter */
    TIMER_READ,     /* *value is set, and nothing has changed */
    TIMER_WRITTEN,
};

/* An access to the register with this encoding, at the guest's count `count`. */
enum timer_access vcpu_timer_physical_access(struct timer_physical *timer, uint64_t count,
                                             uint32_t encoding, bool write, uint64_t *value);

#endif
