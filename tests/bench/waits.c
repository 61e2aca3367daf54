/* SPDX-License-Identifier: MIT */
#include "waits.h"

#include "arch.h"
#include "bench.h"
#include "gic.h"
#include "irq.h"

/* The moments: so many ticks apart, of 16 instructions; further, if there would be too many. */
#define STEP    11u
#define MOMENTS 500u

static volatile uint64_t due, late;
static volatile bool taken;

/* Under icount QEMU has something to say about a machine without any timer. */
static void disarm(void)
{
    timer_set(timer_now() + 3600 * timer_frequency());
}

static void take(void)
{
    late = timer_now() - due;
    taken = true;
    disarm();
}

static void arm(uint64_t after)
{
    taken = false;
    due = timer_now() + after;
    timer_set(due);
}

void waits_init(const struct machine *machine)
{
    irq_register(machine->hyp_timer_intid, take);
    gic_enable(machine->hyp_timer_intid);
    disarm();
}

uint64_t waits_longest(void (*before)(void), void (*what)(void), uint64_t *all)
{
    uint64_t worst = 0, step = STEP, start, took;

    arch_irq_enable();
    before();
    start = timer_now();
    what();
    took = timer_now() - start;
    if (took > MOMENTS * STEP)
        step = took / MOMENTS | 1;
    for (uint64_t after = step;; after += step) {
        before();
        arm(after);
        what();
        disarm();
        if (!taken)
            break;
        if (late > worst)
            worst = late;
    }
    arch_irq_save();
    CHECK(worst > 0);
    *all = bench_all_instructions(took);
    return bench_all_instructions(worst);
}
