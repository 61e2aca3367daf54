/* SPDX-License-Identifier: MIT */

#include "hidden_words.h"

/* In guest RAM: an instruction with an HVC behind it for EL1, one with an SVC for EL0; and data. */
#define SLOT_IPA  (TEST_RAM_IPA + 0x10000u)
#define SLOT_SIZE 32u
#define SLOT_EL0  16u /* from an EL1 slot to its EL0 slot */

#define INSN_HVC(imm) (0xd4000002u | (uint32_t)(imm) << 5)
#define INSN_SVC(imm) (0xd4000001u | (uint32_t)(imm) << 5)
#define INSN_B_SELF   0x14000000u

/* Offsets into the vectors, as their numbers, of a synchronous exception. */
#define VECTOR_SAME_EL      4u
#define VECTOR_LOWER_EL     8u
#define ESR_UNDEFINED       0x02000000u
#define CLASS_SVC64         0x15u
#define CLASS_MSR_MRS       0x18u
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
#define SCTLR_TSCXT UINT64_C(0x100000)
#define SCTLR_HOSTILE                                                                              \
    ((SCTLR_PLAIN & ~SCTLR_TSCXT) | UINT64_C(0xc8002000) | UINT64_C(1) << 33 | UINT64_C(3) << 42 | \
     UINT64_C(7) << 54 | UINT64_C(1) << 60)
#define CPACR_ALL (UINT64_C(3) << 16 | 3 << 20 | 3 << 24) /* ZEN, FPEN, SMEN */

static uint64_t sctlr = SCTLR_PLAIN;

/* ---- What must not change, whatever the guest does ---- */

static const char *const canary_names[] = {
#define NAME(name) #name,
    CANARIES(NAME)
#undef NAME
};

uint64_t canaries[CANARY_COUNT];

void read_canaries(uint64_t values[CANARY_COUNT])
{
#define READ(name) values[CANARY_##name] = arch_read(name);
    CANARIES(READ)
#undef READ
}

void check_canaries(const char *what)
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

#define REG_VBAR REG(0, 12, 0, 0)

struct vcpu *guest;

uint64_t reg(uint32_t id)
{
    return testhost_reg(guest, id);
}

void set_reg(uint32_t id, uint64_t value)
{
    testhost_set_reg(guest, id, value);
}

uint64_t slot(size_t index, bool el0)
{
    return SLOT_IPA + index * SLOT_SIZE + (el0 ? SLOT_EL0 : 0);
}

void write_slot(const struct test_vm *t, size_t index, uint32_t word)
{
    const uint32_t code[SLOT_SIZE / 4] = {word, INSN_HVC(SAY_DONE), INSN_B_SELF, INSN_B_SELF,
                                          word, INSN_SVC(SAY_DONE), INSN_B_SELF, INSN_B_SELF};

    memcpy(testhost_ram(t, slot(index, false)), code, sizeof(code));
    cache_clean(testhost_ram(t, slot(index, false)), sizeof(code));
}

uint64_t initial_x(unsigned i, uint64_t pc)
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

void prepare(uint64_t pc, bool el0)
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

bool took_exception(bool el0)
{
    unsigned vector = el0 ? VECTOR_LOWER_EL : VECTOR_SAME_EL;

    return guest->exit.reason == VCPU_EXIT_HYPERCALL &&
           vcpu_exit_imm(&guest->exit) == SAY_VECTOR + vector &&
           reg(VCPU_REG_PC) == testhost_ipa(guest_vectors) + vector * 0x80;
}

enum outcome outcome(uint64_t pc, bool el0)
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

void try_all(const struct test_vm *t)
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

void try_guarded_stacks(void)
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
