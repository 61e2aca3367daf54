/* SPDX-License-Identifier: MIT */
/*
 * What the library injects is what the CPU does itself: the same exception is raised by an
 * instruction of the guest's, and injected at that instruction, from many states of PSTATE and
 * SCTLR_EL1; the handler finds no difference in PC, PSTATE, ELR, SPSR, ESR and FAR.
 */
#include "inject.h"

#include "arch.h"
#include "cache.h"
#include "string.h"
#include "testhost.h"

extern const char inject_vectors[];

#define ROUNDS 24u /* random states for each exception from each level */

/* Guest memory: the instruction, and the tables of its stage 1. */
#define CODE_IPA  (TEST_RAM_IPA + 0x10000u)
#define L1_IPA    (TEST_RAM_IPA + 0x100000u)
#define L2_IPA    (TEST_RAM_IPA + 0x101000u)
#define L3_IPA    (TEST_RAM_IPA + 0x102000u)
#define TABLE_LEN 0x3000u

/* Virtual addresses, by what is there. A name ends in the level of the entry. */
#define VA_NONE_1     UINT64_C(0x00001230)
#define VA_NONE_2     UINT64_C(0x40401230)
#define VA_NONE_3     UINT64_C(0x40202230)
#define VA_NO_AF_1    UINT64_C(0x80001230)
#define VA_NO_AF_2    UINT64_C(0x40601230)
#define VA_NO_AF_3    UINT64_C(0x40200230)
#define VA_READONLY_1 UINT64_C(0xc0001230)
#define VA_READONLY_2 UINT64_C(0x40001230)
#define VA_READONLY_3 UINT64_C(0x40201230)
#define VA_NO_EXEC_3  UINT64_C(0x40203230)
#define VA_ODD        UINT64_C(0x40204231)

/* Descriptors: Normal memory (MAIR_EL1's first), Inner Shareable, AF. AP 1: EL0 too; 3: read-only. */
#define DESC_TABLE 3u
#define DESC_BLOCK 1u
#define DESC_PAGE  3u
#define DESC_AP(n) (UINT64_C(n) << 6)
#define DESC_SH    (UINT64_C(3) << 8)
#define DESC_AF    (UINT64_C(1) << 10)
#define DESC_XN    (UINT64_C(3) << 53) /* UXN, PXN */

/* T0SZ 25: three levels; write-back, Inner Shareable; no walks from TTBR1_EL1. */
#define TCR        (UINT64_C(25) | 1 << 8 | 1 << 10 | 3 << 12 | 1 << 23)
#define MAIR       UINT64_C(0xff)
#define SCTLR_MMU  (UINT64_C(0x30500800) | 1) /* RES1 but SPAN; and M */
#define SCTLR_A    (UINT64_C(1) << 1)
#define SPAN       (UINT64_C(1) << 23)
#define DSSBS      (UINT64_C(1) << 44)
#define CPACR_FPEN (UINT64_C(3) << 20)

/* N, Z, C, V and DIT, which taking an exception leaves alone. QEMU, unlike it, clears them. */
#define PSTATE_UNTOUCHED UINT64_C(0xf1000000)

#define PSTATE_IL    (UINT64_C(1) << 20)
#define PSTATE_BTYPE (UINT64_C(3) << 10)

#define REG(op1, crn, crm, op2) (VCPU_REG_SYSREG + VCPU_SYSREG(3, op1, crn, crm, op2))
#define REG_SCTLR               REG(0, 1, 0, 0)
#define REG_CPACR               REG(0, 1, 0, 2)
#define REG_TTBR0               REG(0, 2, 0, 0)
#define REG_TCR                 REG(0, 2, 0, 2)
#define REG_SPSR                REG(0, 4, 0, 0)
#define REG_ELR                 REG(0, 4, 0, 1)
#define REG_ESR                 REG(0, 5, 2, 0)
#define REG_FAR                 REG(0, 6, 0, 0)
#define REG_MAIR                REG(0, 10, 2, 0)
#define REG_VBAR                REG(0, 12, 0, 0)

static struct test_vm vm;
static struct vcpu *guest;

static uint64_t reg(uint32_t id)
{
    return testhost_reg(guest, id);
}

static void set_reg(uint32_t id, uint64_t value)
{
    testhost_set_reg(guest, id, value);
}

static uint64_t random64(void)
{
    static uint64_t state = 88172645463325252;

    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
}

/* ---- The guest's stage 1 ---- */

static void make_tables(void)
{
    uint64_t *l1 = testhost_ram(&vm, L1_IPA), *l2 = testhost_ram(&vm, L2_IPA),
             *l3 = testhost_ram(&vm, L3_IPA);
    const uint64_t shared = DESC_SH | DESC_AF, readonly = shared | DESC_AP(3);

    l1[1] = L2_IPA | DESC_TABLE;
    l1[2] = UINT64_C(0x80000000) | DESC_BLOCK | DESC_SH | DESC_AP(1);
    l1[3] = UINT64_C(0xc0000000) | DESC_BLOCK | readonly;
    l2[0] = UINT64_C(0x40000000) | DESC_BLOCK | readonly;
    l2[1] = L3_IPA | DESC_TABLE;
    l2[3] = UINT64_C(0x40600000) | DESC_BLOCK | DESC_SH | DESC_AP(1);
    l3[0] = UINT64_C(0x40200000) | DESC_PAGE | DESC_SH | DESC_AP(1);
    l3[1] = UINT64_C(0x40201000) | DESC_PAGE | readonly;
    l3[3] = UINT64_C(0x40203000) | DESC_PAGE | readonly | DESC_XN;
    l3[4] = UINT64_C(0x40204000) | DESC_PAGE | shared | DESC_AP(1);
    cache_clean(l1, TABLE_LEN);
}

/* ---- States ---- */

enum level {
    EL0,
    EL1T,
    EL1H,
    A32,
    T32,
    LEVELS,
};

#define LEVEL(level) (1u << (level))
#define FROM_EL0     LEVEL(EL0)
#define FROM_EL1     (LEVEL(EL1T) | LEVEL(EL1H))
#define FROM_A64     (FROM_EL0 | FROM_EL1)

static const char *const level_names[] = {"EL0", "EL1t", "EL1h", "A32", "T32"};
static const uint64_t level_modes[] = {0x0, 0x4, 0x5, 0x10, 0x30};
/* The number of the vector for a synchronous exception. */
static const unsigned level_vectors[] = {8, 0, 4, 12, 12};

static bool is_a64(enum level level)
{
    return level <= EL1H;
}

static bool id_has(uint64_t id, unsigned shift)
{
    return (id >> shift & 0xf) != 0;
}

/* Bits of PSTATE that the CPU has, in either execution state; without M, T, SS and IL. */
static uint64_t pstate_bits(enum level level)
{
    const uint64_t pfr1 = arch_read(id_aa64pfr1_el1), mmfr1 = arch_read(id_aa64mmfr1_el1);
    uint64_t bits = UINT64_C(0xf0000000); /* N, Z, C, V */

    if (is_a64(level)) {
        bits |= 0x3c0;                                                /* DAIF */
        bits |= id_has(arch_read(id_aa64pfr0_el1), 48) ? 1 << 24 : 0; /* DIT */
        bits |= id_has(arch_read(id_aa64mmfr2_el1), 4) ? 1 << 23 : 0; /* UAO */
        bits |= id_has(mmfr1, 20) ? 1 << 22 : 0;                      /* PAN */
        bits |= (pfr1 >> 8 & 0xf) >= 2 ? 1 << 25 : 0;                 /* TCO */
        bits |= id_has(pfr1, 4) ? 1 << 12 : 0;                        /* SSBS */
        bits |= id_has(pfr1, 0) ? PSTATE_BTYPE : 0;
        return bits;
    }
    bits |= 0x080f01c0;                                        /* Q, GE, A, I, F */
    bits |= id_has(arch_read(id_pfr0_el1), 24) ? 1 << 24 : 0;  /* DIT */
    bits |= id_has(arch_read(S3_0_C0_C3_4), 4) ? 1 << 23 : 0;  /* ID_PFR2_EL1: SSBS */
    bits |= id_has(arch_read(id_mmfr3_el1), 16) ? 1 << 22 : 0; /* PAN */
    return bits;
}

/* In T32 state also that of an IT block's last instruction, with the condition "always". */
static uint64_t random_pstate(enum level level)
{
    uint64_t it = level == T32 && (random64() & 1) ? UINT64_C(0xe8) >> 2 << 10 : 0;

    return (random64() & pstate_bits(level)) | it | level_modes[level];
}

static uint64_t random_sctlr(void)
{
    bool ssbs = id_has(arch_read(id_aa64pfr1_el1), 4);

    return SCTLR_MMU | (random64() & (SPAN | (ssbs ? DSSBS : 0)));
}

/* ---- Exceptions ---- */

enum how {
    UNDEFINED,
    ABORT,
    BRK,
    SYNC,
    SVC, /* as SYNC, behind the instruction */
    PC_ALIGNMENT,
    ILLEGAL_STATE,
};

#define LOAD(text, where, code, more)                                                              \
    .name = text, .levels = FROM_A64, .word = 0xf9400002, .how = ABORT,                            \
    .access = VCPU_ACCESS_READ, .fsc = code, .va = where, .sctlr = more
#define STORE(text, where, code)                                                                   \
    .name = text, .levels = FROM_A64, .word = 0xf9000002, .how = ABORT,                            \
    .access = VCPU_ACCESS_WRITE, .fsc = code, .va = where
#define FETCH(text, where, code)                                                                   \
    .name = text, .levels = FROM_A64, .how = ABORT, .access = VCPU_ACCESS_EXECUTE, .fsc = code,    \
    .va = where

static const struct exception {
    const char *name;
    unsigned levels;
    uint32_t word; /* at CODE_IPA; x0 is the address, and x1 a wrong one for PC */
    enum how how;
    uint64_t esr; /* SYNC: that the host gives */
    enum vcpu_access access;
    uint8_t fsc;
    uint64_t va;
    uint64_t sctlr;
} exceptions[] = {
    {.name = "an UNDEFINED instruction", .levels = FROM_A64, .word = 0, .how = UNDEFINED},
    {.name = "BRK", .levels = FROM_A64, .word = 0xd43e01a0, .how = BRK, .esr = 0xf00d},
    {.name = "SVC", .levels = FROM_A64, .word = 0xd4024681, .how = SVC, .esr = 0x56001234},
    {.name = "an illegal state",
     .levels = FROM_A64,
     .word = 0xd503201f,
     .how = ILLEGAL_STATE,
     .esr = 0x3a000000},
    {.name = "a misaligned PC",
     .levels = FROM_A64,
     .word = 0xd65f0020,
     .how = PC_ALIGNMENT,
     .esr = 0x8a000000},
    {.name = "FP that CPACR_EL1 traps",
     .levels = FROM_A64,
     .word = 0x9e670000,
     .how = SYNC,
     .esr = 0x1fe00000},
    {.name = "MRS of CTR_EL0 that SCTLR_EL1 traps",
     .levels = FROM_EL0,
     .word = 0xd53b0021,
     .how = SYNC,
     .esr = 0x6232c021},
    {LOAD("a load, translation fault, level 1", VA_NONE_1, VCPU_FSC_TRANSLATION + 1, 0)},
    {LOAD("a load, translation fault, level 2", VA_NONE_2, VCPU_FSC_TRANSLATION + 2, 0)},
    {LOAD("a load, translation fault, level 3", VA_NONE_3, VCPU_FSC_TRANSLATION + 3, 0)},
    {LOAD("a load, access flag fault, level 1", VA_NO_AF_1, VCPU_FSC_ACCESS_FLAG + 1, 0)},
    {LOAD("a load, access flag fault, level 2", VA_NO_AF_2, VCPU_FSC_ACCESS_FLAG + 2, 0)},
    {LOAD("a load, access flag fault, level 3", VA_NO_AF_3, VCPU_FSC_ACCESS_FLAG + 3, 0)},
    {LOAD("a load, alignment fault", VA_ODD, VCPU_FSC_ALIGNMENT, SCTLR_A)},
    {STORE("a store, translation fault, level 1", VA_NONE_1, VCPU_FSC_TRANSLATION + 1)},
    {STORE("a store, permission fault, level 1", VA_READONLY_1, VCPU_FSC_PERMISSION + 1)},
    {STORE("a store, permission fault, level 2", VA_READONLY_2, VCPU_FSC_PERMISSION + 2)},
    {STORE("a store, permission fault, level 3", VA_READONLY_3, VCPU_FSC_PERMISSION + 3)},
    {FETCH("a fetch, translation fault, level 1", VA_NONE_1, VCPU_FSC_TRANSLATION + 1)},
    {FETCH("a fetch, access flag fault, level 2", VA_NO_AF_2, VCPU_FSC_ACCESS_FLAG + 2)},
    {FETCH("a fetch, permission fault, level 3", VA_NO_EXEC_3, VCPU_FSC_PERMISSION + 3)},
    /* AArch32 programs. */
    {.name = "UDF", .levels = LEVEL(A32), .word = 0xe7f000f0, .how = UNDEFINED},
    {.name = "UDF", .levels = LEVEL(T32), .word = 0xde00de00, .how = UNDEFINED},
    {.name = "BKPT", .levels = LEVEL(A32), .word = 0xe12bee7f, .how = BRK, .esr = 0xbeef},
    {.name = "SVC", .levels = LEVEL(A32), .word = 0xef001234, .how = SVC, .esr = 0x46001234},
    {.name = "LDR, translation fault, level 1",
     .levels = LEVEL(A32),
     .word = 0xe5901000,
     .how = ABORT,
     .access = VCPU_ACCESS_READ,
     .fsc = VCPU_FSC_TRANSLATION + 1,
     .va = VA_NONE_1},
    {.name = "STR, permission fault, level 3",
     .levels = LEVEL(T32),
     .word = 0x60016001,
     .how = ABORT,
     .access = VCPU_ACCESS_WRITE,
     .fsc = VCPU_FSC_PERMISSION + 3,
     .va = VA_READONLY_3},
    {.name = "a fetch, translation fault, level 2",
     .levels = LEVEL(A32),
     .how = ABORT,
     .access = VCPU_ACCESS_EXECUTE,
     .fsc = VCPU_FSC_TRANSLATION + 2,
     .va = VA_NONE_2},
};

#define EXCEPTIONS (sizeof(exceptions) / sizeof(exceptions[0]))

static bool is_fetch(const struct exception *e)
{
    return e->how == ABORT && e->access == VCPU_ACCESS_EXECUTE;
}

static bool has_far(const struct exception *e)
{
    return e->how == ABORT || e->how == PC_ALIGNMENT;
}

static void write_code(uint32_t word)
{
    memcpy(testhost_ram(&vm, CODE_IPA), &word, sizeof(word));
    cache_clean(testhost_ram(&vm, CODE_IPA), sizeof(word));
}

static uint64_t start_pc(const struct exception *e)
{
    return is_fetch(e) ? e->va : CODE_IPA;
}

static void prepare(const struct exception *e, uint64_t pstate, uint64_t sctlr)
{
    set_reg(VCPU_REG_PSTATE, pstate);
    set_reg(VCPU_REG_PC, start_pc(e));
    guest->regs.x[0] = e->va;
    guest->regs.x[1] = CODE_IPA + 2;
    set_reg(REG_SCTLR, sctlr | e->sctlr);
    set_reg(REG_ELR, 0xe1e1);
    set_reg(REG_SPSR, 0x3c5);
    set_reg(REG_ESR, ~UINT64_C(0));
    set_reg(REG_FAR, 0xfafa);
}

/* By the instruction. */
static void raise(const struct exception *e)
{
    if (e->how == ILLEGAL_STATE)
        set_reg(VCPU_REG_PSTATE, guest->regs.pstate | PSTATE_IL);
}

/* By the host. */
static void inject(const struct exception *e)
{
    switch (e->how) {
    case UNDEFINED:
        CHECK_EQ(vcpu_inject_undefined(guest), VCPU_OK);
        break;
    case ABORT:
        CHECK_EQ(vcpu_inject_abort(guest, e->access, e->fsc, &e->va), VCPU_OK);
        break;
    case BRK:
        CHECK_EQ(vcpu_inject_brk(guest, (uint16_t)e->esr), VCPU_OK);
        break;
    case SVC:
        set_reg(VCPU_REG_PC, CODE_IPA + 4);
        CHECK_EQ(vcpu_inject_sync(guest, e->esr, 0), VCPU_OK);
        break;
    case PC_ALIGNMENT:
        guest->regs.pc = CODE_IPA + 2; /* where a guest can jump, and a host cannot put it */
        CHECK_EQ(vcpu_inject_sync(guest, e->esr, CODE_IPA + 2), VCPU_OK);
        break;
    case SYNC:
    case ILLEGAL_STATE:
        CHECK_EQ(vcpu_inject_sync(guest, e->esr, 0), VCPU_OK);
        break;
    }
    CHECK_EQ(guest->exit.reason, VCPU_EXIT_NONE);
}

/* What the handler finds. */
struct found {
    uint64_t vector, pstate, elr, spsr, esr, far;
};

static struct found run_to_handler(void)
{
    struct found f = {0};

    if (testhost_run(guest) != VCPU_EXIT_HYPERCALL) {
        CHECK_EQ(guest->exit.reason, VCPU_EXIT_HYPERCALL);
        return f;
    }
    f.vector = vcpu_exit_imm(&guest->exit) - SAY_VECTOR;
    CHECK_EQ(reg(VCPU_REG_PC), testhost_ipa(inject_vectors) + f.vector * 0x80);
    f.pstate = guest->regs.pstate; /* by its id TCO does not show */
    f.elr = reg(REG_ELR);
    f.spsr = reg(REG_SPSR);
    f.esr = reg(REG_ESR);
    f.far = reg(REG_FAR);
    return f;
}

/* A completed instruction, and a jump, end BTYPE and an IT block: then there is none before. */
static uint64_t pstate_for(const struct exception *e, uint64_t pstate)
{
    return e->how == SVC || e->how == PC_ALIGNMENT ? pstate & ~PSTATE_BTYPE : pstate;
}

static void compare(const struct exception *e, enum level level)
{
    uint64_t pstate = pstate_for(e, random_pstate(level)), sctlr = random_sctlr();
    uint64_t spsr = e->how == ILLEGAL_STATE ? pstate | PSTATE_IL : pstate;
    struct found own, injected;

    prepare(e, pstate, sctlr);
    raise(e);
    own = run_to_handler();
    /* The CPU has done what was meant. */
    CHECK_EQ(own.vector, level_vectors[level]);
    CHECK_EQ(own.spsr, spsr);

    prepare(e, pstate, sctlr);
    inject(e);
    injected = run_to_handler();
    CHECK_EQ(injected.vector, own.vector);
    CHECK_EQ(injected.pstate & ~PSTATE_UNTOUCHED, own.pstate & ~PSTATE_UNTOUCHED);
    CHECK_EQ(injected.pstate & PSTATE_UNTOUCHED, pstate & PSTATE_UNTOUCHED);
    CHECK_EQ(injected.elr, own.elr);
    CHECK_EQ(injected.spsr, own.spsr);
    CHECK_EQ(injected.esr, own.esr);
    if (has_far(e))
        CHECK_EQ(injected.far, own.far);
}

static bool cpu_has(enum level level)
{
    return is_a64(level) || (arch_read(id_aa64pfr0_el1) & 0xf) == 2;
}

static void compare_all(void)
{
    for (size_t i = 0; i < EXCEPTIONS; i++) {
        const struct exception *e = &exceptions[i];

        write_code(e->word);
        for (enum level level = EL0; level < LEVELS; level++) {
            if (!(e->levels & LEVEL(level)) || !cpu_has(level))
                continue;
            console_print("     %s, from %s\n", e->name, level_names[level]);
            for (unsigned round = 0; round < ROUNDS; round++)
                compare(e, level);
        }
    }
}

/* ---- What this machine's CPU does not raise ---- */

static const struct exception nop = {.word = 0xd503201f};

/* Injected at a nop from this level, it has this syndrome. */
static void check_taken(enum level level, uint64_t esr)
{
    struct found f = run_to_handler();

    CHECK_EQ(f.vector, level_vectors[level]);
    CHECK_EQ(f.esr, esr);
    CHECK_EQ(f.elr, CODE_IPA);
}

static void debug_exceptions(void)
{
    write_code(nop.word);
    for (enum level level = EL0; level < LEVELS; level++) {
        const uint64_t same = level == EL1T || level == EL1H ? UINT64_C(1) << 26 : 0;

        if (!cpu_has(level))
            continue;
        prepare(&nop, level_modes[level], SCTLR_MMU);
        CHECK_EQ(vcpu_inject_step(guest, false), VCPU_OK);
        check_taken(level, 0xcb000022 + same);
        prepare(&nop, level_modes[level], SCTLR_MMU);
        CHECK_EQ(vcpu_inject_step(guest, true), VCPU_OK);
        check_taken(level, 0xcb000062 + same);
        prepare(&nop, level_modes[level], SCTLR_MMU);
        CHECK_EQ(vcpu_inject_breakpoint(guest), VCPU_OK);
        check_taken(level, 0xc2000022 + same);
        CHECK_EQ(reg(REG_FAR), 0xfafa);
        prepare(&nop, level_modes[level], SCTLR_MMU);
        CHECK_EQ(vcpu_inject_watchpoint(guest, true, 0x12347), VCPU_OK);
        check_taken(level, 0xd2000062 + same);
        CHECK_EQ(reg(REG_FAR), 0x12347);
    }
    /* IL = 0 for 16 bits; QEMU's own has 1. */
    if (cpu_has(T32)) {
        prepare(&nop, level_modes[T32], SCTLR_MMU);
        CHECK_EQ(vcpu_inject_brk(guest, 0x77), VCPU_OK);
        check_taken(T32, 0xe0000077);
    }
}

static void external_aborts(void)
{
    const uint64_t tagged = UINT64_C(0xa500000012345678);

    prepare(&nop, 0x5, SCTLR_MMU);
    CHECK_EQ(vcpu_inject_data_abort(guest, tagged), VCPU_OK);
    check_taken(EL1H, 0x96000010);
    CHECK_EQ(reg(REG_FAR), tagged);
    /* No address: FnV, and FAR_EL1 as it was. */
    prepare(&nop, 0x0, SCTLR_MMU);
    CHECK_EQ(vcpu_inject_abort(guest, VCPU_ACCESS_WRITE, VCPU_FSC_EXTERNAL, NULL), VCPU_OK);
    check_taken(EL0, 0x92000450);
    CHECK_EQ(reg(REG_FAR), 0xfafa);
    /* The exit of a cache maintenance instruction, which QEMU does not make. */
    prepare(&nop, 0x4, SCTLR_MMU);
    guest->exit.reason = VCPU_EXIT_STAGE2_FAULT;
    guest->exit.esr_el2 = 0x9200014f; /* CM, WnR */
    guest->exit.fault = (struct vcpu_fault){.access = VCPU_ACCESS_WRITE, .cache_maintenance = true};
    CHECK_EQ(vcpu_inject_data_abort(guest, 0x1000), VCPU_OK);
    check_taken(EL1T, 0x96000150);
    /* Stores that are no stage-2 fault: an atomic one to memory that has none. */
    prepare(&nop, 0x5, SCTLR_MMU);
    guest->exit.reason = VCPU_EXIT_UNHANDLED;
    guest->exit.esr_el2 = 0x92000075; /* WnR */
    CHECK_EQ(vcpu_inject_data_abort(guest, 0x1000), VCPU_OK);
    check_taken(EL1H, 0x96000050);
    /* Bit 6 of another exit's syndrome is none, and an answered exit's is over. */
    prepare(&nop, 0x5, SCTLR_MMU);
    guest->exit.reason = VCPU_EXIT_HYPERCALL;
    guest->exit.esr_el2 = 0x5a000140;
    CHECK_EQ(vcpu_inject_data_abort(guest, 0x1000), VCPU_OK);
    check_taken(EL1H, 0x96000010);
    prepare(&nop, 0x5, SCTLR_MMU);
    guest->exit.reason = VCPU_EXIT_NONE;
    guest->exit.esr_el2 = 0x92000140;
    CHECK_EQ(vcpu_inject_abort(guest, VCPU_ACCESS_WRITE, VCPU_FSC_EXTERNAL, NULL), VCPU_OK);
    check_taken(EL1H, 0x96000450);
}

static void refused(void)
{
    const uint64_t far = 0;

    CHECK_EQ(vcpu_inject_undefined(NULL), VCPU_ERR_INVALID);
    CHECK_EQ(vcpu_inject_data_abort(NULL, 0), VCPU_ERR_INVALID);
    CHECK_EQ(vcpu_inject_instruction_abort(NULL, 0), VCPU_ERR_INVALID);
    CHECK_EQ(vcpu_inject_abort(NULL, VCPU_ACCESS_READ, VCPU_FSC_EXTERNAL, &far), VCPU_ERR_INVALID);
    CHECK_EQ(vcpu_inject_sync(NULL, 0x02000000, 0), VCPU_ERR_INVALID);
    CHECK_EQ(vcpu_inject_brk(NULL, 0), VCPU_ERR_INVALID);
    CHECK_EQ(vcpu_inject_breakpoint(NULL), VCPU_ERR_INVALID);
    CHECK_EQ(vcpu_inject_watchpoint(NULL, false, 0), VCPU_ERR_INVALID);
    CHECK_EQ(vcpu_inject_step(NULL, false), VCPU_ERR_INVALID);
    prepare(&nop, 0x5, SCTLR_MMU);
    CHECK_EQ(vcpu_inject_sync(guest, 0x5a000000, 0), VCPU_ERR_INVALID); /* HVC */
    CHECK_EQ(vcpu_inject_sync(guest, 0xbe000000, 0), VCPU_ERR_INVALID); /* SError */
    CHECK_EQ(vcpu_inject_sync(guest, 0x46000000, 0), VCPU_ERR_INVALID); /* SVC of AArch32 */
    CHECK_EQ(vcpu_inject_abort(guest, VCPU_ACCESS_EXECUTE, VCPU_FSC_ALIGNMENT, &far),
             VCPU_ERR_INVALID);
    CHECK_EQ(vcpu_inject_abort(guest, VCPU_ACCESS_READ, VCPU_FSC_TRANSLATION, NULL),
             VCPU_ERR_INVALID);
    /* Nothing has come of it. */
    CHECK_EQ(reg(VCPU_REG_PC), CODE_IPA);
    CHECK_EQ(reg(VCPU_REG_PSTATE), 0x5);
    CHECK_EQ(reg(REG_ESR), ~UINT64_C(0));
}

void host_main(const struct machine *machine)
{
    (void)machine;
    testhost_enable(0);
    testhost_vm(&vm, 0);
    guest = testhost_vcpu(&vm, 0);
    testhost_enter_at(guest, inject_vectors);
    make_tables();
    set_reg(REG_VBAR, testhost_ipa(inject_vectors));
    set_reg(REG_TTBR0, L1_IPA);
    set_reg(REG_TCR, TCR);
    set_reg(REG_MAIR, MAIR);
    set_reg(REG_CPACR, 0);

    test_begin("an injected exception is like the CPU's own");
    compare_all();
    test_begin("debug exceptions tell what they are, and where from");
    debug_exceptions();
    test_begin("external aborts: an address with a tag, none, and what the exit knows");
    external_aborts();
    test_begin("what the architecture has not got is refused, and changes nothing");
    refused();
    test_end();
}
