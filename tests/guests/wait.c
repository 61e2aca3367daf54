/* SPDX-License-Identifier: MIT */
/* Waits that end by themselves, WFIT and WFET (FEAT_WFxT), with the library's timers and without. */
#include <vcpu/device.h>
#include <vcpu/reg.h>
#include <vcpu/timer.h>

#include "testhost.h"

#include "arch.h"

extern const char wait_interrupt[], wait_event[], wait_zero[], wait_plain[];

#define ISAR2      VCPU_SYSREG(3, 0, 0, 6, 2)
#define ISAR2_WFXT UINT64_C(0xf)
#define MS(n)      (timer_frequency() / 1000 * (n))
#define MAX_REGS   2048u
#define FAR_AWAY   MS(3600000)

/* Implementer 0, part number 'Q'. */
#define MIDR_MODEL    UINT64_C(0xff00fff0)
#define MIDR_QEMU_MAX UINT64_C(0x510)

static struct test_vm t;
static struct vcpu_timer *timer; /* NULL: a VM without */
static struct vcpu *vcpu;
static struct vcpu_reg_value saved[MAX_REGS];

static void no_ppi(void *ctx, struct vcpu *of, uint32_t intid, bool level)
{
    (void)ctx;
    (void)of;
    (void)intid;
    (void)level;
}

static void open(uint32_t flags, bool timers)
{
    const struct vcpu_timer_config config = {.host = &testhost_hooks, .set_ppi = no_ppi};

    timer = NULL;
    testhost_vm_with(&t,
                     (struct vcpu_vm_config){.flags = flags, .counter_offset = timer_now() / 2});
    if (timers)
        CHECK_EQ(vcpu_timer_create(t.vm, &config, &timer), VCPU_OK);
    vcpu = testhost_vcpu(&t, 0);
}

static void close(void)
{
    testhost_vm_free(&t);
    if (timer)
        CHECK_EQ(vcpu_timer_destroy(timer), VCPU_OK);
}

static void check_deadline(uint64_t deadline)
{
    CHECK_EQ(vcpu_wait_deadline(vcpu), deadline);
    if (timer)
        CHECK_EQ(vcpu_timer_deadline(timer, vcpu), deadline);
    CHECK_EQ(vcpu_has_work(vcpu), deadline == 0);
}

/*
 * The exit is that of the snippet. QEMU's max reports a WFIT as a WFI (docs/errata.md): a host that reads
 * the instruction sets what the CPU does not say.
 */
static void check_exit(const char *snippet, int reason)
{
    const bool event = snippet == wait_event;
    struct vcpu_wait *wait = &vcpu->exit.wait;

    CHECK_EQ(reason, event ? VCPU_EXIT_WFE : VCPU_EXIT_WFI);
    CHECK_EQ(vcpu->regs.pc, testhost_ipa(snippet));
    if ((arch_read(midr_el1) & MIDR_MODEL) == MIDR_QEMU_MAX && !wait->timed)
        *wait = (struct vcpu_wait){.reg = event ? 2 : 1, .timed = true};
    CHECK(wait->timed);
    CHECK_EQ(wait->reg, event ? 2 : 1);
}

/* The guest runs, and waits until the machine's count is `until`. */
static int run_until(const char *snippet, uint64_t until)
{
    bool event = snippet == wait_event;
    uint64_t count = until - vcpu_vm_counter_offset(t.vm);

    testhost_enter_at(vcpu, snippet);
    vcpu->regs.x[1] = event ? 0 : count;
    vcpu->regs.x[2] = event ? count : 0;
    return testhost_run(vcpu);
}

static void waits(const char *snippet, uint64_t until)
{
    check_exit(snippet, run_until(snippet, until));
}

/* On a busy machine it may be over before the guest or the host has looked: then with more time. */
static void ends_in_time(const char *snippet)
{
    for (uint64_t ms = 20;; ms *= 2) {
        uint64_t until = timer_now() + MS(ms), deadline;
        int reason = run_until(snippet, until);

        if (timer_now() >= until)
            continue;
        check_exit(snippet, reason);
        deadline = vcpu_wait_deadline(vcpu);
        if (timer_now() >= until)
            continue;
        CHECK_EQ(deadline, until);
        while (timer_now() < until)
            ;
        break;
    }
    check_deadline(0);
    CHECK_EQ(vcpu_complete_skip(vcpu), VCPU_OK);
    check_deadline(UINT64_MAX);
    CHECK_EQ(testhost_run(vcpu), VCPU_EXIT_HYPERCALL);
}

static void goes_with_the_vcpu(const char *snippet)
{
    uint64_t until = timer_now() + FAR_AWAY, x;
    uint32_t reg = snippet == wait_event ? 2 : 1;
    size_t count = MAX_REGS;

    test_begin("the deadline is there while the vCPU waits, resident or not");
    waits(snippet, until);
    check_deadline(until);
    MUST(vcpu_percpu_put(testhost_percpu(0)));
    check_deadline(until);

    test_begin("it follows the VM's time");
    CHECK_EQ(vcpu_vm_set_counter_offset(t.vm, vcpu_vm_counter_offset(t.vm) + 12345), VCPU_OK);
    check_deadline(until + 12345);
    CHECK_EQ(vcpu_vm_set_counter_offset(t.vm, vcpu_vm_counter_offset(t.vm) - 12345), VCPU_OK);

    test_begin("a debugger sees it and changes it");
    CHECK_EQ(vcpu_get_reg(vcpu, reg, &x), VCPU_OK);
    CHECK_EQ(x, until - vcpu_vm_counter_offset(t.vm));
    CHECK_EQ(vcpu_set_reg(vcpu, reg, x + 1000), VCPU_OK);
    check_deadline(until + 1000);
    CHECK_EQ(vcpu_set_reg(vcpu, reg, 0), VCPU_OK);
    check_deadline(0);

    test_begin("the instruction that is executed again waits again");
    CHECK_EQ(vcpu_set_reg(vcpu, reg, x), VCPU_OK);
    check_exit(snippet, testhost_run(vcpu));
    check_deadline(until);

    test_begin("an interrupt ends it before, with the deadline still to come");
    CHECK_EQ(vcpu_inject_irq(vcpu, true), VCPU_OK);
    CHECK(vcpu_has_work(vcpu));
    CHECK_EQ(vcpu_wait_deadline(vcpu), until);
    CHECK_EQ(vcpu_complete_skip(vcpu), VCPU_OK);
    CHECK_EQ(vcpu_wait_deadline(vcpu), UINT64_MAX);
    CHECK_EQ(testhost_run(vcpu), VCPU_EXIT_HYPERCALL); /* interrupts are masked in the guest */
    CHECK_EQ(vcpu_inject_irq(vcpu, false), VCPU_OK);

    test_begin("an exception of the host's ends it");
    waits(snippet, until);
    check_deadline(until);
    CHECK_EQ(vcpu_inject_undefined(vcpu), VCPU_OK);
    check_deadline(UINT64_MAX);

    test_begin("a vCPU that is saved in it waits again when it is restored");
    waits(snippet, until);
    CHECK_EQ(vcpu_save(vcpu, saved, &count), VCPU_OK);
    check_deadline(until);
    vcpu->regs.x[reg] = 0;
    CHECK_EQ(vcpu_restore(vcpu, saved, count, NULL), VCPU_OK);
    check_deadline(UINT64_MAX);
    check_exit(snippet, testhost_run(vcpu));
    check_deadline(until);

    test_begin("a reset ends it");
    CHECK_EQ(vcpu_reset(vcpu, false), VCPU_OK);
    check_deadline(UINT64_MAX);
    CHECK_EQ(vcpu_set_ept_root(vcpu, vcpu_stage2_root(&t.s2)), VCPU_OK);
}

/* QEMU's WFE and WFET wait for nothing, and so never trap. A CPU may end them at any time as well. */
static bool waits_for_events(void)
{
    testhost_enter_at(vcpu, wait_event);
    vcpu->regs.x[2] = timer_now() - vcpu_vm_counter_offset(t.vm) + FAR_AWAY;
    return testhost_run(vcpu) == VCPU_EXIT_WFE;
}

static void all(uint32_t flags, bool timers)
{
    open(flags, timers);
    test_begin("WFIT is an exit, and ends when its time has come");
    ends_in_time(wait_interrupt);
    goes_with_the_vcpu(wait_interrupt);

    if (waits_for_events()) {
        test_begin("WFET is an exit, and ends when its time has come");
        ends_in_time(wait_event);
        goes_with_the_vcpu(wait_event);
    }

    test_begin("what is past is not waited for");
    testhost_enter_at(vcpu, wait_zero);
    CHECK_EQ(testhost_run(vcpu), VCPU_EXIT_HYPERCALL);

    test_begin("a plain WFI has no deadline");
    testhost_enter_at(vcpu, wait_plain);
    CHECK_EQ(testhost_run(vcpu), VCPU_EXIT_WFI);
    CHECK(!vcpu->exit.wait.timed);
    check_deadline(UINT64_MAX);
    close();
}

void host_main(const struct machine *machine)
{
    (void)machine;
    testhost_enable(0);
    open(0, false);
    if (vcpu_vm_id(t.vm, ISAR2) & ISAR2_WFXT) {
        close();
        all(VCPU_VM_TRAP_WFI | VCPU_VM_TRAP_WFE, false);
        all(VCPU_VM_TRAP_WFI | VCPU_VM_TRAP_WFE, true);
    } else {
        test_begin("a CPU without FEAT_WFxT shows none");
        CHECK_EQ(vcpu_vm_id(t.vm, ISAR2) & ISAR2_WFXT, 0);
        close();
    }
    test_end();
}
