/* SPDX-License-Identifier: MIT */
#include "timer/physical.h"

#include "hw/count.h"

#define CNTPCT_EL0    VCPU_SYSREG(3, 3, 14, 0, 1)
#define CNTPCTSS_EL0  VCPU_SYSREG(3, 3, 14, 0, 5) /* FEAT_ECV */
#define CNTP_TVAL_EL0 VCPU_SYSREG(3, 3, 14, 2, 0)

static enum timer_access read(const struct timer_physical *timer, uint64_t count, uint32_t encoding,
                              uint64_t *value)
{
    switch (encoding) {
    case CNTPCT_EL0:
    case CNTPCTSS_EL0: /* the trap has synchronized it */
        *value = count;
        return TIMER_READ;
    case CNTP_TVAL_EL0:
        *value = count_tval(count, timer->cval);
        return TIMER_READ;
    case REG_CNTP_CTL_EL0:
        *value = timer->ctl;
        /* ISTATUS is UNKNOWN if the timer is not enabled: then 0. IMASK does not affect it. */
        if ((timer->ctl & CNT_CTL_ENABLE) && count_is_due(count, timer->cval))
            *value |= CNT_CTL_ISTATUS;
        return TIMER_READ;
    case REG_CNTP_CVAL_EL0:
        *value = timer->cval;
        return TIMER_READ;
    default:
        return TIMER_NOT_MINE;
    }
}

static enum timer_access write(struct timer_physical *timer, uint64_t count, uint32_t encoding,
                               uint64_t value)
{
    switch (encoding) {
    case CNTP_TVAL_EL0:
        timer->cval = count_cval(count, value);
        return TIMER_WRITTEN;
    case REG_CNTP_CTL_EL0:
        timer->ctl = value & (CNT_CTL_ENABLE | CNT_CTL_IMASK);
        return TIMER_WRITTEN;
    case REG_CNTP_CVAL_EL0:
        timer->cval = value;
        return TIMER_WRITTEN;
    default:
        return TIMER_NOT_MINE;
    }
}

enum timer_access vcpu_timer_physical_access(struct timer_physical *timer, uint64_t count,
                                             uint32_t encoding, bool is_write, uint64_t *value)
{
    return is_write ? write(timer, count, encoding, *value) : read(timer, count, encoding, value);
}
