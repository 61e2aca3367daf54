/* SPDX-License-Identifier: MIT */
/*
 * SErrors for a guest: pending while it has them masked, whatever happens meanwhile, and taken once.
 * And guests that cannot take any exception, for they have no vectors.
 */
#include "serror_guest.h"

/* ---- Other VMs ---- */

/* All that follows is done with a VM of its own. */
static void with_vm(uint32_t flags, void (*test)(void))
{
    const struct test_vm all = vm;
    struct vcpu *other = vcpu;

    testhost_vm(&vm, flags);
    vcpu = testhost_vcpu(&vm, 0);
    test();
    testhost_vm_free(&vm);
    vm = all;
    vcpu = other;
}

static void trapped_wait(void)
{
    test_begin("with WFI trapped it is work");
    begin(serror_wfi, PSTATE_EL1H | MASKED_BUT_A);
    CHECK_EQ(testhost_run(vcpu), VCPU_EXIT_WFI);
    CHECK(!vcpu_has_work(vcpu));
    testhost_woken();
    CHECK_EQ(vcpu_inject_serror(vcpu, 0), VCPU_OK);
    CHECK(testhost_woken() == vcpu);
    CHECK_EQ(vcpu->exit.reason, VCPU_EXIT_WFI); /* which is not answered by it */
    CHECK(vcpu_has_work(vcpu));
    CHECK_EQ(vcpu_complete_skip(vcpu), VCPU_OK);
    check_taken(FROM_EL1H, 0);
    CHECK_EQ(run_to_call(), SAY_WAITED);
}

void direct(void)
{
    events_of(VCPU_VM_DIRECT_IRQ);
}

static bool answers(void *ctx, struct vcpu *v, vcpu_ipa_t ipa, unsigned size, bool write,
                    uint64_t *data)
{
    (void)v;
    (void)ipa;
    (void)size;
    (void)write;
    ++*(unsigned *)ctx;
    *data = 0;
    return true;
}

static const struct vcpu_device_ops device = {.mmio = answers};

static void with_device(void)
{
    const struct test_vm all = vm;
    struct vcpu *other = vcpu;
    unsigned accesses = 0;

    test_begin("exits that a device answers neither lose one nor bring it back");
    testhost_vm(&vm, 0);
    CHECK_EQ(vcpu_vm_attach(vm.vm, &device, &accesses), VCPU_OK);
    vcpu = testhost_vcpu(&vm, 0);
    begin(serror_device, PSTATE_EL1H | MASKED);
    set_reg(REG_VBAR, testhost_ipa(serror_device_vectors));
    for (unsigned round = 1; round <= 2; round++) {
        vcpu->regs.x[5] = 0;
        accesses = 0;
        CHECK_EQ(vcpu_inject_serror(vcpu, 0), VCPU_OK);
        CHECK_EQ(run_to_call(), SAY_OPEN);
        CHECK_EQ(vcpu->regs.x[5], 1);
        CHECK_EQ(accesses, 4);
        CHECK(!vcpu_has_work(vcpu));
        CHECK_EQ(run_to_call(), SAY_OPEN);
        CHECK_EQ(vcpu->regs.x[5], 1);
    }
    testhost_vm_free(&vm);
    vm = all;
    vcpu = other;
}

/* ---- Two CPUs ---- */

static void other_cpu(unsigned index)
{
    (void)index;
    testhost_enable(0);
    testhost_gic();
    testhost_serve();
}

static void check_there(void)
{
    check_pending(true);
    put();
}

static void take_there(void)
{
    check_opened(true, iss(ISS_IDS));
    put();
}

static void try_there(void)
{
    CHECK_EQ(vcpu_inject_serror(vcpu, 0), VCPU_ERR_BUSY);
    CHECK_EQ(vcpu_inject_serror_now(vcpu, 0), VCPU_ERR_BUSY);
    CHECK_EQ(vcpu_inject_sync(vcpu, 0x02000000, 0), VCPU_ERR_BUSY);
}

void moves(void)
{
    test_begin("it goes with the vCPU to another CPU, back, and is taken there");
    begin(serror_steps, PSTATE_EL1H | MASKED);
    check_pending(false);
    CHECK_EQ(vcpu_inject_serror(vcpu, iss(ISS_IDS)), VCPU_OK);
    put();
    testhost_on_other(check_there);
    check_pending(true);
    put();
    testhost_on_other(take_there);
    check_pending(false);

    test_begin("another CPU cannot inject into what is in this one's registers");
    set_reg(VCPU_REG_PSTATE, PSTATE_EL1H | MASKED_BUT_A);
    testhost_on_other(try_there);
    check_opened(false, 0);
}

/* ---- Guests without vectors ---- */

static void timer_interrupt(void)
{
    timer_clear();
}

static void kick_it(void)
{
    uint64_t end = timer_now() + timer_frequency() / 100;

    while (timer_now() < end)
        ;
    CHECK_EQ(vcpu_kick(vcpu), VCPU_OK);
}

#define UNMAPPED_VBAR UINT64_C(0x12345000)

/* The last exception was a fetch (EC 0x21) at the vector of such exceptions. */
static bool it_loops(void)
{
    return reg(REG_ELR) == UNMAPPED_VBAR + 0x200 && reg(REG_ESR) >> 26 == 0x21;
}

/* Interrupts come out; the first may come before the guest has done anything. */
static void run_until_it_loops(void)
{
    uint64_t patience = testhost_patience(), delay = timer_frequency() / 1000;

    do {
        timer_set(timer_now() + delay);
        CHECK_EQ(testhost_run(vcpu), VCPU_EXIT_IRQ);
        irq_handle();
        delay *= 2;
    } while (!it_loops() && timer_now() < patience);
    CHECK(it_loops());
    CHECK_EQ(reg(VCPU_REG_PC), UNMAPPED_VBAR + 0x200);
}

/* TCR_EL1.EPD0 and EPD1: no address is translated, neither its code nor its vectors. */
static void faults_for_ever(void)
{

    test_begin(
        "a guest whose vectors fault loops in itself; the host has its interrupts and kicks");
    begin(serror_steps, PSTATE_EL1H);
    set_reg(REG_VBAR, UNMAPPED_VBAR);
    set_reg(REG_TCR, 25 | 1 << 7 | 25 << 16 | 1 << 23);
    set_reg(REG_SCTLR, UINT64_C(0x30d00801));
    for (unsigned round = 0; round < 3; round++) {
        run_until_it_loops();
        testhost_begin_on_other(kick_it);
        CHECK_EQ(testhost_run(vcpu), VCPU_EXIT_KICK);
        testhost_wait_for_other();
        irq_handle();
        /* What the host injects then ends in the same place. */
        CHECK_EQ(vcpu_inject_undefined(vcpu), VCPU_OK);
        CHECK_EQ(vcpu_inject_serror(vcpu, 0), VCPU_OK);
    }
    CHECK_EQ(vcpu_reset(vcpu, false), VCPU_OK);
}

static void vectors_nowhere(void)
{
    test_begin("vectors where nothing is mapped come out, as often as the host injects");
    begin(serror_udf, PSTATE_EL1H);
    set_reg(REG_VBAR, TEST_HOLE_IPA);
    for (unsigned round = 0; round < 100; round++) {
        CHECK_EQ(testhost_run(vcpu), VCPU_EXIT_STAGE2_FAULT);
        CHECK_EQ(vcpu->exit.fault.access, VCPU_ACCESS_EXECUTE);
        CHECK_EQ(vcpu->exit.ipa.value, TEST_HOLE_IPA + 0x200);
        CHECK_EQ(vcpu_inject_instruction_abort(vcpu, vcpu->exit.far_el2), VCPU_OK);
    }
}

void refused(void)
{
    test_begin("no vCPU, no syndrome of more than 25 bits, none at all without FEAT_RAS");
    CHECK_EQ(vcpu_inject_serror(NULL, 0), VCPU_ERR_INVALID);
    CHECK_EQ(vcpu_inject_serror_now(NULL, 0), VCPU_ERR_INVALID);
    begin(serror_steps, PSTATE_EL1H | MASKED_BUT_A);
    CHECK_EQ(vcpu_inject_serror(vcpu, 1u << 25), VCPU_ERR_INVALID);
    CHECK_EQ(vcpu_inject_serror_now(vcpu, 1u << 25), VCPU_ERR_INVALID);
    if (!has_ras())
        CHECK_EQ(vcpu_inject_serror(vcpu, 1), VCPU_ERR_UNSUPPORTED);
    CHECK(!vcpu_has_work(vcpu));
    check_pending(false);
}

static void on_one_cpu(void)
{
    events_of(0);
    unmasked();
    if (has_ras())
        deferred();
    cleared_by_reset();
    waiting();
    put();
}

/* Its SErrors are routed otherwise than a guest's, so HCR_EL2 changes hands at each exit. */
static void with_another_routing(void)
{
    uint64_t hcr = arch_read(hcr_el2);

    MUST(vcpu_percpu_disable(this_cpu()));
    arch_write(hcr_el2, hcr ^ HCR_AMO);
    arch_isb();
    testhost_enable(0);
    on_one_cpu();
    MUST(vcpu_percpu_disable(this_cpu()));
    arch_write(hcr_el2, hcr);
    arch_isb();
    testhost_enable(0);
}

void host_main(const struct machine *machine)
{
    gic_find(machine);
    gic_init();
    testhost_enable(0);
    testhost_gic();
    irq_register(EL2_TIMER_PPI, timer_interrupt);
    gic_enable(EL2_TIMER_PPI);
    testhost_vm(&vm, 0);
    vcpu = testhost_vcpu(&vm, 0);
    on_one_cpu();
    MUST(vcpu_percpu_disable(this_cpu()));
    testhost_enable(VCPU_PERCPU_IRQ_HOOK);
    on_one_cpu();
    with_another_routing();
    with_vm(VCPU_VM_TRAP_WFI, trapped_wait);
    with_vm(VCPU_VM_DIRECT_IRQ, direct);
    with_device();
    refused();
    vectors_nowhere();
    if (!smp_start(other_cpu)) {
        test_begin("the other CPU starts");
        test_fail("it does not");
        test_end();
    }
    moves();
    faults_for_ever();
    test_end();
}
