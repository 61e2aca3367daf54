/* SPDX-License-Identifier: MIT */
/*
 * Counts a guest's exits, by reason, and the time that the host took; and the pieces of its starts.
 */
#ifndef MINI_HOST_STATS_H
#define MINI_HOST_STATS_H

#include <stdint.h>

#include <vcpu/exit.h>

#define STATS_START VCPU_EXIT_REASONS /* in place of a reason: a piece of a start */
#define STATS_ROWS  (VCPU_EXIT_REASONS + 1)

struct stats {
    uint64_t count[STATS_ROWS];
    uint64_t ticks[STATS_ROWS];
    uint64_t longest[STATS_ROWS];
};

/* One exit, and the counter ticks from vcpu_run's return until it is called again. */
static inline void stats_add(struct stats *stats, uint32_t reason, uint64_t ticks)
{
    stats->count[reason]++;
    stats->ticks[reason] += ticks;
    if (ticks > stats->longest[reason])
        stats->longest[reason] = ticks;
}

/* Adds the counts of one vCPU to a sum. */
void stats_sum(struct stats *sum, const struct stats *stats);

/* Prints the table. */
void stats_print(const struct stats *stats);

#endif
