/* SPDX-License-Identifier: MIT */
/* Counts a guest's exits, by reason, and the time that the host took. */
#ifndef MINI_HOST_STATS_H
#define MINI_HOST_STATS_H

#include <stdint.h>

#include <vcpu/exit.h>

struct stats {
    uint64_t count[VCPU_EXIT_REASONS];
    uint64_t ticks[VCPU_EXIT_REASONS];
};

/* One exit, and the counter ticks from vcpu_run's return until it is called again. */
static inline void stats_add(struct stats *stats, uint32_t reason, uint64_t ticks)
{
    stats->count[reason]++;
    stats->ticks[reason] += ticks;
}

/* Adds the counts of one vCPU to a sum. */
void stats_sum(struct stats *sum, const struct stats *stats);

/* Prints the table. */
void stats_print(const struct stats *stats);

#endif
