/* SPDX-License-Identifier: MIT */
/* Coprocessor accesses, the timer's and the thread registers. */
#include "aarch32_program.h"

/* ---- Coprocessors, and what else is not for EL0 ---- */

static const struct {
    const char *name;
    uint32_t word; /* A32; the coprocessor's are the same in T32 */
} oddities[] = {
    {"mrc p15, PMCR", 0xee191f1c},
    {"mrc p15, PMCCNTR", 0xee191f1d},
    {"mrc p15, MIDR", 0xee101f10},
    {"mcr p15, SCTLR", 0xee011f10},
    {"mcr p15, 0, r1, c15, c0, 0", 0xee0f1f10},
    {"mrc p15, 0, r1, c11, c0, 0", 0xee1b1f10},
    {"mrc p15, 0, r1, c9, c0, 0", 0xee191f10},
    {"mcr p15, CP15DMB", 0xee071fba},
    {"mcr p15, DCCIMVAC", 0xee071f3e},
    {"mcr p15, TLBIALL", 0xee081f17},
    {"mrrc p15, CNTVCT", 0xec521f1e},
    {"mrrc p15, CNTPCT", 0xec521f0e},
    {"mrc p15, CNTP_CTL", 0xee1e1f32},
    {"mrrc p15, TTBR0", 0xec521f02},
    {"mrc p14, DBGDIDR", 0xee101e10},
    {"mrc p14, DBGDSCRint", 0xee101e11},
    {"mrc p14, DBGDTRRXint", 0xee101e15},
    {"mrc p14, DBGBVR0", 0xee101e90},
    {"mrc p14, 1, a trace register", 0xee311e11},
    {"mrrc p14, DBGDRAR", 0xec521e01},
    {"ldc p14, DBGDTRTXint", 0xed905e00},
    {"stc p14, DBGDTRRXint", 0xed805e00},
    {"vmrs FPSCR", 0xeef11a10},
    {"vmrs FPSID", 0xeef01a10},
    {"vmsr FPEXC", 0xeee81a10},
    {"vmov r1, s30", 0xee1f1a10},
    {"udf", 0xe7f000f0},
    {"bkpt", 0xe1200575},
    {"hlt", 0xe1000070},
    {"hvc", 0xe1400071},
    {"smc", 0xe1600070},
    {"eret", 0xe160006e},
    {"mrs spsr", 0xe14f1000},
    {"cps Supervisor", 0xf1020013},
    {"cpsie if", 0xf10800c0},
    {"rfe", 0xf8900a00},
    {"srs", 0xf8cd0513},
    {"wfi", 0xe320f003},
};

static bool is_coprocessor(uint32_t word)
{
    return word >> 28 == 0xe && (word >> 24 & 0xf) >= 0xc && (word >> 24 & 0xf) < 0xf;
}

/*
 * It goes by, or its own EL1 is asked, or the host is: then PC is at it, and the host can say that
 * it is UNDEFINED. EL0 stays EL0.
 */
static void try_oddity(uint32_t word, bool thumb, const char *name)
{
    uint64_t pstate;

    program(thumb);
    emit(word);
    emit_svc(7);
    start(0);
    guest->regs.x[0] = COUNT_IPA; /* RAM, for those that load and store */
    pstate = reg(VCPU_REG_PSTATE);
    testhost_run(guest);

    if (guest->exit.reason == VCPU_EXIT_UNHANDLED) {
        CHECK_EQ(reg(VCPU_REG_PC), CODE_IPA);
        CHECK_EQ(reg(VCPU_REG_PSTATE), pstate);
        CHECK_EQ(vcpu_inject_undefined(guest), VCPU_OK);
        testhost_run(guest);
        CHECK(took(CLASS_UNDEFINED, CODE_IPA));
        CHECK_EQ(reg(REG_SPSR), pstate);
        return;
    }
    if (guest->exit.reason != VCPU_EXIT_HYPERCALL ||
        vcpu_exit_imm(&guest->exit) != SAY_VECTOR + VECTOR_SYNC32) {
        console_print("%s: %s, esr_el2 0x%lx\n", name, vcpu_exit_name(guest->exit.reason),
                      guest->exit.esr_el2);
        test_fail("neither its own exception nor an exit");
        return;
    }
    /* BKPT, UNDEFINED and traps are at it; the SVC is behind. */
    CHECK(took(CLASS_SVC32, CODE_IPA + code_size) || reg(REG_ELR) == CODE_IPA);
    CHECK_EQ(reg(REG_SPSR) & 0x1f, USER32);
}

void try_oddities(bool thumb)
{
    for (unsigned i = 0; i < sizeof(oddities) / sizeof(oddities[0]); i++)
        if (!thumb || is_coprocessor(oddities[i].word))
            try_oddity(oddities[i].word, thumb, oddities[i].name);
}

/* ---- The physical timer ---- */

#define MRRC_R1_R2_CNTPCT    0xec521f0eu
#define MRRC_R3_R4_CNTP_CVAL 0xec543f2eu
#define MCRR_R1_R2_CNTP_CVAL 0xec421f2eu
#define MRC_R1_CNTP_TVAL     0xee1e1f12u
#define MCR_R1_CNTP_TVAL     0xee0e1f12u
#define MRC_R1_CNTP_CTL      0xee1e1f32u
#define MCR_R1_CNTP_CTL      0xee0e1f32u

/* CNTKCTL_EL1: EL0 may use the physical counter, the physical timer. */
#define EL0PCTEN (1u << 0)
#define EL0PTEN  (1u << 9)

/* EL1 lets EL0 use it, and the VM has none: it comes out, in both states. */
static void timer_trap(uint32_t word, bool thumb)
{
    program(thumb);
    emit(word);
    emit_svc(7);
    start(0);
    set_reg(REG_CNTKCTL, EL0PCTEN | EL0PTEN);
    CHECK_EQ(testhost_run(guest), VCPU_EXIT_UNHANDLED);
    CHECK_EQ(guest->exit.esr_el2 >> 26 & 0x3f, word >> 25 == 0x76 ? 0x04 : 0x03);
    CHECK_EQ(reg(VCPU_REG_PC), CODE_IPA);
    CHECK_EQ(vcpu_inject_undefined(guest), VCPU_OK);
    testhost_run(guest);
    CHECK(took(CLASS_UNDEFINED, CODE_IPA));
    set_reg(REG_CNTKCTL, 0);
}

void timer_traps(void)
{
    for (unsigned thumb = 0; thumb < 2; thumb++) {
        timer_trap(MRRC_R1_R2_CNTPCT, thumb);
        timer_trap(MCRR_R1_R2_CNTP_CVAL, thumb);
        timer_trap(MRC_R1_CNTP_CTL, thumb);
        timer_trap(MCR_R1_CNTP_TVAL, thumb);
    }
}

/* Runs this one with r1 and r2; then they have their lower halves only. */
static void timer_access(uint32_t word, bool thumb, uint64_t r1, uint64_t r2)
{
    program(thumb);
    emit(word);
    emit_svc(7);
    start(0);
    set_reg(REG_CNTKCTL, EL0PCTEN | EL0PTEN);
    guest->regs.x[1] = r1;
    guest->regs.x[2] = r2;
    run_to_svc(7, CODE_IPA + code_size);
    set_reg(REG_CNTKCTL, 0);
}

static bool timer_level;

static void timer_output(void *ctx, struct vcpu *vcpu, uint32_t intid, bool level)
{
    (void)ctx;
    (void)vcpu;
    if (intid == VCPU_TIMER_PHYSICAL_PPI)
        timer_level = level;
}

static void timer_registers(bool thumb)
{
    const uint64_t upper = UINT64_C(0xdeadbeef) << 32; /* no part of a register of AArch32 */
    uint64_t before = timer_now() - vcpu_vm_counter_offset(vm->vm);

    timer_access(MRRC_R1_R2_CNTPCT, thumb, 0, 0);
    CHECK(guest->regs.x[2] <= UINT32_MAX && guest->regs.x[1] <= UINT32_MAX);
    CHECK((guest->regs.x[2] << 32 | guest->regs.x[1]) >= before);
    CHECK((guest->regs.x[2] << 32 | guest->regs.x[1]) <=
          timer_now() - vcpu_vm_counter_offset(vm->vm));

    timer_access(MCRR_R1_R2_CNTP_CVAL, thumb, upper | 0x89abcdef, upper | 0xfedcba98);
    timer_access(MRRC_R3_R4_CNTP_CVAL, thumb, 0, 0);
    CHECK_EQ(guest->regs.x[3], 0x89abcdef);
    CHECK_EQ(guest->regs.x[4], 0xfedcba98);

    timer_access(MCR_R1_CNTP_CTL, thumb, upper | 1, 0);
    CHECK(!timer_level);
    timer_access(MCR_R1_CNTP_TVAL, thumb, upper | 0xffffff00, 0);
    CHECK(timer_level);
    timer_access(MRC_R1_CNTP_TVAL, thumb, 0, 0);
    CHECK(guest->regs.x[1] <= 0xffffff00 && guest->regs.x[1] > 0x80000000);
    timer_access(MRC_R1_CNTP_CTL, thumb, 0, 0);
    CHECK_EQ(guest->regs.x[1], 5);
    timer_access(MCR_R1_CNTP_CTL, thumb, 0, 0);
    CHECK(!timer_level);
}

void timers(void)
{
    const struct vcpu_timer_config config = {.host = &testhost_hooks, .set_ppi = timer_output};
    const struct test_vm *other_vm = vm;
    struct vcpu *other_guest = guest;
    struct vcpu_timer *timer;
    struct test_vm t;

    testhost_vm_with(&t, (struct vcpu_vm_config){.counter_offset = timer_now() / 2});
    CHECK_EQ(vcpu_timer_create(t.vm, &config, &timer), VCPU_OK);
    vm = &t;
    guest = testhost_vcpu(&t, 0);

    test_begin("the physical timer's registers, as EL1 lets EL0 have them: A32");
    timer_registers(false);
    test_begin("the physical timer's registers, as EL1 lets EL0 have them: T32");
    timer_registers(true);

    test_begin("what EL1 does not let EL0 have stays with EL1");
    program(false);
    emit(MRRC_R1_R2_CNTPCT);
    start(0);
    testhost_run(guest);
    CHECK(took(0x04, CODE_IPA));

    test_begin("an access to it that fails its condition goes by");
    program(false);
    emit((MCR_R1_CNTP_CTL & 0x0fffffff)); /* eq, with Z clear */
    emit_svc(7);
    start(0);
    set_reg(REG_CNTKCTL, EL0PTEN);
    run_to_svc(7, CODE_IPA + code_size);
    timer_access(MRC_R1_CNTP_CTL, false, 0, 0);
    CHECK_EQ(guest->regs.x[1], 0);

    testhost_vm_free(&t);
    CHECK_EQ(vcpu_timer_destroy(timer), VCPU_OK);
    vm = other_vm;
    guest = other_guest;
}

void thread_ids(void)
{
    program(false);
    emit(0xee1d1f70); /* mrc p15, TPIDRURO */
    emit(0xee1d2f50); /* mrc p15, TPIDRURW */
    emit_svc(7);
    start(0);
    set_reg(REG_TPIDRRO, 0x11112222);
    set_reg(VCPU_REG_TPIDR_EL0, 0x33334444);
    run_to_svc(7, CODE_IPA + code_size);
    CHECK_EQ(guest->regs.x[1], 0x11112222);
    CHECK_EQ(guest->regs.x[2], 0x33334444);
}
