/* SPDX-License-Identifier: MIT */
/* The mini-host's scheduler: whose turn it is, and who is told. */
#include "cmocka_all.h"

#include "sched_cpus.h"

static void everybody_idle(unsigned cpus)
{
    for (uint32_t cpu = 0; cpu < cpus; cpu++)
        assert_null(sched_pick(&sched, cpu, 0));
}

/* ---- Taking turns ---- */

static void the_first_that_is_ready_is_the_first_to_run(void **state)
{
    (void)state;
    sched_set_up(1, 3);
    sched_start(&sched, &vcpu[2]);
    sched_start(&sched, &vcpu[0]);
    sched_start(&sched, &vcpu[1]);
    assert_ptr_equal(sched_pick(&sched, 0, 0), &vcpu[2]);
    sched_wait(&sched, 0, SCHED_NEVER, 0);
    assert_ptr_equal(sched_pick(&sched, 0, 0), &vcpu[0]);
    sched_wait(&sched, 0, SCHED_NEVER, 0);
    assert_ptr_equal(sched_pick(&sched, 0, 0), &vcpu[1]);
    sched_wait(&sched, 0, SCHED_NEVER, 0);
    assert_null(sched_pick(&sched, 0, 0));
}

static void a_slice_ends_only_if_somebody_is_ready(void **state)
{
    (void)state;
    sched_set_up(1, 2);
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
    sched_set_up(1, 3);
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

/* Three are ready all the time; number 3 waits at 30 of its slice, and all others have their turns. */
static void three_run_and_one_waits(void)
{
    uint64_t now = 30;

    sched_set_up(1, 4);
    sched_start(&sched, &vcpu[3]);
    assert_ptr_equal(sched_pick(&sched, 0, 0), &vcpu[3]);
    for (unsigned i = 0; i < 3; i++)
        sched_start(&sched, &vcpu[i]);
    assert_false(sched_wait(&sched, 0, SCHED_NEVER, now));
    for (unsigned i = 0; i < 4; i++, now += SLICE) {
        assert_ptr_equal(sched_pick(&sched, 0, now), &vcpu[i % 3]);
        sched_left(&sched, i == 0 ? &vcpu[3] : &vcpu[(i - 1) % 3], SCHED_NEVER);
        assert_true(sched_stays(&sched, 0, now + SLICE - 1));
        if (i < 3)
            assert_false(sched_stays(&sched, 0, now + SLICE));
    }
}

static void one_that_wakes_takes_the_place_of_one_that_has_run_meanwhile(void **state)
{
    (void)state;
    three_run_and_one_waits(); /* since 330 number 0 runs again */
    assert_int_equal(sched_wake(&sched, &vcpu[3]), 0);
    assert_false(sched_stays(&sched, 0, 350));
    assert_ptr_equal(sched_pick(&sched, 0, 350), &vcpu[3]);
    /* It has what it had left, and no more, and then it is behind all others. */
    assert_int_equal(sched_alarm(&sched, 0), 350 + SLICE - 30);
    assert_true(sched_stays(&sched, 0, 419));
    assert_false(sched_stays(&sched, 0, 420));
    /* So has the one whose place it took, in its turn: before the others, who are ready since later. */
    assert_ptr_equal(sched_pick(&sched, 0, 420), &vcpu[0]);
    assert_int_equal(sched_alarm(&sched, 0), 420 + SLICE - 20);
    assert_false(sched_stays(&sched, 0, 500));
    assert_ptr_equal(sched_pick(&sched, 0, 500), &vcpu[1]);
    assert_false(sched_stays(&sched, 0, 600));
    assert_ptr_equal(sched_pick(&sched, 0, 600), &vcpu[2]);
    assert_false(sched_stays(&sched, 0, 700));
    assert_ptr_equal(sched_pick(&sched, 0, 700), &vcpu[3]);
}

/* However often it waits: what it has used is all that it has had. */
static void one_that_waits_again_and_again_has_one_slice(void **state)
{
    uint64_t now = 350;

    (void)state;
    three_run_and_one_waits();
    for (unsigned i = 0; i < 7; i++, now += 10) {
        assert_int_equal(sched_wake(&sched, &vcpu[3]), 0);
        assert_false(sched_stays(&sched, 0, now));
        assert_ptr_equal(sched_pick(&sched, 0, now), &vcpu[3]);
        now += 10;
        sched_wait(&sched, 0, SCHED_NEVER, now);
        assert_ptr_equal(sched_pick(&sched, 0, now), &vcpu[0]);
        sched_left(&sched, &vcpu[3], SCHED_NEVER);
    }
    assert_int_equal(sched_wake(&sched, &vcpu[3]), SCHED_NOBODY);
    assert_true(sched_stays(&sched, 0, now));
}

static void two_that_wake_take_the_places_of_two(void **state)
{
    (void)state;
    sched_set_up(2, 4);
    for (uint32_t cpu = 0; cpu < 2; cpu++) {
        sched_start(&sched, &vcpu[cpu]);
        assert_ptr_equal(sched_pick(&sched, cpu, 0), &vcpu[cpu]);
        sched_wait(&sched, cpu, SCHED_NEVER, 0);
        assert_null(sched_pick(&sched, cpu, 10));
    }
    for (uint32_t cpu = 0; cpu < 2; cpu++) {
        sched_start(&sched, &vcpu[2 + cpu]);
        assert_ptr_equal(sched_pick(&sched, cpu, 20 + cpu), &vcpu[2 + cpu]);
        sched_left(&sched, &vcpu[cpu], SCHED_NEVER);
    }
    assert_int_equal(sched_wake(&sched, &vcpu[0]), 1); /* the one that is entitled since last */
    assert_int_equal(sched_wake(&sched, &vcpu[1]), 0);
    for (uint32_t cpu = 0; cpu < 2; cpu++) {
        assert_false(sched_stays(&sched, cpu, 30));
        assert_ptr_equal(sched_pick(&sched, cpu, 30), &vcpu[cpu]);
    }
}

static void starting_and_waking_are_two_things(void **state)
{
    (void)state;
    sched_set_up(1, 1);
    assert_int_equal(sched_wake(&sched, &vcpu[0]), SCHED_NOBODY);
    assert_null(sched_pick(&sched, 0, 0));
    assert_int_equal(sched_start(&sched, &vcpu[0]), 0);
    /* It is in the queue once. */
    assert_int_equal(sched_start(&sched, &vcpu[0]), SCHED_NOBODY);
    assert_int_equal(sched_wake(&sched, &vcpu[0]), SCHED_NOBODY);
    assert_ptr_equal(sched_pick(&sched, 0, 0), &vcpu[0]);
    assert_int_equal(sched_wake(&sched, &vcpu[0]), SCHED_NOBODY);
    sched_wait(&sched, 0, SCHED_NEVER, 0);
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
    sched_set_up(2, 2);
    sched_start(&sched, &vcpu[0]);
    sched_pick(&sched, 0, 0);
    sched_wait(&sched, 0, SCHED_NEVER, 0);
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
    sched_set_up(2, 2);
    sched_start(&sched, &vcpu[0]);
    sched_pick(&sched, 0, 0);
    sched_start(&sched, &vcpu[1]);
    assert_false(sched_stays(&sched, 0, SLICE));
    assert_ptr_equal(sched_pick(&sched, 1, SLICE), &vcpu[1]);
    sched_wait(&sched, 1, SCHED_NEVER, 0);
    assert_null(sched_pick(&sched, 1, SLICE));
    assert_int_equal(sched_left(&sched, &vcpu[0], SCHED_NEVER), 1);
    assert_ptr_equal(sched_pick(&sched, 1, SLICE), &vcpu[0]);
}

static void one_that_waits_is_put_away_without_a_word(void **state)
{
    (void)state;
    sched_set_up(2, 1);
    sched_start(&sched, &vcpu[0]);
    sched_pick(&sched, 0, 0);
    sched_wait(&sched, 0, SCHED_NEVER, 0);
    everybody_idle(2);
    assert_int_equal(sched_left(&sched, &vcpu[0], SCHED_NEVER), SCHED_NOBODY);
    assert_null(sched_pick(&sched, 1, 0));
}

/* ---- Its home sleeps with it ---- */

static void nobody_else_has_to_wake_one_that_dozes(void **state)
{
    (void)state;
    sched_set_up(1, 1);
    sched_start(&sched, &vcpu[0]);
    sched_pick(&sched, 0, 0);
    assert_false(sched_may_wake(&vcpu[0]));
    assert_true(sched_wait(&sched, 0, SCHED_NEVER, 0));
    assert_false(sched_may_wake(&vcpu[0]));
    everybody_idle(1);
    assert_false(sched_may_wake(&vcpu[0]));
    assert_int_equal(sched_wake(&sched, &vcpu[0]), 0);
    assert_int_equal(sched_wake(&sched, &vcpu[0]), SCHED_NOBODY); /* it is in the queue once */
    assert_ptr_equal(sched_pick(&sched, 0, 0), &vcpu[0]);
    sched_wait(&sched, 0, SCHED_NEVER, 0);
    everybody_idle(1);
}

static void one_that_dozes_goes_on_at_once_with_the_rest_of_its_slice(void **state)
{
    (void)state;
    sched_set_up(1, 2);
    sched_start(&sched, &vcpu[0]);
    sched_pick(&sched, 0, 0);
    assert_true(sched_wait(&sched, 0, 500, 30));
    assert_true(sched_rouse(&sched, &vcpu[0], 200));
    assert_int_equal(vcpu[0].state, SCHED_RUNNING);
    assert_int_equal(sched_alarm(&sched, 0), SCHED_NEVER); /* neither 500 nor a slice's end */
    assert_int_equal(sched_start(&sched, &vcpu[1]), 0);
    assert_int_equal(sched_alarm(&sched, 0), 200 + SLICE - 30);
    assert_true(sched_stays(&sched, 0, 200 + SLICE - 31));
    assert_false(sched_stays(&sched, 0, 200 + SLICE - 30));
    assert_ptr_equal(sched_pick(&sched, 0, 300), &vcpu[1]);
}

static void one_that_dozes_and_used_up_its_slice_has_the_next(void **state)
{
    (void)state;
    sched_set_up(1, 2);
    sched_start(&sched, &vcpu[0]);
    sched_pick(&sched, 0, 0);
    assert_true(sched_wait(&sched, 0, SCHED_NEVER, 2 * SLICE));
    assert_true(sched_rouse(&sched, &vcpu[0], 3 * SLICE));
    sched_start(&sched, &vcpu[1]);
    assert_int_equal(sched_alarm(&sched, 0), 4 * SLICE);
}

static void one_that_dozes_is_ready_like_others_if_there_are_any(void **state)
{
    (void)state;
    sched_set_up(1, 2);
    sched_start(&sched, &vcpu[0]);
    sched_pick(&sched, 0, 0);
    assert_true(sched_wait(&sched, 0, SCHED_NEVER, SLICE));
    sched_start(&sched, &vcpu[1]);
    assert_false(sched_rouse(&sched, &vcpu[0], SLICE));
    assert_int_equal(vcpu[0].state, SCHED_READY);
    assert_ptr_equal(sched_pick(&sched, 0, SLICE), &vcpu[1]);
}

static void one_that_waits_while_somebody_is_ready_does_not_doze(void **state)
{
    (void)state;
    sched_set_up(1, 2);
    sched_start(&sched, &vcpu[0]);
    sched_pick(&sched, 0, 0);
    assert_true(sched_stays(&sched, 0, 10));
    sched_start(&sched, &vcpu[1]); /* entitled for less long than the one that runs */
    assert_false(sched_wait(&sched, 0, SCHED_NEVER, 30));
    assert_true(sched_may_wake(&vcpu[0]));
    assert_false(sched_rouse(&sched, &vcpu[0], 30));
    assert_ptr_equal(sched_pick(&sched, 0, 30), &vcpu[0]);
    assert_int_equal(sched_alarm(&sched, 0), SLICE); /* with the rest of its slice */
}

/* It is another CPU's. */
static void one_dozes_if_nobody_who_is_ready_may_run_there(void **state)
{
    (void)state;
    sched_set_up(2, 2);
    for (uint32_t cpu = 0; cpu < 2; cpu++) {
        sched_start(&sched, &vcpu[cpu]);
        assert_ptr_equal(sched_pick(&sched, cpu, 0), &vcpu[cpu]);
    }
    assert_true(sched_wait(&sched, 1, SCHED_NEVER, 10));
    assert_int_equal(sched_wake(&sched, &vcpu[1]), 1);
    assert_true(sched_wait(&sched, 0, SCHED_NEVER, 20));
    /* It can be told of the next one at once. */
    assert_int_equal(sched_alarm(&sched, 0), SCHED_NEVER);
    assert_false(sched_rouse(&sched, &vcpu[0], 30));
    assert_ptr_equal(sched_pick(&sched, 0, 30), &vcpu[0]);
}

/* A CPU whose vCPU dozes sleeps: it is told of a vCPU that is ready, once. */
static void the_cpu_of_one_that_dozes_is_told_like_an_idle_one(void **state)
{
    (void)state;
    sched_set_up(2, 3);
    for (uint32_t cpu = 0; cpu < 2; cpu++) {
        sched_start(&sched, &vcpu[cpu]);
        assert_ptr_equal(sched_pick(&sched, cpu, 10 * cpu), &vcpu[cpu]);
    }
    assert_true(sched_wait(&sched, 1, SCHED_NEVER, 20));
    assert_int_equal(sched_start(&sched, &vcpu[2]), 1);
    assert_int_equal(vcpu[2].since, 20);
    assert_ptr_equal(sched_pick(&sched, 1, 30), &vcpu[2]);
    assert_true(sched_may_wake(&vcpu[1]));
}

static void its_deadline_is_kept_while_it_dozes(void **state)
{
    (void)state;
    sched_set_up(1, 1);
    sched_start(&sched, &vcpu[0]);
    sched_pick(&sched, 0, 0);
    sched_wait(&sched, 0, 500, 0);
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
    sched_set_up(2, 2);
    sched_start(&sched, &vcpu[0]);
    sched_pick(&sched, 0, 0);
    sched_wait(&sched, 0, SCHED_NEVER, 0);
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
    sched_set_up(3, 3);
    everybody_idle(2);
    sched_start(&sched, &vcpu[0]);
    assert_ptr_equal(sched_pick(&sched, 2, 0), &vcpu[0]);
    sched_wait(&sched, 2, SCHED_NEVER, 0);
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
    sched_set_up(2, 5);
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
    sched_set_up(2, 2);
    for (unsigned i = 0; i < 2; i++) {
        sched_start(&sched, &vcpu[i]);
        sched_pick(&sched, 1, 0);
        sched_wait(&sched, 1, SCHED_NEVER, 0);
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
    sched_set_up(2, 2);
    sched_start(&sched, &vcpu[0]);
    sched_pick(&sched, 1, 0);
    sched_wait(&sched, 1, 400, 0);
    assert_int_equal(sched_alarm(&sched, 0), SCHED_NEVER);
    assert_int_equal(sched_alarm(&sched, 1), 400);
    assert_null(sched_due(&sched, 1, 399));
    assert_ptr_equal(sched_due(&sched, 1, 400), &vcpu[0]);
    sched_left(&sched, &vcpu[0], 300);
    assert_int_equal(sched_alarm(&sched, 1), 300);
    sched_wake(&sched, &vcpu[0]);
    assert_ptr_equal(sched_pick(&sched, 1, 500), &vcpu[0]);
    assert_int_equal(sched_alarm(&sched, 1), SCHED_NEVER);
    sched_wait(&sched, 1, SCHED_NEVER, 0);
    assert_null(sched_due(&sched, 1, 1000));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_that_is_ready_is_the_first_to_run),
        cmocka_unit_test(a_slice_ends_only_if_somebody_is_ready),
        cmocka_unit_test(one_that_is_interrupted_is_behind_all_others),
        cmocka_unit_test(one_that_wakes_takes_the_place_of_one_that_has_run_meanwhile),
        cmocka_unit_test(one_that_waits_again_and_again_has_one_slice),
        cmocka_unit_test(two_that_wake_take_the_places_of_two),
        cmocka_unit_test(starting_and_waking_are_two_things),
        cmocka_unit_test(only_its_home_runs_it),
        cmocka_unit_test(put_away_it_runs_anywhere_and_somebody_is_told),
        cmocka_unit_test(one_that_waits_is_put_away_without_a_word),
        cmocka_unit_test(nobody_else_has_to_wake_one_that_dozes),
        cmocka_unit_test(one_that_dozes_goes_on_at_once_with_the_rest_of_its_slice),
        cmocka_unit_test(one_that_dozes_and_used_up_its_slice_has_the_next),
        cmocka_unit_test(one_that_dozes_is_ready_like_others_if_there_are_any),
        cmocka_unit_test(one_that_waits_while_somebody_is_ready_does_not_doze),
        cmocka_unit_test(one_dozes_if_nobody_who_is_ready_may_run_there),
        cmocka_unit_test(the_cpu_of_one_that_dozes_is_told_like_an_idle_one),
        cmocka_unit_test(its_deadline_is_kept_while_it_dozes),
        cmocka_unit_test(it_is_woken_by_anybody_if_its_home_runs_another),
        cmocka_unit_test(the_cpu_that_had_it_is_told_first_then_any_idle_one),
        cmocka_unit_test(of_busy_cpus_the_one_whose_slice_ends_first_is_told_once),
        cmocka_unit_test(a_deadline_is_watched_by_the_cpu_that_had_it),
        cmocka_unit_test(a_deadline_is_watched_before_the_vcpu_leaves),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
