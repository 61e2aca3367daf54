/* SPDX-License-Identifier: MIT */
/*
 * Power states on real CPUs: vCPUs that turn others on at the same moment, off and on again, suspend
 * and wake up, reset the system.
 */
#include <stdatomic.h>

#include <vcpu/device.h>

#include "arch.h"
#include "gic.h"
#include "testhost.h"

extern const char power_call[], power_turns_on[], power_starts[], power_suspends[], power_wakes[];

#define CALLED 1u /* the HVC by which the snippets speak to the host */

#define SCTLR_RESET UINT64_C(0x30d00800)
#define DAIF        UINT64_C(0x3c0)

static struct test_vm vm;

/* ---- The other CPU ---- */

static void (*_Atomic work)(unsigned cpu); /* what it is to do; NULL: it has done it */

static void other_cpu(unsigned index)
{
    testhost_enable(0);
    testhost_gic();
    for (;;) {
        void (*todo)(unsigned) = work;

        if (todo) {
            todo(index);
            work = NULL;
            arch_sev();
        } else {
            arch_wfe();
        }
    }
}

/* Both CPUs do it. */
static void on_both(void (*todo)(unsigned cpu))
{
    work = todo;
    arch_sev();
    todo(0);
    while (work)
        arch_wfe();
}

static void on_other(void (*todo)(unsigned cpu))
{
    work = todo;
    arch_sev();
    while (work)
        arch_wfe();
}

static void relax(void)
{
    __asm__ volatile("yield" ::: "memory");
}

/* Neither CPU goes on before both are here. */
static void meet(void)
{
    static atomic_uint arrived, times;
    unsigned now = times;

    if (++arrived == 2) {
        arrived = 0;
        times++;
    }
    while (times == now)
        relax();
}

static void put(void)
{
    MUST(vcpu_percpu_put(testhost_percpu(smp_this()->index)));
}

/* ---- vCPUs ---- */

static struct vcpu *caller[2], *target;

static struct vcpu *new_vcpu(uint16_t index, bool off)
{
    const struct vcpu_config config = {.index = index, .mpidr = index, .off = off};
    struct vcpu *vcpu;

    CHECK_EQ(vcpu_create(vm.vm, &config, &vcpu), VCPU_OK);
    CHECK_EQ(vcpu_set_ept_root(vcpu, vcpu_stage2_root(&vm.s2)), VCPU_OK);
    return vcpu;
}

/* The answer of a call, for one that is no exit. */
static int64_t answered(struct vcpu *vcpu, uint64_t x0, uint64_t x1, uint64_t x2)
{
    testhost_enter_at(vcpu, power_call);
    vcpu->regs.x[0] = x0;
    vcpu->regs.x[1] = x1;
    vcpu->regs.x[2] = x2;
    CHECK_EQ(testhost_run(vcpu), VCPU_EXIT_HYPERCALL);
    CHECK_EQ(vcpu_exit_imm(&vcpu->exit), CALLED);
    return (int64_t)vcpu->regs.x[0];
}

static void caller_begins(struct vcpu *vcpu)
{
    testhost_enter_at(vcpu, power_turns_on);
    vcpu->regs.x[19] = vcpu_mpidr(target);
    vcpu->regs.x[20] = testhost_ipa(power_starts);
}

/* Has it what a reset gives, but for x0? */
static bool is_fresh(const struct vcpu *vcpu)
{
    uint64_t others = 0;

    for (unsigned i = 1; i < 31; i++)
        others |= i == 4 || i == 5 ? 0 : vcpu->regs.x[i];
    return others == 0 && vcpu->regs.x[4] == SCTLR_RESET && vcpu->regs.x[5] == DAIF &&
           vcpu->regs.sp_el0 == 0 && vcpu->regs.tpidr_el0 == 0;
}

/* ---- Two callers at once ---- */

#define ROUNDS 300u

static atomic_uint won[2], refused[2], wrong;

/* What a caller gives with its call in this round. */
static uint64_t context_of(unsigned cpu, unsigned round)
{
    return (uint64_t)(cpu + 1) << 32 | round;
}

/* The target runs on this CPU from its start to its end. */
static void run_target(uint64_t context)
{
    if (testhost_run(target) != VCPU_EXIT_HYPERCALL || target->regs.x[0] != context ||
        !is_fresh(target) || vcpu_complete_call(target, 0) != VCPU_OK ||
        testhost_run(target) != VCPU_EXIT_CPU_DOWN)
        wrong++;
}

static void race(unsigned cpu)
{
    struct vcpu *vcpu = caller[cpu];

    for (unsigned round = 0; round < ROUNDS; round++) {
        uint64_t context = context_of(cpu, round);
        int reason;

        meet();
        reason = testhost_run(vcpu);
        if (reason == VCPU_EXIT_CPU_UP) {
            won[cpu]++;
            if (vcpu_complete_cpu_up(vcpu, VCPU_PSCI_SUCCESS) != VCPU_OK ||
                testhost_run(vcpu) != VCPU_EXIT_HYPERCALL || vcpu->regs.x[0] != 0)
                wrong++;
        } else if (reason == VCPU_EXIT_HYPERCALL) {
            int64_t answer = (int64_t)vcpu->regs.x[0];

            refused[cpu]++;
            if (answer != VCPU_PSCI_ON_PENDING && answer != VCPU_PSCI_ALREADY_ON)
                wrong++;
        } else {
            wrong++;
        }
        if (vcpu_complete_call(vcpu, 0) != VCPU_OK)
            wrong++;
        meet();
        if (reason == VCPU_EXIT_CPU_UP)
            run_target(context);
    }
    put();
}

static void two_callers(void)
{
    test_begin("of two vCPUs that turn a third on at the same moment one does, each time anew");
    for (unsigned i = 0; i < 2; i++) {
        caller_begins(caller[i]);
        caller[i]->regs.x[21] = context_of(i, 0);
    }
    on_both(race);
    CHECK_EQ(won[0] + won[1], ROUNDS);
    CHECK_EQ(refused[0] + refused[1], ROUNDS);
    CHECK_EQ(wrong, 0);
    CHECK_EQ(vcpu_power(target), VCPU_POWER_OFF);
}

/* ---- On on one CPU, off on the other ---- */

#define CYCLES 300u

static atomic_bool finished;

/* The first CPU turns it on as often as it can; the other runs it whenever it is on. */
static void cycle(unsigned cpu)
{
    unsigned ups = 0, downs = 0;
    uint64_t context = 0;

    while (cpu == 0 && ups < CYCLES) {
        struct vcpu *vcpu = caller[0];
        int reason = testhost_run(vcpu);

        if (reason == VCPU_EXIT_CPU_UP) {
            ups++;
            if (vcpu_complete_cpu_up(vcpu, VCPU_PSCI_SUCCESS) != VCPU_OK)
                wrong++;
        } else if (reason != VCPU_EXIT_HYPERCALL || vcpu_complete_call(vcpu, 0) != VCPU_OK) {
            wrong++;
        }
    }
    if (cpu == 0)
        finished = true;
    while (cpu == 1 && !(finished && vcpu_power(target) == VCPU_POWER_OFF)) {
        int reason = testhost_run(target);

        if (reason == VCPU_ERR_STATE) {
            relax(); /* it is off, or about to be on */
        } else if (reason == VCPU_EXIT_CPU_DOWN) {
            downs++;
        } else {
            /* The context counts the calls, of which those that failed were some. */
            if (reason != VCPU_EXIT_HYPERCALL || target->regs.x[0] < context || !is_fresh(target) ||
                vcpu_complete_call(target, 0) != VCPU_OK)
                wrong++;
            context = target->regs.x[0] + 1;
        }
    }
    if (cpu == 1 && downs != CYCLES)
        wrong++;
    put();
}

static void off_and_on(void)
{
    test_begin("a vCPU that turns itself off on one CPU is turned on from another, from a reset");
    caller_begins(caller[0]);
    caller[0]->regs.x[21] = 0;
    wrong = 0;
    on_both(cycle);
    CHECK_EQ(wrong, 0);
}

/* ---- Suspended ---- */

static void suspend(struct vcpu *vcpu, uint64_t power_state)
{
    testhost_enter_at(vcpu, power_suspends);
    vcpu->regs.x[1] = power_state;
    vcpu->regs.x[2] = testhost_ipa(power_wakes);
    vcpu->regs.x[3] = 0x1357;
    vcpu->regs.x[9] = UINT64_C(0x7ffffffffffffff0);
    CHECK_EQ(testhost_run(vcpu), VCPU_EXIT_CPU_SUSPEND);
}

static void wake(unsigned cpu)
{
    (void)cpu;
    CHECK_EQ(vcpu_complete_suspend(caller[0], VCPU_PSCI_SUCCESS), VCPU_OK);
    CHECK_EQ(testhost_run(caller[0]), VCPU_EXIT_HYPERCALL);
    put();
}

static void wake_too_early(unsigned cpu)
{
    (void)cpu;
    CHECK_EQ(vcpu_complete_suspend(caller[0], VCPU_PSCI_SUCCESS), VCPU_ERR_BUSY);
    CHECK_EQ(vcpu_reset(caller[0], false), VCPU_ERR_BUSY);
}

static void check_woken_from_power_down(const struct vcpu *vcpu)
{
    CHECK_EQ(vcpu->regs.x[0], 0x1357);
    CHECK_EQ(vcpu->regs.x[2], UINT64_C(0x7ffffffffffffff0));
    CHECK_EQ(vcpu->regs.x[3], 3);
    CHECK_EQ(vcpu->regs.x[4], 0);
    CHECK_EQ(vcpu->regs.x[9], 0);
}

static void suspended(void)
{
    struct vcpu *vcpu = caller[0];

    test_begin("a suspended vCPU is on, and run again it is suspended again");
    suspend(vcpu, 0x3);
    CHECK(!vcpu->exit.suspend.power_down);
    CHECK_EQ(vcpu_power(vcpu), VCPU_POWER_ON);
    CHECK_EQ(answered(caller[1], 0xc4000004, 0, 0), VCPU_POWER_ON);
    CHECK_EQ(answered(caller[1], 0xc4000003, 0, TEST_RAM_IPA), VCPU_PSCI_ALREADY_ON);
    put();
    CHECK_EQ(testhost_run(vcpu), VCPU_EXIT_CPU_SUSPEND);

    test_begin("a kick, or a line that goes up, is a reason to wake");
    CHECK(!vcpu_has_work(vcpu));
    MUST(vcpu_kick(vcpu));
    CHECK(vcpu_has_work(vcpu));
    CHECK_EQ(testhost_run(vcpu), VCPU_EXIT_KICK);
    CHECK_EQ(testhost_run(vcpu), VCPU_EXIT_CPU_SUSPEND);
    CHECK(!vcpu_has_work(vcpu));
    CHECK_EQ(vcpu_inject_irq(vcpu, true), VCPU_OK);
    CHECK(vcpu_has_work(vcpu));
    CHECK_EQ(vcpu_complete_suspend(vcpu, VCPU_PSCI_SUCCESS), VCPU_OK);
    CHECK_EQ(testhost_run(vcpu), VCPU_EXIT_HYPERCALL);
    CHECK_EQ(vcpu->regs.x[0], 0);
    CHECK_EQ(vcpu->regs.x[9], UINT64_C(0x7ffffffffffffff0));
    CHECK_EQ(vcpu_inject_irq(vcpu, false), VCPU_OK);
    CHECK(!vcpu_has_work(vcpu));

    test_begin("from power-down it wakes at its entry, reset but for its timer");
    suspend(vcpu, 0x01010000);
    CHECK(vcpu->exit.suspend.power_down);
    wake(0);
    check_woken_from_power_down(vcpu);

    test_begin("on another CPU, too, once it has left the first");
    suspend(vcpu, 0x00010000);
    on_other(wake_too_early);
    put();
    on_other(wake);
    check_woken_from_power_down(vcpu);
}

/* ---- Resets ---- */

static void resets(void)
{
    struct vcpu *vcpu = caller[0];

    test_begin("SYSTEM_RESET2 comes out with type and cookie, and the host may refuse it");
    testhost_enter_at(vcpu, power_call);
    vcpu->regs.x[0] = 0xc4000012;
    vcpu->regs.x[1] = 0xffffffff80000009;
    vcpu->regs.x[2] = 0x123456789abcdef0;
    CHECK_EQ(testhost_run(vcpu), VCPU_EXIT_SYSTEM_RESET);
    CHECK_EQ(vcpu->exit.system_reset.extended, true);
    CHECK_EQ(vcpu->exit.system_reset.type, 0x80000009);
    CHECK_EQ(vcpu->exit.system_reset.cookie, 0x123456789abcdef0);
    CHECK_EQ(vcpu_complete_system_reset(vcpu, VCPU_PSCI_INVALID_PARAMETERS), VCPU_OK);
    CHECK_EQ(testhost_run(vcpu), VCPU_EXIT_HYPERCALL);
    CHECK_EQ(vcpu->regs.x[0], (uint64_t)VCPU_PSCI_INVALID_PARAMETERS);
    CHECK_EQ(answered(vcpu, 0x84000012, 1, 0), VCPU_PSCI_INVALID_PARAMETERS);

    test_begin("after a reset of all vCPUs the VM starts anew");
    CHECK_EQ(vcpu_inject_fiq(vcpu, true), VCPU_OK);
    testhost_enter_at(vcpu, power_call);
    vcpu->regs.x[0] = 0x84000009;
    CHECK_EQ(testhost_run(vcpu), VCPU_EXIT_SYSTEM_RESET);
    CHECK(!vcpu->exit.system_reset.extended);
    CHECK_EQ(vcpu_reset(vcpu, false), VCPU_OK);
    CHECK_EQ(vcpu_reset(caller[1], true), VCPU_OK);
    CHECK_EQ(vcpu_reset(target, true), VCPU_OK);
    CHECK_EQ(vcpu_power(caller[1]), VCPU_POWER_OFF);
    CHECK(!vcpu_has_work(vcpu));
    CHECK_EQ(testhost_run(vcpu), VCPU_ERR_STATE); /* no entry */
    testhost_enter_at(vcpu, power_starts);
    CHECK_EQ(testhost_run(vcpu), VCPU_EXIT_HYPERCALL);
    CHECK_EQ(vcpu->regs.x[0], 0);
    CHECK(is_fresh(vcpu));

    test_begin("a vCPU that is off has no work, whatever was said to it");
    MUST(vcpu_kick(target));
    CHECK_EQ(vcpu_inject_irq(target, true), VCPU_OK);
    CHECK(!vcpu_has_work(target));

    test_begin("and CPU_ON lets its lines down");
    caller_begins(vcpu);
    CHECK_EQ(testhost_run(vcpu), VCPU_EXIT_CPU_UP);
    CHECK_EQ(vcpu_complete_cpu_up(vcpu, VCPU_PSCI_SUCCESS), VCPU_OK);
    CHECK_EQ(testhost_run(target), VCPU_EXIT_KICK);
    CHECK(!vcpu_has_work(target));
    put();
}

/* ---- A host with a PSCI of its own ---- */

static struct vcpu *raw[2];

/* Started anew each time, on its own CPU, while the other one is too. */
static void reset_and_run(unsigned cpu)
{
    struct vcpu *vcpu = raw[cpu];

    meet();
    for (unsigned round = 0; round < ROUNDS; round++) {
        if (vcpu_reset(vcpu, true) != VCPU_OK || testhost_run(vcpu) != VCPU_ERR_STATE ||
            vcpu_reset(vcpu, false) != VCPU_OK)
            wrong++;
        testhost_enter_at(vcpu, power_starts);
        if (testhost_run(vcpu) != VCPU_EXIT_HYPERCALL || !is_fresh(vcpu) ||
            vcpu_complete_call(vcpu, 0) != VCPU_OK || testhost_run(vcpu) != VCPU_EXIT_HYPERCALL ||
            vcpu->regs.x[0] != VCPU_PSCI_CPU_OFF)
            wrong++;
    }
    put();
}

static void raw_calls(void)
{
    test_begin("with power states of the host's own a vCPU is reset while others run");
    testhost_vm(&vm, VCPU_VM_RAW_CALLS);
    for (uint16_t i = 0; i < 2; i++)
        raw[i] = new_vcpu(i, true);
    wrong = 0;
    on_both(reset_and_run);
    CHECK_EQ(wrong, 0);
    testhost_vm_free(&vm);
}

void host_main(const struct machine *machine)
{
    gic_find(machine);
    gic_init();
    testhost_enable(0);
    testhost_gic();
    testhost_vm(&vm, 0);
    caller[0] = new_vcpu(0, false);
    caller[1] = new_vcpu(1, false);
    target = new_vcpu(2, true);
    if (!smp_start(other_cpu)) {
        test_begin("the other CPU starts");
        test_fail("it does not");
        test_end();
    }
    two_callers();
    off_and_on();
    suspended();
    resets();
    raw_calls();
    test_end();
}
