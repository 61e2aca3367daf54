/* SPDX-License-Identifier: MIT */
/* A CPU's timer, for the earlier of two times: the scheduler's, and the resident vCPU's. */
#ifndef MINI_HOST_ALARM_H
#define MINI_HOST_ALARM_H

#include <stdint.h>

#include "timer.h"

#define ALARM_NEVER UINT64_MAX

/* In ticks, or ALARM_NEVER. On the CPU whose timer it is. */
struct alarm {
    uint64_t sched, guest;
    uint64_t set; /* what the timer is set to */
};

static inline void alarm_init(struct alarm *alarm)
{
    *alarm = (struct alarm){ALARM_NEVER, ALARM_NEVER, ALARM_NEVER};
}

/* After a change of one of the two. */
static inline void alarm_update(struct alarm *alarm)
{
    uint64_t at = alarm->sched < alarm->guest ? alarm->sched : alarm->guest;

    if (at == alarm->set)
        return;
    alarm->set = at;
    if (at == ALARM_NEVER)
        timer_clear();
    else
        timer_set(at);
}

/* The interrupt came. If the time that it was for still stands, the next update sets it again. */
static inline void alarm_rang(struct alarm *alarm)
{
    alarm->set = ALARM_NEVER;
    timer_clear();
}

#endif
