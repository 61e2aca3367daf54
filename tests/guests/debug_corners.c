/* SPDX-License-Identifier: MIT */
/*
 * Debugging beside a host that debugs itself, and at moments that come seldom: a kick in the exit
 * that turns it on, a breakpoint that was answered and then taken away.
 */
#include "debug_corners.h"

#include <vcpu/debug.h>
#include <vcpu/device.h>

#include "arch.h"
#include "gic.h"
#include "testhost.h"

extern const char corner_vectors[], turns_on[], turned_on[], on_and_off[], plain[], plain_target[],
    looks_interrupted[];

#define VBAR ((uint32_t)VCPU_REG_SYSREG + VCPU_SYSREG(3, 0, 12, 0, 0))

#define MDSCR_EL1    VCPU_SYSREG(2, 0, 0, 2, 2)
#define MDCR_EL2_TDE UINT64_C(0x100)

static struct test_vm vm;
static bool kick_at_mdscr;

/* A device that has nothing, and kicks the vCPU in the middle of its exit. */
static bool kicks(void *ctx, struct vcpu *v, uint32_t encoding, bool write, uint64_t *value)
{
    (void)ctx, (void)value;
    if (kick_at_mdscr && write && encoding == MDSCR_EL1)
        MUST(vcpu_kick(v));
    return false;
}

static const struct vcpu_device_ops ops = {.sysreg = kicks};

static struct vcpu *guest_of(const char *snippet)
{
    struct vcpu *v = testhost_vcpu(&vm, 0);

    testhost_enter_at(v, snippet);
    CHECK_EQ(vcpu_set_reg(v, VBAR, testhost_ipa(corner_vectors)), VCPU_OK);
    return v;
}

static void done_with(struct vcpu *v)
{
    MUST(vcpu_percpu_put(testhost_percpu(0)));
    MUST(vcpu_destroy(v));
}

static void says(struct vcpu *v, unsigned what)
{
    CHECK_EQ(testhost_run(v), VCPU_EXIT_HYPERCALL);
    CHECK_EQ(vcpu_exit_imm(&v->exit), what);
    MUST(vcpu_complete_call(v, 0));
}

static void a_kick_does_not_lose_what_was_turned_on(void)
{
    struct vcpu *v = guest_of(turns_on);

    kick_at_mdscr = true;
    CHECK_EQ(testhost_run(v), VCPU_EXIT_KICK);
    kick_at_mdscr = false;
    says(v, SAY_HIT);
    done_with(v);
}

/* ---- A host that debugs itself ---- */

#define HOSTS_MDSCR 0xb000u /* MDE, KDE, TDCC */

static uint64_t machine_mdcr;

/* With a breakpoint of a program of its own, at an address that the guest has, too. */
static void the_host_debugs_itself(void)
{
    machine_mdcr = arch_read(mdcr_el2);
    arch_write(dbgbvr1_el1, testhost_ipa(plain_target));
    arch_write(dbgbcr1_el1, 0x1e7);
    arch_write(mdcr_el2, machine_mdcr | MDCR_EL2_TDE);
    arch_write(mdscr_el1, HOSTS_MDSCR);
    arch_write(oslar_el1, 0);
    arch_isb();
}

static void it_does_so_still(void)
{
    CHECK_EQ(arch_read(mdscr_el1), HOSTS_MDSCR);
    CHECK_EQ(arch_read(mdcr_el2) & MDCR_EL2_TDE, MDCR_EL2_TDE);
    CHECK_EQ(arch_read(dbgbcr1_el1), 0x1e7);
}

static void it_does_no_more(void)
{
    arch_write(mdscr_el1, 0);
    arch_write(dbgbcr1_el1, 0);
    arch_write(mdcr_el2, machine_mdcr);
    arch_isb();
}

static void goes_by_unhit(const char *snippet, unsigned exits)
{
    struct vcpu *v = guest_of(snippet);

    for (unsigned i = 0; i < exits; i++) {
        MUST(vcpu_kick(v));
        CHECK_EQ(testhost_run(v), VCPU_EXIT_KICK);
        it_does_so_still();
        says(v, i + 1 < exits ? SAY_MORE : SAY_DONE);
        it_does_so_still();
    }
    done_with(v);
    it_does_so_still();
}

static void the_hosts_own_does_not_reach_the_guest(void)
{
    the_host_debugs_itself();
    goes_by_unhit(plain, 2);
    goes_by_unhit(on_and_off, 4);
    it_does_no_more();
}

/* ---- Breakpoints of the host's for the guest ---- */

static void came_to(struct vcpu *v, enum vcpu_debug_kind kind, const char *at)
{
    CHECK_EQ(testhost_run(v), VCPU_EXIT_DEBUG);
    CHECK_EQ(v->exit.debug.kind, kind);
    CHECK_EQ(v->regs.pc, testhost_ipa(at));
}

static void what_was_answered_is_over(void)
{
    struct vcpu *v = guest_of(plain);
    uint64_t target = testhost_ipa(plain_target);

    CHECK_EQ(vcpu_debug_add_breakpoint(v, target, 4), 0);
    came_to(v, VCPU_DEBUG_KIND_BREAKPOINT, plain_target);
    CHECK_EQ(vcpu_complete_debug(v), VCPU_OK);
    /* Away and there again before the instruction is executed: that one was answered. */
    CHECK_EQ(vcpu_debug_remove_breakpoint(v, target, 4), VCPU_OK);
    CHECK_EQ(vcpu_debug_add_breakpoint(v, target, 4), 0);
    says(v, SAY_MORE);
    CHECK_EQ(vcpu_set_reg(v, VCPU_REG_PC, target), VCPU_OK);
    came_to(v, VCPU_DEBUG_KIND_BREAKPOINT, plain_target);
    CHECK_EQ(vcpu_complete_debug(v), VCPU_OK);
    /* Away while it is executed: the next time it hits. */
    CHECK_EQ(vcpu_debug_remove_breakpoint(v, target, 4), VCPU_OK);
    says(v, SAY_MORE);
    CHECK_EQ(vcpu_debug_add_breakpoint(v, target, 4), 0);
    CHECK_EQ(vcpu_set_reg(v, VCPU_REG_PC, target), VCPU_OK);
    came_to(v, VCPU_DEBUG_KIND_BREAKPOINT, plain_target);
    done_with(v);
}

/* SPSR_EL1 is the guest's to write: a step must not take it for one that the step wrote. */
static void steps_leave_what_only_looks_like_an_exception(void)
{
    struct vcpu *v = guest_of(looks_interrupted);

    CHECK_EQ(vcpu_debug_set(v, VCPU_DEBUG_STEP), VCPU_OK);
    for (unsigned i = 0; i < 7; i++)
        CHECK_EQ(testhost_run(v), VCPU_EXIT_DEBUG);
    CHECK_EQ(vcpu_debug_set(v, 0), VCPU_OK);
    says(v, SAY_DONE);
    CHECK_EQ(v->regs.x[1], 0x2003c5);
    done_with(v);
}

static void refusals(void)
{
    CHECK_EQ(vcpu_debug_set(NULL, 0), VCPU_ERR_INVALID);
    CHECK_EQ(vcpu_complete_debug(NULL), VCPU_ERR_INVALID);
    CHECK_EQ(vcpu_debug_remove_breakpoint(NULL, 0, 4), VCPU_ERR_INVALID);
    CHECK_EQ(vcpu_debug_add_watchpoint(NULL, 0, 4, VCPU_DEBUG_LOAD), VCPU_ERR_INVALID);
}

void host_main(const struct machine *machine)
{
    gic_find(machine);
    gic_init();
    testhost_gic();
    testhost_enable(0);
    testhost_vm(&vm, 0);
    CHECK_EQ(vcpu_vm_attach(vm.vm, &ops, NULL), VCPU_OK);

    test_begin("a kick does not lose what a guest turned on");
    a_kick_does_not_lose_what_was_turned_on();
    test_begin("a host's debugging of itself is there outside runs, and never in one");
    the_hosts_own_does_not_reach_the_guest();
    test_begin("an answer to a breakpoint is for one instruction");
    what_was_answered_is_over();
    test_begin("a step does not change SPSR_EL1 if there was no exception");
    steps_leave_what_only_looks_like_an_exception();
    test_begin("NULL is refused");
    refusals();
    test_end();
}
