/* SPDX-License-Identifier: MIT */
/*
 * Power states: every order of what two callers, their host and the vCPU that they turn on can do,
 * against a model; and two callers that are threads.
 */
#include "power_machine.h"

/* Callers are 0 and 1, the target is 2. What can happen: */
enum event {
    CALL0,    /* caller 0 asks for CPU_ON, or is run again with its exit open */
    CALL1,    /* caller 1 */
    SUCCEED0, /* the host completes caller 0's */
    SUCCEED1, /* caller 1's */
    DENY0,    /* the host refuses caller 0's */
    INJECT1,  /* the host answers caller 1's exit with an exception: vcpu_power_cancel */
    OFF,      /* the target turns itself off */
    RESET,    /* the host resets the target, to be off */
    RESET_ON, /* to be on */
    DESTROY,  /* the host tries to destroy it, when it may not */
    EVENTS,
};

struct model {
    enum vcpu_power power;
    int by;       /* whose CPU_ON is open, -1: nobody's */
    bool exit[2]; /* is this caller's last exit a CPU_UP? */
    bool fresh;   /* the target was started and has done nothing yet */
};

static void model_call(struct model *m, int caller, int *reason, int64_t *x0)
{
    *reason = 0;
    if (m->power == VCPU_POWER_ON) {
        *x0 = ALREADY_ON;
    } else if (m->by >= 0 && m->by != caller) {
        *x0 = ON_PENDING;
    } else {
        m->power = VCPU_POWER_ON_PENDING;
        m->by = caller;
        *reason = VCPU_EXIT_CPU_UP;
    }
    m->exit[caller] = *reason != 0;
}

static int model_complete(struct model *m, int caller, bool success)
{
    if (!m->exit[caller] || m->by != caller)
        return VCPU_ERR_STATE;
    m->power = success ? VCPU_POWER_ON : VCPU_POWER_OFF;
    m->by = -1;
    m->exit[caller] = false;
    m->fresh = success;
    return VCPU_OK;
}

static void check_started(const struct vcpu *target)
{
    assert_int_equal(target->regs.pc, ENTRY);
    assert_int_equal(target->regs.x[0], 0x77);
    assert_int_equal(target->regs.x[1], 0);
    assert_int_equal(target->exit.reason, VCPU_EXIT_NONE);
}

static void step(struct model *m, enum event event)
{
    struct vcpu *target = vcpu[2];
    int64_t x0 = 0;
    int reason, caller, expected;

    switch (event) {
    case CALL0:
    case CALL1:
        caller = event == CALL1;
        model_call(m, caller, &reason, &x0);
        assert_int_equal(turn_on((unsigned)caller, 2), reason);
        if (!reason)
            assert_int_equal((int64_t)vcpu[caller]->regs.x[0], x0);
        break;
    case SUCCEED0:
    case SUCCEED1:
        caller = event == SUCCEED1;
        target->regs.x[1] = 0xbad;
        expected = model_complete(m, caller, true);
        assert_int_equal(vcpu_complete_cpu_up(vcpu[caller], VCPU_PSCI_SUCCESS), expected);
        if (expected == VCPU_OK) {
            assert_int_equal(vcpu[caller]->regs.x[0], 0);
            check_started(target);
        }
        break;
    case DENY0:
        expected = model_complete(m, 0, false);
        assert_int_equal(vcpu_complete_cpu_up(vcpu[0], VCPU_PSCI_DENIED), expected);
        if (expected == VCPU_OK)
            assert_int_equal((int64_t)vcpu[0]->regs.x[0], DENIED);
        break;
    case INJECT1:
        vcpu_power_cancel(state_of(vcpu[1]));
        vcpu[1]->exit.reason = VCPU_EXIT_NONE;
        m->exit[1] = false;
        if (m->by == 1) {
            m->by = -1;
            m->power = VCPU_POWER_OFF;
        }
        break;
    case OFF:
        if (m->power != VCPU_POWER_ON)
            break;
        assert_int_equal(turn_off(2), VCPU_EXIT_CPU_DOWN);
        m->power = VCPU_POWER_OFF;
        break;
    case RESET:
    case RESET_ON:
        assert_int_equal(vcpu_reset(target, event == RESET), VCPU_OK);
        m->power = event == RESET ? VCPU_POWER_OFF : VCPU_POWER_ON;
        m->by = -1;
        break;
    case DESTROY:
        if (m->power == VCPU_POWER_ON_PENDING)
            assert_int_equal(vcpu_destroy(target), VCPU_ERR_BUSY);
        break;
    case EVENTS:
        break;
    }
    assert_int_equal(vcpu_power(target), m->power);
    /* What may be run is what is on. */
    assert_int_equal((state_of(target)->token & TOKEN_OFF) == 0, m->power == VCPU_POWER_ON);
    /* And that is what another one is told. */
    assert_int_equal(answered(vcpu[3], 0x84000004, 2, 0), m->power);
}

#define STEPS 6u

static void every_order_of_two_callers(void **state)
{
    unsigned orders = 1;

    (void)state;
    for (unsigned i = 0; i < STEPS; i++)
        orders *= EVENTS;
    for (unsigned order = 0; order < orders; order++) {
        struct model model = {.power = VCPU_POWER_OFF, .by = -1};
        unsigned rest = order;

        for (unsigned i = 0; i < STEPS; i++, rest /= EVENTS)
            step(&model, (enum event)(rest % EVENTS));
        vcpu_reset(vcpu[0], false);
        vcpu_reset(vcpu[1], false);
        vcpu_reset(vcpu[2], true);
    }
}

#define TRIES 300000u

static atomic_uint having; /* callers whose CPU_ON is open */
static atomic_uint won, overlapped;

/* As often as it can it makes the target its own, and lets it go again. */
static void *compete(void *argument)
{
    unsigned caller = *(unsigned *)argument;

    for (unsigned i = 0; i < TRIES; i++) {
        if (turn_on(caller, 2) != VCPU_EXIT_CPU_UP)
            continue;
        won++;
        if (++having != 1)
            overlapped++;
        for (volatile unsigned while_open = 0; while_open < 200; while_open++)
            ;
        having--;
        if (vcpu_complete_cpu_up(vcpu[caller], VCPU_PSCI_DENIED) != VCPU_OK)
            overlapped++;
    }
    return NULL;
}

static void of_two_callers_at_once_one_wins(void **state)
{
    pthread_t thread[2];
    unsigned number[2] = {0, 1};

    (void)state;
    having = won = overlapped = 0;
    for (unsigned i = 0; i < 2; i++)
        pthread_create(&thread[i], NULL, compete, &number[i]);
    for (unsigned i = 0; i < 2; i++)
        pthread_join(thread[i], NULL);
    assert_int_equal(overlapped, 0);
    assert_true(won > 0);
    assert_int_equal(vcpu_power(vcpu[2]), VCPU_POWER_OFF);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(every_order_of_two_callers),
        TEST(of_two_callers_at_once_one_wins),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
