/* SPDX-License-Identifier: MIT */
#include "stats.h"

#include "terminal.h"
#include "timer.h"

#define NS_PER_SECOND UINT64_C(1000000000)

void stats_sum(struct stats *sum, const struct stats *stats)
{
    for (uint32_t i = 0; i < VCPU_EXIT_REASONS; i++) {
        sum->count[i] += stats->count[i];
        sum->ticks[i] += stats->ticks[i];
    }
}

static uint64_t to_ns(uint64_t ticks)
{
    uint64_t frequency = timer_frequency();

    return ticks / frequency * NS_PER_SECOND + ticks % frequency * NS_PER_SECOND / frequency;
}

static void print_line(const char *name, uint64_t count, uint64_t ticks, uint64_t total)
{
    uint64_t permille = count * 1000 / total;
    uint64_t tenths = ticks * 10 / count;

    terminal_print("%-14s %10lu %6lu.%lu%% %12lu.%lu %10lu", name, count, permille / 10,
                   permille % 10, tenths / 10, tenths % 10, to_ns(ticks) / count);
}

void stats_print(const struct stats *stats)
{
    uint64_t total = 0, ticks = 0;

    for (uint32_t i = 0; i < VCPU_EXIT_REASONS; i++) {
        total += stats->count[i];
        ticks += stats->ticks[i];
    }
    if (total == 0) {
        terminal_print("no exits");
        return;
    }
    terminal_print("%-14s %10s %9s %14s %10s", "exit", "count", "share", "ticks in host",
                   "ns in host");
    for (uint32_t i = 0; i < VCPU_EXIT_REASONS; i++) {
        if (stats->count[i] != 0)
            print_line(vcpu_exit_name(i), stats->count[i], stats->ticks[i], total);
    }
    print_line("all", total, ticks, total);
    terminal_print(
        "Averages from vcpu_run's return until the next call; the counter has %lu ticks a "
        "second.",
        timer_frequency());
    terminal_print("Under QEMU's -icount shift=0 a nanosecond is an instruction.");
}
