/* SPDX-License-Identifier: MIT */
/* The host debugs a guest: steps, breakpoints, watchpoints, BRK. */
#include "debug_guest.h"

/* ---- Steps ---- */

void steps_over_straight_code_and_branches(void)
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

void steps_into_the_guests_exceptions(void)
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

void steps_over_what_exits(void)
{
    struct vcpu *v = guest_of(&vm, step_mmio);
    uint64_t pc = testhost_ipa(step_mmio);

    v->regs.x[1] = TEST_HOLE_IPA;
    MUST(vcpu_debug_set(v, VCPU_DEBUG_STEP));
    CHECK_EQ(testhost_run(v), VCPU_EXIT_MMIO_READ);
    machine_is_as_marked();
    CHECK_EQ(testhost_run(v), VCPU_EXIT_MMIO_READ); /* again: it was not completed */
    MUST(vcpu_complete_mmio_read(v, 0x1234));
    steps_to(v, pc + 4);
    CHECK_EQ(v->regs.x[0], 0x1234);
    steps_to(v, pc + 8);
    CHECK_EQ(testhost_run(v), VCPU_EXIT_MMIO_WRITE);
    CHECK_EQ(v->exit.mmio.data, 0x1234);
    MUST(vcpu_complete_mmio_write(v));
    steps_to(v, pc + 12);
    CHECK_EQ(testhost_run(v), VCPU_EXIT_HYPERCALL);
    MUST(vcpu_complete_call(v, 7));
    steps_to(v, pc + 16);
    CHECK_EQ(v->regs.x[0], 7);
    CHECK_EQ(testhost_run(v), VCPU_EXIT_HYPERCALL);
    CHECK(v->exit.smc);
    MUST(vcpu_complete_call(v, 8));
    steps_to(v, pc + 20);
    done_with(v);
}

void a_step_waits_for_its_instruction(void)
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

void stepping_begins_and_ends_at_any_time(void)
{
    struct vcpu *v = guest_of(&vm, step_mmio);
    uint64_t pc = testhost_ipa(step_mmio);

    v->regs.x[1] = TEST_HOLE_IPA;
    CHECK_EQ(testhost_run(v), VCPU_EXIT_MMIO_READ);
    MUST(vcpu_complete_mmio_read(v, 0));
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

void an_exclusive_loop_is_left_by_a_breakpoint(void)
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

void breakpoints(void)
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

const uint8_t sizes[] = {1, 2, 4, 8, 8};
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

void watchpoints(void)
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

void brk_is_each_vcpus_own(void)
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
