/* SPDX-License-Identifier: MIT */
/* The mini-host's scheduler: whose turn it is, who is told, and that nobody is forgotten. */
#include "cmocka_all.h"

#include <stdbool.h>
#include <string.h>

#include "random.h"
#include "sched.h"

#define SLICE 100u

static struct sched sched;
static struct sched_vcpu vcpu[SCHED_MAX_VCPUS];

static void set_up(unsigned cpus, unsigned vcpus)
{
    sched_init(&sched, cpus, SLICE);
    for (unsigned i = 0; i < vcpus; i++)
        sched_add(&sched, &vcpu[i]);
}

static void everybody_idle(unsigned cpus)
{
    for (uint32_t cpu = 0; cpu < cpus; cpu++)
        assert_null(sched_pick(&sched, cpu, 0));
}

/* ---- Taking turns ---- */

static void the_first_that_is_ready_is_the_first_to_run(void **state)
{
    (void)state;
    set_up(1, 3);
    sched_start(&sched, &vcpu[2]);
    sched_start(&sched, &vcpu[0]);
    sched_start(&sched, &vcpu[1]);
    assert_ptr_equal(sched_pick(&sched, 0, 0), &vcpu[2]);
    sched_wait(&sched, 0, SCHED_NEVER);
    assert_ptr_equal(sched_pick(&sched, 0, 0), &vcpu[0]);
    sched_wait(&sched, 0, SCHED_NEVER);
    assert_ptr_equal(sched_pick(&sched, 0, 0), &vcpu[1]);
    sched_wait(&sched, 0, SCHED_NEVER);
    assert_null(sched_pick(&sched, 0, 0));
}

static void a_slice_ends_only_if_somebody_is_ready(void **state)
{
    (void)state;
    set_up(1, 2);
    sched_start(&sched, &vcpu[0]);
    sched_pick(&sched, 0, 1000);
    assert_int_equal(sched_alarm(&sched, 0), SCHED_NEVER);
    assert_true(sched_stays(&sched, 0, 1000 + 50 * SLICE));

    sched_start(&sched, &vcpu[1]);
    assert_false(sched_stays(&sched, 0, 1000 + 50 * SLICE));
    assert_ptr_equal(sched_pick(&sched, 0, 7000), &vcpu[1]);
    /* The first one is ready now, so that the second has its slice and no more. */
    assert_int_equal(sched_alarm(&sched, 0), 7000 + SLICE);
    assert_true(sched_stays(&sched, 0, 7000 + SLICE - 1));
    assert_false(sched_stays(&sched, 0, 7000 + SLICE));
    assert_ptr_equal(sched_pick(&sched, 0, 7200), &vcpu[0]);
}

static void one_that_is_interrupted_is_behind_all_others(void **state)
{
    (void)state;
    set_up(1, 3);
    for (unsigned i = 0; i < 3; i++)
        sched_start(&sched, &vcpu[i]);
    assert_ptr_equal(sched_pick(&sched, 0, 0), &vcpu[0]);
    assert_false(sched_stays(&sched, 0, SLICE));
    sched_left(&sched, &vcpu[0], SCHED_NEVER);
    assert_ptr_equal(sched_pick(&sched, 0, SLICE), &vcpu[1]);
    assert_false(sched_stays(&sched, 0, 2 * SLICE));
    assert_ptr_equal(sched_pick(&sched, 0, 2 * SLICE), &vcpu[2]);
    assert_false(sched_stays(&sched, 0, 3 * SLICE));
    assert_ptr_equal(sched_pick(&sched, 0, 3 * SLICE), &vcpu[0]);
}

static void starting_and_waking_are_two_things(void **state)
{
    (void)state;
    set_up(1, 1);
    assert_int_equal(sched_wake(&sched, &vcpu[0]), SCHED_NOBODY);
    assert_null(sched_pick(&sched, 0, 0));
    assert_int_equal(sched_start(&sched, &vcpu[0]), 0);
    /* It is in the queue once. */
    assert_int_equal(sched_start(&sched, &vcpu[0]), SCHED_NOBODY);
    assert_int_equal(sched_wake(&sched, &vcpu[0]), SCHED_NOBODY);
    assert_ptr_equal(sched_pick(&sched, 0, 0), &vcpu[0]);
    assert_int_equal(sched_wake(&sched, &vcpu[0]), SCHED_NOBODY);
    sched_wait(&sched, 0, SCHED_NEVER);
    assert_int_equal(sched_start(&sched, &vcpu[0]), SCHED_NOBODY);
    assert_int_equal(sched_wake(&sched, &vcpu[0]), 0);
    assert_ptr_equal(sched_pick(&sched, 0, 0), &vcpu[0]);
    sched_stop(&sched, 0);
    assert_int_equal(sched_wake(&sched, &vcpu[0]), SCHED_NOBODY);
    assert_int_equal(sched_start(&sched, &vcpu[0]), 0);
}

/* ---- Homes ---- */

static void only_its_home_runs_it(void **state)
{
    (void)state;
    set_up(2, 2);
    sched_start(&sched, &vcpu[0]);
    sched_pick(&sched, 0, 0);
    sched_wait(&sched, 0, SCHED_NEVER);
    assert_int_equal(sched_wake(&sched, &vcpu[0]), 0);
    assert_null(sched_pick(&sched, 1, 0));

    /* The other one was ready later, but is free to go anywhere. */
    sched_start(&sched, &vcpu[1]);
    assert_ptr_equal(sched_pick(&sched, 1, 0), &vcpu[1]);
    assert_ptr_equal(sched_pick(&sched, 0, 0), &vcpu[0]);
}

static void put_away_it_runs_anywhere_and_somebody_is_told(void **state)
{
    (void)state;
    set_up(2, 2);
    sched_start(&sched, &vcpu[0]);
    sched_pick(&sched, 0, 0);
    sched_start(&sched, &vcpu[1]);
    assert_false(sched_stays(&sched, 0, SLICE));
    assert_ptr_equal(sched_pick(&sched, 1, SLICE), &vcpu[1]);
    sched_wait(&sched, 1, SCHED_NEVER);
    assert_null(sched_pick(&sched, 1, SLICE));
    assert_int_equal(sched_left(&sched, &vcpu[0], SCHED_NEVER), 1);
    assert_ptr_equal(sched_pick(&sched, 1, SLICE), &vcpu[0]);
}

static void one_that_waits_is_put_away_without_a_word(void **state)
{
    (void)state;
    set_up(2, 1);
    sched_start(&sched, &vcpu[0]);
    sched_pick(&sched, 0, 0);
    sched_wait(&sched, 0, SCHED_NEVER);
    everybody_idle(2);
    assert_int_equal(sched_left(&sched, &vcpu[0], SCHED_NEVER), SCHED_NOBODY);
    assert_null(sched_pick(&sched, 1, 0));
}

/* ---- Its home sleeps with it ---- */

static void nobody_else_has_to_wake_one_that_dozes(void **state)
{
    (void)state;
    set_up(1, 1);
    sched_start(&sched, &vcpu[0]);
    sched_pick(&sched, 0, 0);
    assert_false(sched_may_wake(&vcpu[0]));
    sched_wait(&sched, 0, SCHED_NEVER);
    assert_true(sched_may_wake(&vcpu[0]));
    everybody_idle(1);
    assert_false(sched_may_wake(&vcpu[0]));
    everybody_idle(1);
    assert_int_equal(sched_wake(&sched, &vcpu[0]), 0);
    assert_int_equal(sched_wake(&sched, &vcpu[0]), SCHED_NOBODY); /* it is in the queue once */
    assert_ptr_equal(sched_pick(&sched, 0, 0), &vcpu[0]);
    sched_wait(&sched, 0, SCHED_NEVER);
    everybody_idle(1);
}

static void its_deadline_is_kept_while_it_dozes(void **state)
{
    (void)state;
    set_up(1, 1);
    sched_start(&sched, &vcpu[0]);
    sched_pick(&sched, 0, 0);
    sched_wait(&sched, 0, 500);
    everybody_idle(1);
    assert_int_equal(sched_alarm(&sched, 0), 500);
    assert_null(sched_due(&sched, 0, 499));
    assert_ptr_equal(sched_due(&sched, 0, 500), &vcpu[0]);
    assert_int_equal(sched_wake(&sched, &vcpu[0]), 0);
    assert_null(sched_due(&sched, 0, 500));
    assert_int_equal(sched_alarm(&sched, 0), SCHED_NEVER);
}

static void it_is_woken_by_anybody_if_its_home_runs_another(void **state)
{
    (void)state;
    set_up(2, 2);
    sched_start(&sched, &vcpu[0]);
    sched_pick(&sched, 0, 0);
    sched_wait(&sched, 0, SCHED_NEVER);
    everybody_idle(2);
    sched_start(&sched, &vcpu[1]);
    assert_ptr_equal(sched_pick(&sched, 0, 0), &vcpu[1]);
    assert_true(sched_may_wake(&vcpu[0]));
    assert_int_equal(sched_left(&sched, &vcpu[0], SCHED_NEVER), SCHED_NOBODY);
    assert_int_equal(sched_wake(&sched, &vcpu[0]), 1);
    assert_ptr_equal(sched_pick(&sched, 1, 0), &vcpu[0]);
}

/* ---- Who is poked ---- */

static void the_cpu_that_had_it_is_told_first_then_any_idle_one(void **state)
{
    (void)state;
    set_up(3, 3);
    everybody_idle(2);
    sched_start(&sched, &vcpu[0]);
    assert_ptr_equal(sched_pick(&sched, 2, 0), &vcpu[0]);
    sched_wait(&sched, 2, SCHED_NEVER);
    sched_left(&sched, &vcpu[0], SCHED_NEVER);
    everybody_idle(3);
    assert_int_equal(sched_wake(&sched, &vcpu[0]), 2);
    /* Each that sleeps is told of one only. */
    assert_int_equal(sched_start(&sched, &vcpu[1]), 0);
    assert_int_equal(sched_start(&sched, &vcpu[2]), 1);
}

static void of_busy_cpus_the_one_whose_slice_ends_first_is_told_once(void **state)
{
    (void)state;
    set_up(2, 5);
    sched_start(&sched, &vcpu[0]);
    sched_pick(&sched, 1, 10);
    sched_start(&sched, &vcpu[1]);
    sched_pick(&sched, 0, 20);
    assert_true(sched_stays(&sched, 1, 20)); /* told of the second, and found it gone */
    assert_int_equal(sched_start(&sched, &vcpu[2]), 1);
    assert_int_equal(sched_start(&sched, &vcpu[3]), 0);
    assert_int_equal(sched_start(&sched, &vcpu[4]), SCHED_NOBODY);
    assert_int_equal(sched_alarm(&sched, 1), 10 + SLICE);
    assert_int_equal(sched_alarm(&sched, 0), 20 + SLICE);
}

/* ---- Deadlines ---- */

static void a_deadline_is_watched_by_the_cpu_that_had_it(void **state)
{
    (void)state;
    set_up(2, 2);
    for (unsigned i = 0; i < 2; i++) {
        sched_start(&sched, &vcpu[i]);
        sched_pick(&sched, 1, 0);
        sched_wait(&sched, 1, SCHED_NEVER);
        assert_int_equal(sched_alarm(&sched, 1), i == 0 ? SCHED_NEVER : 500);
        sched_left(&sched, &vcpu[i], i == 0 ? 500 : 300);
    }
    assert_int_equal(sched_alarm(&sched, 0), SCHED_NEVER);
    assert_int_equal(sched_alarm(&sched, 1), 300);
    assert_null(sched_due(&sched, 1, 299));
    assert_null(sched_due(&sched, 0, 300));
    assert_ptr_equal(sched_due(&sched, 1, 300), &vcpu[1]);
    sched_wake(&sched, &vcpu[1]);
    assert_null(sched_due(&sched, 1, 300));
    assert_int_equal(sched_alarm(&sched, 1), 500);
    assert_ptr_equal(sched_due(&sched, 1, 501), &vcpu[0]);
}

/* Its state is in the CPU: the deadline counts all the same, until it leaves with another one. */
static void a_deadline_is_watched_before_the_vcpu_leaves(void **state)
{
    (void)state;
    set_up(2, 2);
    sched_start(&sched, &vcpu[0]);
    sched_pick(&sched, 1, 0);
    sched_wait(&sched, 1, 400);
    assert_int_equal(sched_alarm(&sched, 0), SCHED_NEVER);
    assert_int_equal(sched_alarm(&sched, 1), 400);
    assert_null(sched_due(&sched, 1, 399));
    assert_ptr_equal(sched_due(&sched, 1, 400), &vcpu[0]);
    sched_left(&sched, &vcpu[0], 300);
    assert_int_equal(sched_alarm(&sched, 1), 300);
    sched_wake(&sched, &vcpu[0]);
    assert_ptr_equal(sched_pick(&sched, 1, 500), &vcpu[0]);
    assert_int_equal(sched_alarm(&sched, 1), SCHED_NEVER);
    sched_wait(&sched, 1, SCHED_NEVER);
    assert_null(sched_due(&sched, 1, 1000));
}

/* ---- All of it, by chance ---- */

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

static void choose(unsigned cpu)
{
    struct sched_vcpu *next;

    if (model.kicked[cpu])
        (void)sched_wake(&sched, model.resident[cpu]);
    model.kicked[cpu] = false;
    wake_due(cpu);
    next = sched_pick(&sched, cpu, model.now);
    model.running[cpu] = next;
    if (next == NULL)
        return;
    for (unsigned other = 0; other < model.cpus; other++)
        assert_true(other == cpu || model.resident[other] != next);
    /* Each before it has its slice, and each CPU takes as long as that to come out. */
    assert_true(model.now - model.ready_since[next - vcpu] <= (model.vcpus + 2) * (SLICE + 10));
    model.turns++;
    if (model.resident[cpu] != NULL && model.resident[cpu] != next)
        poke(sched_left(&sched, model.resident[cpu],
                        chance(2) ? SCHED_NEVER : model.now + chance(5 * SLICE)));
    model.resident[cpu] = next;
}

static void look(unsigned cpu)
{
    model.poked[cpu] = false;
    if (model.running[cpu] != NULL) {
        wake_due(cpu);
        if (!sched_stays(&sched, cpu, model.now)) {
            became_ready(model.running[cpu]);
            choose(cpu);
        }
    } else {
        choose(cpu);
    }
    model.alarm[cpu] = sched_alarm(&sched, cpu);
}

static void pause_running(unsigned cpu)
{
    if (model.running[cpu] == NULL)
        return;
    if (chance(4) == 0) {
        sched_stop(&sched, cpu);
        model.resident[cpu] = NULL;
    } else {
        sched_wait(&sched, cpu, chance(2) ? SCHED_NEVER : model.now + chance(5 * SLICE));
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
        set_up(model.cpus, model.vcpus);
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
        cmocka_unit_test(the_first_that_is_ready_is_the_first_to_run),
        cmocka_unit_test(a_slice_ends_only_if_somebody_is_ready),
        cmocka_unit_test(one_that_is_interrupted_is_behind_all_others),
        cmocka_unit_test(starting_and_waking_are_two_things),
        cmocka_unit_test(only_its_home_runs_it),
        cmocka_unit_test(put_away_it_runs_anywhere_and_somebody_is_told),
        cmocka_unit_test(one_that_waits_is_put_away_without_a_word),
        cmocka_unit_test(nobody_else_has_to_wake_one_that_dozes),
        cmocka_unit_test(its_deadline_is_kept_while_it_dozes),
        cmocka_unit_test(it_is_woken_by_anybody_if_its_home_runs_another),
        cmocka_unit_test(the_cpu_that_had_it_is_told_first_then_any_idle_one),
        cmocka_unit_test(of_busy_cpus_the_one_whose_slice_ends_first_is_told_once),
        cmocka_unit_test(a_deadline_is_watched_by_the_cpu_that_had_it),
        cmocka_unit_test(a_deadline_is_watched_before_the_vcpu_leaves),
        cmocka_unit_test(nobody_is_forgotten_and_everybody_has_a_turn),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
