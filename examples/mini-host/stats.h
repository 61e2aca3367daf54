/* SPDX-License-Identifier: MIT */
/*
 * Counts a guest's exits, by reason, and the pieces of its starts; and the time that they took, of
 * exits only where that is asked for: each would wait for it.
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

/* One exit, or a piece of a start. */
static inline void stats_count(struct stats *stats, uint32_t row)
{
    stats->count[row]++;
}

/* Its counter ticks: of an exit, from vcpu_run's return until it is called again. */
static inline void stats_time(struct stats *stats, uint32_t row, uint64_t ticks)
{
    stats->ticks[row] += ticks;
    if (ticks > stats->longest[row])
        stats->longest[row] = ticks;
}

/* Adds the counts of one vCPU to a sum. */
void stats_sum(struct stats *sum, const struct stats *stats);

/* Prints the table. */
void stats_print(const struct stats *stats);

#endif
