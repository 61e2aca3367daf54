/* SPDX-License-Identifier: MIT */
/*
 * Which waits of a guest are exits, chosen anew while its vCPUs are resident, put, or run on another
 * CPU. QEMU's WFE never traps: of it HCR_EL2 is looked at.
 */
#include "testhost.h"

#include "cache.h"
#include "gic.h"
#include "irq.h"

extern const char traps_wait[], traps_call[];

#define COUNT_IPA (TEST_RAM_IPA + 0x100000u)
#define HCR_TWI   (UINT64_C(1) << 13)
#define HCR_TWE   (UINT64_C(1) << 14)
#define HCR_VM    UINT64_C(1)
#define BOTH      (VCPU_VM_TRAP_WFI | VCPU_VM_TRAP_WFE)

static struct test_vm vm;
static struct vcpu *vcpu;
static const struct machine *machine;

static void on_timer(void)
{
    timer_clear();
}

static void set_up_cpu(void)
{
    testhost_enable(0);
    testhost_gic();
    gic_enable(machine->hyp_timer_intid);
}

static void other_cpu(unsigned index)
{
    (void)index;
    set_up_cpu();
    testhost_serve();
}

static void check_traps(uint64_t traps)
{
    CHECK_EQ(vcpu->regs.hcr_el2 & (HCR_TWI | HCR_TWE | HCR_VM), traps | HCR_VM);
}

/* A run that is no wait. */
static void calls(uint64_t traps)
{
    testhost_enter_at(vcpu, traps_call);
    CHECK_EQ(testhost_run(vcpu), VCPU_EXIT_HYPERCALL);
    check_traps(traps);
    CHECK_EQ(vcpu_complete_call(vcpu, 0), VCPU_OK);
}

static void begin_waiting(void)
{
    testhost_enter_at(vcpu, traps_wait);
    vcpu->regs.x[1] = COUNT_IPA;
    vcpu->regs.x[2] = 0;
}

/* The guest's next wait is an exit. If it is none, the host's timer ends it, after ten minutes. */
static void next_wait_is_exit(void)
{
    timer_set(testhost_patience());
    CHECK_EQ(testhost_run(vcpu), VCPU_EXIT_WFI);
    timer_clear();
    CHECK_EQ(vcpu_complete_skip(vcpu), VCPU_OK);
}

/*
 * It is none: the host's timer ends it, and the guest goes on. On a busy machine that interrupt can come
 * before the guest waits, so there is more and more time.
 */
static void next_wait_is_no_exit(void)
{
    uint64_t before = vcpu->regs.x[2], time = timer_frequency() / 1000;
    int reason;

    do {
        timer_set(timer_now() + time);
        time *= 2;
        reason = testhost_run(vcpu);
        irq_handle();
    } while (reason == VCPU_EXIT_IRQ && vcpu->regs.x[2] == before);
    CHECK_EQ(reason, VCPU_EXIT_IRQ);
}

static void waits(bool exits)
{
    begin_waiting();
    if (exits)
        next_wait_is_exit();
    else
        next_wait_is_no_exit();
}

static void set_traps(uint32_t flags)
{
    CHECK_EQ(vcpu_vm_set_traps(vm.vm, flags), VCPU_OK);
}

static void as_it_was_made(void)
{
    test_begin("a VM begins with the choice that it was made with");
    calls(HCR_TWI);
    waits(true);
}

static void while_it_is_resident(void)
{
    test_begin("a resident vCPU has a new choice in its next run");
    set_traps(0);
    calls(0);
    waits(false);
    set_traps(VCPU_VM_TRAP_WFE);
    calls(HCR_TWE);
    waits(false);
    set_traps(BOTH);
    waits(true);
    calls(HCR_TWI | HCR_TWE);
    set_traps(VCPU_VM_TRAP_WFI);
    calls(HCR_TWI);
    calls(HCR_TWI);
}

static void while_it_is_put(void)
{
    test_begin("a vCPU that is put has it when it comes back, and over a reset");
    MUST(vcpu_percpu_put(testhost_percpu(0)));
    set_traps(0);
    waits(false);
    MUST(vcpu_percpu_put(testhost_percpu(0)));
    calls(0);
    CHECK_EQ(vcpu_reset(vcpu, false), VCPU_OK);
    calls(0);
    set_traps(VCPU_VM_TRAP_WFI);
    CHECK_EQ(vcpu_reset(vcpu, false), VCPU_OK);
    calls(HCR_TWI);
}

static void for_one_that_is_made_later(void)
{
    struct vcpu *first = vcpu;

    test_begin("a vCPU that is made later has it too, and another VM has its own");
    set_traps(VCPU_VM_TRAP_WFE);
    vcpu = testhost_vcpu(&vm, 1);
    calls(HCR_TWE);
    vcpu = first;
    calls(HCR_TWE);

    struct test_vm mine = vm;

    testhost_vm(&vm, VCPU_VM_TRAP_WFI);
    vcpu = testhost_vcpu(&vm, 0);
    calls(HCR_TWI);
    testhost_vm_free(&vm);
    vm = mine;
    vcpu = first;
    calls(HCR_TWE);
}

/* ---- On another CPU ---- */

static int reason_there;

static void run_there(void)
{
    reason_there = testhost_run(vcpu);
    irq_handle(); /* the kick's SGI */
}

static void wait_there(void)
{
    next_wait_is_exit();
    MUST(vcpu_percpu_put(testhost_percpu(1)));
}

static uint64_t count(void)
{
    cache_invalidate(testhost_ram(&vm, COUNT_IPA), sizeof(uint64_t));
    return *(volatile uint64_t *)testhost_ram(&vm, COUNT_IPA);
}

static void while_it_runs_elsewhere(void)
{
    test_begin("one that waits in another CPU has it in the run after a kick");
    for (unsigned round = 0; round < 20; round++) {
        const uint64_t begun = (round + 1) * 100; /* a count that no round before came to */

        MUST(vcpu_percpu_put(testhost_percpu(0)));
        set_traps(round & 1 ? 0 : VCPU_VM_TRAP_WFE);
        begin_waiting();
        vcpu->regs.x[2] = begun;
        testhost_begin_on_other(run_there);
        CHECK(TEST_WAIT_FOR(count() == begun));
        set_traps(VCPU_VM_TRAP_WFI);
        CHECK_EQ(vcpu_kick(vcpu), VCPU_OK);
        testhost_wait_for_other();
        CHECK_EQ(reason_there, VCPU_EXIT_KICK);
        check_traps(round & 1 ? 0 : HCR_TWE);
        testhost_on_other(wait_there);
        check_traps(HCR_TWI);
    }
}

static void refused(void)
{
    test_begin("no VM, and flags that cannot change");
    CHECK_EQ(vcpu_vm_set_traps(NULL, 0), VCPU_ERR_INVALID);
    CHECK_EQ(vcpu_vm_set_traps(vm.vm, BOTH | VCPU_VM_TRAP_DEBUG), VCPU_ERR_INVALID);
    calls(HCR_TWI);
}

void host_main(const struct machine *on)
{
    machine = on;
    gic_find(machine);
    gic_init();
    set_up_cpu();
    irq_register(machine->hyp_timer_intid, on_timer);
    testhost_vm(&vm, VCPU_VM_TRAP_WFI);
    vcpu = testhost_vcpu(&vm, 0);
    if (!smp_start(other_cpu)) {
        test_begin("the other CPU starts");
        test_fail("it does not");
        test_end();
    }
    as_it_was_made();
    while_it_is_resident();
    while_it_is_put();
    for_one_that_is_made_later();
    while_it_runs_elsewhere();
    refused();
    testhost_vm_free(&vm);
    test_end();
}
