/* SPDX-License-Identifier: MIT */
/* Debug: what goes into the CPU's registers. */
#include "debug_machine.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(all_but_two_are_shown_and_no_fewer_than_two),
        TEST(the_guests_comparators_are_the_cpus_highest),
        TEST(the_guests_match_only_while_it_has_them_on),
        TEST(types_and_links),
        TEST(nothing_that_a_guest_writes_matches_elsewhere),
        TEST(mdscr_in_the_cpu),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
