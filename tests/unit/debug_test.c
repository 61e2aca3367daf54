/* SPDX-License-Identifier: MIT */
/* Debug: what goes into the CPU's registers, whose an exception is, and the two steps. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "debug/debug.h"
#include "random.h"

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

/* ID_AA64DFR0_EL1: CTX_CMPs 31:28, WRPs 23:20, BRPs 15:12, all less one. */
#define DFR0(context, watchpoints, breakpoints)                                                    \
    ((uint64_t)(-1 + (context)) << 28 | (uint64_t)(-1 + (watchpoints)) << 20 |                     \
     (uint64_t)(-1 + (breakpoints)) << 12)

#define SS  (UINT64_C(1) << 21) /* PSTATE, SPSR */
#define D   (UINT64_C(1) << 9)
#define EL0 UINT64_C(0x000)
#define EL1 UINT64_C(0x1c5) /* D clear */

#define MDSCR_SS  UINT64_C(1)
#define MDSCR_KDE (UINT64_C(1) << 13)
#define MDSCR_MDE (UINT64_C(1) << 15)

struct machine {
    struct vcpu_state *v;
    struct vcpu_vm *vm;
    struct vcpu_features features;
};

/* Six breakpoints, of which four are the guest's, two of them context-aware; watchpoints 2 of 4. */
static int set_up(void **state)
{
    struct machine *m = calloc(1, sizeof(*m));

    if (!m)
        return -1;
    *state = m;
    m->vm = calloc(1, sizeof(*m->vm));
    m->v = calloc(1, sizeof(*m->v));
    if (!m->vm || !m->v)
        return -1;
    m->v->vm = m->vm;
    m->vm->id[ID_AA64DFR0_EL1] = DFR0(2, 2, 4);
    m->features.debug_breakpoints = 6;
    m->features.debug_watchpoints = 4;
    m->vm->features = m->features;
    m->v->pub.regs.pc = 0x1000;
    return 0;
}

static int tear_down(void **state)
{
    struct machine *m = *state;

    free(m->v);
    free(m->vm);
    free(m);
    return 0;
}

/* ---- Registers ---- */

static void all_but_two_are_shown_and_no_fewer_than_two(void **state)
{
    /* How many the CPU has, from 1 on. */
    static const uint8_t shown[16] = {1, 2, 2, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14};

    (void)state;
    for (unsigned breakpoints = 1; breakpoints <= 16; breakpoints++) {
        for (unsigned watchpoints = 1; watchpoints <= 16; watchpoints++) {
            for (unsigned context = 1; context <= breakpoints; context++) {
                uint64_t host = DFR0(context, watchpoints, breakpoints) | 0xff0fff0f0f0f0fff;
                unsigned b = shown[breakpoints - 1], w = shown[watchpoints - 1];

                assert_int_equal(vcpu_debug_id(host),
                                 DFR0(context < b ? context : b, w, b) | 0xf000000006);
            }
        }
    }
}

static uint64_t control_of(const struct machine *m, enum debug_kind kind, unsigned n)
{
    return vcpu_debug_comparator(m->v, &m->features, kind, n).control;
}

static void the_guests_comparators_are_the_cpus_highest(void **state)
{
    struct machine *m = *state;

    m->v->debug.mdscr = MDSCR_MDE;
    for (unsigned n = 0; n < 16; n++) {
        m->v->debug.comparator[DEBUG_BREAKPOINT][n] = (struct debug_comparator){n, 0x1e7};
        m->v->debug.comparator[DEBUG_WATCHPOINT][n] = (struct debug_comparator){n, 0x1fff};
    }
    for (unsigned n = 0; n < VCPU_DEBUG_MAX; n++)
        m->v->debugger.comparator[DEBUG_BREAKPOINT][n] =
            (struct debug_comparator){0x8000 + n, 0x1e7};
    for (unsigned n = 0; n < 6; n++)
        assert_int_equal(vcpu_debug_comparator(m->v, &m->features, DEBUG_BREAKPOINT, n).value,
                         n < 2 ? 0x8000 + n : n - 2);
    assert_int_equal(control_of(m, DEBUG_WATCHPOINT, 1), 0);
    assert_int_equal(control_of(m, DEBUG_WATCHPOINT, 2), 0x1fff);
    /* On a CPU that has more of them. */
    m->features.debug_breakpoints = 16;
    for (unsigned n = 0; n < 16; n++) {
        struct debug_comparator c = vcpu_debug_comparator(m->v, &m->features, DEBUG_BREAKPOINT, n);

        assert_int_equal(c.value, n < 4 ? 0x8000 + n : n < 12 ? 0 : n - 12);
        assert_int_equal(c.control, n < 4 || n >= 12 ? 0x1e7 : 0);
    }
}

static void the_guests_match_only_while_it_has_them_on(void **state)
{
    struct machine *m = *state;

    m->v->debug.comparator[DEBUG_BREAKPOINT][0].control = 0x1e7;
    assert_int_equal(control_of(m, DEBUG_BREAKPOINT, 2), 0);
    m->v->debug.mdscr = MDSCR_SS | MDSCR_KDE;
    assert_int_equal(control_of(m, DEBUG_BREAKPOINT, 2), 0);
    m->v->debug.mdscr = MDSCR_MDE;
    assert_int_equal(control_of(m, DEBUG_BREAKPOINT, 2), 0x1e7);
    m->v->debug.os_lock = true;
    assert_int_equal(control_of(m, DEBUG_BREAKPOINT, 2), 0);
    m->v->debug.os_lock = false;
    m->v->debugger.over = DEBUG_OVER_HOST;
    assert_int_equal(control_of(m, DEBUG_BREAKPOINT, 2), 0x1e7);
    m->v->debugger.over = DEBUG_OVER_GUEST;
    assert_int_equal(control_of(m, DEBUG_BREAKPOINT, 2), 0);
}

static void types_and_links(void **state)
{
    /* Guest's breakpoint n with this type and LBN: LBN in the CPU, or -1 for off. */
    static const struct {
        uint8_t n, type, link;
        int in_cpu;
    } rows[] = {
        {0, 0, 0, 0},   {0, 0, 9, 0},   {3, 0, 15, 0}, /* no link: LBN is nothing */
        {0, 1, 2, 4},   {0, 1, 3, 5},   {3, 1, 2, 4},  /* linked to 2 and 3 */
        {0, 1, 1, -1},  {0, 1, 0, -1},  {0, 1, 4, -1},  {0, 1, 15, -1}, /* not context-aware, or none */
        {2, 2, 7, 0},   {3, 3, 0, 0},   {1, 2, 0, -1},  {0, 3, 0, -1},  {3, 4, 0, -1},
        {3, 5, 2, -1},  {3, 6, 0, -1},  {3, 7, 0, -1},  {3, 8, 0, -1},  {3, 9, 2, -1},
        {3, 10, 0, -1}, {3, 11, 2, -1}, {3, 12, 0, -1}, {3, 13, 2, -1}, {3, 14, 0, -1},
        {3, 15, 2, -1},
    };
    struct machine *m = *state;

    m->v->debug.mdscr = MDSCR_MDE;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        uint64_t control = 0x1e7 | (uint64_t)rows[i].type << 20;

        m->v->debug.comparator[DEBUG_BREAKPOINT][rows[i].n].control =
            control | (uint64_t)rows[i].link << 16;
        if (control_of(m, DEBUG_BREAKPOINT, 2u + rows[i].n) !=
            (rows[i].in_cpu < 0 ? 0 : control | (uint64_t)rows[i].in_cpu << 16))
            fail_msg("row %u", (unsigned)i);
        /* A watchpoint has the first two types only, and links to the same breakpoints. */
        if (rows[i].n < 2 && rows[i].type < 2) {
            m->v->debug.comparator[DEBUG_WATCHPOINT][rows[i].n].control =
                control | (uint64_t)rows[i].link << 16;
            assert_int_equal(control_of(m, DEBUG_WATCHPOINT, 2u + rows[i].n),
                             control_of(m, DEBUG_BREAKPOINT, 2u + rows[i].n));
        }
    }
}

/* Whatever a guest writes: nothing for EL2, for a VMID, for the host's comparators. */
static void nothing_that_a_guest_writes_matches_elsewhere(void **state)
{
    struct machine *m = *state;
    uint64_t seed = 5;

    for (unsigned i = 0; i < 200000; i++) {
        unsigned n = (unsigned)(random64(&seed) % 4);
        enum debug_kind kind = n < 2 && random64(&seed) % 2 ? DEBUG_WATCHPOINT : DEBUG_BREAKPOINT;
        struct vcpu_sysreg_access access = {
            .encoding = VCPU_SYSREG(2, 0, 0, n, kind == DEBUG_WATCHPOINT ? 7 : 5),
            .write = true,
            .value = random64(&seed),
        };
        uint64_t control;

        m->v->debug.mdscr = random64(&seed);
        m->v->debug.os_lock = false;
        assert_int_equal(vcpu_debug_sysreg(m->vm->id, &m->v->debug, &access), OUTCOME_DONE);
        control = control_of(m, kind, 2 + n);
        /* HMC 13, SSC 15:14, SSCE 29, LBNX 31:30, and what is above. */
        assert_int_equal(control & ~UINT64_C(0x1fff1fff), 0);
        if (kind == DEBUG_BREAKPOINT)
            assert_true((control >> 20 & 15) <= 3);
        if (control >> 20 & 1 && (kind == DEBUG_WATCHPOINT || (control >> 20 & 15) == 1))
            assert_in_range(control >> 16 & 15, 4, 5);
        else
            assert_int_equal(control >> 16 & 15, 0);
    }
}

static void mdscr_in_the_cpu(void **state)
{
    struct machine *m = *state;

    m->v->debug.mdscr = ~UINT64_C(0);
    assert_int_equal(vcpu_debug_mdscr(m->v), MDSCR_SS | MDSCR_KDE | MDSCR_MDE);
    assert_true(debug_is_on(m->v));
    m->v->debug.os_lock = true;
    assert_int_equal(vcpu_debug_mdscr(m->v), 0);
    assert_false(debug_is_on(m->v));
    /* Routed: never KDE, for EL2 is where they go. */
    m->v->debugger.flags = VCPU_DEBUG_BRK;
    assert_true(debug_is_on(m->v));
    assert_int_equal(vcpu_debug_mdscr(m->v), MDSCR_MDE);
    m->v->debug.os_lock = false;
    assert_int_equal(vcpu_debug_mdscr(m->v), MDSCR_MDE | MDSCR_SS);
    m->v->debug.mdscr = 0;
    assert_int_equal(vcpu_debug_mdscr(m->v), MDSCR_MDE);
    m->v->debugger.over = DEBUG_OVER_HOST;
    assert_int_equal(vcpu_debug_mdscr(m->v), MDSCR_MDE | MDSCR_SS);
    m->v->debugger.over = 0;
    m->v->debugger.flags = VCPU_DEBUG_STEP;
    assert_int_equal(vcpu_debug_mdscr(m->v), MDSCR_MDE | MDSCR_SS);
    m->v->debug.mdscr = MDSCR_KDE;
    m->v->debugger.flags = 0;
    assert_false(debug_is_on(m->v));
}

/* ---- Steps ---- */

/* The guest's PSTATE.SS, and the step, after an entry in `before` and an exit in `after`. */
struct transition {
    const char *name;
    uint64_t mdscr, before, pc, after, spsr, elr;
    uint64_t settled, spsr_settled;
    uint8_t step;
};

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

/* ---- Whose it is ---- */

static enum debug_owner owner(struct machine *m, unsigned ec, uint64_t far, uint64_t iss)
{
    m->v->pub.exit = (struct vcpu_exit){
        .esr_el2 = (uint64_t)ec << 26 | 1u << 25 | iss,
        .far_el2 = far,
        .reason = VCPU_EXIT_DEBUG,
        .debug.exception_class = (uint8_t)ec,
    };
    return vcpu_debug_owner(m->v);
}

static void a_guests_comparators_are_held_back_at_el1(void **state)
{
    struct machine *m = *state;

    for (unsigned class = 0x30; class <= 0x34; class += 4) {
        m->v->debug.mdscr = MDSCR_MDE;
        m->v->pub.regs.pstate = EL0 | D;
        assert_int_equal(owner(m, class, 0, 0), DEBUG_GUESTS);
        m->v->pub.regs.pstate = 0x210; /* AArch32, where bit 9 is endianness */
        assert_int_equal(owner(m, class, 0, 0), DEBUG_GUESTS);
        assert_int_equal(m->v->debugger.over, 0);
        m->v->pub.regs.pstate = EL1;
        assert_int_equal(owner(m, class, 0, 0), DEBUG_NOBODYS);
        assert_int_equal(m->v->debugger.over, DEBUG_OVER_GUEST);
        m->v->debugger.over = 0;
        m->v->debug.mdscr = MDSCR_MDE | MDSCR_KDE;
        assert_int_equal(owner(m, class, 0, 0), DEBUG_GUESTS);
        m->v->pub.regs.pstate = EL1 | D;
        assert_int_equal(owner(m, class, 0, 0), DEBUG_NOBODYS);
        m->v->debugger.over = 0;
    }
}

static void the_closest_watchpoint_is_meant(void **state)
{
    /* The host's are numbers 0 (bytes 4 to 7, loads), 1 (64 bytes, both); the guest's is 0x2010. */
    static const struct {
        uint64_t far;
        bool store;
        enum debug_owner owner;
        unsigned number;
    } rows[] = {
        {0x1004, false, DEBUG_HOSTS, 0}, {0x1007, false, DEBUG_HOSTS, 0},
        {0x1000, false, DEBUG_HOSTS, 0}, {0x0ff8, false, DEBUG_HOSTS, 0},
        {0x1400, true, DEBUG_HOSTS, 1},  {0x143f, true, DEBUG_HOSTS, 1},
        {0x13f8, true, DEBUG_HOSTS, 1},  {0x2010, true, DEBUG_GUESTS, 0},
        {0x2008, true, DEBUG_GUESTS, 0}, {UINT64_C(0x5a00000000001004), false, DEBUG_HOSTS, 0},
    };
    struct machine *m = *state;
    struct debug_comparator *host = m->v->debugger.comparator[DEBUG_WATCHPOINT];

    host[0] = (struct debug_comparator){0x1000, 0xf0 << 5 | 1 << 3 | 7};
    host[1] = (struct debug_comparator){0x1400, UINT64_C(6) << 24 | 0xff << 5 | 3 << 3 | 7};
    m->v->debug.mdscr = MDSCR_MDE;
    m->v->debug.comparator[DEBUG_WATCHPOINT][1] =
        (struct debug_comparator){0x2010, 0xff << 5 | 2 << 3 | 7};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (owner(m, 0x34, rows[i].far, rows[i].store ? 1 << 6 : 0) != rows[i].owner ||
            (rows[i].owner == DEBUG_HOSTS &&
             (m->v->pub.exit.debug.kind != VCPU_DEBUG_KIND_WATCHPOINT ||
              m->v->pub.exit.debug.number != rows[i].number)))
            fail_msg("row %u", (unsigned)i);
    }
    /* The same bytes: loads are the host's, stores the guest's. Then both are the host's first. */
    m->v->debug.comparator[DEBUG_WATCHPOINT][1] =
        (struct debug_comparator){0x1000, 0xf0 << 5 | 2 << 3 | 7};
    assert_int_equal(owner(m, 0x34, 0x1004, 0), DEBUG_HOSTS);
    assert_int_equal(owner(m, 0x34, 0x1004, 1 << 6), DEBUG_GUESTS);
    host[0].control |= 2 << 3;
    assert_int_equal(owner(m, 0x34, 0x1004, 1 << 6), DEBUG_HOSTS);
    m->v->debugger.over = DEBUG_OVER_HOST;
    assert_int_equal(owner(m, 0x34, 0x1004, 1 << 6), DEBUG_GUESTS);
}

static void a_breakpoint_of_the_hosts_is_known_by_pc(void **state)
{
    struct machine *m = *state;
    struct debug_comparator *host = m->v->debugger.comparator[DEBUG_BREAKPOINT];

    m->v->debug.mdscr = MDSCR_MDE;
    host[1] = (struct debug_comparator){0x1000, 0xc << 5 | 7}; /* the upper halfword */
    assert_int_equal(owner(m, 0x30, 0, 0), DEBUG_GUESTS);
    m->v->pub.regs.pc = 0x1002;
    assert_int_equal(owner(m, 0x30, 0, 0), DEBUG_HOSTS);
    assert_int_equal(m->v->pub.exit.debug.number, 1);
    assert_int_equal(m->v->pub.exit.debug.address, 0x1002);
    m->v->debugger.over = DEBUG_OVER_HOST;
    assert_int_equal(owner(m, 0x30, 0, 0), DEBUG_GUESTS);
    host[1].control = 0;
    m->v->debugger.over = 0;
    assert_int_equal(owner(m, 0x30, 0, 0), DEBUG_GUESTS);
}

/* Whoever's comparators the CPU may take it for, the second time there are none. */
static void what_is_nobodys_does_not_come_for_ever(void **state)
{
    struct machine *m = *state;

    for (unsigned class = 0x30; class <= 0x34; class += 4) {
        m->v->debugger.over = 0;
        m->v->debug.mdscr = 0;
        assert_int_equal(owner(m, class, 0, 0), DEBUG_NOBODYS);
        assert_int_equal(m->v->debugger.over, DEBUG_OVER_HOST);
        m->v->debugger.over = 0;
        m->v->debug.mdscr = MDSCR_MDE;
        m->v->pub.regs.pstate = EL1;
        assert_int_equal(owner(m, class, 0, 0), DEBUG_NOBODYS);
        assert_int_equal(m->v->debugger.over, DEBUG_OVER_GUEST);
        assert_int_equal(owner(m, class, 0, 0), DEBUG_NOBODYS);
        assert_int_equal(m->v->debugger.over, DEBUG_OVER_GUEST | DEBUG_OVER_HOST);
    }
}

static void brk_and_steps(void **state)
{
    struct machine *m = *state;

    assert_int_equal(owner(m, 0x3c, 0, 7), DEBUG_GUESTS);
    m->v->debugger.flags = VCPU_DEBUG_STEP;
    assert_int_equal(owner(m, 0x3c, 0, 7), DEBUG_GUESTS);
    m->v->debugger.over = DEBUG_OVER_HOST | DEBUG_OVER_GUEST;
    assert_int_equal(owner(m, 0x32, 0, 0), DEBUG_HOSTS);
    assert_int_equal(m->v->debugger.over, 0);
    /* The guest's own step exception is a part of the host's step. */
    m->v->debug.mdscr = MDSCR_SS;
    assert_int_equal(owner(m, 0x32, 0, 0), DEBUG_GUESTS);
    m->v->pub.regs.pstate = SS;
    assert_int_equal(owner(m, 0x32, 0, 0), DEBUG_HOSTS);
    m->v->debugger.flags = VCPU_DEBUG_BRK;
    assert_int_equal(owner(m, 0x32, 0, 0), DEBUG_NOBODYS);
    assert_int_equal(owner(m, 0x3c, 0, 7), DEBUG_HOSTS);
    assert_int_equal(owner(m, 0x38, 0, 7), DEBUG_HOSTS);
}

static void the_channel_is_trapped_for_the_guests_el0(void **state)
{
    struct machine *m = *state;
    const uint32_t channel = VCPU_SYSREG(2, 3, 0, 5, 0), other = VCPU_SYSREG(3, 3, 9, 13, 0);

    m->v->pub.regs.pstate = EL0;
    assert_false(vcpu_debug_traps(m->v, channel));
    m->v->debug.mdscr = UINT64_C(1) << 12;
    assert_true(vcpu_debug_traps(m->v, channel));
    assert_false(vcpu_debug_traps(m->v, other));
    m->v->pub.regs.pstate = EL1;
    assert_false(vcpu_debug_traps(m->v, channel));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(all_but_two_are_shown_and_no_fewer_than_two),
        TEST(the_guests_comparators_are_the_cpus_highest),
        TEST(the_guests_match_only_while_it_has_them_on),
        TEST(types_and_links),
        TEST(nothing_that_a_guest_writes_matches_elsewhere),
        TEST(mdscr_in_the_cpu),
        TEST(what_a_step_leaves),
        TEST(a_step_goes_on_where_it_was),
        TEST(an_exception_before_that_of_a_step_saves_the_guests_own),
        TEST(a_guests_comparators_are_held_back_at_el1),
        TEST(the_closest_watchpoint_is_meant),
        TEST(a_breakpoint_of_the_hosts_is_known_by_pc),
        TEST(what_is_nobodys_does_not_come_for_ever),
        TEST(brk_and_steps),
        TEST(the_channel_is_trapped_for_the_guests_el0),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
