/* SPDX-License-Identifier: MIT */
/*
 * A guest that tries what it is not meant to have, at EL1 and at EL0, an instruction at a time.
 * Each ends in the guest's own vectors, in an exit, or in nothing; what the host has set for the
 * guest, and its own registers, stay as they are.
 */
#include "hidden.h"

#include "arch.h"
#include "cache.h"
#include "probes.h"
#include "string.h"
#include "testhost.h"

extern const char guest_vectors[], guest_opens[];

/* In guest RAM: an instruction with an HVC behind it for EL1, one with an SVC for EL0; and data. */
#define SLOT_IPA  (TEST_RAM_IPA + 0x10000u)
#define SLOT_SIZE 32u
#define SLOT_EL0  16u /* from an EL1 slot to its EL0 slot */
#define DATA_IPA  (TEST_RAM_IPA + 0x200000u)

#define INSN_HVC(imm) (0xd4000002u | (uint32_t)(imm) << 5)
#define INSN_SVC(imm) (0xd4000001u | (uint32_t)(imm) << 5)
#define INSN_B_SELF   0x14000000u
#define INSN_ERET     0xd69f03e0u
#define INSN_RET_X1   0xd65f0020u
#define INSN_LDR_SP   0xf94003e2u /* ldr x2, [sp] */

#define PSTATE_EL0T 0x3c0u
#define PSTATE_EL1H 0x3c5u
#define PSTATE_IL   0x100000u

/* Offsets into the vectors, as their numbers, of a synchronous exception. */
#define VECTOR_SAME_EL  4u
#define VECTOR_LOWER_EL 8u

#define ESR_CLASS(esr)      ((unsigned)((esr) >> 26 & 0x3f))
#define ESR_UNDEFINED       0x02000000u
#define CLASS_ILLEGAL_STATE 0x0eu
#define CLASS_SVC64         0x15u
#define CLASS_MSR_MRS       0x18u
#define CLASS_PC_ALIGNMENT  0x22u
#define CLASS_SP_ALIGNMENT  0x26u
#define CLASS_PAUTH_FAIL    0x1cu
#define CLASS_FETCH_LOWER   0x20u
#define CLASS_FETCH_SAME    0x21u
#define CLASS_DATA_LOWER    0x24u
#define CLASS_DATA_SAME     0x25u
#define CLASS_GUARDED_STACK 0x2du
#define CLASS_BRK64         0x3cu

/* SCTLR_EL1: RES1; with SA and SA0 besides. */
#define SCTLR_PLAIN (UINT64_C(0x30d00800) | 1 << 3 | 1 << 4)
/* With every switch for what it has not got: EnIA, EnIB, EnDA, EnDB, MSCEn, ATA, ATA0, EnASR,
 * EnAS0, EnALS, EnTP2; and SCXTNUM_EL0 not trapped (TSCXT = 0). */
#define SCTLR_HOSTILE                                                                              \
    (SCTLR_PLAIN | UINT64_C(0xc8002000) | UINT64_C(1) << 33 | UINT64_C(3) << 42 |                  \
     UINT64_C(7) << 54 | UINT64_C(1) << 60)
#define CPACR_ALL (UINT64_C(3) << 16 | 3 << 20 | 3 << 24) /* ZEN, FPEN, SMEN */

static uint64_t sctlr = SCTLR_PLAIN;

/* ---- What must not change, whatever the guest does ---- */

/* To ACTLR_EL1 what makes the guest's world, while it is resident; then the host's own. */
#define CANARIES(X)                                                                                \
    X(hcr_el2)                                                                                     \
    X(mdcr_el2)                                                                                    \
    X(cptr_el2)                                                                                    \
    X(hstr_el2)                                                                                    \
    X(vttbr_el2)                                                                                   \
    X(vtcr_el2)                                                                                    \
    X(cnthctl_el2)                                                                                 \
    X(cntvoff_el2)                                                                                 \
    X(vpidr_el2)                                                                                   \
    X(vmpidr_el2)                                                                                  \
    X(mdscr_el1)                                                                                   \
    X(actlr_el1)                                                                                   \
    X(sctlr_el2)                                                                                   \
    X(ttbr0_el2)                                                                                   \
    X(tcr_el2)                                                                                     \
    X(mair_el2)                                                                                    \
    X(vbar_el2)                                                                                    \
    X(tpidr_el2)                                                                                   \
    X(sp_el0)                                                                                      \
    X(tpidr_el0)                                                                                   \
    X(cnthp_ctl_el2)                                                                               \
    X(cnthp_cval_el2)                                                                              \
    X(daif)

enum {
#define INDEX(name) CANARY_##name,
    CANARIES(INDEX)
#undef INDEX
        CANARY_COUNT
};

static const char *const canary_names[] = {
#define NAME(name) #name,
    CANARIES(NAME)
#undef NAME
};

static uint64_t canaries[CANARY_COUNT];

static void read_canaries(uint64_t values[CANARY_COUNT])
{
#define READ(name) values[CANARY_##name] = arch_read(name);
    CANARIES(READ)
#undef READ
}

static void check_canaries(const char *what)
{
    uint64_t now[CANARY_COUNT];

    read_canaries(now);
    for (unsigned i = 0; i < CANARY_COUNT; i++) {
        if (now[i] == canaries[i])
            continue;
        test_check_eq(now[i], canaries[i], canary_names[i], what, 0);
    }
}

/* ---- One instruction ---- */

#define REG(op1, crn, crm, op2) (VCPU_REG_SYSREG + VCPU_SYSREG(3, op1, crn, crm, op2))
#define REG_SPSR                REG(0, 4, 0, 0)
#define REG_ELR                 REG(0, 4, 0, 1)
#define REG_SP_EL1              REG(4, 4, 1, 0)
#define REG_ESR                 REG(0, 5, 2, 0)
#define REG_FAR                 REG(0, 6, 0, 0)
#define REG_VBAR                REG(0, 12, 0, 0)

static struct vcpu *guest;

static uint64_t reg(uint32_t id)
{
    return testhost_reg(guest, id);
}

static void set_reg(uint32_t id, uint64_t value)
{
    testhost_set_reg(guest, id, value);
}

static uint64_t slot(size_t index, bool el0)
{
    return SLOT_IPA + index * SLOT_SIZE + (el0 ? SLOT_EL0 : 0);
}

static void write_slot(const struct test_vm *t, size_t index, uint32_t word)
{
    const uint32_t code[SLOT_SIZE / 4] = {word, INSN_HVC(SAY_DONE), INSN_B_SELF, INSN_B_SELF,
                                          word, INSN_SVC(SAY_DONE), INSN_B_SELF, INSN_B_SELF};

    memcpy(testhost_ram(t, slot(index, false)), code, sizeof(code));
    cache_clean(testhost_ram(t, slot(index, false)), sizeof(code));
}

/* x1 is an address in RAM, x30 that of the instruction behind, and so is where an ERET goes. */
static uint64_t initial_x(unsigned i, uint64_t pc)
{
    return i == 30 ? pc + 4 : DATA_IPA + i * 64;
}

/* By the guest itself. */
static void open_everything(void)
{
    set_reg(VCPU_REG_PSTATE, PSTATE_EL1H);
    testhost_enter_at(guest, guest_opens);
    guest->regs.x[1] = sctlr;
    guest->regs.x[2] = CPACR_ALL;
    CHECK_EQ(testhost_run(guest), VCPU_EXIT_HYPERCALL);
    CHECK_EQ(vcpu_exit_imm(&guest->exit), SAY_DONE);
}

/* Everything that decides what an instruction does is set anew for each. */
static void prepare(uint64_t pc, bool el0)
{
    const uint64_t pstate = el0 ? PSTATE_EL0T : PSTATE_EL1H;

    open_everything();
    set_reg(VCPU_REG_PSTATE, pstate);
    set_reg(VCPU_REG_PC, pc);
    for (unsigned i = 0; i < 31; i++)
        guest->regs.x[i] = initial_x(i, pc);
    set_reg(VCPU_REG_SP_EL0, DATA_IPA + 0x1000);
    set_reg(VCPU_REG_TPIDR_EL0, 0x1234);
    set_reg(REG_SP_EL1, DATA_IPA + 0x2000);
    set_reg(REG_VBAR, testhost_ipa(guest_vectors));
    set_reg(REG_ELR, pc + 4);
    set_reg(REG_SPSR, pstate);
    set_reg(REG_ESR, ~UINT64_C(0));
}

/* Has the guest said that it took a synchronous exception from that level to EL1? */
static bool took_exception(bool el0)
{
    unsigned vector = el0 ? VECTOR_LOWER_EL : VECTOR_SAME_EL;

    return guest->exit.reason == VCPU_EXIT_HYPERCALL &&
           vcpu_exit_imm(&guest->exit) == SAY_VECTOR + vector &&
           reg(VCPU_REG_PC) == testhost_ipa(guest_vectors) + vector * 0x80;
}

/* What has come of the instruction at pc. NOT_TRIED: nothing that is known. */
static enum outcome outcome(uint64_t pc, bool el0)
{
    uint64_t esr, elr;

    switch (guest->exit.reason) {
    case VCPU_EXIT_SYSREG_READ:
    case VCPU_EXIT_SYSREG_WRITE:
        return reg(VCPU_REG_PC) == pc ? SYSREG : NOT_TRIED;
    case VCPU_EXIT_HYPERCALL:
        break;
    default:
        return NOT_TRIED;
    }
    if (vcpu_exit_imm(&guest->exit) == SAY_DONE)
        return !el0 && reg(VCPU_REG_PC) == pc + 4 ? RAN : NOT_TRIED;
    if (!took_exception(el0))
        return NOT_TRIED;

    esr = reg(REG_ESR);
    elr = reg(REG_ELR);
    switch (ESR_CLASS(esr)) {
    case 0:
        return elr == pc && esr == ESR_UNDEFINED ? UNDEF : NOT_TRIED;
    case CLASS_MSR_MRS:
        return elr == pc ? TRAP : NOT_TRIED;
    case CLASS_SVC64:
        if (elr == pc + 8 && (uint16_t)esr == SAY_DONE)
            return RAN;
        return elr == pc + 4 ? SVC : NOT_TRIED;
    case CLASS_GUARDED_STACK:
        return elr == pc ? GCS : NOT_TRIED;
    case CLASS_BRK64:
        return elr == pc ? BRK : NOT_TRIED;
    case CLASS_PAUTH_FAIL: /* FEAT_FPAC */
    case CLASS_FETCH_LOWER:
    case CLASS_FETCH_SAME:
    case CLASS_DATA_LOWER:
    case CLASS_DATA_SAME:
        return AUTH;
    default:
        return NOT_TRIED;
    }
}

/* An instruction that was not executed has changed nothing. */
static void check_unchanged(const char *what, uint64_t pc)
{
    bool same = guest->regs.sp_el0 == DATA_IPA + 0x1000 && guest->regs.tpidr_el0 == 0x1234;

    for (unsigned i = 0; i < 31; i++)
        same = same && guest->regs.x[i] == initial_x(i, pc);
    test_check(same, "registers as before", what, 0);
}

static void try(const struct probe *probe, size_t index, bool el0)
{
    const unsigned allowed = el0 ? probe->el0 : probe->el1;
    const uint64_t pc = slot(index, el0);
    enum outcome got;

    if (allowed == NOT_TRIED)
        return;
    prepare(pc, el0);
    testhost_run(guest);
    got = outcome(pc, el0);
    if (!(got & allowed)) {
        console_print("%s at EL%d: outcome %d, %s, imm 0x%x, esr_el2 0x%lx, pc 0x%lx, "
                      "ESR_EL1 0x%lx, ELR_EL1 0x%lx\n",
                      probe->what, el0 ? 0 : 1, got, vcpu_exit_name(guest->exit.reason),
                      vcpu_exit_imm(&guest->exit), guest->exit.esr_el2, reg(VCPU_REG_PC),
                      reg(REG_ESR), reg(REG_ELR));
        test_fail("not so");
    }
    if (got != RAN && got != AUTH)
        check_unchanged(probe->what, pc);
    /* What the host does about a register that it does not know. */
    if (got == SYSREG) {
        CHECK_EQ(vcpu_inject_undefined(guest), VCPU_OK);
        testhost_run(guest);
        CHECK_EQ(outcome(pc, el0), UNDEF);
    }
    check_canaries(probe->what);
}

static void try_all(const struct test_vm *t)
{
    for (size_t i = 0; i < PROBE_COUNT; i++)
        write_slot(t, i, probes[i].word);

    test_begin("EL1 tries everything: its own UNDEFINED, a documented exit, or nothing");
    for (size_t i = 0; i < PROBE_COUNT; i++)
        try(&probes[i], i, false);
    test_begin("EL0 tries everything");
    for (size_t i = 0; i < PROBE_COUNT; i++)
        try(&probes[i], i, true);
    sctlr = SCTLR_HOSTILE;
    test_begin("EL1 turns on in SCTLR_EL1 what it has not got, and tries again");
    for (size_t i = 0; i < PROBE_COUNT; i++)
        try(&probes[i], i, false);
    test_begin("and its EL0");
    for (size_t i = 0; i < PROBE_COUNT; i++)
        try(&probes[i], i, true);
    sctlr = SCTLR_PLAIN;
}

/* A host may have left GCSCR_EL1.STREn and PUSHMEn on: then it is EL2 that refuses EL1. */
static void try_guarded_stacks(void)
{
    const uint64_t allow = 1 << 9 | 1 << 8;

    if (!(arch_read(id_aa64pfr1_el1) >> 44 & 0xf))
        return;
    test_begin("EL1 has no stores and pushes to a guarded stack that the host has allowed");
    if (arch_is_vhe())
        arch_write(S3_5_C2_C5_0, allow);
    else
        arch_write(S3_0_C2_C5_0, allow);
    for (size_t i = 0; i < PROBE_COUNT; i++) {
        struct probe probe = probes[i];

        if (strcmp(probe.what, "gcsstr x1, [x1]") != 0 && strcmp(probe.what, "gcspushm x1") != 0)
            continue;
        probe.el1 = UNDEF;
        try(&probe, i, false);
    }
    if (arch_is_vhe())
        arch_write(S3_5_C2_C5_0, 0);
    else
        arch_write(S3_0_C2_C5_0, 0);
}

/* ---- Exceptions with a place of their own ---- */

/* Runs an instruction; it ends in a synchronous exception of this class, with this ELR_EL1. */
static void check_exception(bool el0, unsigned class, uint64_t elr, uint64_t spsr)
{
    testhost_run(guest);
    CHECK(took_exception(el0));
    CHECK_EQ(ESR_CLASS(reg(REG_ESR)), class);
    CHECK_EQ(reg(REG_ELR), elr);
    CHECK_EQ(reg(REG_SPSR), spsr);
    check_canaries("exception");
}

static void illegal_returns(const struct test_vm *t)
{
    /* EL2h, EL2t, EL3h, EL3t, a reserved mode; AArch32 Supervisor, Hyp, Monitor, System. */
    static const uint32_t modes[] = {0x09, 0x08, 0x0d, 0x0c, 0x01, 0x13, 0x1a, 0x16, 0x1f};
    const uint64_t pc = slot(0, false);

    write_slot(t, 0, INSN_ERET);
    for (unsigned i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
        prepare(pc, false);
        set_reg(REG_SPSR, 0x3c0 | modes[i]);
        /* PSTATE.IL is set, at the same level: the next instruction is not executed. */
        check_exception(false, CLASS_ILLEGAL_STATE, pc + 4, PSTATE_EL1H | PSTATE_IL);
    }
}

static void misalignment(const struct test_vm *t)
{
    write_slot(t, 0, INSN_RET_X1);
    write_slot(t, 1, INSN_LDR_SP);
    for (unsigned el0 = 0; el0 < 2; el0++) {
        const uint64_t pstate = el0 ? PSTATE_EL0T : PSTATE_EL1H;

        prepare(slot(0, el0), el0);
        guest->regs.x[1] = DATA_IPA + 2;
        check_exception(el0, CLASS_PC_ALIGNMENT, DATA_IPA + 2, pstate);
        CHECK_EQ(reg(REG_FAR), DATA_IPA + 2);

        /* QEMU does not look at SP's alignment: there the load goes by. */
        prepare(slot(1, el0), el0);
        set_reg(VCPU_REG_SP_EL0, DATA_IPA + 8);
        set_reg(REG_SP_EL1, DATA_IPA + 8);
        testhost_run(guest);
        if (outcome(slot(1, el0), el0) != RAN) {
            CHECK(took_exception(el0));
            CHECK_EQ(ESR_CLASS(reg(REG_ESR)), CLASS_SP_ALIGNMENT);
            CHECK_EQ(reg(REG_ELR), slot(1, el0));
        }
    }
}

/* ---- Registers that are emulated ---- */

static uint64_t guest_reads(const struct test_vm *t, uint32_t mrs)
{
    write_slot(t, 0, mrs);
    prepare(slot(0, false), false);
    testhost_run(guest);
    CHECK_EQ(outcome(slot(0, false), false), RAN);
    return guest->regs.x[1];
}

static void guest_writes(const struct test_vm *t, uint32_t msr, uint64_t value)
{
    write_slot(t, 0, msr);
    prepare(slot(0, false), false);
    guest->regs.x[1] = value;
    testhost_run(guest);
    CHECK_EQ(outcome(slot(0, false), false), RAN);
    check_canaries("debug register");
}

/* DBGBVR, DBGBCR, DBGWVR, DBGWCR 0 and 1, MDSCR_EL1, MDCCINT_EL1: what they keep of 0xe1e5. */
static void debug_registers(const struct test_vm *t)
{
    static const struct {
        uint32_t encoding, value;
    } kept[] = {{VCPU_SYSREG(2, 0, 0, 0, 4), 0xe1e5}, {VCPU_SYSREG(2, 0, 0, 0, 5), 0x01e5},
                {VCPU_SYSREG(2, 0, 0, 0, 6), 0xe1e5}, {VCPU_SYSREG(2, 0, 0, 0, 7), 0x01e5},
                {VCPU_SYSREG(2, 0, 0, 1, 4), 0xe1e5}, {VCPU_SYSREG(2, 0, 0, 1, 5), 0x01e5},
                {VCPU_SYSREG(2, 0, 0, 1, 6), 0xe1e5}, {VCPU_SYSREG(2, 0, 0, 1, 7), 0x01e5},
                {VCPU_SYSREG(2, 0, 0, 2, 2), 0xa001}, {VCPU_SYSREG(2, 0, 0, 2, 0), 0}};
    const unsigned count = sizeof(kept) / sizeof(kept[0]);
    const uint32_t mrs = MRS(0, 0, 0, 0, 0), msr = MSR(0, 0, 0, 0, 0);
    const uint64_t hardware[] = {arch_read(S2_0_C0_C0_4), arch_read(S2_0_C0_C0_5),
                                 arch_read(S2_0_C0_C0_6), arch_read(S2_0_C0_C0_7)};

    for (unsigned i = 0; i < count; i++)
        guest_writes(t, msr | kept[i].encoding << 5, 0xe1e5);
    for (unsigned i = 0; i < count; i++)
        CHECK_EQ(guest_reads(t, mrs | kept[i].encoding << 5), kept[i].value);
    CHECK_EQ(arch_read(S2_0_C0_C0_4), hardware[0]);
    CHECK_EQ(arch_read(S2_0_C0_C0_5), hardware[1]);
    CHECK_EQ(arch_read(S2_0_C0_C0_6), hardware[2]);
    CHECK_EQ(arch_read(S2_0_C0_C0_7), hardware[3]);

    /* OSLSR_EL1: the lock is implemented (OSLM = 0b10); OSLAR_EL1 sets and clears it. */
    guest_writes(t, MSR(2, 0, 1, 0, 4), 0);
    CHECK_EQ(guest_reads(t, MRS(2, 0, 1, 1, 4)), 0x8);
    guest_writes(t, MSR(2, 0, 1, 0, 4), 1);
    CHECK_EQ(guest_reads(t, MRS(2, 0, 1, 1, 4)), 0xa);
    /* ACTLR_EL1 is the machine's. */
    guest_writes(t, MSR(3, 0, 1, 0, 1), ~UINT64_C(0));
    CHECK_EQ(guest_reads(t, MRS(3, 0, 1, 0, 1)), 0);
}

/* A new vCPU of the same VM finds debug registers as after a reset. */
static void debug_registers_are_each_vcpus_own(struct test_vm *t)
{
    struct vcpu *first = guest;

    guest = testhost_vcpu(t, 1);
    testhost_enter_at(guest, guest_vectors);
    prepare(slot(0, false), false);
    testhost_run(guest);
    read_canaries(canaries); /* VMPIDR_EL2 is another */
    CHECK_EQ(guest_reads(t, MRS(2, 0, 0, 0, 4)), 0);
    CHECK_EQ(guest_reads(t, MRS(2, 0, 0, 2, 2)), 0);
    CHECK_EQ(guest_reads(t, MRS(2, 0, 1, 1, 4)), 0xa);
    MUST(vcpu_percpu_put(testhost_percpu(0)));
    MUST(vcpu_destroy(guest));
    guest = first;
    prepare(slot(0, false), false);
    testhost_run(guest);
    read_canaries(canaries);
}

static void pac_hints_are_hints(const struct test_vm *t)
{
    /* paciasp, autiasp, pacibsp, autibsp */
    static const uint32_t hints[] = {0xd503233f, 0xd50323bf, 0xd503237f, 0xd50323ff};

    for (unsigned i = 0; i < sizeof(hints) / sizeof(hints[0]); i++) {
        write_slot(t, 0, hints[i]);
        for (unsigned el0 = 0; el0 < 2; el0++) {
            prepare(slot(0, el0), el0);
            testhost_run(guest);
            CHECK_EQ(outcome(slot(0, el0), el0), RAN);
            CHECK_EQ(guest->regs.x[30], initial_x(30, slot(0, el0)));
        }
    }
}

/* ---- Identification ---- */

/* Fields that show something which a guest has not got: CRm, op2, bits. */
static const struct {
    uint8_t crm, op2;
    uint64_t bits;
    const char *what;
} absent[] = {
    {1, 0, UINT64_C(0xf0f00000), "ID_PFR0_EL1: RAS, AMU"},
    {1, 1, UINT64_C(0xfff0fff0), "ID_PFR1_EL1: GIC, Virt_frac, Sec_frac, Virtualization, Security"},
    {1, 2, UINT64_C(0xfffffff0), "ID_DFR0_EL1: PMU, trace, memory-mapped debug"},
    {1, 3, ~UINT64_C(0), "ID_AFR0_EL1"},
    {3, 4, UINT64_C(0xffffff00), "ID_PFR2_EL1: RAS_frac"},
    {3, 5, ~UINT64_C(0), "ID_DFR1_EL1"},
    {4, 0, UINT64_C(0x00f0fffff000ff00),
     "ID_AA64PFR0_EL1: RME, AMU, MPAM, SEL2, SVE, RAS, EL3, EL2"},
    {4, 1, UINT64_C(0xffffffffffffff00), "ID_AA64PFR1_EL1: MTE, RAS_frac, MPAM_frac, SME and on"},
    {4, 2, ~UINT64_C(0), "ID_AA64PFR2_EL1"},
    {4, 4, ~UINT64_C(0), "ID_AA64ZFR0_EL1"},
    {4, 5, ~UINT64_C(0), "ID_AA64SMFR0_EL1"},
    {5, 0, UINT64_C(0xffffff0f0f0f0ff0),
     "ID_AA64DFR0_EL1: BRBE, MTPMU, TRBE, TRF, SPE, PMU, trace"},
    {5, 1, ~UINT64_C(0), "ID_AA64DFR1_EL1"},
    {5, 4, ~UINT64_C(0), "ID_AA64AFR0_EL1"},
    {5, 5, ~UINT64_C(0), "ID_AA64AFR1_EL1"},
    {6, 0, UINT64_C(0x000000000f000000), "ID_AA64ISAR0_EL1: TME"},
    {6, 1, UINT64_C(0xff00000000000000), "ID_AA64ISAR1_EL1: LS64, XS"},
    {6, 2, UINT64_C(0x000000000f0f0000), "ID_AA64ISAR2_EL1: PAC_frac, MOPS"},
    {7, 0, UINT64_C(0xff00000000000000), "ID_AA64MMFR0_EL1: ECV, FGT"},
    {7, 1, UINT64_C(0xffff0f00000f0f00), "ID_AA64MMFR1_EL1: LO, VH, HCX, TWED, TIDCP1 and on"},
    {7, 2, UINT64_C(0x0f000f000f000000), "ID_AA64MMFR2_EL1: EVT, FWB, NV"},
    {7, 3, ~UINT64_C(0), "ID_AA64MMFR3_EL1"},
    {7, 4, ~UINT64_C(0), "ID_AA64MMFR4_EL1"},
};

#define ID(crm, op2) (guest_id[-1 + (crm)][op2])

static void read_id_registers(const struct test_vm *t, uint64_t guest_id[7][8])
{
    for (unsigned crm = 1; crm < 8; crm++)
        for (unsigned op2 = 0; op2 < 8; op2++)
            ID(crm, op2) = guest_reads(t, MRS(3, 0, 0, crm, op2));
}

static void id_registers(const struct test_vm *t)
{
    uint64_t guest_id[7][8];

    read_id_registers(t, guest_id);
    for (unsigned i = 0; i < sizeof(absent) / sizeof(absent[0]); i++)
        test_check_eq(ID(absent[i].crm, absent[i].op2) & absent[i].bits, 0, absent[i].what,
                      __FILE__, __LINE__);

    CHECK_EQ(ID(4, 0) >> 4 & 0xf, 1);                           /* EL1: AArch64 only */
    CHECK_EQ(ID(4, 0) >> 24 & 0xf, 0);                          /* GIC: no system registers */
    CHECK(((ID(4, 0) >> 56) & 0xf) <= 1);                       /* CSV2: no SCXTNUM_ELx */
    CHECK_EQ(ID(4, 0) & 0xf, arch_read(id_aa64pfr0_el1) & 0xf); /* EL0 as the host's */
    CHECK_EQ(ID(5, 0) & 0xf, 6);                                /* Armv8 debug */
    CHECK_EQ(ID(5, 0) >> 12 & 0xf, 3);                          /* BRPs: four of six */
    CHECK_EQ(ID(5, 0) >> 20 & 0xf, 1);                          /* WRPs: two of four */
    CHECK_EQ(ID(5, 0) >> 28 & 0xf, 1);                          /* CTX_CMPs: two */
    CHECK_EQ(ID(5, 0) >> 36 & 0xf, 0xf);                        /* no double lock */
    CHECK((ID(7, 0) & 0xf) <= 5);                               /* PARange: 48 bits */

    /* What needs no state is there: atomics, and AES and its like, as the host has them. */
    CHECK_EQ(ID(6, 0) & 0xfffff0, arch_read(id_aa64isar0_el1) & 0xfffff0);
}

/* Each vCPU of a VM reads the same, but for MPIDR_EL1, which is what it was created with. */
static void id_registers_are_the_same(struct test_vm *t)
{
    uint64_t first_id[7][8], other_id[7][8];
    struct vcpu *first = guest;

    read_id_registers(t, first_id);
    CHECK_EQ(guest_reads(t, MRS(3, 0, 0, 0, 5)), 0x80000000);
    guest = testhost_vcpu(t, 3);
    testhost_enter_at(guest, guest_vectors);
    read_id_registers(t, other_id);
    CHECK_EQ(memcmp(first_id, other_id, sizeof(first_id)), 0);
    CHECK_EQ(guest_reads(t, MRS(3, 0, 0, 0, 5)), 0x80000003);
    CHECK_EQ(guest_reads(t, MRS(3, 0, 0, 0, 0)), arch_read(midr_el1));
    CHECK_EQ(guest_reads(t, MRS(3, 0, 0, 0, 6)), 0);      /* REVIDR_EL1 */
    CHECK_EQ(guest_reads(t, MRS(3, 1, 0, 0, 7)), 0);      /* AIDR_EL1 */
    CHECK_EQ(guest_reads(t, MRS(3, 0, 4, 2, 2)), 1 << 2); /* CurrentEL: EL1, not EL2 */
    MUST(vcpu_percpu_put(testhost_percpu(0)));
    MUST(vcpu_destroy(guest));
    guest = first;
}

void host_main(const struct machine *machine)
{
    struct test_vm t;

    (void)machine;
    testhost_enable(0);
    testhost_vm(&t, 0);
    guest = testhost_vcpu(&t, 0);
    testhost_enter_at(guest, guest_vectors);

    /* What is right while this vCPU is resident. */
    write_slot(&t, 0, 0xd503201f); /* nop */
    prepare(slot(0, false), false);
    testhost_run(guest);
    read_canaries(canaries);

    try_all(&t);
    try_guarded_stacks();
    test_begin("an exception return to EL2, EL3 or AArch32 EL1 is illegal");
    illegal_returns(&t);
    test_begin("a misaligned PC and a misaligned SP are the guest's own faults");
    misalignment(&t);
    test_begin("pointer authentication's hints do nothing");
    pac_hints_are_hints(&t);
    test_begin("debug registers keep what is written, and the machine's stay as they are");
    debug_registers(&t);
    test_begin("another vCPU has debug registers of its own");
    debug_registers_are_each_vcpus_own(&t);
    test_begin("ID registers show nothing that is hidden");
    id_registers(&t);
    test_begin("each vCPU reads the same in them");
    id_registers_are_the_same(&t);
    test_end();
}
