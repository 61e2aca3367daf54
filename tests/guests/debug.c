/* SPDX-License-Identifier: MIT */
/*
 * Debugging a guest from the host, the guest's own debugging, and both at once: one that debugs
 * itself must write the same log whatever the host does meanwhile.
 */
#include "debug_guest.h"

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
        MUST(vcpu_complete_call(v, 0));
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
