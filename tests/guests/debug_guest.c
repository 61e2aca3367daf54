/* SPDX-License-Identifier: MIT */

#include "debug_guest.h"

struct test_vm vm, other_vm;

/* ---- The machine's own debug registers ---- */

void mark_machine(void)
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

void comparators_are_as_marked(void)
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

void machine_is_as_marked(void)
{
    comparators_are_as_marked();
    CHECK_EQ(arch_read(mdscr_el1), 0x3000);
}

/* ---- A guest at a snippet ---- */

struct vcpu *guest_of(struct test_vm *t, const char *snippet)
{
    struct vcpu *v = testhost_vcpu(t, 0);

    testhost_enter_at(v, snippet);
    testhost_set_reg(v, VBAR, testhost_ipa(debug_vectors));
    v->regs.x[18] = DATA_IPA;
    v->regs.x[19] = TEST_HOLE_IPA;
    v->regs.x[20] = LOG_IPA;
    return v;
}

void done_with(struct vcpu *v)
{
    MUST(vcpu_percpu_put(testhost_percpu(0)));
    machine_is_as_marked();
    MUST(vcpu_destroy(v));
}

void move_to(struct vcpu *v, const char *snippet, uint64_t pstate)
{
    testhost_set_reg(v, VCPU_REG_PC, testhost_ipa(snippet));
    testhost_set_reg(v, VCPU_REG_PSTATE, pstate);
}

bool came_to(struct vcpu *v, enum vcpu_debug_kind kind, uint64_t pc)
{
    int reason = testhost_run(v);

    machine_is_as_marked();
    CHECK_EQ(reason, VCPU_EXIT_DEBUG);
    CHECK_EQ(v->exit.debug.kind, kind);
    CHECK_EQ(v->regs.pc, pc);
    CHECK_EQ(v->regs.pstate & PSTATE_SS, 0);
    return reason == VCPU_EXIT_DEBUG && v->exit.debug.kind == kind && v->regs.pc == pc;
}

bool steps_to(struct vcpu *v, uint64_t pc)
{
    return came_to(v, VCPU_DEBUG_KIND_STEP, pc);
}

void is_done(struct vcpu *v)
{
    CHECK_EQ(testhost_run(v), VCPU_EXIT_HYPERCALL);
    CHECK_EQ(vcpu_exit_imm(&v->exit), SAY_DONE);
}
