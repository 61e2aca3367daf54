/* SPDX-License-Identifier: MIT */
/* Debug: whose an exception is. */
#include "debug_machine.h"

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
        TEST(a_guests_comparators_are_held_back_at_el1),
        TEST(the_closest_watchpoint_is_meant),
        TEST(a_breakpoint_of_the_hosts_is_known_by_pc),
        TEST(what_is_nobodys_does_not_come_for_ever),
        TEST(brk_and_steps),
        TEST(the_channel_is_trapped_for_the_guests_el0),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
