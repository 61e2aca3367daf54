/* SPDX-License-Identifier: MIT */
/*
 * What the library injects is what the CPU does itself: the same exception is raised by an
 * instruction of the guest's, and injected at that instruction, from many states of PSTATE and
 * SCTLR_EL1; the handler finds no difference in PC, PSTATE, ELR, SPSR, ESR and FAR.
 */
#include "inject_guest.h"

/* ---- Exceptions ---- */

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

/* TCO is no bit that a guest is shown, but on a CPU that has it an exception leaves it set. */
static void set_pstate(uint64_t pstate)
{
    set_reg(VCPU_REG_PSTATE, pstate & ~PSTATE_TCO);
    guest->regs.pstate |= pstate & PSTATE_TCO;
}

static void prepare(const struct exception *e, uint64_t pstate, uint64_t sctlr)
{
    set_pstate(pstate);
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
        set_pstate(guest->regs.pstate | PSTATE_IL);
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
