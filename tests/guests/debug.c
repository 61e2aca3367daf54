/* SPDX-License-Identifier: MIT */
/*
 * Debugging a guest from the host, the guest's own debugging, and both at once: one that debugs
 * itself must write the same log whatever the host does meanwhile.
 */
#include <vcpu/debug.h>

#include "debug.h"

#include "arch.h"
#include "gic.h"
#include "string.h"
#include "testhost.h"

extern const char debug_vectors[], step_straight[], step_call[], step_eret[], step_el0[],
    step_abort[], step_brk[], step_nops[], step_mmio[], call_psci[], exclusive[], exclusive_end[],
    access_loads[], access_stores[], look[], attack[], own[];
extern const char own_locked_end[], own_step[], own_step_end[], own_pending[], own_step1[],
    own_step1_end[], own_daif[], own_break0[], own_break1[], own_link[], own_watch1[], own_watch0[],
    own_brk[];

#define DATA_IPA (TEST_RAM_IPA + 0x100000u)
#define LOG_IPA  (TEST_RAM_IPA + 0x200000u)

#define PSTATE_SS   (UINT64_C(1) << 21)
#define PSTATE_D    UINT64_C(0x200)
#define PSTATE_EL1H UINT64_C(0x3c5)
#define PSTATE_EL0T UINT64_C(0x3c0)
#define PSTATE_MODE 0xfu

static struct test_vm vm, other_vm;

#define SYSREG(op0, op1, crn, crm, op2)                                                            \
    ((uint32_t)VCPU_REG_SYSREG + VCPU_SYSREG(op0, op1, crn, crm, op2))
#define SCTLR   SYSREG(3, 0, 1, 0, 0)
#define SCTLR_A 2u
#define VBAR    SYSREG(3, 0, 12, 0, 0)
#define SPSR    SYSREG(3, 0, 4, 0, 0)
#define ELR     SYSREG(3, 0, 4, 0, 1)
#define ESR     SYSREG(3, 0, 5, 2, 0)

/* ---- The machine's own debug registers ---- */

/* All but E, of each of the first comparators; TDCC and KDE; OS lock set. */
static void mark_machine(void)
{
    arch_write(dbgbvr0_el1, 0x12340);
    arch_write(dbgbcr0_el1, 0x1e6);
    arch_write(dbgbvr5_el1, 0x56780);
    arch_write(dbgbcr5_el1, 0x1e4);
    arch_write(dbgwvr0_el1, 0x9abc0);
    arch_write(dbgwcr0_el1, 0x1ffe);
    arch_write(dbgwvr3_el1, 0xdef00);
    arch_write(dbgwcr3_el1, 0x1ffc);
    arch_write(mdscr_el1, 0x3000);
    arch_write(oslar_el1, 1);
    arch_isb();
}

static void comparators_are_as_marked(void)
{
    CHECK_EQ(arch_read(dbgbvr0_el1), 0x12340);
    CHECK_EQ(arch_read(dbgbcr0_el1), 0x1e6);
    CHECK_EQ(arch_read(dbgbvr5_el1), 0x56780);
    CHECK_EQ(arch_read(dbgbcr5_el1), 0x1e4);
    CHECK_EQ(arch_read(dbgwvr0_el1), 0x9abc0);
    CHECK_EQ(arch_read(dbgwcr0_el1), 0x1ffe);
    CHECK_EQ(arch_read(dbgwvr3_el1), 0xdef00);
    CHECK_EQ(arch_read(dbgwcr3_el1), 0x1ffc);
    CHECK_EQ(arch_read(oslsr_el1) & 2, 2);
}

static void machine_is_as_marked(void)
{
    comparators_are_as_marked();
    CHECK_EQ(arch_read(mdscr_el1), 0x3000);
}

/* ---- A guest at a snippet ---- */

static struct vcpu *guest_of(struct test_vm *t, const char *snippet)
{
    struct vcpu *v = testhost_vcpu(t, 0);

    testhost_enter_at(v, snippet);
    testhost_set_reg(v, VBAR, testhost_ipa(debug_vectors));
    v->regs.x[18] = DATA_IPA;
    v->regs.x[19] = TEST_HOLE_IPA;
    v->regs.x[20] = LOG_IPA;
    return v;
}

static void done_with(struct vcpu *v)
{
    MUST(vcpu_percpu_put(testhost_percpu(0)));
    machine_is_as_marked();
    MUST(vcpu_destroy(v));
}

static void move_to(struct vcpu *v, const char *snippet, uint64_t pstate)
{
    testhost_set_reg(v, VCPU_REG_PC, testhost_ipa(snippet));
    testhost_set_reg(v, VCPU_REG_PSTATE, pstate);
}

static bool came_to(struct vcpu *v, enum vcpu_debug_kind kind, uint64_t pc)
{
    int reason = testhost_run(v);

    machine_is_as_marked();
    CHECK_EQ(reason, VCPU_EXIT_DEBUG);
    CHECK_EQ(v->exit.debug.kind, kind);
    CHECK_EQ(v->regs.pc, pc);
    CHECK_EQ(v->regs.pstate & PSTATE_SS, 0);
    return reason == VCPU_EXIT_DEBUG && v->exit.debug.kind == kind && v->regs.pc == pc;
}

static bool steps_to(struct vcpu *v, uint64_t pc)
{
    return came_to(v, VCPU_DEBUG_KIND_STEP, pc);
}

static void is_done(struct vcpu *v)
{
    CHECK_EQ(testhost_run(v), VCPU_EXIT_HYPERCALL);
    CHECK_EQ(vcpu_exit_imm(&v->exit), SAY_DONE);
}

/* ---- Steps ---- */

static void steps_over_straight_code_and_branches(void)
{
    struct vcpu *v = guest_of(&vm, step_straight);
    uint64_t pc = testhost_ipa(step_straight);
    static const uint8_t path[] = {4, 8, 16, 24, 32, 28};

    CHECK_EQ(vcpu_debug_set(v, VCPU_DEBUG_STEP), VCPU_OK);
    for (unsigned i = 0; i < sizeof(path); i++)
        steps_to(v, pc + path[i]);
    CHECK_EQ(v->regs.x[0], 1);
    CHECK_EQ(v->regs.x[1], 1);
    CHECK_EQ(vcpu_debug_set(v, 0), VCPU_OK);
    is_done(v);
    done_with(v);
}

/* The vector's code is not executed yet; nothing of the step is in SPSR_EL1. */
static void took(struct vcpu *v, unsigned offset, uint64_t elr, uint64_t spsr)
{
    steps_to(v, testhost_ipa(debug_vectors) + offset);
    CHECK_EQ(v->regs.pstate & PSTATE_MODE, PSTATE_EL1H & PSTATE_MODE);
    CHECK_EQ(testhost_reg(v, ELR), elr);
    CHECK_EQ(testhost_reg(v, SPSR), spsr);
}

static void steps_into_the_guests_exceptions(void)
{
    struct vcpu *v = guest_of(&vm, step_call);

    MUST(vcpu_debug_set(v, VCPU_DEBUG_STEP));
    took(v, 0x200, testhost_ipa(step_call) + 4, PSTATE_EL1H);
    CHECK_EQ(testhost_reg(v, ESR), 0x56000005);
    move_to(v, step_eret, PSTATE_EL1H);
    testhost_set_reg(v, ELR, testhost_ipa(step_el0));
    testhost_set_reg(v, SPSR, PSTATE_EL0T);
    steps_to(v, testhost_ipa(step_el0));
    CHECK_EQ(v->regs.pstate, PSTATE_EL0T);
    took(v, 0x400, testhost_ipa(step_el0) + 4, PSTATE_EL0T);
    move_to(v, step_abort, PSTATE_EL1H);
    v->regs.x[1] = DATA_IPA + 1;
    testhost_set_reg(v, SCTLR, testhost_reg(v, SCTLR) | SCTLR_A);
    took(v, 0x200, testhost_ipa(step_abort), PSTATE_EL1H);
    CHECK_EQ(testhost_reg(v, ESR) >> 26, 0x25);
    move_to(v, step_brk, PSTATE_EL0T);
    took(v, 0x400, testhost_ipa(step_brk), PSTATE_EL0T);
    CHECK_EQ(testhost_reg(v, ESR), 0xf2000009);

    /* A virtual interrupt, and then the instruction that it came before. */
    move_to(v, step_nops, PSTATE_EL1H & ~UINT64_C(0x80));
    CHECK_EQ(vcpu_inject_irq(v, true), VCPU_OK);
    took(v, 0x280, testhost_ipa(step_nops), PSTATE_EL1H & ~UINT64_C(0x80));
    CHECK_EQ(vcpu_inject_irq(v, false), VCPU_OK);
    /* One that the host injects, between two steps, and in the middle of one. */
    move_to(v, step_mmio, PSTATE_EL1H);
    v->regs.x[1] = TEST_HOLE_IPA;
    CHECK_EQ(testhost_run(v), VCPU_EXIT_MMIO_READ);
    CHECK_EQ(vcpu_inject_data_abort(v, TEST_HOLE_IPA), VCPU_OK);
    took(v, 0x200, testhost_ipa(step_mmio), PSTATE_EL1H);
    done_with(v);
}

static void steps_over_what_exits(void)
{
    struct vcpu *v = guest_of(&vm, step_mmio);
    uint64_t pc = testhost_ipa(step_mmio);

    v->regs.x[1] = TEST_HOLE_IPA;
    MUST(vcpu_debug_set(v, VCPU_DEBUG_STEP));
    CHECK_EQ(testhost_run(v), VCPU_EXIT_MMIO_READ);
    machine_is_as_marked();
    CHECK_EQ(testhost_run(v), VCPU_EXIT_MMIO_READ); /* again: it was not completed */
    vcpu_complete_mmio_read(v, 0x1234);
    steps_to(v, pc + 4);
    CHECK_EQ(v->regs.x[0], 0x1234);
    steps_to(v, pc + 8);
    CHECK_EQ(testhost_run(v), VCPU_EXIT_MMIO_WRITE);
    CHECK_EQ(v->exit.mmio.data, 0x1234);
    vcpu_complete_mmio_write(v);
    steps_to(v, pc + 12);
    CHECK_EQ(testhost_run(v), VCPU_EXIT_HYPERCALL);
    vcpu_complete_call(v, 7);
    steps_to(v, pc + 16);
    CHECK_EQ(v->regs.x[0], 7);
    CHECK_EQ(testhost_run(v), VCPU_EXIT_HYPERCALL);
    CHECK(v->exit.smc);
    vcpu_complete_call(v, 8);
    steps_to(v, pc + 20);
    done_with(v);
}

/* Exits that are not the instruction's: a kick, an interrupt of the host, a move. */
static void a_step_waits_for_its_instruction(void)
{
    struct vcpu *v = guest_of(&vm, step_straight);
    uint64_t pc = testhost_ipa(step_straight);

    MUST(vcpu_debug_set(v, VCPU_DEBUG_STEP));
    steps_to(v, pc + 4);
    MUST(vcpu_kick(v));
    CHECK_EQ(testhost_run(v), VCPU_EXIT_KICK);
    CHECK_EQ(v->regs.pc, pc + 4);
    gic_send_sgi(0, TEST_KICK_SGI);
    CHECK_EQ(testhost_run(v), VCPU_EXIT_IRQ);
    machine_is_as_marked();
    CHECK_EQ(v->regs.pstate & PSTATE_SS, 0);
    MUST(vcpu_put(testhost_percpu(0), v));
    CHECK_EQ(testhost_run(v), VCPU_EXIT_IRQ);
    arch_irq_enable();
    arch_isb();
    (void)arch_irq_save();
    CHECK_EQ(testhost_kicks_taken(), 1);
    steps_to(v, pc + 8);
    CHECK_EQ(v->regs.x[1], 1);
    done_with(v);
}

/* What runs already, and what ends in the middle of a step. */
static void stepping_begins_and_ends_at_any_time(void)
{
    struct vcpu *v = guest_of(&vm, step_mmio);
    uint64_t pc = testhost_ipa(step_mmio);

    v->regs.x[1] = TEST_HOLE_IPA;
    CHECK_EQ(testhost_run(v), VCPU_EXIT_MMIO_READ);
    vcpu_complete_mmio_read(v, 0);
    MUST(vcpu_debug_set(v, VCPU_DEBUG_STEP));
    steps_to(v, pc + 8);
    MUST(vcpu_debug_set(v, 0));
    CHECK_EQ(testhost_run(v), VCPU_EXIT_MMIO_WRITE);
    /* CPU_OFF, which puts it. */
    move_to(v, call_psci, PSTATE_EL1H);
    v->regs.x[0] = 0x84000002;
    MUST(vcpu_debug_set(v, VCPU_DEBUG_STEP));
    CHECK_EQ(testhost_run(v), VCPU_EXIT_CPU_DOWN);
    machine_is_as_marked();
    CHECK_EQ(vcpu_put(testhost_percpu(0), v), VCPU_ERR_STATE);
    done_with(v);
}

/* So it is documented, and so it is got out of. */
static void an_exclusive_loop_is_left_by_a_breakpoint(void)
{
    struct vcpu *v = guest_of(&vm, exclusive);
    uint64_t end = testhost_ipa(exclusive_end);
    bool ended = false;

    *(uint32_t *)testhost_ram(&vm, DATA_IPA) = 41;
    MUST(vcpu_debug_set(v, VCPU_DEBUG_STEP));
    for (unsigned i = 0; i < 12; i++) {
        CHECK_EQ(testhost_run(v), VCPU_EXIT_DEBUG);
        ended |= v->regs.pc == end;
    }
    CHECK(!ended);
    MUST(vcpu_debug_set(v, 0));
    CHECK_EQ(vcpu_debug_add_breakpoint(v, end, 4), 0);
    came_to(v, VCPU_DEBUG_KIND_BREAKPOINT, end);
    CHECK_EQ(*(uint32_t *)testhost_ram(&vm, DATA_IPA), 42);
    done_with(v);
}

/* ---- Breakpoints, watchpoints, BRK ---- */

static void breakpoints(void)
{
    struct vcpu *v = guest_of(&vm, step_straight);
    uint64_t pc = testhost_ipa(step_straight);

    CHECK_EQ(vcpu_debug_add_breakpoint(v, pc + 2, 4), VCPU_ERR_INVALID);
    CHECK_EQ(vcpu_debug_add_breakpoint(v, pc, 8), VCPU_ERR_INVALID);
    CHECK_EQ(vcpu_debug_add_breakpoint(NULL, pc, 4), VCPU_ERR_INVALID);
    CHECK_EQ(vcpu_debug_remove_breakpoint(v, pc + 4, 4), VCPU_ERR_NOT_FOUND);
    CHECK_EQ(vcpu_debug_add_breakpoint(v, pc + 4, 4), 0);
    CHECK_EQ(vcpu_debug_add_breakpoint(v, pc + 4, 4), VCPU_ERR_EXISTS);
    CHECK_EQ(vcpu_debug_add_breakpoint(v, pc + 16, 4), 1);
    /* Six, of which four are the guest's. */
    CHECK_EQ(vcpu_debug_add_breakpoint(v, pc + 24, 4), VCPU_ERR_NO_MEMORY);

    for (unsigned i = 0; i < 2; i++) { /* again, without an answer */
        came_to(v, VCPU_DEBUG_KIND_BREAKPOINT, pc + 4);
        CHECK_EQ(v->exit.debug.number, 0);
        CHECK_EQ(v->exit.debug.address, pc + 4);
        CHECK_EQ(v->regs.x[1], 0);
    }
    CHECK_EQ(vcpu_complete_debug(v), VCPU_OK);
    CHECK_EQ(vcpu_complete_debug(v), VCPU_ERR_STATE);
    came_to(v, VCPU_DEBUG_KIND_BREAKPOINT, pc + 16);
    CHECK_EQ(v->exit.debug.number, 1);
    CHECK_EQ(v->regs.x[1], 1);
    /* Stepped away from, and at EL0. */
    MUST(vcpu_debug_set(v, VCPU_DEBUG_STEP));
    MUST(vcpu_complete_debug(v));
    steps_to(v, pc + 24);
    MUST(vcpu_debug_set(v, 0));
    move_to(v, step_straight, PSTATE_EL0T);
    came_to(v, VCPU_DEBUG_KIND_BREAKPOINT, pc + 4);

    /* Taken away while they hold it up, and their place taken by another. */
    CHECK_EQ(vcpu_debug_remove_breakpoint(v, pc + 4, 4), VCPU_OK);
    CHECK_EQ(vcpu_debug_remove_breakpoint(v, pc + 16, 4), VCPU_OK);
    CHECK_EQ(vcpu_debug_remove_breakpoint(v, pc + 16, 4), VCPU_ERR_NOT_FOUND);
    CHECK_EQ(vcpu_debug_add_breakpoint(v, pc + 32, 4), 0);
    came_to(v, VCPU_DEBUG_KIND_BREAKPOINT, pc + 32);
    MUST(vcpu_debug_remove_breakpoint(v, pc + 32, 4));
    move_to(v, step_straight, PSTATE_EL1H);
    is_done(v);
    done_with(v);
}

/* Sizes in the order of the snippets' instructions. */
static const uint8_t sizes[] = {1, 2, 4, 8, 8};
#define PAIR 4u

/* Does the access at DATA_IPA + offset touch what is watched? */
static bool touches(unsigned i, unsigned offset, unsigned at, unsigned length)
{
    unsigned bytes = i == PAIR ? 16 : sizes[i];

    return offset < at + length && at < offset + bytes;
}

static void watch(unsigned at, unsigned length, unsigned access)
{
    static const char *const snippets[] = {access_loads, access_stores};

    for (unsigned store = 0; store < 2; store++) {
        for (unsigned offset = 0; offset < 32; offset += 16) {
            struct vcpu *v = guest_of(&vm, snippets[store]);
            uint64_t pc = testhost_ipa(snippets[store]);

            v->regs.x[1] = DATA_IPA + offset;
            CHECK_EQ(vcpu_debug_add_watchpoint(v, DATA_IPA + at, length, access), 0);
            for (unsigned i = 0; i < sizeof(sizes); i++) {
                if (!(access & (store ? VCPU_DEBUG_STORE : VCPU_DEBUG_LOAD)) ||
                    !touches(i, offset, at, length))
                    continue;
                came_to(v, VCPU_DEBUG_KIND_WATCHPOINT, pc + 4 * i);
                CHECK_EQ(v->exit.debug.number, 0);
                CHECK(v->exit.debug.address >= DATA_IPA + offset);
                CHECK(v->exit.debug.address < DATA_IPA + at + length);
                CHECK_EQ(v->exit.esr_el2 >> 6 & 1, store);
                MUST(vcpu_complete_debug(v));
            }
            is_done(v);
            done_with(v);
        }
    }
}

static void watchpoints(void)
{
    struct vcpu *v;

    watch(0, 1, VCPU_DEBUG_LOAD);
    watch(1, 1, VCPU_DEBUG_STORE);
    watch(2, 2, VCPU_DEBUG_STORE | VCPU_DEBUG_LOAD);
    watch(4, 4, VCPU_DEBUG_LOAD);
    watch(7, 1, VCPU_DEBUG_STORE);
    watch(8, 8, VCPU_DEBUG_LOAD | VCPU_DEBUG_STORE);
    watch(16, 8, VCPU_DEBUG_STORE);
    watch(0, 16, VCPU_DEBUG_LOAD);
    watch(0, 4096, VCPU_DEBUG_STORE);

    v = guest_of(&vm, access_loads);
    CHECK_EQ(vcpu_debug_add_watchpoint(v, DATA_IPA + 6, 4, VCPU_DEBUG_LOAD), VCPU_ERR_INVALID);
    CHECK_EQ(vcpu_debug_add_watchpoint(v, DATA_IPA + 8, 16, VCPU_DEBUG_LOAD), VCPU_ERR_INVALID);
    CHECK_EQ(vcpu_debug_add_watchpoint(v, DATA_IPA, 12, VCPU_DEBUG_LOAD), VCPU_ERR_INVALID);
    CHECK_EQ(vcpu_debug_add_watchpoint(v, DATA_IPA, 0, VCPU_DEBUG_LOAD), VCPU_ERR_INVALID);
    CHECK_EQ(vcpu_debug_add_watchpoint(v, 0, UINT64_C(1) << 32, 1), VCPU_ERR_INVALID);
    CHECK_EQ(vcpu_debug_add_watchpoint(v, DATA_IPA, 4, 0), VCPU_ERR_INVALID);
    CHECK_EQ(vcpu_debug_add_watchpoint(v, DATA_IPA, 4, 4), VCPU_ERR_INVALID);
    CHECK_EQ(vcpu_debug_add_watchpoint(v, DATA_IPA + 32, 4, VCPU_DEBUG_LOAD), 0);
    CHECK_EQ(vcpu_debug_add_watchpoint(v, DATA_IPA + 32, 2, VCPU_DEBUG_LOAD), 1);
    CHECK_EQ(vcpu_debug_add_watchpoint(v, DATA_IPA + 40, 2, VCPU_DEBUG_LOAD), VCPU_ERR_NO_MEMORY);
    /* The other one's number. */
    CHECK_EQ(vcpu_debug_remove_watchpoint(v, DATA_IPA + 32, 2, VCPU_DEBUG_LOAD), VCPU_OK);
    CHECK_EQ(vcpu_debug_add_watchpoint(v, DATA_IPA + 8, 8, VCPU_DEBUG_LOAD), 1);
    v->regs.x[1] = DATA_IPA + 8;
    came_to(v, VCPU_DEBUG_KIND_WATCHPOINT, testhost_ipa(access_loads));
    CHECK_EQ(v->exit.debug.number, 1);
    CHECK_EQ(v->exit.debug.address, DATA_IPA + 8);
    done_with(v);
}

static void brk_is_each_vcpus_own(void)
{
    struct vcpu *v = guest_of(&vm, step_brk);
    uint64_t pc = testhost_ipa(step_brk);

    CHECK_EQ(vcpu_debug_set(v, 4), VCPU_ERR_INVALID);
    MUST(vcpu_debug_set(v, VCPU_DEBUG_BRK));
    came_to(v, VCPU_DEBUG_KIND_BRK, pc);
    CHECK_EQ(v->exit.debug.comment, 9);
    MUST(vcpu_debug_set(v, VCPU_DEBUG_BRK | VCPU_DEBUG_STEP));
    MUST(vcpu_complete_debug(v));
    /* The BRK was the host's to execute, and is a step. */
    move_to(v, step_brk, PSTATE_EL1H);
    came_to(v, VCPU_DEBUG_KIND_BRK, pc);
    MUST(vcpu_complete_debug(v));
    steps_to(v, pc + 4);
    /* What the host debugs it with outlives a reset. */
    CHECK_EQ(vcpu_reset(v, false), VCPU_OK);
    testhost_enter_at(v, step_brk);
    came_to(v, VCPU_DEBUG_KIND_BRK, pc);
    MUST(vcpu_debug_set(v, 0));
    testhost_set_reg(v, VBAR, testhost_ipa(debug_vectors));
    v->regs.x[20] = LOG_IPA;
    testhost_set_reg(v, VCPU_REG_PC, testhost_ipa(step_brk));
    CHECK_EQ(vcpu_debug_add_breakpoint(v, testhost_ipa(debug_vectors) + 0x200, 4), 0);
    came_to(v, VCPU_DEBUG_KIND_BREAKPOINT, testhost_ipa(debug_vectors) + 0x200);
    CHECK_EQ(testhost_reg(v, ESR), 0xf2000009);
    done_with(v);
}

/* ---- The guest that debugs itself ---- */

struct record {
    uint64_t esr, elr, spsr, far;
};

#define FROM_EL0 0x0u
#define FROM_EL1 0x5u

struct expected {
    const char *elr;
    uint16_t offset;
    uint8_t class;
    uint8_t mode;
    bool ss;
};

static const struct expected expected[] = {
    {own_locked_end, 4, 0x15, FROM_EL0, false},
    {own_step, 4, 0x32, FROM_EL0, false},
    {own_step, 12, 0x32, FROM_EL0, false},
    {own_step, 16, 0x32, FROM_EL0, false},
    {own_step, 20, 0x32, FROM_EL0, false},
    {own_step, 24, 0x15, FROM_EL0, false}, /* SVC is a step itself, */
    {own_step, 24, 0x32, FROM_EL0, false}, /* whose exception comes after it */
    {own_step, 24, 0x3c, FROM_EL0, true},  /* BRK is none */
    {own_step_end, 0, 0x32, FROM_EL0, false},
    {own_step_end, 8, 0x15, FROM_EL0, false},
    {own_pending, 0, 0x32, FROM_EL0, false},
    {own_pending, 8, 0x15, FROM_EL0, false},
    {own_step1, 4, 0x33, FROM_EL1, false},
    {own_step1, 8, 0x33, FROM_EL1, false},
    {own_step1, 12, 0x33, FROM_EL1, false},
    {own_step1, 16, 0x15, FROM_EL1, false},
    {own_step1, 16, 0x33, FROM_EL1, false},
    {own_step1_end, 0, 0x33, FROM_EL1, false},
    {own_daif, 0, 0x33, FROM_EL1, false},
    {own_break0, 0, 0x30, FROM_EL0, false},
    {own_break0, 8, 0x15, FROM_EL0, false},
    {own_break1, 0, 0x31, FROM_EL1, false},
    {own_link, 0, 0x31, FROM_EL1, false},
    {own_watch1, 0, 0x35, FROM_EL1, false},
    {own_watch0, 0, 0x34, FROM_EL0, false},
    {own_watch0, 8, 0x15, FROM_EL0, false},
    {own_brk, 0, 0x3c, FROM_EL1, false},
};
#define RECORDS (sizeof(expected) / sizeof(expected[0]))

static void log_is_as_expected(const struct test_vm *t)
{
    const struct record *log = testhost_ram(t, LOG_IPA);

    for (unsigned i = 0; i < RECORDS; i++) {
        const struct expected *e = &expected[i];

        CHECK_EQ(log[i].esr >> 26, e->class);
        CHECK_EQ(log[i].elr, testhost_ipa(e->elr) + e->offset);
        CHECK_EQ(log[i].spsr & PSTATE_MODE, e->mode);
        CHECK_EQ(log[i].spsr & PSTATE_SS, e->ss ? PSTATE_SS : 0);
        if (e->class == 0x34 || e->class == 0x35) {
            CHECK_EQ(log[i].far & ~UINT64_C(7), DATA_IPA + DATA_WATCHED);
            CHECK_EQ(log[i].esr >> 6 & 1, e->class == 0x35);
            CHECK_EQ(log[i].esr & 0x3f, 0x22);
        }
        if (log[i].esr >> 26 != e->class || log[i].elr != testhost_ipa(e->elr) + e->offset) {
            console_print("record %u: ELR is 0x%lx\n", i, log[i].elr);
            return;
        }
    }
    CHECK_EQ(log[RECORDS].esr, 0);
}

/* Exits by kind of debugging, in one run of `own`. */
static unsigned counts[4];

/* One run of it. true: it is done. */
static bool own_goes_on(struct vcpu *v)
{
    int reason = testhost_run(v);

    comparators_are_as_marked();
    if (reason == VCPU_EXIT_MMIO_READ) {
        vcpu_complete_mmio_read(v, 0x5a5a);
    } else if (reason == VCPU_EXIT_DEBUG) {
        counts[v->exit.debug.kind]++;
        MUST(vcpu_complete_debug(v));
    } else {
        CHECK_EQ(reason, VCPU_EXIT_HYPERCALL);
        CHECK_EQ(vcpu_exit_imm(&v->exit), SAY_DONE);
        return true;
    }
    return false;
}

static struct vcpu *begin_own(struct test_vm *t)
{
    memset(testhost_ram(t, LOG_IPA), 0, 0x1000);
    memset(testhost_ram(t, DATA_IPA), 0, 0x1000);
    memset(counts, 0, sizeof(counts));
    return guest_of(t, own);
}

static void run_own(struct vcpu *v)
{
    for (unsigned i = 0; i < 2000; i++) {
        if (own_goes_on(v))
            return;
    }
    CHECK(!"it comes to an end");
}

static void alone(void)
{
    struct vcpu *v = begin_own(&vm);

    run_own(v);
    log_is_as_expected(&vm);
    CHECK_EQ(counts[VCPU_DEBUG_KIND_STEP], 0);
    done_with(v);
}

/* Its registers by id, while it is resident: a breakpoint that it never set. */
static void the_hosts_way_to_the_guests_own(void)
{
    struct vcpu *v = guest_of(&vm, step_mmio);

    v->regs.x[1] = TEST_HOLE_IPA;
    CHECK_EQ(testhost_run(v), VCPU_EXIT_MMIO_READ);
    testhost_set_reg(v, SYSREG(2, 0, 1, 1, 4), 8); /* OSLSR_EL1: unlocked */
    testhost_set_reg(v, SYSREG(2, 0, 0, 0, 4), testhost_ipa(exclusive));
    testhost_set_reg(v, SYSREG(2, 0, 0, 0, 5), 0x1e3);
    testhost_set_reg(v, SYSREG(2, 0, 0, 2, 2), 0xa000); /* MDSCR_EL1: MDE, KDE */
    move_to(v, exclusive, PSTATE_EL1H & ~PSTATE_D);
    is_done(v);
    CHECK_EQ(((const struct record *)testhost_ram(&vm, LOG_IPA))->elr, testhost_ipa(exclusive));
    CHECK_EQ(((const struct record *)testhost_ram(&vm, LOG_IPA))->esr, 0xc6000022);
    CHECK_EQ(testhost_reg(v, SYSREG(2, 0, 0, 0, 5)), 0); /* its handler turned it off */
    done_with(v);
}

static void with_flags(uint32_t flags, unsigned steps_at_least, unsigned brks)
{
    struct vcpu *v = begin_own(&vm);

    MUST(vcpu_debug_set(v, flags));
    run_own(v);
    if (!brks)
        log_is_as_expected(&vm);
    CHECK(counts[VCPU_DEBUG_KIND_STEP] >= steps_at_least);
    CHECK_EQ(counts[VCPU_DEBUG_KIND_BRK], brks);
    done_with(v);
}

/* A breakpoint at one of its places: how often it hits. */
static void with_breakpoint(const char *at, unsigned offset, unsigned hits)
{
    struct vcpu *v = begin_own(&vm);

    CHECK_EQ(vcpu_debug_add_breakpoint(v, testhost_ipa(at) + offset, 4), 0);
    run_own(v);
    log_is_as_expected(&vm);
    CHECK_EQ(counts[VCPU_DEBUG_KIND_BREAKPOINT], hits);
    done_with(v);
}

static void with_watchpoint(unsigned offset, unsigned length, unsigned access, unsigned hits)
{
    struct vcpu *v = begin_own(&vm);

    CHECK_EQ(vcpu_debug_add_watchpoint(v, DATA_IPA + offset, length, access), 0);
    run_own(v);
    log_is_as_expected(&vm);
    CHECK_EQ(counts[VCPU_DEBUG_KIND_WATCHPOINT], hits);
    done_with(v);
}

/* Everything at once, in two VMs that take turns on this CPU after each exit. */
static void two_at_once(void)
{
    struct vcpu *first = begin_own(&vm), *second = begin_own(&other_vm);
    bool done[2] = {false, false};

    MUST(vcpu_debug_set(first, VCPU_DEBUG_STEP));
    MUST(vcpu_debug_add_breakpoint(first, testhost_ipa(own_break0), 4));
    MUST(vcpu_debug_add_watchpoint(second, DATA_IPA, 256, VCPU_DEBUG_LOAD | VCPU_DEBUG_STORE));
    MUST(vcpu_debug_set(second, VCPU_DEBUG_STEP));
    for (unsigned i = 0; i < 2000 && !(done[0] && done[1]); i++) {
        done[0] = done[0] || own_goes_on(first);
        done[1] = done[1] || own_goes_on(second);
    }
    CHECK(done[0] && done[1]);
    log_is_as_expected(&vm);
    log_is_as_expected(&other_vm);
    done_with(first);
    done_with(second);
}

/* Turned on and off in the middle: after so many exits of a stepped run. */
static void on_and_off(void)
{
    for (unsigned period = 1; period < 12; period++) {
        struct vcpu *v = begin_own(&vm);
        bool done = false;

        MUST(vcpu_debug_add_breakpoint(v, testhost_ipa(own_step), 4));
        MUST(vcpu_debug_add_breakpoint(v, testhost_ipa(own_step1), 4));
        for (unsigned i = 0; i < 2000 && !done; i++) {
            done = own_goes_on(v);
            MUST(vcpu_debug_set(
                v, counts[VCPU_DEBUG_KIND_STEP] % period == 0 || i % 7 == 0 ? VCPU_DEBUG_STEP : 0));
        }
        CHECK(done);
        log_is_as_expected(&vm);
        done_with(v);
    }
}

/* ---- What the guest sees, and what it cannot hit ---- */

static void the_guest_does_not_see_the_hosts(void)
{
    struct vcpu *v = guest_of(&vm, look);

    MUST(vcpu_debug_add_breakpoint(v, testhost_ipa(look) + 16, 4));
    MUST(vcpu_debug_add_watchpoint(v, DATA_IPA, 8, VCPU_DEBUG_LOAD));
    MUST(vcpu_debug_set(v, VCPU_DEBUG_BRK));
    came_to(v, VCPU_DEBUG_KIND_BREAKPOINT, testhost_ipa(look) + 16);
    MUST(vcpu_complete_debug(v));
    is_done(v);
    CHECK_EQ(v->regs.x[0], 0);
    done_with(v);
}

/* What it aims at: a function of the host, and a word that the host writes. */
static __attribute__((noinline)) void target(volatile uint64_t *word)
{
    *word += 1;
    __asm__ volatile("nop");
}

static void nothing_hits_the_host(void)
{
    static volatile uint64_t word;

    for (unsigned routed = 0; routed < 2; routed++) {
        struct vcpu *v = guest_of(&vm, attack);

        MUST(vcpu_debug_set(v, routed ? VCPU_DEBUG_BRK : 0));
        v->regs.x[0] = (uintptr_t)target;
        v->regs.x[1] = 0x200021e7; /* E, PMC, BAS, HMC, SSCE */
        v->regs.x[2] = 0x20003fff;
        v->regs.x[3] = (uintptr_t)&word & ~UINT64_C(7);
        v->regs.x[4] = 0xffffffffffffffff & ~UINT64_C(1); /* all but SS */
        word = 0;
        CHECK_EQ(testhost_run(v), VCPU_EXIT_HYPERCALL);
        CHECK_EQ(vcpu_exit_imm(&v->exit), SAY_MORE);
        /* Debug exceptions are on in the host, with what the library left it. */
        __asm__ volatile("msr daifclr, #8\n\tisb" ::: "memory");
        target(&word);
        __asm__ volatile("msr daifset, #8" ::: "memory");
        CHECK_EQ(word, 1);
        machine_is_as_marked();
        vcpu_complete_call(v, 0);
        is_done(v);
        done_with(v);
    }
}

void host_main(const struct machine *machine)
{
    gic_find(machine);
    gic_init();
    testhost_gic();
    testhost_enable(0);
    mark_machine();
    testhost_vm(&vm, 0);
    testhost_vm(&other_vm, 0);

    test_begin("the host steps over straight code and branches");
    steps_over_straight_code_and_branches();
    test_begin("and into the guest's exceptions, which see nothing of it");
    steps_into_the_guests_exceptions();
    test_begin("and over instructions that exit");
    steps_over_what_exits();
    test_begin("a step waits for its instruction");
    a_step_waits_for_its_instruction();
    test_begin("stepping begins and ends at any time");
    stepping_begins_and_ends_at_any_time();
    test_begin("an exclusive loop is left by a breakpoint");
    an_exclusive_loop_is_left_by_a_breakpoint();
    test_begin("breakpoints");
    breakpoints();
    test_begin("watchpoints: loads and stores, sizes, bytes");
    watchpoints();
    test_begin("BRK comes out of the vCPU that it is asked for");
    brk_is_each_vcpus_own();
    test_begin("a guest debugs itself");
    alone();
    test_begin("registers by id are the guest's own");
    memset(testhost_ram(&vm, LOG_IPA), 0, 0x1000);
    the_hosts_way_to_the_guests_own();
    test_begin("the same while the host steps it");
    with_flags(VCPU_DEBUG_STEP, 200, 0);
    test_begin("while the host wants its BRKs");
    with_flags(VCPU_DEBUG_BRK, 0, 2);
    test_begin("while the host has a breakpoint");
    with_breakpoint(look, 0, 0);
    with_breakpoint(own_step, 4, 1);
    with_breakpoint(own_step1, 0, 1);
    test_begin("at the same place as the guest");
    with_breakpoint(own_break0, 0, 2);
    with_breakpoint(own_break1, 0, 2);
    test_begin("while the host has a watchpoint");
    with_watchpoint(0x800, 8, VCPU_DEBUG_LOAD | VCPU_DEBUG_STORE, 0);
    with_watchpoint(0, 4, VCPU_DEBUG_STORE, 1);
    test_begin("on the guest's data");
    with_watchpoint(DATA_WATCHED + 4, 4, VCPU_DEBUG_STORE, 3);
    with_watchpoint(DATA_WATCHED, 8, VCPU_DEBUG_LOAD, 4);
    test_begin("two that debug themselves, both stepped, one CPU");
    two_at_once();
    test_begin("the host's debugging goes on and off meanwhile");
    on_and_off();
    test_begin("the guest does not see the host's");
    the_guest_does_not_see_the_hosts();
    test_begin("nothing of the guest's hits the host");
    nothing_hits_the_host();
    test_end();
}
