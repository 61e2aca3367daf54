/* SPDX-License-Identifier: MIT */
/* The mini-host's scheduler, all of it by chance: nobody is forgotten, and everybody has a turn. */
#include "cmocka_all.h"

#include <stdbool.h>
#include <string.h>

#include "random.h"
#include "sched_cpus.h"

/*
 * CPUs as cpu.c makes them: one does something only when it was poked, when its alarm comes, or when
 * what it runs waits or is off.
 */
static struct {
    uint64_t now, random;
    unsigned cpus, vcpus;
    bool poked[SCHED_MAX_CPUS], kicked[SCHED_MAX_CPUS]; /* kicked: of the vCPU that dozes there */
    uint64_t alarm[SCHED_MAX_CPUS];
    struct sched_vcpu *resident[SCHED_MAX_CPUS], *running[SCHED_MAX_CPUS];
    uint64_t ready_since[SCHED_MAX_VCPUS];
    uint64_t turns;
} model;

static unsigned chance(unsigned below)
{
    return (unsigned)(random64(&model.random) % below);
}

static void poke(uint32_t cpu)
{
    if (cpu != SCHED_NOBODY)
        model.poked[cpu] = true;
}

static void became_ready(const struct sched_vcpu *v)
{
    model.ready_since[v - vcpu] = model.now;
}

static void wake(struct sched_vcpu *v)
{
    if (v->state == SCHED_WAITING || v->state == SCHED_DOZING)
        became_ready(v);
    if (v->state == SCHED_DOZING)
        model.kicked[v->home] = true;
    if (sched_may_wake(v))
        poke(sched_wake(&sched, v));
}

static void wake_due(unsigned cpu)
{
    struct sched_vcpu *due;

    while ((due = sched_due(&sched, cpu, model.now)) != NULL) {
        assert_true(due->deadline <= model.now);
        became_ready(due);
        poke(sched_wake(&sched, due));
    }
}

static void goes_on(unsigned cpu, struct sched_vcpu *v)
{
    model.running[cpu] = v;
    for (unsigned other = 0; other < model.cpus; other++)
        assert_true(other == cpu || model.resident[other] != v);
    /* Each before it has its slice, and each CPU takes as long as that to come out. */
    assert_true(model.now - model.ready_since[v - vcpu] <= (model.vcpus + 2) * (SLICE + 10));
    model.turns++;
}

static void choose(unsigned cpu)
{
    struct sched_vcpu *next;

    wake_due(cpu);
    next = sched_pick(&sched, cpu, model.now);
    model.running[cpu] = NULL;
    if (next == NULL)
        return;
    goes_on(cpu, next);
    if (model.resident[cpu] != NULL && model.resident[cpu] != next)
        poke(sched_left(&sched, model.resident[cpu],
                        chance(2) ? SCHED_NEVER : model.now + chance(5 * SLICE)));
    model.resident[cpu] = next;
}

/* Something came for the vCPU that dozes there. Does it go on? */
static bool rouse(unsigned cpu)
{
    if (!model.kicked[cpu])
        return false;
    model.kicked[cpu] = false;
    if (model.poked[cpu] || model.alarm[cpu] <= model.now)
        wake_due(cpu);
    if (!sched_rouse(&sched, model.resident[cpu], model.now))
        return false;
    goes_on(cpu, model.resident[cpu]);
    return true;
}

static void look(unsigned cpu)
{
    if (model.running[cpu] != NULL) {
        wake_due(cpu);
        if (!sched_stays(&sched, cpu, model.now)) {
            became_ready(model.running[cpu]);
            choose(cpu);
        }
    } else if (!rouse(cpu)) {
        choose(cpu);
    }
    model.poked[cpu] = false;
    model.alarm[cpu] = sched_alarm(&sched, cpu);
}

static void pause_running(unsigned cpu)
{
    if (model.running[cpu] == NULL)
        return;
    if (chance(4) == 0) {
        sched_stop(&sched, cpu);
        model.resident[cpu] = NULL;
    } else if (sched_wait(&sched, cpu, chance(2) ? SCHED_NEVER : model.now + chance(5 * SLICE),
                          model.now)) {
        model.running[cpu] = NULL;
        model.alarm[cpu] = sched_alarm(&sched, cpu);
        return;
    }
    model.running[cpu] = NULL;
    look(cpu);
}

static void something_happens(void)
{
    struct sched_vcpu *v = &vcpu[chance(model.vcpus)];

    switch (chance(4)) {
    case 0:
        if (v->state == SCHED_OFF) {
            became_ready(v);
            poke(sched_start(&sched, v));
        }
        break;
    case 1:
        wake(v);
        break;
    case 2:
        pause_running(chance(model.cpus));
        break;
    default:
        model.now += chance(10);
        break;
    }
}

/* Interrupts are taken: until no CPU has one. */
static void settle(void)
{
    unsigned quiet = 0;

    for (unsigned cpu = 0; quiet < model.cpus; cpu = (cpu + 1) % model.cpus) {
        if (!model.poked[cpu] && !model.kicked[cpu] && model.alarm[cpu] > model.now) {
            quiet++;
        } else {
            look(cpu);
            quiet = 0;
        }
    }
}

/* No CPU sleeps while there is a vCPU that it could run. */
static void nobody_is_forgotten(void)
{
    for (unsigned i = 0; i < model.vcpus; i++) {
        if (vcpu[i].state != SCHED_READY)
            continue;
        for (unsigned cpu = 0; cpu < model.cpus; cpu++) {
            bool may = vcpu[i].home == SCHED_NOBODY || vcpu[i].home == cpu;

            assert_false(may && model.running[cpu] == NULL);
        }
    }
}

static void nobody_is_forgotten_and_everybody_has_a_turn(void **state)
{
    (void)state;
    for (unsigned round = 0; round < 60; round++) {
        memset(&model, 0, sizeof(model));
        model.random = round + 1;
        model.cpus = 1 + chance(4);
        model.vcpus = 1 + chance(12);
        sched_set_up(model.cpus, model.vcpus);
        for (unsigned cpu = 0; cpu < model.cpus; cpu++)
            look(cpu);
        for (unsigned step = 0; step < 4000; step++) {
            something_happens();
            settle();
            nobody_is_forgotten();
        }
        assert_true(model.turns > 100);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nobody_is_forgotten_and_everybody_has_a_turn),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
