/* SPDX-License-Identifier: MIT */
/*
 * AArch32 programs at EL0 under an AArch64 EL1, in A32 and T32: devices, conditions, coprocessor
 * traps, interrupts. On a CPU without AArch32 no vCPU can be put into it.
 */
#include "aarch32.h"

#include <stdatomic.h>

#include <vcpu/timer.h>

#include "cache.h"
#include "gic.h"
#include "irq.h"
#include "testhost.h"

extern const char el1_vectors[];

#define CODE_IPA  (TEST_RAM_IPA + 0x10000u)
#define COUNT_IPA (TEST_RAM_IPA + 0x20000u)

/* PSTATE of User mode. */
#define USER32   0x10u
#define PSTATE_T (1u << 5)
#define PSTATE_Z (1u << 30)
/* IT[7:2] are bits 15:10, IT[1:0] bits 26:25. */
#define PSTATE_IT(it) (((uint64_t)(it) >> 2) << 10 | (3 & (uint64_t)(it)) << 25)
#define IT_MASK       PSTATE_IT(0xff)

#define VECTOR_SYNC32 12u

#define CLASS_UNDEFINED  0x00u
#define CLASS_SVC32      0x11u
#define CLASS_DATA_ABORT 0x24u

#define EL2_TIMER_PPI 26u

/* A32: condition "always". */
#define A32_SVC(imm)  (0xef000000u | (imm))
#define T32_SVC(imm)  (0xdf00u | (imm))
#define A32_LDR_R1_R0 0xe5901000u
#define T32_LDR_R1_R0 0x6801u
#define T32_LDR_R2_R0 0x6802u
#define A32_B_SELF    0xeafffffeu
#define T32_B_SELF    0xe7feu

#define REG(op1, crn, crm, op2) (VCPU_REG_SYSREG + VCPU_SYSREG(3, op1, crn, crm, op2))
#define REG_SPSR                REG(0, 4, 0, 0)
#define REG_ELR                 REG(0, 4, 0, 1)
#define REG_ESR                 REG(0, 5, 2, 0)
#define REG_FAR                 REG(0, 6, 0, 0)
#define REG_CPACR               REG(0, 1, 0, 2)
#define REG_VBAR                REG(0, 12, 0, 0)
#define REG_TPIDRRO             REG(3, 13, 0, 3)
#define REG_CNTKCTL             REG(0, 14, 1, 0)

static struct vcpu *guest;
static const struct test_vm *vm;

static uint64_t reg(uint32_t id)
{
    return testhost_reg(guest, id);
}

static void set_reg(uint32_t id, uint64_t value)
{
    testhost_set_reg(guest, id, value);
}

/* ---- The program ---- */

static uint32_t code_size;
static bool code_thumb;

static void program(bool thumb)
{
    code_size = 0;
    code_thumb = thumb;
}

/* A T32 instruction of 32 bits is two halfwords, the first in the upper half of `word`. */
static unsigned size_of(uint32_t word)
{
    return code_thumb && word <= 0xffff ? 2 : 4;
}

static void emit(uint32_t word)
{
    uint16_t *at = testhost_ram(vm, CODE_IPA + code_size);
    unsigned size = size_of(word);
    bool upper_first = code_thumb && size == 4;

    at[0] = (uint16_t)(upper_first ? word >> 16 : word);
    if (size == 4)
        at[1] = (uint16_t)(upper_first ? word : word >> 16);
    cache_clean(at, size);
    code_size += size;
}

static void emit_svc(unsigned imm)
{
    emit(code_thumb ? T32_SVC(imm) : A32_SVC(imm));
}

/* r0 is a device, r1 and r2 are all ones; EL1 has its vectors, and lets EL0 use FP. */
static void start(uint64_t flags)
{
    for (unsigned i = 0; i < 31; i++)
        guest->regs.x[i] = UINT32_MAX;
    guest->regs.x[0] = TEST_HOLE_IPA;
    set_reg(VCPU_REG_PC, CODE_IPA);
    set_reg(VCPU_REG_PSTATE, USER32 | (code_thumb ? PSTATE_T : 0) | flags);
    set_reg(REG_VBAR, testhost_ipa(el1_vectors));
    set_reg(REG_CPACR, 3 << 20);
    set_reg(REG_ESR, ~UINT64_C(0));
}

/* Has it taken a synchronous exception of this class to EL1, with this ELR_EL1? */
static bool took(unsigned class, uint64_t elr)
{
    return guest->exit.reason == VCPU_EXIT_HYPERCALL &&
           vcpu_exit_imm(&guest->exit) == SAY_VECTOR + VECTOR_SYNC32 &&
           (reg(REG_ESR) >> 26 & 0x3f) == class && reg(REG_ELR) == elr;
}

/*
 * Runs to an SVC with this immediate, which is the instruction before elr; IT has run out. From
 * there the guest's EL1 goes back to AArch32.
 */
static void run_to_svc(unsigned imm, uint64_t elr)
{
    testhost_run(guest);
    CHECK(took(CLASS_SVC32, elr));
    CHECK_EQ(reg(REG_ESR) & 0xffff, imm);
    CHECK_EQ(reg(REG_SPSR) & (IT_MASK | PSTATE_T | 0x1f), USER32 | (code_thumb ? PSTATE_T : 0));
    CHECK_EQ(vcpu_complete_call(guest, guest->regs.x[0]), VCPU_OK);
}

/* ---- Devices ---- */

struct access {
    const char *name;
    bool thumb;
    uint32_t word;
    bool store;
    uint8_t size;
    uint64_t device, result; /* a load: what the device gives, and what is in r1 then */
};

static const struct access accesses[] = {
    {"A32 ldr", false, A32_LDR_R1_R0, false, 4, UINT64_C(0xaaaaaaaa12345678), 0x12345678},
    {"A32 ldrb", false, 0xe5d01000, false, 1, 0x1fe, 0xfe},
    {"A32 ldrsb", false, 0xe1d010d0, false, 1, 0xfe, 0xfffffffe},
    {"A32 ldrh", false, 0xe1d010b0, false, 2, 0x1fffe, 0xfffe},
    {"A32 ldrsh", false, 0xe1d010f0, false, 2, 0x8000, 0xffff8000},
    {"A32 str", false, 0xe5801000, true, 4, 0, 0},
    {"A32 strb", false, 0xe5c01000, true, 1, 0, 0},
    {"A32 strh", false, 0xe1c010b0, true, 2, 0, 0},
    {"T32 ldr, 16 bits", true, T32_LDR_R1_R0, false, 4, 0x87654321, 0x87654321},
    {"T32 ldrb, 16 bits", true, 0x7801, false, 1, 0x180, 0x80},
    {"T32 ldrh, 16 bits", true, 0x8801, false, 2, 0x18000, 0x8000},
    {"T32 str, 16 bits", true, 0x6001, true, 4, 0, 0},
    {"T32 strb, 16 bits", true, 0x7001, true, 1, 0, 0},
    {"T32 strh, 16 bits", true, 0x8001, true, 2, 0, 0},
    {"T32 ldr, 32 bits", true, 0xf8d01000, false, 4, 0x87654321, 0x87654321},
    {"T32 ldrsb, 32 bits", true, 0xf9901000, false, 1, 0x80, 0xffffff80},
    {"T32 ldrsh, 32 bits", true, 0xf9b01000, false, 2, 0x8000, 0xffff8000},
    {"T32 str, 32 bits", true, 0xf8c01000, true, 4, 0, 0},
};

static uint64_t mask_of(unsigned size)
{
    return (UINT64_C(1) << 8 * size) - 1;
}

static void try_access(const struct access *a)
{
    const uint64_t stored = 0x89abcdef;
    uint64_t pstate;

    program(a->thumb);
    emit(a->word);
    emit_svc(7);
    emit_svc(8);
    start(0);
    guest->regs.x[1] = stored;
    pstate = reg(VCPU_REG_PSTATE);

    CHECK_EQ(testhost_run(guest), a->store ? VCPU_EXIT_MMIO_WRITE : VCPU_EXIT_MMIO_READ);
    CHECK_EQ(guest->exit.ipa.value, TEST_HOLE_IPA);
    CHECK_EQ(guest->exit.mmio.size, a->size);
    CHECK_EQ(reg(VCPU_REG_PC), CODE_IPA);
    CHECK_EQ(reg(VCPU_REG_PSTATE), pstate);
    if (a->store) {
        CHECK_EQ(guest->exit.mmio.data, stored & mask_of(a->size));
        CHECK_EQ(vcpu_complete_mmio_write(guest), VCPU_OK);
        CHECK_EQ(guest->regs.x[1], stored);
    } else {
        CHECK_EQ(vcpu_complete_mmio_read(guest, a->device), VCPU_OK);
        CHECK_EQ(guest->regs.x[1], a->result);
    }
    CHECK_EQ(reg(VCPU_REG_PC), CODE_IPA + size_of(a->word));

    run_to_svc(7, CODE_IPA + code_size - (a->thumb ? 2 : 4));
    run_to_svc(8, CODE_IPA + code_size);
}

static void accesses_without_syndrome(void)
{
    /* ldrd r2, r3, [r0]; ldr r1, [r0], #4; ldm r0, {r1, r2}; vldr d0, [r0] */
    static const uint32_t words[] = {0xe1c020d0, 0xe4901004, 0xe8900006, 0xed900b00};

    for (unsigned i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        program(false);
        emit(words[i]);
        emit_svc(7);
        start(0);
        CHECK_EQ(testhost_run(guest), VCPU_EXIT_STAGE2_FAULT);
        CHECK_EQ(guest->exit.fault.mmio.size, 0);
        CHECK_EQ(guest->exit.fault.access, VCPU_ACCESS_READ);
        CHECK_EQ(guest->exit.ipa.value, TEST_HOLE_IPA);
        CHECK_EQ(reg(VCPU_REG_PC), CODE_IPA);
        CHECK_EQ(vcpu_complete_mmio_read(guest, 0), VCPU_ERR_STATE);
    }
}

/* ---- Conditions ---- */

/* Of a 16-bit load in an IT block: PSTATE.IT at the exit, and after it is completed. */
static void load_in_it_block(uint32_t pc, uint8_t it, uint8_t next_it)
{
    CHECK_EQ(testhost_run(guest), VCPU_EXIT_MMIO_READ);
    CHECK_EQ(reg(VCPU_REG_PC), pc);
    CHECK_EQ(reg(VCPU_REG_PSTATE) & IT_MASK, PSTATE_IT(it));
    CHECK_EQ(vcpu_complete_mmio_read(guest, 1), VCPU_OK);
    CHECK_EQ(reg(VCPU_REG_PC), pc + 2);
    CHECK_EQ(reg(VCPU_REG_PSTATE) & IT_MASK, PSTATE_IT(next_it));
}

static void it_blocks(void)
{
    /* itt eq: both loads are made while Z is set. IT is condition:mask, 0000:0100, then :1000. */
    program(true);
    emit(0xbf04);
    emit(T32_LDR_R1_R0);
    emit(T32_LDR_R2_R0);
    emit_svc(7);
    start(PSTATE_Z);
    load_in_it_block(CODE_IPA + 2, 0x04, 0x08);
    load_in_it_block(CODE_IPA + 4, 0x08, 0x00);
    CHECK_EQ(guest->regs.x[1], 1);
    CHECK_EQ(guest->regs.x[2], 1);
    run_to_svc(7, CODE_IPA + code_size);

    /* Neither of them while it is clear. */
    start(0);
    run_to_svc(7, CODE_IPA + code_size);
    CHECK_EQ(guest->regs.x[1], UINT32_MAX);

    /* ite eq: the first one, and the second is skipped by the CPU. */
    program(true);
    emit(0xbf0c);
    emit(T32_LDR_R1_R0);
    emit(T32_LDR_R2_R0);
    emit_svc(7);
    start(PSTATE_Z);
    load_in_it_block(CODE_IPA + 2, 0x0c, 0x18);
    run_to_svc(7, CODE_IPA + code_size);
    CHECK_EQ(guest->regs.x[2], UINT32_MAX);
}

static void failed_conditions(void)
{
    /* ldreq r1, [r0]; streq; mrceq p15, PMCR; mrceq p14, DBGDSCRint; svceq; all with Z clear. */
    static const uint32_t words[] = {0x05901000, 0x05801000, 0x0e191f1c, 0x0e101e11, 0x0f000001};

    for (unsigned i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        program(false);
        emit(words[i]);
        emit_svc(7);
        start(0);
        run_to_svc(7, CODE_IPA + code_size);
        CHECK_EQ(guest->regs.x[1], UINT32_MAX);
    }
}

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

static void try_oddities(bool thumb)
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

/* A VM that has timers, and a time of its own. */
static void timers(void)
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

static void thread_ids(void)
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

/* ---- Faults from the host ---- */

static void injection(bool thumb)
{
    uint64_t pstate;

    program(thumb);
    emit(thumb ? T32_LDR_R1_R0 : A32_LDR_R1_R0);
    start(PSTATE_Z);
    pstate = reg(VCPU_REG_PSTATE);
    CHECK_EQ(testhost_run(guest), VCPU_EXIT_MMIO_READ);
    CHECK_EQ(vcpu_inject_data_abort(guest, guest->exit.far_el2), VCPU_OK);
    testhost_run(guest);
    CHECK(took(CLASS_DATA_ABORT, CODE_IPA));
    CHECK_EQ(reg(REG_FAR), TEST_HOLE_IPA);
    CHECK_EQ(reg(REG_SPSR), pstate);
}

/* ---- Interrupts and kicks ---- */

static void timer_interrupt(void)
{
    timer_clear();
}

static void interrupt(bool thumb)
{
    uint64_t pstate;

    program(thumb);
    emit(thumb ? T32_B_SELF : A32_B_SELF);
    start(PSTATE_Z);
    pstate = reg(VCPU_REG_PSTATE);
    timer_set(timer_now() + timer_frequency() / 1000);
    CHECK_EQ(testhost_run(guest), VCPU_EXIT_IRQ);
    irq_handle();
    CHECK_EQ(reg(VCPU_REG_PC), CODE_IPA);
    CHECK_EQ(reg(VCPU_REG_PSTATE), pstate);
    CHECK_EQ(guest->regs.x[14], UINT32_MAX);
}

static uint64_t count(void)
{
    cache_invalidate(testhost_ram(vm, COUNT_IPA), sizeof(uint32_t));
    return *(volatile uint32_t *)testhost_ram(vm, COUNT_IPA);
}

static atomic_bool wants_kick;

static void other_cpu(unsigned index)
{
    (void)index;
    for (;;) {
        while (!wants_kick)
            arch_wfe();
        while (count() < 100)
            ;
        MUST(vcpu_kick(guest));
        wants_kick = false;
    }
}

static void kick(void)
{
    uint64_t pc;

    program(false);
    emit(0xe5921000); /* ldr r1, [r2] */
    emit(0xe2811001); /* add r1, r1, #1 */
    emit(0xe5821000); /* str r1, [r2] */
    emit(0xeafffffb); /* b to the ldr */
    start(0);
    guest->regs.x[2] = COUNT_IPA;
    *(volatile uint32_t *)testhost_ram(vm, COUNT_IPA) = 0;
    cache_clean(testhost_ram(vm, COUNT_IPA), sizeof(uint32_t));
    wants_kick = true;
    arch_sev();
    CHECK_EQ(testhost_run(guest), VCPU_EXIT_KICK);
    irq_handle();
    pc = reg(VCPU_REG_PC);
    CHECK(pc >= CODE_IPA && pc < CODE_IPA + code_size && pc % 4 == 0);
    CHECK_EQ(reg(VCPU_REG_PSTATE) & (0x1f | PSTATE_T), USER32);
    CHECK(count() >= 100);
    while (wants_kick)
        ;
}

/* ---- Legal states ---- */

static void states(void)
{
    /* With flags, Q, GE, IT, T, E, A, I and F. */
    CHECK_EQ(vcpu_set_reg(guest, VCPU_REG_PSTATE, USER32), VCPU_OK);
    CHECK_EQ(vcpu_set_reg(guest, VCPU_REG_PSTATE, USER32 | 0xf80f0000 | PSTATE_T | IT_MASK | 0x3c0),
             VCPU_OK);
    for (unsigned bit = 32; bit < 64; bit++)
        CHECK_EQ(vcpu_set_reg(guest, VCPU_REG_PSTATE, USER32 | UINT64_C(1) << bit),
                 VCPU_ERR_INVALID);
    CHECK_EQ(vcpu_set_reg(guest, VCPU_REG_PC, UINT64_C(1) << 32), VCPU_ERR_INVALID);
    CHECK_EQ(vcpu_set_reg(guest, VCPU_REG_PC, CODE_IPA + 2), VCPU_OK);
}

static void programs(void)
{
    test_begin("User mode is a state that a vCPU can be put into");
    states();
    for (unsigned i = 0; i < sizeof(accesses) / sizeof(accesses[0]); i++) {
        test_begin(accesses[i].name);
        try_access(&accesses[i]);
    }
    test_begin("two registers, writeback, a list, a vector register: no syndrome");
    accesses_without_syndrome();
    test_begin("PSTATE.IT moves on with each load that is completed");
    it_blocks();
    test_begin("an instruction that fails its condition goes by");
    failed_conditions();
    test_begin("A32: coprocessors and system instructions do no harm");
    try_oddities(false);
    test_begin("T32: coprocessors do no harm");
    try_oddities(true);
    test_begin("a VM without timers: traps of the physical one come out, and can be UNDEFINED");
    for (unsigned thumb = 0; thumb < 2; thumb++) {
        timer_trap(MRRC_R1_R2_CNTPCT, thumb);
        timer_trap(MCRR_R1_R2_CNTP_CVAL, thumb);
        timer_trap(MRC_R1_CNTP_CTL, thumb);
        timer_trap(MCR_R1_CNTP_TVAL, thumb);
    }
    timers();
    test_begin("the thread registers are those of EL0");
    thread_ids();
    test_begin("a data abort from the host is taken at EL1's vector for AArch32");
    injection(false);
    injection(true);
    test_begin("an interrupt leaves A32 and T32 where they were");
    interrupt(false);
    interrupt(true);
    test_begin("a kick takes A32 code out");
    kick();
}

void host_main(const struct machine *machine)
{
    struct test_vm t;

    testhost_enable(0);
    gic_find(machine);
    gic_init();
    testhost_gic();
    irq_register(EL2_TIMER_PPI, timer_interrupt);
    gic_enable(EL2_TIMER_PPI);
    testhost_vm(&t, 0);
    vm = &t;
    guest = testhost_vcpu(&t, 0);
    testhost_enter_at(guest, el1_vectors);
    if (!smp_start(other_cpu))
        test_fail("the other CPU does not start");

    /* ID_AA64PFR0_EL1.EL0 = 2: AArch64 and AArch32. */
    if ((arch_read(id_aa64pfr0_el1) & 0xf) == 2) {
        programs();
    } else {
        test_begin("without AArch32 no vCPU can be put into it");
        CHECK_EQ(vcpu_set_reg(guest, VCPU_REG_PSTATE, USER32), VCPU_ERR_INVALID);
        CHECK_EQ(reg(VCPU_REG_PSTATE), 0x3c5);
    }
    test_end();
}
