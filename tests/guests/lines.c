/* SPDX-License-Identifier: MIT */
/*
 * The interrupt lines of a vCPU (vcpu_inject_irq, vcpu_inject_fiq): taken at the right vector, as
 * long as they are up, wherever the vCPU goes, whoever moves them.
 */
#include "lines.h"

#include <stdatomic.h>

#include <vcpu/device.h>

#include "arch.h"
#include "cache.h"
#include "gic.h"
#include "irq.h"
#include "testhost.h"

extern const char lines_vectors[], lines_device_vectors[], lines_spin[], lines_masked[],
    lines_wait[], lines_device[];

#define COUNT_IPA (TEST_RAM_IPA + 0x100000u)

/* Slots of the vector table, as offset / 0x80: from EL1 with SP_EL1. */
#define SLOT_IRQ 5u
#define SLOT_FIQ 6u

#define PSTATE_I    UINT64_C(0x80)
#define PSTATE_F    UINT64_C(0x40)
#define PSTATE_EL1H UINT64_C(0x5)
#define UNMASKED    PSTATE_EL1H

#define ISR_I UINT64_C(0x80)
#define ISR_F UINT64_C(0x40)

#define HCR_VI  UINT64_C(0x80)
#define HCR_VF  UINT64_C(0x40)
#define HCR_AMO UINT64_C(0x20)

#define VBAR (VCPU_REG_SYSREG + VCPU_SYSREG(3, 0, 12, 0, 0))
#define ELR  (VCPU_REG_SYSREG + VCPU_SYSREG(3, 0, 4, 0, 1))

static struct test_vm vm;
static struct vcpu *vcpu;

static struct vcpu_percpu *this_cpu(void)
{
    return testhost_percpu(smp_this()->index);
}

/* ---- The other CPU ---- */

static void other_cpu(unsigned index)
{
    (void)index;
    testhost_enable(0);
    testhost_gic();
    testhost_serve();
}

/* ---- The guest ---- */

static void begin(const char *entry, uint64_t pstate)
{
    testhost_enter_at(vcpu, entry);
    CHECK_EQ(vcpu_set_reg(vcpu, VCPU_REG_PSTATE, pstate), VCPU_OK);
    CHECK_EQ(vcpu_set_reg(vcpu, VBAR, testhost_ipa(lines_vectors)), VCPU_OK);
    vcpu->regs.x[1] = COUNT_IPA;
    vcpu->regs.x[2] = 0;
    *(uint64_t *)testhost_ram(&vm, COUNT_IPA) = 0;
    cache_clean(testhost_ram(&vm, COUNT_IPA), sizeof(uint64_t));
}

static uint64_t count(void)
{
    cache_invalidate(testhost_ram(&vm, COUNT_IPA), sizeof(uint64_t));
    return *(volatile uint64_t *)testhost_ram(&vm, COUNT_IPA);
}

/* To the guest's next word, which the host answers. Interrupts of the host's own are none. */
static unsigned run_to_call(void)
{
    int reason;

    do {
        reason = testhost_run(vcpu);
        irq_handle();
    } while (reason == VCPU_EXIT_IRQ);
    if (reason != VCPU_EXIT_HYPERCALL) {
        CHECK_EQ(reason, VCPU_EXIT_HYPERCALL);
        return ~0u;
    }
    reason = vcpu_exit_imm(&vcpu->exit);
    MUST(vcpu_complete_call(vcpu, vcpu->regs.x[0]));
    return (unsigned)reason;
}

static void both_down(void)
{
    CHECK_EQ(vcpu_inject_irq(vcpu, false), VCPU_OK);
    CHECK_EQ(vcpu_inject_fiq(vcpu, false), VCPU_OK);
}

/* ---- On one CPU ---- */

static void taken(void)
{
    uint64_t elr = 0;

    test_begin("a line that is up is taken at its vector, before the next instruction");
    begin(lines_spin, UNMASKED);
    CHECK_EQ(vcpu_inject_irq(vcpu, true), VCPU_OK);
    CHECK_EQ(run_to_call(), SLOT_IRQ);
    CHECK_EQ(vcpu_get_reg(vcpu, ELR, &elr), VCPU_OK);
    CHECK_EQ(elr, testhost_ipa(lines_spin));
    CHECK_EQ(vcpu->regs.x[2], 0);

    test_begin("and again after the guest's return, for as long as it is up");
    CHECK_EQ(run_to_call(), SLOT_IRQ);
    CHECK_EQ(run_to_call(), SLOT_IRQ);
    CHECK_EQ(vcpu->regs.x[2], 0);

    test_begin("the other line is the other vector");
    CHECK_EQ(vcpu_inject_irq(vcpu, false), VCPU_OK);
    CHECK_EQ(vcpu_inject_fiq(vcpu, true), VCPU_OK);
    CHECK_EQ(run_to_call(), SLOT_FIQ);
    CHECK_EQ(run_to_call(), SLOT_FIQ);
    both_down();
}

static void masked(void)
{
    test_begin("a masked one is pending, and taken when it is unmasked");
    for (unsigned lines = 0; lines < 4; lines++) {
        bool irq = lines & 1, fiq = lines & 2;

        begin(lines_masked, UNMASKED | PSTATE_I | PSTATE_F);
        CHECK_EQ(vcpu_inject_irq(vcpu, irq), VCPU_OK);
        CHECK_EQ(vcpu_inject_fiq(vcpu, fiq), VCPU_OK);
        CHECK_EQ(run_to_call(), LINES_CALL);
        CHECK_EQ(vcpu->regs.x[0] & (ISR_I | ISR_F), (irq ? ISR_I : 0) | (fiq ? ISR_F : 0));
        /* Of two the CPU chooses. */
        for (unsigned i = 0; i < 2 && (irq || fiq); i++) {
            unsigned slot = run_to_call();

            CHECK((irq && slot == SLOT_IRQ) || (fiq && slot == SLOT_FIQ));
            if (slot == SLOT_IRQ) {
                CHECK_EQ(vcpu_inject_irq(vcpu, false), VCPU_OK);
                irq = false;
            } else {
                CHECK_EQ(vcpu_inject_fiq(vcpu, false), VCPU_OK);
                fiq = false;
            }
        }
        CHECK_EQ(run_to_call(), LINES_CALL);
        both_down();
    }

    test_begin("one that goes down before it is unmasked is not taken");
    begin(lines_masked, UNMASKED | PSTATE_I | PSTATE_F);
    CHECK_EQ(vcpu_inject_irq(vcpu, true), VCPU_OK);
    CHECK_EQ(run_to_call(), LINES_CALL);
    CHECK_EQ(vcpu_inject_irq(vcpu, false), VCPU_OK);
    CHECK_EQ(run_to_call(), LINES_CALL);
}

static void over_put(void)
{
    test_begin("over vcpu_put it stays as it is, and what was moved meanwhile counts");
    begin(lines_spin, UNMASKED);
    CHECK_EQ(vcpu_inject_irq(vcpu, true), VCPU_OK);
    CHECK_EQ(run_to_call(), SLOT_IRQ);
    MUST(vcpu_percpu_put(this_cpu()));
    CHECK_EQ(arch_read(hcr_el2) & (HCR_VI | HCR_VF), 0);
    CHECK_EQ(run_to_call(), SLOT_IRQ);
    MUST(vcpu_percpu_put(this_cpu()));
    CHECK_EQ(vcpu_inject_irq(vcpu, false), VCPU_OK);
    CHECK_EQ(vcpu_inject_fiq(vcpu, true), VCPU_OK);
    CHECK_EQ(run_to_call(), SLOT_FIQ);
    both_down();

    test_begin("a vCPU that takes its place has its own lines");
    struct vcpu *first = vcpu, *second = testhost_vcpu(&vm, 1);

    begin(lines_spin, UNMASKED);
    CHECK_EQ(vcpu_inject_irq(first, true), VCPU_OK);
    CHECK_EQ(run_to_call(), SLOT_IRQ);
    vcpu = second;
    begin(lines_masked, UNMASKED);
    CHECK_EQ(run_to_call(), LINES_CALL);
    CHECK_EQ(vcpu->regs.x[0] & (ISR_I | ISR_F), 0);
    CHECK_EQ(run_to_call(), LINES_CALL);
    vcpu = first;
    CHECK_EQ(run_to_call(), SLOT_IRQ);
    both_down();
    MUST(vcpu_percpu_put(this_cpu()));
    CHECK_EQ(vcpu_destroy(second), VCPU_OK);
}

static void waiting(void)
{
    test_begin("a line that is up is work, masked or not; and WFI does not wait");
    CHECK(!vcpu_has_work(vcpu));
    for (unsigned fiq = 0; fiq < 2; fiq++) {
        int (*inject)(struct vcpu *, bool) = fiq ? vcpu_inject_fiq : vcpu_inject_irq;

        begin(lines_wait, UNMASKED | PSTATE_I | PSTATE_F);
        CHECK_EQ(inject(vcpu, true), VCPU_OK);
        CHECK(vcpu_has_work(vcpu));
        CHECK_EQ(run_to_call(), LINES_CALL);
        CHECK_EQ(vcpu->regs.x[2], 1);
        CHECK(vcpu_has_work(vcpu));
        CHECK_EQ(inject(vcpu, false), VCPU_OK);
        CHECK(!vcpu_has_work(vcpu));
    }
}

static void on_one_cpu(void)
{
    taken();
    masked();
    over_put();
    waiting();
    MUST(vcpu_percpu_put(this_cpu()));
}

/* Its interrupts are routed otherwise than a guest's, so HCR_EL2 changes hands at each exit. */
static void with_another_routing(void)
{
    uint64_t hcr = arch_read(hcr_el2);

    MUST(vcpu_percpu_disable(this_cpu()));
    arch_write(hcr_el2, arch_read(hcr_el2) ^ HCR_AMO);
    arch_isb();
    testhost_enable(0);
    on_one_cpu();
    MUST(vcpu_percpu_disable(this_cpu()));
    arch_write(hcr_el2, hcr);
    arch_isb();
    testhost_enable(0);
}

/* ---- Waiting that is trapped ---- */

static void trapped_wait(void)
{
    struct test_vm all = vm;
    struct vcpu *other = vcpu;

    test_begin("with WFI trapped: no work, the line goes up, work; and the guest goes on with it");
    testhost_vm(&vm, VCPU_VM_TRAP_WFI);
    vcpu = testhost_vcpu(&vm, 0);
    begin(lines_wait, UNMASKED);
    CHECK_EQ(testhost_run(vcpu), VCPU_EXIT_WFI);
    CHECK(!vcpu_has_work(vcpu));
    CHECK_EQ(testhost_run(vcpu), VCPU_EXIT_WFI); /* as often as it is asked */
    CHECK_EQ(vcpu_inject_irq(vcpu, true), VCPU_OK);
    CHECK_EQ(vcpu->exit.reason, VCPU_EXIT_WFI); /* no exit is answered by a line */
    CHECK(vcpu_has_work(vcpu));
    CHECK_EQ(vcpu_complete_skip(vcpu), VCPU_OK);
    CHECK_EQ(run_to_call(), SLOT_IRQ);
    CHECK_EQ(vcpu->regs.x[2], 0);
    CHECK_EQ(vcpu_inject_irq(vcpu, false), VCPU_OK);
    CHECK_EQ(run_to_call(), LINES_CALL);
    CHECK_EQ(vcpu->regs.x[2], 1);
    testhost_vm_free(&vm);
    vm = all;
    vcpu = other;
}

/* ---- A model inside the library ---- */

static bool model_mmio(void *ctx, struct vcpu *v, vcpu_ipa_t ipa, unsigned size, bool write,
                       uint64_t *data)
{
    (void)size;
    (void)data;
    if (!write || ipa.value < TEST_HOLE_IPA || ipa.value > TEST_HOLE_IPA + 4)
        return false;
    ++*(unsigned *)ctx;
    if (ipa.value == TEST_HOLE_IPA)
        MUST(vcpu_inject_irq(v, false));
    else
        MUST(vcpu_inject_fiq(v, false));
    return true;
}

static struct vcpu *sync_raises; /* whose line goes up when the devices are asked to look */

static void model_sync(void *ctx, struct vcpu *v)
{
    (void)ctx;
    if (v == sync_raises)
        MUST(vcpu_inject_irq(v, true));
}

static const struct vcpu_device_ops model = {.mmio = model_mmio, .sync = model_sync};

static void moved_by_a_device(void)
{
    unsigned ends = 0;
    struct test_vm all = vm;
    struct vcpu *other = vcpu;

    test_begin("a device lets a line down, and the guest does not see it up again");
    testhost_vm(&vm, 0);
    CHECK_EQ(vcpu_vm_attach(vm.vm, &model, &ends), VCPU_OK);
    vcpu = testhost_vcpu(&vm, 0);
    begin(lines_device, UNMASKED | PSTATE_I | PSTATE_F);
    CHECK_EQ(vcpu_set_reg(vcpu, VBAR, testhost_ipa(lines_device_vectors)), VCPU_OK);
    vcpu->regs.x[4] = TEST_HOLE_IPA;
    CHECK_EQ(vcpu_inject_irq(vcpu, true), VCPU_OK);
    CHECK_EQ(vcpu_inject_fiq(vcpu, true), VCPU_OK);
    CHECK_EQ(run_to_call(), LINES_CALL);
    CHECK_EQ(ends, 2);
    CHECK_EQ(vcpu->regs.x[5], 1);
    CHECK_EQ(vcpu->regs.x[6], 1);

    test_begin("a device raises one in its sync, and the guest has it at once");
    sync_raises = vcpu;
    vcpu_device_notify(vcpu);
    CHECK_EQ(run_to_call(), LINES_CALL);
    CHECK_EQ(ends, 3);
    CHECK_EQ(vcpu->regs.x[5], 2);
    sync_raises = NULL;
    testhost_vm_free(&vm);
    vm = all;
    vcpu = other;
}

/* ---- From CPU to CPU ---- */

static unsigned other_slot;

static void run_there(void)
{
    other_slot = run_to_call();
    MUST(vcpu_percpu_put(this_cpu()));
}

static void migrates(void)
{
    test_begin("a line goes with the vCPU to another CPU, and back");
    begin(lines_spin, UNMASKED);
    CHECK_EQ(vcpu_inject_irq(vcpu, true), VCPU_OK);
    CHECK_EQ(run_to_call(), SLOT_IRQ);
    for (unsigned round = 0; round < 3; round++) {
        MUST(vcpu_percpu_put(this_cpu()));
        testhost_on_other(run_there);
        CHECK_EQ(other_slot, SLOT_IRQ);
        CHECK_EQ(run_to_call(), SLOT_IRQ);
    }
    MUST(vcpu_percpu_put(this_cpu()));
    both_down();
}

static bool moves(void)
{
    uint64_t before = count();

    return TEST_WAIT_FOR(count() != before);
}

/* Runs until the line has been taken, and let down by the first CPU. */
static void run_until_taken(void)
{
    other_slot = run_to_call();
}

static void from_afar(void)
{
    test_begin("a line that goes up on another CPU is taken by the guest that spins here");
    for (unsigned round = 0; round < 50; round++) {
        bool fiq = round & 1;

        begin(lines_spin, UNMASKED);
        testhost_begin_on_other(run_until_taken);
        CHECK(moves());
        CHECK_EQ(fiq ? vcpu_inject_fiq(vcpu, true) : vcpu_inject_irq(vcpu, true), VCPU_OK);
        testhost_wait_for_other();
        CHECK_EQ(other_slot, fiq ? SLOT_FIQ : SLOT_IRQ);
        both_down();

        /* And it does not come again: it is down, though the vCPU is in the other CPU. */
        testhost_begin_on_other(run_there);
        CHECK(moves());
        CHECK_EQ(fiq ? vcpu_inject_irq(vcpu, true) : vcpu_inject_fiq(vcpu, true), VCPU_OK);
        testhost_wait_for_other();
        CHECK_EQ(other_slot, fiq ? SLOT_IRQ : SLOT_FIQ);
        both_down();
    }

    test_begin("and by one that waits in a WFI that is not trapped");
    begin(lines_wait, UNMASKED);
    testhost_begin_on_other(run_there);
    for (uint64_t end = timer_now() + timer_frequency() / 100; timer_now() < end;)
        ;
    CHECK_EQ(vcpu_inject_irq(vcpu, true), VCPU_OK);
    testhost_wait_for_other();
    CHECK_EQ(other_slot, SLOT_IRQ);
    both_down();
}

/* ---- What cannot be ---- */

static void refused(void)
{
    struct test_vm direct;
    struct vcpu *v;

    test_begin("no vCPU, no line; nor has one of a VM that takes the physical interrupts");
    CHECK_EQ(vcpu_inject_irq(NULL, true), VCPU_ERR_INVALID);
    CHECK_EQ(vcpu_inject_fiq(NULL, false), VCPU_ERR_INVALID);
    testhost_vm(&direct, VCPU_VM_DIRECT_IRQ);
    v = testhost_vcpu(&direct, 0);
    CHECK_EQ(vcpu_inject_irq(v, true), VCPU_ERR_STATE);
    CHECK_EQ(vcpu_inject_fiq(v, true), VCPU_ERR_STATE);
    CHECK(!vcpu_has_work(v));
    testhost_vm_free(&direct);
}

void host_main(const struct machine *machine)
{
    gic_find(machine);
    gic_init();
    testhost_enable(0);
    testhost_gic();
    testhost_vm(&vm, 0);
    vcpu = testhost_vcpu(&vm, 0);
    on_one_cpu();
    MUST(vcpu_percpu_disable(this_cpu()));
    testhost_enable(VCPU_PERCPU_IRQ_HOOK);
    on_one_cpu();
    with_another_routing();
    trapped_wait();
    moved_by_a_device();
    refused();
    if (!smp_start(other_cpu)) {
        test_begin("the other CPU starts");
        test_fail("it does not");
        test_end();
    }
    migrates();
    from_afar();
    test_end();
}
