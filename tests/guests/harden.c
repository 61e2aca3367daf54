/* SPDX-License-Identifier: MIT */
/*
 * vcpu_percpu_harden: what a CPU does at each exit changes no register of the guest and loses no
 * exit; and an SError that the guest left behind is the guest's. QEMU's CPUs choose few of the ways,
 * and its firmware has none of the calls, so the test writes its own choices into the CPU's block.
 */
#include <vcpu/debug.h>

#include "arch.h"
#include "gic.h"
#include "run/run.h"
#include "state/state.h"
#include "testhost.h"

extern const char harden_guest[], harden_spin[];
int harden_taken(struct vcpu *vcpu, const uint64_t x[31], uint64_t pc, uint64_t pstate,
                 uint64_t esr);

#define PSCI_VERSION UINT32_C(0x84000000)

/* Of a guest that steps itself at EL1: MDSCR_EL1.KDE and SS, and PSTATE. */
#define OSLSR      ((uint32_t)VCPU_REG_SYSREG + VCPU_SYSREG(2, 0, 1, 1, 4))
#define OSLSR_OPEN 8u
#define MDSCR      ((uint32_t)VCPU_REG_SYSREG + VCPU_SYSREG(2, 0, 0, 2, 2))
#define MDSCR_STEP 0x2001u
#define PSTATE_D   UINT64_C(0x200)
#define PSTATE_SS  (UINT64_C(1) << 21)
#define PATTERN(n) (UINT64_C(0x1111111100000001) * (n) + 0xabc)
/* DISR_EL1.A, and a syndrome: AET 1, EA, DFSC 0x11. */
#define DISR_A        UINT64_C(0x80000000)
#define SYNDROME      UINT64_C(0x611)
#define ESR_OF_SERROR UINT64_C(0xbe000000)

static struct test_vm vm;
static struct percpu_state *cpu;
static struct vcpu *vcpu;
static bool ras;

static void begin(const char *entry)
{
    vcpu = testhost_vcpu(&vm, 0);
    testhost_enter_at(vcpu, entry);
    for (unsigned i = 0; i < 31; i++)
        vcpu->regs.x[i] = PATTERN(i);
    vcpu->regs.x[2] = TEST_HOLE_IPA;
}

static void end(void)
{
    MUST(vcpu_percpu_put(testhost_percpu(0)));
    MUST(vcpu_destroy(vcpu));
}

/* As they were at the start, but those up to `changed` from 3 on. */
static void check_registers(unsigned changed)
{
    for (unsigned i = 0; i < 31; i++)
        if (i != 2 && !(i >= 3 && i <= changed))
            CHECK_EQ(vcpu->regs.x[i], PATTERN(i));
    CHECK_EQ(vcpu->regs.x[2], TEST_HOLE_IPA);
}

static void check_call(unsigned number, unsigned changed)
{
    CHECK_EQ(testhost_run(vcpu), VCPU_EXIT_HYPERCALL);
    CHECK_EQ(vcpu_exit_imm(&vcpu->exit), number);
    check_registers(changed);
    MUST(vcpu_complete_call(vcpu, PATTERN(0)));
}

static void run_all_exits(void)
{
    begin(harden_guest);
    check_call(1, 0);
    CHECK_EQ(testhost_run(vcpu), VCPU_EXIT_MMIO_READ);
    check_registers(0);
    MUST(vcpu_complete_mmio_read(vcpu, 5));
    check_call(2, 3);
    CHECK_EQ(vcpu->regs.x[3], 5);
    check_call(3, 4);
    check_call(4, 5); /* after an exit that the library answers */
    CHECK_EQ(vcpu->regs.x[5], 0);
    end();
}

/* The host takes the SGI that the guest was interrupted by. */
static void take_interrupt(void)
{
    unsigned before = testhost_kicks_taken();

    arch_irq_enable();
    CHECK(TEST_WAIT_FOR(testhost_kicks_taken() != before));
    arch_irq_save();
}

static void run_interrupted(void)
{
    begin(harden_spin);
    gic_send_sgi(0, TEST_KICK_SGI);
    CHECK_EQ(testhost_run(vcpu), VCPU_EXIT_IRQ);
    check_registers(0);
    take_interrupt();
    end();
}

static void with(struct guard guard)
{
    cpu->guard = guard;
    cpu->vectors = vcpu_guard_vectors;
    run_all_exits();
    run_interrupted();
    MUST(vcpu_percpu_harden(testhost_percpu(0), 0, NULL));
}

static void ways(void)
{
    test_begin("CLRBHB alone");
    with((struct guard){0});
    test_begin("a loop of one turn");
    with((struct guard){.loop = 1});
    test_begin("a loop of 255 turns");
    with((struct guard){.loop = 255});
    test_begin("a call of firmware");
    with((struct guard){.call = PSCI_VERSION});
    test_begin("a loop, a call, and a look for SErrors");
    with((struct guard){
        .loop = 8, .call = PSCI_VERSION, .serrors = ras ? GUARD_BY_ESB : GUARD_BY_ISR});
    test_begin("ISR_EL1 for SErrors, on any CPU");
    with((struct guard){.serrors = GUARD_BY_ISR});
}

static void choices(void)
{
    struct vcpu_percpu *block = testhost_percpu(0);
    struct vcpu_hardening found;

    test_begin("the choice is this CPU's, and no vCPU is resident meanwhile");
    CHECK_EQ(vcpu_percpu_harden(NULL, 0, NULL), VCPU_ERR_INVALID);
    CHECK_EQ(vcpu_percpu_harden(block, 4, NULL), VCPU_ERR_INVALID);
    CHECK_EQ(vcpu_percpu_harden(testhost_percpu(1), 0, NULL), VCPU_ERR_STATE);
    CHECK(!cpu->vectors);
    CHECK_EQ(vcpu_percpu_harden(block, VCPU_HARDEN_BRANCHES, &found), VCPU_OK);
    CHECK_EQ(found.loop, cpu->guard.loop);
    CHECK_EQ(found.call, cpu->guard.call);
    CHECK_EQ(cpu->guard.serrors, GUARD_NO_SERRORS);
    CHECK_EQ(cpu->vectors != NULL, found.loop || found.clrbhb || found.call);
    run_all_exits();
    begin(harden_guest);
    check_call(1, 0);
    CHECK_EQ(vcpu_percpu_harden(block, 0, NULL), VCPU_ERR_STATE);
    end();
    CHECK_EQ(vcpu_percpu_harden(block, VCPU_HARDEN_SERRORS, &found), VCPU_OK);
    CHECK_EQ(found.loop, 0);
    CHECK_EQ(cpu->guard.loop, 0);
    CHECK_EQ(cpu->guard.serrors, ras ? GUARD_BY_ESB : GUARD_BY_ISR);
    CHECK(cpu->vectors == vcpu_guard_vectors);
    run_all_exits();
    CHECK_EQ(vcpu_percpu_harden(block, 0, NULL), VCPU_OK);
    CHECK(!cpu->vectors);
    run_all_exits();
}

/* Without FEAT_RAS the CPU takes the SError, in a place that is made for it. */
static void taken(void)
{
    const uint64_t start = testhost_ipa(harden_guest);
    uint64_t x[31], pstate;

    test_begin(
        "an SError that the CPU takes at an exit is an exit, and the guest's own comes after it");
    MUST(vcpu_percpu_harden(testhost_percpu(0), VCPU_HARDEN_SERRORS, NULL));
    begin(harden_guest);
    check_call(1, 0);
    pstate = vcpu->regs.pstate;
    for (unsigned i = 0; i < 31; i++) {
        x[i] = vcpu->regs.x[i];
        vcpu->regs.x[i] = 0;
    }
    CHECK_EQ(harden_taken(vcpu, x, start + 4, pstate, ESR_OF_SERROR | SYNDROME), VCPU_EXIT_SERROR);
    CHECK_EQ(vcpu->exit.reason, VCPU_EXIT_SERROR);
    CHECK_EQ(vcpu->exit.esr_el2, ESR_OF_SERROR | SYNDROME);
    CHECK_EQ(vcpu->regs.pc, start + 4);
    CHECK_EQ(vcpu->regs.pstate, pstate);
    check_registers(0);
    CHECK_EQ(testhost_run(vcpu), VCPU_EXIT_MMIO_READ);
    MUST(vcpu_complete_mmio_read(vcpu, 5));
    check_call(2, 3);
    end();
    MUST(vcpu_percpu_harden(testhost_percpu(0), 0, NULL));
}

/* As if the ESB of the next exit deferred an SError: QEMU has none. */
static void defer(void)
{
    arch_write(S3_0_C12_C1_1, DISR_A | SYNDROME);
}

static void check_serror(uint64_t pc)
{
    CHECK_EQ(testhost_run(vcpu), VCPU_EXIT_SERROR);
    CHECK_EQ(vcpu->exit.esr_el2, ESR_OF_SERROR | SYNDROME);
    CHECK_EQ(vcpu->regs.pc, pc);
    CHECK_EQ(arch_read(S3_0_C12_C1_1), 0);
}

static void serrors(void)
{
    const uint64_t start = testhost_ipa(harden_guest);

    arch_write(S3_0_C12_C1_1, DISR_A); /* the host's */
    MUST(vcpu_percpu_harden(testhost_percpu(0), VCPU_HARDEN_SERRORS, NULL));

    test_begin("an SError in a hypercall is an exit, and the call comes after it");
    begin(harden_guest);
    MUST(vcpu_run(testhost_percpu(0), vcpu));
    CHECK_EQ(vcpu->exit.reason, VCPU_EXIT_HYPERCALL); /* not the host's SError */
    defer();
    check_serror(start);
    check_registers(0);
    check_call(1, 0);

    test_begin("an SError in an access is an exit, and the access comes after it");
    defer();
    check_serror(start + 4);
    check_registers(0);
    CHECK_EQ(testhost_run(vcpu), VCPU_EXIT_MMIO_READ);
    check_registers(0);
    MUST(vcpu_complete_mmio_read(vcpu, 5));
    check_call(2, 3);
    end();

    test_begin("an SError with an interrupt is an exit, and the interrupt comes after it");
    begin(harden_spin);
    gic_send_sgi(0, TEST_KICK_SGI);
    defer();
    check_serror(testhost_ipa(harden_spin));
    check_registers(0);
    CHECK_EQ(testhost_run(vcpu), VCPU_EXIT_IRQ);
    check_registers(0);
    take_interrupt();
    end();

    test_begin("without the flag nobody looks");
    MUST(vcpu_percpu_harden(testhost_percpu(0), 0, NULL));
    begin(harden_guest);
    defer();
    check_call(1, 0);
    CHECK_EQ(arch_read(S3_0_C12_C1_1), DISR_A | SYNDROME);
    end();
}

/*
 * HVC is a step: executing it has cleared PSTATE.SS, and if it is to be executed again, the step is
 * still to come. The step exception would be at the guest's vector, where nothing is.
 */
static void serrors_in_a_step(void)
{
    const uint64_t start = testhost_ipa(harden_guest);
    static const struct {
        uint64_t mdscr, pstate, after;
        uint32_t debug;
    } cases[] = {
        {MDSCR_STEP, PSTATE_SS, PSTATE_SS, 0},
        {MDSCR_STEP, PSTATE_SS | PSTATE_D, 0, 0}, /* D masks the step, and SS is 0 then */
        {MDSCR_STEP & 1, PSTATE_SS, 0, 0},        /* no KDE */
        {MDSCR_STEP, PSTATE_SS, PSTATE_SS, VCPU_DEBUG_STEP},
        {0, 0, 0, VCPU_DEBUG_STEP},
    };

    test_begin("an SError in a hypercall that the guest steps over is no step");
    MUST(vcpu_percpu_harden(testhost_percpu(0), VCPU_HARDEN_SERRORS, NULL));
    for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        begin(harden_guest);
        testhost_set_reg(vcpu, OSLSR, OSLSR_OPEN);
        testhost_set_reg(vcpu, MDSCR, cases[i].mdscr);
        vcpu->regs.pstate = (vcpu->regs.pstate & ~PSTATE_D) | cases[i].pstate;
        MUST(vcpu_debug_set(vcpu, cases[i].debug));
        defer();
        check_serror(start);
        CHECK_EQ(vcpu->regs.pstate & PSTATE_SS, cases[i].after);
        CHECK_EQ(testhost_run(vcpu), VCPU_EXIT_HYPERCALL);
        CHECK_EQ(vcpu->regs.pc, start);
        CHECK_EQ(vcpu->regs.pstate & PSTATE_SS, cases[i].after);
        check_registers(0);
        end();
    }
    MUST(vcpu_percpu_harden(testhost_percpu(0), 0, NULL));
}

void host_main(const struct machine *machine)
{
    arch_irq_save();
    gic_find(machine);
    gic_init();
    testhost_gic();
    testhost_enable(0);
    testhost_vm(&vm, 0);
    cpu = (struct percpu_state *)testhost_percpu(0);
    ras = vcpu_percpu_features(testhost_percpu(0))->ras;
    choices();
    ways();
    taken();
    if (ras) {
        serrors();
        serrors_in_a_step();
    }
    test_end();
}
