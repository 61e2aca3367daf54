/* SPDX-License-Identifier: MIT */
#include "schedule.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <ucontext.h>

#include "../unit/random.h"

#define STACK_SIZE 0x20000u
#define NO_END     1000000u /* points: hundreds of times what a run takes */

static struct {
    ucontext_t context;
    bool (*ready)(unsigned cpu); /* it waits for this; NULL: it can go on */
    int priority;
    unsigned stalled_until; /* it stands still until so many points, if another one can go on */
    _Alignas(16) char stack[STACK_SIZE];
} coroutine[SCHEDULE_CPUS];

static struct {
    ucontext_t outside;
    unsigned cpus, now;
    bool active;
    /*
     * How the next CPU is chosen. By priority: the ready one with the highest goes on, and by chance
     * the running one gets the lowest. Otherwise any ready one goes on by chance, and by chance the
     * one before stands still for a while. Faults are found where one CPU stands still at one
     * access, while another one does much.
     */
    bool by_priority;
    unsigned period;
    int lowest;
    uint64_t random;
    unsigned points;
    void (*main)(unsigned cpu);
    char failure[256];
} schedule;

bool schedule_traced;

void schedule_seed(uint64_t seed)
{
    schedule.random = seed * UINT64_C(0x9e3779b97f4a7c15) ^ UINT64_C(0xd1b54a32d192ed03);
    schedule.random |= !schedule.random; /* the generator's must not be 0 */
    for (unsigned i = 0; i < 4; i++)
        random64(&schedule.random);
}

unsigned schedule_below(unsigned limit)
{
    return (unsigned)((random64(&schedule.random) >> 32) % limit);
}

bool schedule_chance(unsigned one_in)
{
    return schedule_below(one_in) == 0;
}

unsigned schedule_cpu(void)
{
    return schedule.now;
}

/*
 * Who has accessed the words of memory. Words meet here, but always the same ones: all memory is
 * this program's own data, at a fixed distance from this.
 */
static struct {
    uint8_t cpus, writers;
} accesses[4096];

/* Does another CPU access it too, and one of them write it? */
static bool is_shared(const volatile void *address, bool write)
{
    uintptr_t word = ((uintptr_t)address - (uintptr_t)accesses) / 4;
    uint8_t this = (uint8_t)(1u << schedule.now), *cpus, *writers;

    cpus = &accesses[word % 4096].cpus;
    writers = &accesses[word % 4096].writers;
    *cpus |= this;
    *writers |= write ? this : 0;
    return *writers && (*cpus & ~this);
}

static bool is_ready(unsigned cpu)
{
    return !coroutine[cpu].ready || coroutine[cpu].ready(cpu);
}

static void go_to(unsigned cpu)
{
    unsigned from = schedule.now;

    coroutine[cpu].ready = NULL;
    if (cpu == from)
        return;
    schedule.now = cpu;
    swapcontext(&coroutine[from].context, &coroutine[cpu].context);
}

/* Is `cpu` rather to go on than `best`? other: not the running one, if there is another. */
static bool is_better(unsigned cpu, unsigned best, bool other)
{
    bool is_stalled = coroutine[cpu].stalled_until > schedule.points;
    bool best_is_stalled = coroutine[best].stalled_until > schedule.points;

    if (other && (cpu == schedule.now || best == schedule.now))
        return best == schedule.now;
    if (is_stalled != best_is_stalled)
        return best_is_stalled;
    return schedule.by_priority && coroutine[cpu].priority > coroutine[best].priority;
}

/* The next CPU, `cpus` if none can go on. */
static unsigned choose(bool other)
{
    unsigned start = schedule_below(schedule.cpus), best = schedule.cpus;

    for (unsigned i = 0; i < schedule.cpus; i++) {
        unsigned cpu = (start + i) % schedule.cpus;

        if (is_ready(cpu) && (best == schedule.cpus || is_better(cpu, best, other)))
            best = cpu;
    }
    return best;
}

static void lower(unsigned cpu)
{
    coroutine[cpu].priority = --schedule.lowest;
}

static void count(void)
{
    if (++schedule.points > NO_END)
        schedule_fail("no end");
}

static void point(unsigned one_in)
{
    if (!schedule.active)
        return;
    count();
    if (!schedule_chance(one_in))
        return;
    if (schedule.by_priority)
        lower(schedule.now);
    else if (schedule_chance(2))
        coroutine[schedule.now].stalled_until = schedule.points + schedule_below(400);
    go_to(choose(false));
}

void schedule_point(void)
{
    point(schedule.period);
}

void schedule_access(const volatile void *address, bool write)
{
    uintptr_t stack = (uintptr_t)coroutine[schedule.now].stack;

    if (schedule.active && (uintptr_t)address - stack >= STACK_SIZE)
        point(is_shared(address, write) ? schedule.period : 10 * schedule.period);
}

void schedule_relax(void)
{
    if (!schedule.active)
        schedule_fail("waits where there is no other CPU");
    count();
    lower(schedule.now);
    go_to(choose(true));
}

void schedule_wait(bool (*ready)(unsigned cpu))
{
    unsigned next;

    count();
    coroutine[schedule.now].ready = ready;
    next = choose(false);
    if (next == schedule.cpus)
        setcontext(&schedule.outside);
    go_to(next);
}

void schedule_fail(const char *format, ...)
{
    va_list arguments;

    if (!schedule.active) {
        fputs("a fault in the set-up: ", stderr);
        va_start(arguments, format);
        vfprintf(stderr, format, arguments);
        va_end(arguments);
        fputs("\n", stderr);
        exit(2);
    }
    va_start(arguments, format);
    vsnprintf(schedule.failure, sizeof(schedule.failure), format, arguments);
    va_end(arguments);
    setcontext(&schedule.outside);
    abort();
}

void schedule_trace(const char *format, ...)
{
    va_list arguments;

    if (!schedule_traced)
        return;
    printf("%7u cpu %u: ", schedule.points, schedule.now);
    va_start(arguments, format);
    vprintf(format, arguments);
    va_end(arguments);
    putchar('\n');
}

static void begin(void)
{
    schedule.main(schedule.now);
    abort(); /* it never returns */
}

const char *schedule_run(uint64_t seed, unsigned cpus, void (*main)(unsigned cpu))
{
    static const unsigned periods[] = {3, 10, 30, 100};
    volatile bool ended = false;

    schedule_seed(seed);
    schedule.cpus = cpus;
    schedule.main = main;
    schedule.points = 0;
    schedule.lowest = 0;
    schedule.failure[0] = 0;
    schedule.by_priority = schedule_chance(2);
    schedule.period = periods[schedule_below(4)];
    memset(accesses, 0, sizeof(accesses));
    for (unsigned cpu = 0; cpu < cpus; cpu++) {
        ucontext_t *context = &coroutine[cpu].context;

        getcontext(context);
        context->uc_stack.ss_sp = coroutine[cpu].stack;
        context->uc_stack.ss_size = STACK_SIZE;
        context->uc_link = NULL;
        makecontext(context, begin, 0);
        coroutine[cpu].ready = NULL;
        coroutine[cpu].stalled_until = 0;
        coroutine[cpu].priority = (int)schedule_below(100);
    }
    /* Comes back here a second time when the run ends. */
    getcontext(&schedule.outside);
    if (!ended) {
        ended = true;
        schedule.active = true;
        schedule.now = schedule_below(cpus);
        setcontext(&coroutine[schedule.now].context);
    }
    schedule.active = false;
    schedule.now = 0;
    return schedule.failure[0] ? schedule.failure : NULL;
}
