/* SPDX-License-Identifier: MIT */
/*
 * Interrupts, kicks, waits, CPU_ON and CPU_OFF of a VM whose vCPUs move between CPUs, with all
 * CPUs' accesses interleaved by chance: schedule_test [mutant] SEEDS [FIRST]
 *
 *  - Each SGI that is sent, and each rise of an edge, is taken once.
 *  - A level that is high is taken until it is low, and not after that.
 *  - A forwarded interrupt is taken once, and the physical one is inactive after its end.
 *  - A vCPU that waits goes on when there is something for it.
 *  - A kick makes it come out, once.
 *  - A vCPU is on one CPU at a time, and has its state there.
 *  - A CPU_ON has one winner, whose target starts where it says.
 *
 * A failure names the seed. That seed as FIRST, with SEEDS = 1, prints what happened. More seeds by
 * hand: any number, any FIRST. With `mutant` the seeds must find a fault: for a program with one in
 * it (mutant.py).
 */
#define _DEFAULT_SOURCE
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "machine.h"

/* Most seeds have few kinds of events, which then come close to each other. */
static unsigned choose_with(void)
{
    static const unsigned kinds[] = {WITH_SGI,   WITH_SGI,   WITH_SGI,     WITH_EDGE,
                                     WITH_LEVEL, WITH_LINE,  WITH_FORWARD, WITH_MIGRATE,
                                     WITH_POWER, WITH_ENABLE};
    unsigned with = schedule_chance(3) ? WITH_KICK : 0, count = 1 + schedule_below(3);

    if (schedule_chance(4))
        return 1 + schedule_below(WITH_ALL);
    for (unsigned i = 0; i < count; i++)
        with |= kinds[schedule_below(sizeof(kinds) / sizeof(kinds[0]))];
    return with;
}

static const char *play(uint64_t seed)
{
    static const uint8_t lrs[] = {1, 2, 4};
    struct sim_config config;
    const char *failure;
    uint8_t version;

    schedule_seed(~seed);
    version = schedule_chance(2) ? 2 : 3;
    config = (struct sim_config){
        .cpus = 2 + schedule_below(SCHEDULE_CPUS - 1),
        .vcpus = schedule_chance(3) ? 2 : 3,
        .with = choose_with(),
        .is_short = !schedule_chance(4),
        .favours = schedule_chance(2),
        .spins = schedule_chance(3),
        .eoimode = schedule_chance(3),
        .irq_hook = schedule_chance(4),
        .put_each_run = schedule_chance(6),
    };
    /* A CPU_ON sets the lines low. */
    if (config.with & WITH_POWER)
        config.with &= ~WITH_LINE;
    /* Guests that never wait need a CPU each. */
    if (config.vcpus > config.cpus)
        config.spins = false;
    gic_virtual = (struct gic_virtual){
        .version = version, .lrs = lrs[schedule_below(3)], .prebits = 5, .tdir = version == 3};
    sim_start(&config);
    failure = schedule_run(seed, config.cpus, host_main);
    return failure ? failure : host_missing();
}

/* Has everything happened? A few seeds need not show all. */
static bool is_complete(uint64_t seeds)
{
    bool complete = true;

    for (unsigned i = 0; i < EVENTS && seeds >= 1000; i++)
        if (!sim_events[i]) {
            printf("event %u has not happened\n", i);
            complete = false;
        }
    return complete;
}

/* A fault can destroy what the code follows. That it does so is found, too. */
static void on_wrong_access(int signal)
{
    static const char text[] = "an access to memory that is not there\n";

    (void)signal;
    (void)!write(STDOUT_FILENO, text, sizeof(text) - 1);
    _exit(0);
}

static void find_wrong_accesses(void)
{
    static char stack[65536];
    const stack_t own = {.ss_sp = stack, .ss_size = sizeof(stack)};
    const struct sigaction action = {.sa_handler = on_wrong_access, .sa_flags = SA_ONSTACK};

    if (sigaltstack(&own, NULL) || sigaction(SIGSEGV, &action, NULL))
        abort();
}

int main(int argc, char **argv)
{
    bool mutant = argc > 1 && !strcmp(argv[1], "mutant");
    uint64_t seeds, first;

    argv += mutant;
    argc -= mutant;
    if (argc != 2 && argc != 3)
        return 2;
    if (mutant)
        find_wrong_accesses();
    seeds = strtoull(argv[1], NULL, 0);
    first = argc == 3 ? strtoull(argv[2], NULL, 0) : 0;
    schedule_traced = seeds == 1;
    for (uint64_t seed = first; seed < first + seeds; seed++) {
        const char *failure = play(seed);

        if (!failure)
            continue;
        printf("seed %llu: %s\n", (unsigned long long)seed, failure);
        return mutant ? 0 : 1;
    }
    printf("%llu seeds, nothing found\n", (unsigned long long)seeds);
    return !mutant && is_complete(seeds) ? 0 : 1;
}
