/* SPDX-License-Identifier: MIT */
/*
 * SErrors for a guest: pending while it has them masked, whatever happens meanwhile, and taken once.
 * And guests that cannot take any exception, for they have no vectors.
 */
#include "serror.h"

#include <vcpu/device.h>

#include "arch.h"
#include "gic.h"
#include "irq.h"
#include "testhost.h"

extern const char serror_vectors[], serror_steps[], serror_device_vectors[], serror_device[],
    serror_esb[], serror_wfi[], serror_udf[];

#define EL2_TIMER_PPI 26u

/* Numbers of the vectors for an SError: by the level that it is taken from. */
#define FROM_EL1T 3u
#define FROM_EL1H 7u
#define FROM_EL0  11u
#define FROM_A32  15u

#define PSTATE_EL0T  UINT64_C(0x0)
#define PSTATE_EL1T  UINT64_C(0x4)
#define PSTATE_EL1H  UINT64_C(0x5)
#define PSTATE_A32   UINT64_C(0x10)
#define MASKED       UINT64_C(0x3c0) /* D, A, I, F */
#define MASKED_BUT_A UINT64_C(0x2c0)

#define ISR_A   UINT64_C(0x100)
#define HCR_AMO UINT64_C(0x20)
#define HCR_VSE UINT64_C(0x100)
#define DISR_A  UINT64_C(0x80000000)

/* ESR_EL1 of an SError, less ISS; and two ISSs: IDS = 1, and AET = 2, EA, DFSC = 0x11. */
#define ESR_SERROR UINT64_C(0xbe000000)
#define ISS_IDS    UINT32_C(0x01c0ffee)
#define ISS_RAS    UINT32_C(0x00000a11)

#define REG(op1, crn, crm, op2) (VCPU_REG_SYSREG + VCPU_SYSREG(3, op1, crn, crm, op2))
#define REG_SCTLR               REG(0, 1, 0, 0)
#define REG_TCR                 REG(0, 2, 0, 2)
#define REG_ELR                 REG(0, 4, 0, 1)
#define REG_ESR                 REG(0, 5, 2, 0)
#define REG_VBAR                REG(0, 12, 0, 0)

static struct test_vm vm;
static struct vcpu *vcpu;

static struct vcpu_percpu *this_cpu(void)
{
    return testhost_percpu(smp_this()->index);
}

static uint64_t reg(uint32_t id)
{
    return testhost_reg(vcpu, id);
}

static void set_reg(uint32_t id, uint64_t value)
{
    testhost_set_reg(vcpu, id, value);
}

static bool has_ras(void)
{
    return (arch_read(id_aa64pfr0_el1) >> 28 & 0xf) != 0;
}

/* Without FEAT_RAS none can be given. */
static uint32_t iss(uint32_t with_ras)
{
    return has_ras() ? with_ras : 0;
}

/* ---- The guest ---- */

static void begin(const char *entry, uint64_t pstate)
{
    testhost_enter_at(vcpu, entry);
    set_reg(VCPU_REG_PSTATE, pstate);
    set_reg(REG_VBAR, testhost_ipa(serror_vectors));
    vcpu->regs.x[2] = TEST_HOLE_IPA;
    vcpu->regs.x[4] = 0;
    vcpu->regs.x[5] = 0;
}

/* To the guest's next word, which is answered; loads give 0. */
static unsigned run_to_call(void)
{
    int reason = testhost_run(vcpu);

    while (reason == VCPU_EXIT_MMIO_READ) {
        vcpu_complete_mmio_read(vcpu, 0);
        reason = testhost_run(vcpu);
    }
    if (reason != VCPU_EXIT_HYPERCALL) {
        CHECK_EQ(reason, VCPU_EXIT_HYPERCALL);
        return ~0u;
    }
    reason = vcpu_exit_imm(&vcpu->exit);
    vcpu_complete_call(vcpu, vcpu->regs.x[0]);
    return (unsigned)reason;
}

/* The guest says that it has an SError pending, or none; and so does the library. */
static void check_pending(bool pending)
{
    CHECK_EQ(run_to_call(), SAY_PENDING);
    CHECK_EQ(vcpu->regs.x[0] & ISR_A, pending ? ISR_A : 0);
    CHECK_EQ(vcpu_has_work(vcpu), pending);
}

/* It takes one at the vector, and none is left. */
static void check_taken(unsigned vector, uint32_t with_iss)
{
    CHECK_EQ(run_to_call(), SAY_VECTOR + vector);
    CHECK_EQ(reg(REG_ESR), ESR_SERROR | with_iss);
    CHECK(!vcpu_has_work(vcpu));
}

/*
 * serror_steps, which is before its load, and there again afterwards: with SErrors unmasked it takes
 * one, or none; and no more.
 */
static void check_opened(bool takes, uint32_t with_iss)
{
    check_pending(takes);
    for (unsigned round = 0; round < 2; round++) {
        vcpu->regs.x[4] = 1;
        if (takes && round == 0)
            check_taken(FROM_EL1H, with_iss);
        CHECK_EQ(run_to_call(), SAY_OPEN);
        check_pending(false);
        check_pending(false);
    }
}

/* ---- What may happen while one is pending ---- */

static void nothing(void)
{
}

static void put(void)
{
    CHECK_EQ(vcpu_percpu_put(this_cpu()), VCPU_OK);
    CHECK_EQ(arch_read(hcr_el2) & HCR_VSE, 0);
}

static void another_vcpu_runs(void)
{
    struct vcpu *first = vcpu;

    vcpu = testhost_vcpu(&vm, 1);
    begin(serror_steps, PSTATE_EL1H | MASKED_BUT_A);
    check_pending(false);
    check_opened(false, 0);
    put();
    CHECK_EQ(vcpu_destroy(vcpu), VCPU_OK);
    vcpu = first;
}

static void a_kick(void)
{
    CHECK_EQ(vcpu_kick(vcpu), VCPU_OK);
    CHECK_EQ(testhost_run(vcpu), VCPU_EXIT_KICK);
}

static void a_new_root(void)
{
    const vcpu_pa_t root = vcpu_stage2_root(&vm.s2);

    CHECK_EQ(vcpu_set_ept_root(vcpu, root), VCPU_OK);
}

static void an_interrupt_line(void)
{
    CHECK_EQ(vcpu_inject_irq(vcpu, true), VCPU_OK);
    CHECK_EQ(vcpu_inject_irq(vcpu, false), VCPU_OK);
}

static void another_exception(void)
{
    uint64_t pc = reg(VCPU_REG_PC), pstate = reg(VCPU_REG_PSTATE);

    CHECK_EQ(vcpu_inject_undefined(vcpu), VCPU_OK);
    CHECK_EQ(run_to_call(), SAY_VECTOR + 4);
    set_reg(VCPU_REG_PC, pc);
    set_reg(VCPU_REG_PSTATE, pstate);
}

static void the_same_again(void)
{
    CHECK_EQ(vcpu_inject_serror(vcpu, iss(ISS_RAS)), VCPU_OK);
}

static const struct event {
    const char *name;
    void (*happens)(void);
    uint32_t iss; /* that is taken then */
    bool direct;  /* also with a guest that owns the interrupts */
} events[] = {
    {"an SError pends while it is masked, over exits, and is taken once", nothing, ISS_IDS, true},
    {"and over vcpu_put", put, ISS_IDS, true},
    {"and while another vCPU runs, which has none", another_vcpu_runs, ISS_IDS, true},
    {"and over a kick", a_kick, ISS_IDS, true},
    {"and over a new stage-2 root", a_new_root, ISS_IDS, true},
    {"and while an interrupt line moves", an_interrupt_line, ISS_IDS, false},
    {"and while another exception is taken", another_exception, ISS_IDS, true},
    {"and two are one, the later", the_same_again, ISS_RAS, true},
};

static void pending_over(const struct event *event)
{
    test_begin(event->name);
    begin(serror_steps, PSTATE_EL1H | MASKED);
    check_pending(false);
    CHECK_EQ(vcpu_inject_serror(vcpu, iss(ISS_IDS)), VCPU_OK);
    CHECK(vcpu_has_work(vcpu));
    event->happens();
    check_pending(true);
    check_pending(true);
    event->happens();
    check_opened(true, iss(event->iss));
}

static void events_of(uint32_t flags)
{
    for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++)
        if (events[i].direct || !(flags & VCPU_VM_DIRECT_IRQ))
            pending_over(&events[i]);
}

/* ---- Where it is taken from ---- */

static void taken_from(uint64_t pstate, unsigned vector)
{
    begin(serror_steps, pstate | (pstate & 0x10 ? 0xc0 : MASKED_BUT_A));
    CHECK_EQ(vcpu_inject_serror(vcpu, iss(ISS_RAS)), VCPU_OK);
    check_taken(vector, iss(ISS_RAS));
    CHECK_EQ(reg(REG_ELR), testhost_ipa(serror_steps));
    CHECK_EQ(reg(VCPU_REG_PSTATE) & (MASKED | 0x1f), MASKED | PSTATE_EL1H);

    /* The same at once, with a syndrome on any CPU. */
    begin(serror_steps, pstate | (pstate & 0x10 ? 0xc0 : MASKED_BUT_A));
    CHECK_EQ(vcpu_inject_serror_now(vcpu, ISS_IDS), VCPU_OK);
    CHECK_EQ(vcpu->exit.reason, VCPU_EXIT_NONE);
    CHECK(!vcpu_has_work(vcpu));
    check_taken(vector, ISS_IDS);
    CHECK_EQ(reg(REG_ELR), testhost_ipa(serror_steps));
}

static void unmasked(void)
{
    test_begin("one that is not masked is taken before the next instruction, at its vector");
    taken_from(PSTATE_EL0T, FROM_EL0);
    taken_from(PSTATE_EL1T, FROM_EL1T);
    taken_from(PSTATE_EL1H, FROM_EL1H);
    if ((arch_read(id_aa64pfr0_el1) & 0xf) == 2)
        taken_from(PSTATE_A32, FROM_A32);

    test_begin("one at once is refused while they are masked, and is another than the pending one");
    begin(serror_steps, PSTATE_EL1H | MASKED);
    CHECK_EQ(vcpu_inject_serror_now(vcpu, 0), VCPU_ERR_STATE);
    CHECK_EQ(reg(VCPU_REG_PC), testhost_ipa(serror_steps));
    begin(serror_steps, PSTATE_EL1H | MASKED_BUT_A);
    CHECK_EQ(vcpu_inject_serror(vcpu, iss(ISS_RAS)), VCPU_OK);
    CHECK_EQ(vcpu_inject_serror_now(vcpu, ISS_IDS), VCPU_OK);
    CHECK_EQ(run_to_call(), SAY_VECTOR + FROM_EL1H);
    CHECK_EQ(reg(REG_ESR), ESR_SERROR | ISS_IDS);
    CHECK(vcpu_has_work(vcpu));
    check_taken(FROM_EL1H, iss(ISS_RAS));
    check_pending(false);
}

/* ---- Other ends of it ---- */

static void deferred(void)
{
    test_begin("ESB defers a masked one to DISR_EL1, and it is not taken");
    begin(serror_esb, PSTATE_EL1H | MASKED);
    CHECK_EQ(vcpu_inject_serror(vcpu, ISS_RAS), VCPU_OK);
    CHECK_EQ(run_to_call(), SAY_DISR);
    CHECK_EQ(vcpu->regs.x[0], DISR_A | ISS_RAS);
    CHECK(!vcpu_has_work(vcpu));
    check_pending(false);
    CHECK_EQ(run_to_call(), SAY_OPEN);
    begin(serror_esb, PSTATE_EL1H | MASKED);
    CHECK_EQ(run_to_call(), SAY_DISR);
    CHECK_EQ(vcpu->regs.x[0], DISR_A | ISS_RAS); /* until the guest clears it */
}

static void cleared_by_reset(void)
{
    test_begin("a reset clears it");
    begin(serror_steps, PSTATE_EL1H | MASKED);
    CHECK_EQ(vcpu_inject_serror(vcpu, 0), VCPU_OK);
    check_pending(true);
    CHECK_EQ(vcpu_reset(vcpu, false), VCPU_OK);
    CHECK(!vcpu_has_work(vcpu));
    begin(serror_steps, PSTATE_EL1H | MASKED_BUT_A);
    check_pending(false);
}

static void waiting(void)
{
    test_begin("WFI does not wait with one pending, masked or not");
    begin(serror_wfi, PSTATE_EL1H | MASKED);
    CHECK_EQ(vcpu_inject_serror(vcpu, 0), VCPU_OK);
    CHECK_EQ(run_to_call(), SAY_WAITED);
    CHECK_EQ(run_to_call(), SAY_WAITED);
    set_reg(VCPU_REG_PSTATE, PSTATE_EL1H | MASKED_BUT_A);
    check_taken(FROM_EL1H, 0);
}

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

static void direct(void)
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

static void moves(void)
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

static void refused(void)
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
