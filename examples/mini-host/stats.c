/* SPDX-License-Identifier: MIT */
#include "stats.h"

#include "terminal.h"
#include "timer.h"

#define NS_PER_SECOND UINT64_C(1000000000)

static void add_row(struct stats *sum, uint32_t to, const struct stats *stats, uint32_t from)
{
    sum->count[to] += stats->count[from];
    sum->ticks[to] += stats->ticks[from];
    if (stats->longest[from] > sum->longest[to])
        sum->longest[to] = stats->longest[from];
}

void stats_sum(struct stats *sum, const struct stats *stats)
{
    for (uint32_t i = 0; i < STATS_ROWS; i++)
        add_row(sum, i, stats, i);
}

static uint64_t to_ns(uint64_t ticks)
{
    uint64_t frequency = timer_frequency();

    return ticks / frequency * NS_PER_SECOND + ticks % frequency * NS_PER_SECOND / frequency;
}

/* all: the sum of all rows, in row 0. */
static void print_line(const char *name, const struct stats *stats, uint32_t row,
                       const struct stats *all)
{
    const uint64_t count = stats->count[row], ticks = stats->ticks[row];
    uint64_t permille = count * 1000 / all->count[0];
    uint64_t tenths = ticks * 10 / count;

    if (all->ticks[0] == 0)
        terminal_print("%-14s %10lu %6lu.%lu%%", name, count, permille / 10, permille % 10);
    else
        terminal_print("%-14s %10lu %6lu.%lu%% %12lu.%lu %10lu %10lu", name, count, permille / 10,
                       permille % 10, tenths / 10, tenths % 10, to_ns(ticks) / count,
                       to_ns(stats->longest[row]));
}

void stats_print(const struct stats *stats)
{
    struct stats all = {.count = {0}};

    for (uint32_t i = 0; i < VCPU_EXIT_REASONS; i++)
        add_row(&all, 0, stats, i);
    if (stats->count[STATS_START] != 0)
        terminal_print("%lu pieces of work to start took %lu ns each, and the longest %lu ns",
                       stats->count[STATS_START],
                       to_ns(stats->ticks[STATS_START]) / stats->count[STATS_START],
                       to_ns(stats->longest[STATS_START]));
    if (all.count[0] == 0) {
        terminal_print("no exits");
        return;
    }
    if (all.ticks[0] == 0)
        terminal_print("%-14s %10s %9s", "exit", "count", "share");
    else
        terminal_print("%-14s %10s %9s %14s %10s %10s", "exit", "count", "share", "ticks in host",
                       "ns in host", "at most");
    for (uint32_t i = 0; i < VCPU_EXIT_REASONS; i++) {
        if (stats->count[i] != 0)
            print_line(vcpu_exit_name(i), stats, i, &all);
    }
    print_line("all", &all, 0, &all);
    if (all.ticks[0] == 0)
        return;
    terminal_print(
        "Averages from vcpu_run's return until the next call; the counter has %lu ticks a "
        "second.",
        timer_frequency());
    terminal_print("Under QEMU's -icount shift=0 a nanosecond is an instruction.");
}
