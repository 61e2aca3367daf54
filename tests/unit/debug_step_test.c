/* SPDX-License-Identifier: MIT */
/* Debug: the host's step and the guest's, on one PSTATE.SS. */
#include "debug_machine.h"

static const struct transition transitions[] = {
    {"an instruction of a guest that does not step", 0, EL1, 0x1004, EL1, 0, 0, EL1, 0,
     DEBUG_STEP_DONE},
    {"one that exits before it is executed", 0, EL1, 0x1000, EL1 | SS, 0, 0, EL1, 0,
     DEBUG_STEP_OPEN},
    {"the same of a guest that steps", MDSCR_SS, EL0 | SS, 0x1000, EL0 | SS, 0, 0, EL0 | SS, 0,
     DEBUG_STEP_OPEN},
    {"an instruction of it", MDSCR_SS, EL0 | SS, 0x1004, EL0, 0, 0, EL0, 0, DEBUG_STEP_DONE},
    {"an abort: SPSR has the guest's own", 0, EL0, 0x8400, EL1 | D, EL0 | SS, 0x1000, EL1 | D, EL0,
     DEBUG_STEP_DONE},
    {"of a guest that steps", MDSCR_SS, EL0 | SS, 0x8400, EL1 | D, EL0 | SS, 0x1000, EL1 | D,
     EL0 | SS, DEBUG_STEP_DONE},
    {"SVC", MDSCR_SS, EL0 | SS, 0x8400, EL1 | D, EL0, 0x1004, EL1 | D, EL0, DEBUG_STEP_DONE},
    {"ERET of a guest that steps", MDSCR_SS, EL1 | D, 0x2000, EL0, EL0 | SS, 0x2000, EL0 | SS,
     EL0 | SS, DEBUG_STEP_DONE},
    {"of one whose step is pending", MDSCR_SS, EL1 | D, 0x2000, EL0, EL0, 0x2000, EL0, EL0,
     DEBUG_STEP_DONE},
    {"to EL1 with D set: steps stay off", MDSCR_SS | MDSCR_KDE, EL1 | D, 0x2000, EL1 | D,
     EL1 | D | SS, 0x2000, EL1 | D, EL1 | D | SS, DEBUG_STEP_DONE},
    {"with D clear", MDSCR_SS | MDSCR_KDE, EL1 | D, 0x2000, EL1, EL1 | SS, 0x2000, EL1 | SS,
     EL1 | SS, DEBUG_STEP_DONE},
    {"and without KDE", MDSCR_SS, EL1 | D, 0x2000, EL1, EL1 | SS, 0x2000, EL1, EL1 | SS,
     DEBUG_STEP_DONE},
    {"from where steps are on", MDSCR_SS | MDSCR_KDE, EL1 | SS, 0x2000, EL0, EL0 | SS, 0x2000, EL0,
     EL0 | SS, DEBUG_STEP_DONE},
    {"MSR DAIFClr, SPSR_EL1 being of before", MDSCR_SS | MDSCR_KDE, EL1 | D, 0x1004, EL1, EL0 | SS,
     0x1004, EL1, EL0 | SS, DEBUG_STEP_DONE},
    {"no exception, though SPSR_EL1 and ELR_EL1 are as of one", 0, EL1 | D, 0x1004, EL1 | D,
     EL1 | D | SS, 0x1000, EL1 | D, EL1 | D | SS, DEBUG_STEP_DONE},
};

static void what_a_step_leaves(void **state)
{
    struct machine *m = *state;
    struct vcpu_regs *regs = &m->v->pub.regs;

    for (size_t i = 0; i < sizeof(transitions) / sizeof(transitions[0]); i++) {
        const struct transition *t = &transitions[i];

        print_message("%s\n", t->name);
        memset(&m->v->debugger, 0, sizeof(m->v->debugger));
        m->v->debugger.flags = VCPU_DEBUG_STEP;
        m->v->debug.mdscr = t->mdscr;
        m->v->el1[EL1_VBAR_EL1] = 0x8000;
        regs->pc = 0x1000;
        regs->pstate = t->before;
        vcpu_debug_arm(m->v);
        assert_int_equal(regs->pstate, t->before | SS);
        regs->pc = t->pc;
        regs->pstate = t->after;
        m->v->el1[EL1_SPSR_EL1] = t->spsr;
        m->v->el1[EL1_ELR_EL1] = t->elr;
        assert_int_equal(vcpu_debug_settle(m->v), t->spsr != t->spsr_settled);
        assert_int_equal(regs->pstate, t->settled);
        assert_int_equal(m->v->el1[EL1_SPSR_EL1], t->spsr_settled);
        assert_int_equal(m->v->debugger.step, t->step);
        /* Once is enough. */
        regs->pstate ^= SS;
        assert_false(vcpu_debug_settle(m->v));
        assert_int_equal(regs->pstate, t->settled ^ SS);
    }
}

static void a_step_goes_on_where_it_was(void **state)
{
    struct machine *m = *state;
    struct vcpu_regs *regs = &m->v->pub.regs;

    m->v->debugger.flags = VCPU_DEBUG_STEP;
    regs->pstate = EL1;
    vcpu_debug_arm(m->v);
    vcpu_debug_settle(m->v); /* it exited */
    vcpu_debug_arm(m->v);
    assert_int_equal(regs->pstate, EL1 | SS); /* and is retried */
    vcpu_debug_settle(m->v);
    regs->pc += 4; /* and completed */
    vcpu_debug_arm(m->v);
    assert_int_equal(regs->pstate, EL1);
    vcpu_debug_settle(m->v);
    assert_int_equal(m->v->debugger.step, DEBUG_STEP_DONE);
    vcpu_debug_arm(m->v); /* an interrupt came before the step exception */
    assert_int_equal(regs->pstate, EL1);
    m->v->debugger.flags = 0;
    vcpu_debug_settle(m->v);
    vcpu_debug_arm(m->v);
    assert_int_equal(m->v->debugger.step, DEBUG_STEP_NONE);
}

/* The guest's next instruction is one to execute; but the CPU's step exception is to come first. */
static void an_exception_before_that_of_a_step_saves_the_guests_own(void **state)
{
    struct machine *m = *state;
    struct vcpu_regs *regs = &m->v->pub.regs;

    m->v->debugger.flags = VCPU_DEBUG_STEP;
    m->v->debugger.step = DEBUG_STEP_DONE;
    m->v->debug.mdscr = MDSCR_SS;
    m->v->el1[EL1_VBAR_EL1] = 0x8000;
    regs->pstate = EL0 | SS;
    vcpu_debug_arm(m->v);
    assert_int_equal(regs->pstate, EL0);
    m->v->el1[EL1_ELR_EL1] = regs->pc;
    m->v->el1[EL1_SPSR_EL1] = regs->pstate;
    regs->pc = 0x8480;
    regs->pstate = EL1 | D;
    assert_true(vcpu_debug_settle(m->v));
    assert_int_equal(m->v->el1[EL1_SPSR_EL1], EL0 | SS);
    assert_int_equal(regs->pstate, EL1 | D);
    assert_int_equal(m->v->debugger.step, DEBUG_STEP_DONE);
}

/* The CPU clears PSTATE.SS when it executes an HVC, which then has not been executed after all. */
static void an_hvc_that_is_not_answered_is_no_step(void **state)
{
    static const struct {
        uint64_t mdscr, before;
    } guests[] = {
        {0, EL1},
        {MDSCR_SS, EL1},                      /* its step exceptions are off at EL1 */
        {MDSCR_SS | MDSCR_KDE, EL1 | D},      /* and here */
        {MDSCR_SS | MDSCR_KDE, EL1 | D | SS}, /* it was set there */
        {MDSCR_SS | MDSCR_KDE, EL1 | SS},     /* it steps */
    };
    struct machine *m = *state;
    struct vcpu_regs *regs = &m->v->pub.regs;

    for (size_t i = 0; i < sizeof(guests) / sizeof(guests[0]); i++) {
        bool steps = i == sizeof(guests) / sizeof(guests[0]) - 1;

        for (unsigned flags = 0; flags <= VCPU_DEBUG_STEP; flags += VCPU_DEBUG_STEP) {
            memset(&m->v->debugger, 0, sizeof(m->v->debugger));
            m->v->debugger.flags = flags;
            m->v->debug.mdscr = guests[i].mdscr;
            regs->pc = 0x1000;
            regs->pstate = guests[i].before;
            vcpu_debug_arm(m->v);
            if (flags || steps)
                regs->pstate &= ~SS;
            vcpu_debug_back_to_hvc(m->v);
            vcpu_debug_settle(m->v);
            assert_int_equal(regs->pstate, guests[i].before);
            assert_int_equal(m->v->debugger.step, flags ? DEBUG_STEP_OPEN : DEBUG_STEP_NONE);
        }
    }
    m->v->debug.os_lock = true;
    regs->pstate = EL1;
    vcpu_debug_back_to_hvc(m->v);
    assert_int_equal(regs->pstate, EL1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_a_step_leaves),
        TEST(a_step_goes_on_where_it_was),
        TEST(an_hvc_that_is_not_answered_is_no_step),
        TEST(an_exception_before_that_of_a_step_saves_the_guests_own),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
