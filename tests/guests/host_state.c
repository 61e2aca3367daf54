/* SPDX-License-Identifier: MIT */
/*
 * What the host can count on: after vcpu_run its own state is as before, whatever the guest wrote
 * and however it was left; and after vcpu_put and vcpu_percpu_disable all of EL2 and EL1 is.
 */
#include <stddef.h>

#include "arch.h"
#include "gic.h"
#include "host_state_el1.h"
#include "host_state_run.h"
#include "irq.h"
#include "testhost.h"

#define GUEST_CNTVOFF UINT64_C(0x7ea7ab1e0000)

/* ---- Modes ---- */

static void enable(const struct mode *mode)
{
    static struct vcpu_host hooks;
    const struct vcpu_percpu_config config = {.host = &hooks, .flags = mode->percpu_flags};

    hooks = testhost_hooks;
    hooks.irq = host_state_irq;
    CHECK_EQ(vcpu_percpu_enable(testhost_percpu(0), &config), VCPU_OK);
    if (mode->own_vectors)
        CHECK_EQ(vcpu_percpu_own_vectors(testhost_percpu(0)), VCPU_OK);
}

static void make_vm(struct test_vm *t, const struct mode *mode)
{
    testhost_vm_with(t, (struct vcpu_vm_config){
                            .flags = mode->vm_flags | VCPU_VM_TRAP_WFI,
                            .counter_offset = mode->other_count ? GUEST_CNTVOFF : HOST_CNTVOFF,
                            .allow_smc = host_state_allow_smc,
                        });
}

static void test_mode(const struct mode *mode)
{
    struct vcpu_percpu *cpu = testhost_percpu(0);
    struct el2 before, after;
    struct el1 el1_before, el1_after;
    struct test_vm t;
    struct vcpu *vcpu;

    test_begin(mode->name);
    at.failed = false;
    el2_make_unusual(mode);
    el1_make_unusual();
    before = el2_read();
    el1_before = el1_read();
    enable(mode);
    make_vm(&t, mode);
    run_guests(&t, mode);

    /* Disabling it puts what is resident. */
    vcpu = testhost_vcpu(&t, 0);
    testhost_enter_at(vcpu, guest_hvc);
    CHECK_EQ(testhost_run(vcpu), VCPU_EXIT_HYPERCALL);
    CHECK_EQ(vcpu_percpu_disable(cpu), VCPU_OK);
    after = el2_read();
    after.value[EL2_CNTHP_CVAL] = before.value[EL2_CNTHP_CVAL];
    at.guest = "put by disable";
    check_el2_same(&after, &before);
    el1_after = el1_read();
    check_el1_same(&el1_after, &el1_before);
    testhost_vm_free(&t);
}

/*
 * A vCPU's FP registers, through an exit, through another vCPU's run if there are two, and through
 * a host that uses them itself.
 */
static void fp_of(struct test_vm *t, const struct mode *mode, unsigned vcpus)
{
    struct vcpu_percpu *cpu = testhost_percpu(0);
    struct vcpu *vcpu[2];

    for (unsigned i = 0; i < vcpus; i++) {
        vcpu[i] = testhost_vcpu(t, (uint16_t)i);
        testhost_enter_at(vcpu[i], guest_fp);
        vcpu[i]->regs.x[1] = UINT64_C(0xf10a710000000000) + i * UINT64_C(0x0123456789);
    }
    for (unsigned round = 1; round <= 2; round++) {
        for (unsigned i = 0; i < vcpus; i++) {
            CHECK_EQ(vcpu_run(cpu, vcpu[i]), VCPU_EXIT_HYPERCALL);
            CHECK_EQ(vcpu_exit_imm(&vcpu[i]->exit), round == 1 ? GUEST_FP_READY : GUEST_FP_DONE);
            if (round == 2)
                CHECK_EQ(vcpu[i]->regs.x[0], 0);
            if (mode->puts_fp)
                CHECK_EQ(vcpu_percpu_put_fp(cpu), VCPU_OK);
            if (mode->puts_fp || (mode->percpu_flags & VCPU_PERCPU_HOST_FP))
                host_state_spoil_fp();
            CHECK_EQ(vcpu_complete_call(vcpu[i], 0), VCPU_OK);
        }
    }
    CHECK_EQ(vcpu_percpu_put(cpu), VCPU_OK);
    for (unsigned i = 0; i < vcpus; i++)
        CHECK_EQ(vcpu_destroy(vcpu[i]), VCPU_OK);
}

static void test_fp(const struct mode *mode)
{
    struct test_vm t;

    test_begin(mode->name);
    el2_make_unusual(mode);
    enable(mode);
    testhost_vm_with(&t, (struct vcpu_vm_config){.counter_offset = HOST_CNTVOFF});
    fp_of(&t, mode, 1);
    fp_of(&t, mode, 2);
    testhost_vm_free(&t);
    CHECK_EQ(vcpu_percpu_disable(testhost_percpu(0)), VCPU_OK);
}

/*
 * What each exception writes has namesakes at EL1 as well; without one, a switch leaves them alone.
 */
#define EXCEPTION_REGISTERS(X) X(elr_el2) X(spsr_el2) X(esr_el2) X(far_el2)

static void spoil_exception_registers(void)
{
#define SPOIL(name) arch_write(name, 0xe0c);
    EXCEPTION_REGISTERS(SPOIL)
#undef SPOIL
}

static void check_exception_registers(void)
{
#define SAME(name) check_same(#name, arch_read(name), 0xe0c);
    EXCEPTION_REGISTERS(SAME)
#undef SAME
}

/* Runs that do not enter the guest: an error, and a kick that was there before. */
static void test_not_entered(const struct mode *mode)
{
    struct vcpu_percpu *cpu = testhost_percpu(0);
    struct world in, out = {.result = 0};
    struct el2 before, after;
    struct vcpu *vcpu;
    struct test_vm t;

    el2_make_unusual(mode);
    enable(mode);
    make_vm(&t, mode);
    vcpu = testhost_vcpu(&t, 0);
    before = el2_read();
    at.guest = "without entry";
    for (at.daif = 0; at.daif <= 0x3c0 && !at.failed; at.daif += 0x40) {
        in = host_world(mode, at.daif);
        host_state_run(&in, &out, cpu, vcpu);
        after = el2_read();
        check_same("result", (uint64_t)out.result, (uint64_t)VCPU_ERR_STATE);
        check_world(&in, &out);
        check_el2_same(&after, &before);
    }
    testhost_enter_at(vcpu, guest_hvc);
    at.guest = "kicked before";
    for (at.daif = 0; at.daif <= 0x3c0 && !at.failed; at.daif += 0x40) {
        in = host_world(mode, at.daif);
        MUST(vcpu_kick(vcpu));
        spoil_exception_registers();
        host_state_run(&in, &out, cpu, vcpu);
        after = el2_read();
        check_exception_registers();
        check_same("result", (uint64_t)out.result, VCPU_EXIT_KICK);
        check_world(&in, &out);
        check_el2_shared(mode, &after, &before);
    }
    spoil_exception_registers();
    check_same("vcpu_percpu_put", (uint64_t)vcpu_percpu_put(cpu), VCPU_OK);
    check_exception_registers();
    testhost_vm_free(&t);
    CHECK_EQ(vcpu_percpu_disable(cpu), VCPU_OK);
}

#define VIRTUAL_TIMER_INTID 27u

static unsigned ticks;

static void tick(void)
{
    ticks++;
    el1_set_virtual_timer(UINT64_MAX, 0);
}

/*
 * A host that ticks on EL1's virtual timer: no tick while a vCPU is in the CPU, and one that came due
 * meanwhile after that. guest_fp leaves the timer off.
 */
static void test_ticks(const struct mode *mode)
{
    struct vcpu_percpu *cpu = testhost_percpu(0);
    struct test_vm t;
    struct vcpu *vcpu;

    test_begin(mode->name);
    el2_make_unusual(mode);
    enable(mode);
    make_vm(&t, mode);
    vcpu = testhost_vcpu(&t, 0);
    testhost_enter_at(vcpu, guest_fp);
    irq_register(VIRTUAL_TIMER_INTID, tick);
    ticks = 0;
    el1_set_virtual_timer(0, 1);
    CHECK(gic_is_pending(VIRTUAL_TIMER_INTID));
    CHECK_EQ(vcpu_run(cpu, vcpu), VCPU_EXIT_HYPERCALL);
    if (!puts_each_run(mode))
        CHECK(!gic_is_pending(VIRTUAL_TIMER_INTID));
    CHECK_EQ(vcpu_percpu_put(cpu), VCPU_OK);
    CHECK(gic_is_pending(VIRTUAL_TIMER_INTID));
    gic_enable(VIRTUAL_TIMER_INTID);
    arch_irq_enable();
    CHECK(!gic_is_pending(VIRTUAL_TIMER_INTID) || TEST_WAIT_FOR(ticks != 0));
    CHECK_EQ(ticks, 1);
    gic_disable(VIRTUAL_TIMER_INTID);

    /* Nor is a guest's timer the host's: it is due, and goes with the vCPU. */
    CHECK_EQ(vcpu_complete_call(vcpu, 0), VCPU_OK);
    testhost_enter_at(vcpu, guest_hvc);
    CHECK_EQ(vcpu_run(cpu, vcpu), VCPU_EXIT_HYPERCALL);
    CHECK(puts_each_run(mode) || gic_is_pending(VIRTUAL_TIMER_INTID));
    CHECK_EQ(vcpu_percpu_put(cpu), VCPU_OK);
    CHECK(!gic_is_pending(VIRTUAL_TIMER_INTID));
    testhost_vm_free(&t);
    CHECK_EQ(vcpu_percpu_disable(cpu), VCPU_OK);
}

static const struct mode tick_modes[] = {
    {.name = "a host's own virtual timer stands still meanwhile, and goes on"},
    {.name = "so it does beside a guest with another count", .other_count = true},
    {.name = "so it does beside one that is not put at each exit",
     .percpu_flags = VCPU_PERCPU_HOST_CNTPCT,
     .other_count = true},
};

static const struct mode modes[] = {
    {.name = "a host without FP gets all of its state back"},
    {.name = "a host that traps its own FP traps it again", .traps_fp = true},
    {.name = "a host with FP keeps its FP registers", .percpu_flags = VCPU_PERCPU_HOST_FP},
    {.name = "with an interrupt hook", .percpu_flags = VCPU_PERCPU_IRQ_HOOK},
    {.name = "with the library's vectors", .own_vectors = true},
    {.name = "a guest that owns the interrupts leaves the host its own",
     .vm_flags = VCPU_VM_DIRECT_IRQ},
    {.name = "a guest that owns the physical timer", .vm_flags = VCPU_VM_DIRECT_TIMER},
    {.name = "a guest with another count does not shift the host's", .other_count = true},
    {.name = "a host that reads CNTPCT_EL0 only",
     .percpu_flags = VCPU_PERCPU_HOST_CNTPCT,
     .other_count = true},
    {.name = "a host that routes no interrupt to EL2", .polls = true},
    {.name = "a host with TGE set, whatever E2H is", .tge = true},
    {.name = "the same with guests that use what TGE changes",
     .percpu_flags = VCPU_PERCPU_HOST_FP | VCPU_PERCPU_IRQ_HOOK,
     .vm_flags = VCPU_VM_DIRECT_TIMER,
     .tge = true},
    {.name = "everything at once",
     .percpu_flags = VCPU_PERCPU_HOST_FP | VCPU_PERCPU_IRQ_HOOK | VCPU_PERCPU_HOST_CNTPCT,
     .own_vectors = true,
     .vm_flags = VCPU_VM_DIRECT_TIMER,
     .other_count = true},
};

static const struct mode fp_modes[] = {
    {.name = "guests keep their FP registers, in a host without FP"},
    {.name = "guests keep their FP registers, in a host that traps its own", .traps_fp = true},
    {.name = "guests keep their FP registers, in a host with TGE set", .tge = true},
    {.name = "guests keep their FP registers, in a host that uses FP",
     .percpu_flags = VCPU_PERCPU_HOST_FP},
    {.name = "guests keep their FP registers, in a host whose threads use FP", .puts_fp = true},
    {.name = "a host that uses FP need put nothing",
     .percpu_flags = VCPU_PERCPU_HOST_FP,
     .puts_fp = true},
};

void host_main(const struct machine *machine)
{
    gic_find(machine);
    gic_init();
    testhost_gic();
    run_timer_init(machine);
    el2_find();

    for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++)
        test_mode(&modes[i]);
    for (size_t i = 0; i < sizeof(fp_modes) / sizeof(fp_modes[0]); i++)
        test_fp(&fp_modes[i]);
    for (size_t i = 0; i < sizeof(tick_modes) / sizeof(tick_modes[0]); i++)
        test_ticks(&tick_modes[i]);
    test_begin("a run that does not enter the guest changes nothing");
    at.failed = false;
    for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++)
        test_not_entered(&modes[i]);
    test_end();
}
