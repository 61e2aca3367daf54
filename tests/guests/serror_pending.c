/* SPDX-License-Identifier: MIT */
/* What may happen while an SError is pending, and where it is taken from. */
#include "serror_guest.h"

/* ---- What may happen while one is pending ---- */

void nothing(void)
{
}

void put(void)
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

void events_of(uint32_t flags)
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

void unmasked(void)
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

void deferred(void)
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

void cleared_by_reset(void)
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

void waiting(void)
{
    test_begin("WFI does not wait with one pending, masked or not");
    begin(serror_wfi, PSTATE_EL1H | MASKED);
    CHECK_EQ(vcpu_inject_serror(vcpu, 0), VCPU_OK);
    CHECK_EQ(run_to_call(), SAY_WAITED);
    CHECK_EQ(run_to_call(), SAY_WAITED);
    set_reg(VCPU_REG_PSTATE, PSTATE_EL1H | MASKED_BUT_A);
    check_taken(FROM_EL1H, 0);
}
