/* SPDX-License-Identifier: MIT */
/*
 * The library's loads and stores against the CPU's own. Two guests have the same code, tables and
 * registers; one has RAM in a window of its addresses, the other has nothing there, and the library
 * carries out what it does, on an image of the window. Registers and memory must agree.
 */
#include "emulate.h"

#include <stddef.h>

#include <vcpu/device.h>
#include <vcpu/emulate.h>
#include <vcpu/inject.h>

#include "arch.h"
#include "cache.h"
#include "emulate_words.h"
#include "random.h"
#include "string.h"
#include "testhost.h"

extern const char guest_vectors[], load_vectors[], store_vectors[];

/* The guests' addresses: tables, vector registers, the window, the instruction, a device. */
#define TABLES_IPA  (TEST_RAM_IPA + 0x100000u)
#define VECTORS_IPA (TEST_RAM_IPA + 0x110000u)
#define WINDOW      (TEST_RAM_IPA + 0x200000u)
#define PAGE        0x1000u
#define PAGES       16u
#define WINDOW_SIZE (PAGES * PAGE)
#define SLOT        (TEST_RAM_IPA + 0x280000u)
#define DEVICE      (TEST_RAM_IPA + 0x290000u) /* at TEST_HOLE_IPA; before it RAM, then nothing */
#define KERNEL      (TEST_RAM_IPA + 0x2a0000u) /* a page of EL1's, behind one of all */
#define MISSING     (TEST_RAM_IPA + 0x2b0000u) /* no page */

#define REG(op1, crn, crm, op2) (VCPU_REG_SYSREG + VCPU_SYSREG(3, op1, crn, crm, op2))
#define REG_SCTLR               REG(0, 1, 0, 0)
#define REG_CPACR               REG(0, 1, 0, 2)
#define REG_TTBR0               REG(0, 2, 0, 0)
#define REG_TCR                 REG(0, 2, 0, 2)
#define REG_SPSR                REG(0, 4, 0, 0)
#define REG_ELR                 REG(0, 4, 0, 1)
#define REG_SP_EL1              REG(4, 4, 1, 0)
#define REG_ESR                 REG(0, 5, 2, 0)
#define REG_FAR                 REG(0, 6, 0, 0)
#define REG_PAR                 REG(0, 7, 4, 0)
#define REG_MAIR                REG(0, 10, 2, 0)
#define REG_VBAR                REG(0, 12, 0, 0)

#define PSTATE_EL0T   0x3c0u
#define PSTATE_EL1T   0x3c4u
#define PSTATE_EL1H   0x3c5u
#define PSTATE_USER32 0x1d0u
#define PSTATE_UAO    0x800000u
static const uint32_t modes[] = {PSTATE_EL1H, PSTATE_EL1T, PSTATE_EL0T};

#define INSN_HVC(imm) (0xd4000002u | (uint32_t)(imm) << 5)
#define INSN_SVC      0xd4000001u
#define VECTOR_SVC    (SAY_VECTOR + 8u) /* synchronous, from EL0 */

#define SCTLR_ON  UINT64_C(0x30d05805) /* RES1, M, C, I, DZE; no check of SP's alignment */
#define CPACR_ON  UINT64_C(0x300000)   /* FPEN */
#define TCR_VALUE (UINT64_C(25) | 1 << 8 | 1 << 10 | 3 << 12 | 1 << 23) /* 39 bits, TTBR0 only */

static struct side {
    struct test_vm t;
    struct vcpu *vcpu;
    uint64_t v[32][2];
} cpu_side, library_side;

static uint8_t image[WINDOW_SIZE];
static uint64_t seed = UINT64_C(0x9e3779b97f4a7c15);

static uint64_t draw(void)
{
    return random64(&seed);
}

/* ---- The guests ---- */

/* Pages of the window are not in the order of their addresses. */
static uint64_t window_ipa(uint64_t va)
{
    uint64_t page = (va - WINDOW) / PAGE;

    return WINDOW + (page * 5 + 3) % PAGES * PAGE + va % PAGE;
}

#define PTE_TABLE UINT64_C(3)
#define PTE_PAGE  UINT64_C(0x703) /* accessed, inner shareable, attribute 0 */
#define PTE_BLOCK UINT64_C(0x701)
#define PTE_EL0   UINT64_C(0x40)
#define PTE_READ  UINT64_C(0x80)

static void make_tables(const struct test_vm *t)
{
    uint64_t *l1 = testhost_ram(t, TABLES_IPA), *l2 = l1 + 512, *l3 = l1 + 1024;

    l1[TEST_RAM_IPA >> 30] = (TABLES_IPA + 0x1000) | PTE_TABLE;
    l2[0] = TEST_RAM_IPA | PTE_BLOCK;
    l2[1] = (TABLES_IPA + 0x2000) | PTE_TABLE;
    for (unsigned page = 0; page < PAGES; page++)
        l3[page] = window_ipa(WINDOW + page * PAGE) | PTE_PAGE | PTE_EL0;
    l3[(SLOT - WINDOW) / PAGE] = SLOT | PTE_PAGE | PTE_EL0 | PTE_READ;
    l3[(DEVICE - PAGE - WINDOW) / PAGE] = TABLES_IPA | PTE_PAGE | PTE_EL0;
    l3[(DEVICE - WINDOW) / PAGE] = TEST_HOLE_IPA | PTE_PAGE | PTE_EL0;
    l3[(DEVICE + PAGE - WINDOW) / PAGE] = (TEST_HOLE_IPA + 0x100000) | PTE_PAGE | PTE_EL0;
    l3[(KERNEL - PAGE - WINDOW) / PAGE] = window_ipa(WINDOW) | PTE_PAGE | PTE_EL0;
    l3[(KERNEL - WINDOW) / PAGE] = window_ipa(WINDOW) | PTE_PAGE;
    cache_clean(l1, 3 * (size_t)PAGE);
}

static void make_side(struct side *side, uint32_t flags, const struct vcpu_device_ops *device)
{
    testhost_vm(&side->t, flags);
    if (device)
        CHECK_EQ(vcpu_vm_attach(side->t.vm, device, NULL), VCPU_OK);
    make_tables(&side->t);
    side->vcpu = testhost_vcpu(&side->t, 0);
    testhost_set_reg(side->vcpu, REG_MAIR, 0xff);
    testhost_set_reg(side->vcpu, REG_TCR, TCR_VALUE);
    testhost_set_reg(side->vcpu, REG_TTBR0, TABLES_IPA);
    testhost_set_reg(side->vcpu, REG_SCTLR, SCTLR_ON);
    testhost_set_reg(side->vcpu, REG_CPACR, CPACR_ON);
    testhost_set_reg(side->vcpu, REG_VBAR, testhost_ipa(guest_vectors));
}

static void write_word(const struct side *side, uint32_t word, bool el0)
{
    uint32_t *slot = testhost_ram(&side->t, SLOT);

    slot[0] = word;
    slot[1] = el0 ? INSN_SVC : INSN_HVC(SAY_DONE);
    cache_clean(slot, 8);
    cache_drop_code();
}

/* Runs load_vectors or store_vectors; the general registers are lost. */
static void move_vectors(struct side *side, const char *snippet)
{
    testhost_set_reg(side->vcpu, VCPU_REG_PSTATE, PSTATE_EL1H);
    testhost_set_reg(side->vcpu, VCPU_REG_PC, testhost_ipa(snippet));
    side->vcpu->regs.x[0] = VECTORS_IPA;
    CHECK_EQ(testhost_run(side->vcpu), VCPU_EXIT_HYPERCALL);
    CHECK_EQ(vcpu_exit_imm(&side->vcpu->exit), SAY_MOVED);
}

static void get_vectors(struct side *side)
{
    move_vectors(side, store_vectors);
    memcpy(side->v, testhost_ram(&side->t, VECTORS_IPA), sizeof(side->v));
}

static void set_vectors(struct side *side, uint64_t v[32][2])
{
    memcpy(testhost_ram(&side->t, VECTORS_IPA), v, 32 * sizeof(v[0]));
    move_vectors(side, load_vectors);
}

/* ---- The host of the second ---- */

static unsigned fetches, accesses, device_accesses;
static const struct vcpu_exit *described; /* an exit whose instruction the CPU described as well */

static bool fetch(void *ctx, struct vcpu *vcpu, vcpu_ipa_t ipa, uint32_t *word)
{
    const struct side *side = ctx;

    (void)vcpu;
    fetches++;
    CHECK_EQ(ipa.value, SLOT);
    *word = *(uint32_t *)testhost_ram(&side->t, ipa.value);
    return true;
}

/* The one access of an instruction that has a syndrome is known. */
static void check_against_syndrome(vcpu_ipa_t ipa, unsigned size, bool write, uint64_t data)
{
    CHECK_EQ(ipa.value, described->ipa.value);
    CHECK_EQ(size, described->mmio.size);
    CHECK_EQ(write, described->reason == VCPU_EXIT_MMIO_WRITE);
    if (write)
        CHECK_EQ(data, described->mmio.data);
}

static bool on_access(void *ctx, struct vcpu *vcpu, vcpu_ipa_t ipa, unsigned size, bool write,
                      uint64_t *data)
{
    uint8_t *place = image + (ipa.value - WINDOW);

    (void)ctx;
    (void)vcpu;
    if (ipa.value - WINDOW > WINDOW_SIZE - size)
        return false;
    if (described)
        check_against_syndrome(ipa, size, write, *data);
    if (write)
        memcpy(place, data, size);
    else
        /* What is above a datum on a bus is nobody's. */
        memcpy(memset(data, 0xa5, sizeof(*data)), place, size);
    accesses++;
    return true;
}

static const struct vcpu_emulate_ops emulate_ops = {.fetch = fetch, .access = on_access};

static bool on_device(void *ctx, struct vcpu *vcpu, vcpu_ipa_t ipa, unsigned size, bool write,
                      uint64_t *data)
{
    (void)ctx;
    (void)vcpu;
    (void)write;
    if (ipa.value - TEST_HOLE_IPA >= PAGE)
        return false;
    *data = (ipa.value - TEST_HOLE_IPA) * 0x100 + size;
    device_accesses++;
    return true;
}

static const struct vcpu_device_ops device_ops = {.mmio = on_device};

/* Carries out the exit's instruction. */
static bool emulate(struct side *side)
{
    struct vcpu *vcpu = side->vcpu;
    const struct vcpu_exit exit = vcpu->exit;
    struct vcpu_emulation emulation;
    int result;

    described = exit.reason == VCPU_EXIT_STAGE2_FAULT && exit.fault.mmio.size == 0 ? NULL : &exit;
    result = vcpu_emulate(vcpu, &emulate_ops, side, &emulation);
    if (result != VCPU_EMULATE_DONE)
        console_print("result %d, refusal %u\n", result, (unsigned)emulation.refusal);
    CHECK_EQ(result, VCPU_EMULATE_DONE);
    CHECK_EQ(vcpu->exit.reason, VCPU_EXIT_NONE);
    CHECK_EQ(vcpu->regs.pc, SLOT + 4);
    return result == VCPU_EMULATE_DONE;
}

/* ---- One word on both ---- */

struct setting {
    uint64_t x[31], sp, other_sp;
    uint32_t pstate;
};

static void set(const struct side *side, const struct setting *setting)
{
    struct vcpu *vcpu = side->vcpu;
    bool el1h = setting->pstate == PSTATE_EL1H;

    testhost_set_reg(vcpu, VCPU_REG_PSTATE, setting->pstate);
    testhost_set_reg(vcpu, VCPU_REG_PC, SLOT);
    testhost_set_reg(vcpu, VCPU_REG_SP_EL0, el1h ? setting->other_sp : setting->sp);
    testhost_set_reg(vcpu, REG_SP_EL1, el1h ? setting->sp : setting->other_sp);
    memcpy(vcpu->regs.x, setting->x, sizeof(setting->x));
}

/* Runs behind the word. false: something else came of it. */
static bool run_word(struct side *side, bool by_library)
{
    struct vcpu *vcpu = side->vcpu;
    int reason = testhost_run(vcpu);

    if (by_library && (reason == VCPU_EXIT_STAGE2_FAULT || reason == VCPU_EXIT_MMIO_READ ||
                       reason == VCPU_EXIT_MMIO_WRITE)) {
        if (!emulate(side))
            return false;
        reason = testhost_run(vcpu);
    }
    if (reason != VCPU_EXIT_HYPERCALL)
        return false;
    if (vcpu_exit_imm(&vcpu->exit) == VECTOR_SVC)
        return testhost_reg(vcpu, REG_ELR) == SLOT + 8;
    return vcpu_exit_imm(&vcpu->exit) == SAY_DONE && vcpu->regs.pc == SLOT + 4;
}

static bool registers_agree(void)
{
    const struct vcpu_regs *a = &cpu_side.vcpu->regs, *b = &library_side.vcpu->regs;

    return memcmp(a->x, b->x, sizeof(a->x)) == 0 && a->sp_el0 == b->sp_el0 &&
           testhost_reg(cpu_side.vcpu, REG_SP_EL1) == testhost_reg(library_side.vcpu, REG_SP_EL1);
}

static bool vectors_agree(void)
{
    get_vectors(&cpu_side);
    get_vectors(&library_side);
    return memcmp(cpu_side.v, library_side.v, sizeof(cpu_side.v)) == 0;
}

/* The pages that hold the address and what is behind it. */
static bool memory_agrees(uint64_t va)
{
    for (unsigned i = 0; i < 2; i++, va += PAGE) {
        uint64_t ipa = window_ipa(va & ~(uint64_t)(PAGE - 1));

        if (va < WINDOW + WINDOW_SIZE &&
            memcmp(testhost_ram(&cpu_side.t, ipa), image + (ipa - WINDOW), PAGE) != 0)
            return false;
    }
    return true;
}

static void try_word(const char *name, uint32_t word, const struct setting *setting, uint64_t va)
{
    const char *wrong = NULL;

    for (unsigned i = 0; i < 2; i++) {
        struct side *side = i ? &library_side : &cpu_side;

        write_word(side, word, setting->pstate == PSTATE_EL0T);
        set(side, setting);
        if (!run_word(side, i))
            wrong = i ? "does not come to its end by the library" : "faults on the CPU";
    }
    if (!wrong && !registers_agree())
        wrong = "leaves other general registers";
    if (!vectors_agree() && !wrong)
        wrong = "leaves other vector registers";
    if (!memory_agrees(va) && !wrong)
        wrong = "leaves other memory";
    if (wrong) {
        console_print("%s: 0x%x at 0x%lx, pstate 0x%x\n", name, word, va, setting->pstate);
        test_fail(wrong);
    }
}

/* ---- Words by chance ---- */

/*
 * An address in the window. None but aligned ones lie near the end of a page, and of those many: a
 * pair may then be in two pages.
 */
static uint64_t draw_address(unsigned bytes, bool aligned)
{
    uint64_t va = WINDOW + draw() % (WINDOW_SIZE - 2 * PAGE);

    if (aligned || draw() % 2)
        va &= ~(uint64_t)(bytes - 1);
    else if (va % PAGE > PAGE - 64)
        va -= 64;
    if (va % bytes == 0 && draw() % 4 == 0)
        va = (va | (PAGE - 1)) + 1 - bytes;
    return va;
}

/* A compare that holds, sometimes, so that a compare-and-swap swaps. */
static void expect_memory(struct setting *setting, unsigned rs, uint64_t va, unsigned bytes)
{
    for (unsigned i = 0; i < 2; i++, va += bytes)
        if (rs + i < 31)
            memcpy(&setting->x[rs + i], image + (window_ipa(va) - WINDOW), bytes);
}

static void try_class(const struct word_class *class, const struct word_variant *variant)
{
    const unsigned bytes = class->aligned ? 16 : 1u << variant->scale; /* for pairs of them, too */
    struct setting setting = {.pstate = modes[draw() % 3], .sp = draw(), .other_sp = draw()};
    uint64_t va, base;
    uint32_t word;
    unsigned rn;

    for (unsigned i = 0; i < 31; i++)
        setting.x[i] = draw();
    do {
        word = word_draw(class, variant, &seed);
        va = class->offset == WORD_LITERAL ? SLOT + word_offset(class, variant, word, setting.x)
                                           : draw_address(bytes, class->aligned);
    } while (va < WINDOW || va > WINDOW + WINDOW_SIZE - 2 * PAGE);
    rn = class->offset == WORD_ZERO_BLOCK ? word & 31 : word >> 5 & 31;
    if (class->feature == WORD_ATOMICS && draw() % 2)
        expect_memory(&setting, word >> 16 & 31, va, 1u << variant->scale);
    base = class->post ? va : va - word_offset(class, variant, word, setting.x);
    if (class->offset != WORD_LITERAL)
        *(rn == 31 ? &setting.sp : &setting.x[rn]) = base;
    try_word(class->name, word, &setting, va);
}

static bool has_feature(enum word_feature feature)
{
    uint64_t isar0 = arch_read(id_aa64isar0_el1), isar1 = arch_read(id_aa64isar1_el1);

    switch (feature) {
    case WORD_ATOMICS:
        return isar0 >> 20 & 15;
    case WORD_LRCPC:
        return isar1 >> 20 & 15;
    case WORD_LRCPC2:
        return (isar1 >> 20 & 15) >= 2;
    case WORD_LOR:
        return arch_read(id_aa64mmfr1_el1) >> 16 & 15;
    default:
        return true;
    }
}

static void fill(void)
{
    uint64_t v[32][2];

    for (unsigned i = 0; i < WINDOW_SIZE; i += 8) {
        uint64_t data = draw();

        memcpy(image + i, &data, 8);
    }
    memcpy(testhost_ram(&cpu_side.t, WINDOW), image, WINDOW_SIZE);
    for (unsigned i = 0; i < 64; i++)
        v[i / 2][i % 2] = draw();
    set_vectors(&cpu_side, v);
    set_vectors(&library_side, v);
}

static void all_classes(unsigned rounds)
{
    const struct word_variant *variant;

    accesses = 0;
    for (unsigned c = 0; c < word_class_count; c++) {
        const struct word_class *class = &word_classes[c];

        if (!has_feature((enum word_feature) class->feature))
            continue;
        test_begin(class->name);
        for (unsigned n = 0; (variant = word_variant(class, n)) != NULL; n++) {
            fill();
            for (unsigned round = 0; round < rounds; round++)
                try_class(class, variant);
            CHECK(memcmp(testhost_ram(&cpu_side.t, WINDOW), image, WINDOW_SIZE) == 0);
        }
    }
    CHECK(accesses > 100 * rounds);
}

/* ---- Single cases ---- */

#define LDP_X2_X3_X1 0xa9400c22u /* ldp x2, x3, [x1] */
#define STP_X2_X3_X1 0xa9000c22u
#define LDP_Q2_Q3_X1 0xad400c22u
#define LDR_X2_X1_8  0xf8408422u /* ldr x2, [x1], #8 */
#define LDTR_X2_X1   0xf8400822u
#define LDR_X1_X1_8  0xf8408421u /* ldr x1, [x1], #8: unpredictable */
#define LD1_V2_X1    0x4c407022u /* ld1 { v2.16b }, [x1] */

/* Runs word at PC, with x1 as its address, to its exit. */
static struct vcpu *run_to_fault(uint32_t word, uint64_t x1, uint32_t pstate)
{
    struct setting setting = {.pstate = pstate};

    for (unsigned i = 0; i < 31; i++)
        setting.x[i] = 0x1000 + i;
    setting.x[1] = x1;
    write_word(&library_side, word, pstate == PSTATE_EL0T);
    set(&library_side, &setting);
    CHECK_EQ(testhost_run(library_side.vcpu), VCPU_EXIT_STAGE2_FAULT);
    return library_side.vcpu;
}

/* Nothing has changed: the exit is open, and would come again. */
static void check_untouched(const struct vcpu *vcpu, uint64_t x1)
{
    CHECK_EQ(vcpu->exit.reason, VCPU_EXIT_STAGE2_FAULT);
    CHECK_EQ(vcpu->regs.pc, SLOT);
    for (unsigned i = 0; i < 31; i++)
        CHECK_EQ(vcpu->regs.x[i], i == 1 ? x1 : 0x1000 + i);
}

static void devices_come_first(void)
{
    struct vcpu *vcpu;

    test_begin("the VM's devices are asked before the host is");
    vcpu = run_to_fault(LDP_X2_X3_X1, DEVICE + 0x20, PSTATE_EL1H);
    accesses = device_accesses = 0;
    CHECK(emulate(&library_side));
    CHECK_EQ(vcpu->regs.x[2], 0x2008);
    CHECK_EQ(vcpu->regs.x[3], 0x2808);
    CHECK_EQ(device_accesses, 2);
    CHECK_EQ(accesses, 0);
}

static void steps(void)
{
    struct vcpu_emulation e;
    struct vcpu *vcpu;

    test_begin("until the last access nothing changes, and an abort may be the answer");
    vcpu = run_to_fault(LDP_X2_X3_X1, WINDOW + 0x40, PSTATE_EL1H);
    CHECK_EQ(vcpu_emulate_begin(vcpu, LDP_X2_X3_X1, &e), VCPU_EMULATE_ACCESS);
    CHECK_EQ(e.access.ipa.value, window_ipa(WINDOW + 0x40));
    CHECK(e.access.size == 8 && !e.access.write);
    e.access.data = 1;
    CHECK_EQ(vcpu_emulate_next(vcpu, &e), VCPU_EMULATE_ACCESS);
    CHECK_EQ(e.access.ipa.value, window_ipa(WINDOW + 0x48));
    check_untouched(vcpu, WINDOW + 0x40);
    CHECK_EQ(vcpu_inject_data_abort(vcpu, WINDOW + 0x48), VCPU_OK);
    CHECK_EQ(vcpu_emulate_next(vcpu, &e), VCPU_ERR_STATE);
    CHECK_EQ(vcpu_emulate_begin(vcpu, LDP_X2_X3_X1, &e), VCPU_ERR_STATE);
    CHECK_EQ(testhost_reg(vcpu, REG_ELR), SLOT);

    test_begin("a pair of which only the second register is at a device");
    vcpu = run_to_fault(LDP_X2_X3_X1, DEVICE - 8, PSTATE_EL1H);
    CHECK_EQ(vcpu->exit.far_el2, DEVICE);
    CHECK_EQ(vcpu_emulate_begin(vcpu, LDP_X2_X3_X1, &e), VCPU_EMULATE_ACCESS);
    CHECK_EQ(e.access.ipa.value, TABLES_IPA + PAGE - 8);
    CHECK_EQ(vcpu_emulate_next(vcpu, &e), VCPU_EMULATE_ACCESS);
    CHECK_EQ(e.access.ipa.value, TEST_HOLE_IPA);

    test_begin("an address where nobody answers");
    vcpu = run_to_fault(LDP_X2_X3_X1, DEVICE + PAGE - 8, PSTATE_EL1H);
    device_accesses = 0;
    CHECK_EQ(vcpu_emulate(vcpu, &emulate_ops, &library_side, &e), VCPU_EMULATE_NOBODY);
    CHECK_EQ(device_accesses, 1);
    CHECK_EQ(e.access.ipa.value, TEST_HOLE_IPA + 0x100000);
    check_untouched(vcpu, DEVICE + PAGE - 8);
}

/* The abort that the CPU takes to EL1, when the first page is RAM, and what comes by the library. */
static void check_abort(uint32_t word, uint64_t x1, uint32_t pstate)
{
    static const uint32_t seen[] = {REG_ESR, REG_FAR, REG_ELR, REG_SPSR};
    struct setting setting = {.pstate = pstate, .x = {[1] = x1}};
    struct vcpu_emulation e;
    struct vcpu *vcpu;

    write_word(&cpu_side, word, false);
    set(&cpu_side, &setting);
    CHECK_EQ(testhost_run(cpu_side.vcpu), VCPU_EXIT_HYPERCALL);
    vcpu = run_to_fault(word, x1, pstate);
    accesses = 0;
    CHECK_EQ(vcpu_emulate(vcpu, &emulate_ops, &library_side, &e), VCPU_EMULATE_DONE);
    CHECK_EQ(vcpu->exit.reason, VCPU_EXIT_NONE);
    CHECK_EQ(accesses, 0);
    CHECK_EQ(testhost_run(vcpu), VCPU_EXIT_HYPERCALL);
    CHECK_EQ(vcpu->regs.pc, cpu_side.vcpu->regs.pc);
    for (unsigned i = 0; i < sizeof(seen) / sizeof(seen[0]); i++)
        CHECK_EQ(testhost_reg(vcpu, seen[i]), testhost_reg(cpu_side.vcpu, seen[i]));
    CHECK_EQ(testhost_reg(vcpu, REG_ELR), SLOT);
}

static void aborts(void)
{
    const uint64_t missing = WINDOW + WINDOW_SIZE;

    test_begin("a pair into a page that the guest's tables do not allow is the guest's own abort");
    for (unsigned i = 0; i < 3; i++) {
        check_abort(LDP_X2_X3_X1, missing - 8, modes[i]);
        check_abort(STP_X2_X3_X1, missing - 8, modes[i]);
        check_abort(LDP_Q2_Q3_X1, missing - 24, modes[i]);
    }
    check_abort(LDP_X2_X3_X1, KERNEL - 8, PSTATE_EL0T);
    check_abort(STP_X2_X3_X1, KERNEL - 8, PSTATE_EL0T);
}

/* An abort where the CPU found, before the tables changed, that stage 1 allows the access. */
static void check_denied(struct vcpu *vcpu, uint32_t word)
{
    struct vcpu_emulation e;

    CHECK_EQ(vcpu_emulate_begin(vcpu, word, &e), VCPU_EMULATE_DONE);
    CHECK_EQ(testhost_reg(vcpu, REG_FAR), KERNEL + 0x40);
    CHECK_EQ(testhost_reg(vcpu, REG_ESR) & 0x3f, VCPU_FSC_PERMISSION + 3);
}

static void rights(void)
{
    struct vcpu *vcpu;
    struct vcpu_emulation e;

    test_begin("a page that EL0 may not use any more is an abort for it");
    vcpu = run_to_fault(LDP_X2_X3_X1, KERNEL + 0x40, PSTATE_EL1H);
    vcpu->regs.pstate = PSTATE_EL0T;
    check_denied(vcpu, LDP_X2_X3_X1);

    test_begin("LDTR has EL0's rights, unless PSTATE.UAO is set");
    vcpu = run_to_fault(LDP_X2_X3_X1, KERNEL + 0x40, PSTATE_EL1H);
    vcpu->regs.pstate |= PSTATE_UAO;
    CHECK_EQ(vcpu_emulate_begin(vcpu, LDTR_X2_X1, &e), VCPU_EMULATE_ACCESS);
    vcpu->regs.pstate &= ~(uint64_t)PSTATE_UAO;
    check_denied(vcpu, LDTR_X2_X1);
}

static void check_begin(struct vcpu *vcpu, uint32_t word, int result, enum vcpu_refusal refusal)
{
    const uint64_t x1 = vcpu->regs.x[1];
    struct vcpu_emulation e;

    CHECK_EQ(vcpu_emulate_begin(vcpu, word, &e), result);
    if (result == VCPU_EMULATE_REFUSED)
        CHECK_EQ(e.refusal, refusal);
    check_untouched(vcpu, x1);
}

static void not_done(void)
{
    struct vcpu_emulation e;
    struct vcpu *vcpu;

    test_begin("what is refused, and leaves the exit as it was");
    vcpu = run_to_fault(LDR_X2_X1_8, WINDOW + 0x40, PSTATE_EL1H);
    check_begin(vcpu, LDR_X1_X1_8, VCPU_EMULATE_REFUSED, VCPU_REFUSAL_UNPREDICTABLE);
    check_begin(vcpu, LD1_V2_X1, VCPU_EMULATE_REFUSED, VCPU_REFUSAL_STRUCTURE);
    check_begin(vcpu, INSN_HVC(1), VCPU_EMULATE_REFUSED, VCPU_REFUSAL_OTHER);
    vcpu->regs.pstate = PSTATE_USER32;
    check_begin(vcpu, LDR_X2_X1_8, VCPU_EMULATE_REFUSED, VCPU_REFUSAL_AARCH32);

    test_begin("no word is fetched in AArch32 state: it might end behind the guest's memory");
    fetches = 0;
    CHECK_EQ(vcpu_emulate(vcpu, &emulate_ops, &library_side, &e), VCPU_EMULATE_REFUSED);
    CHECK_EQ(e.refusal, VCPU_REFUSAL_AARCH32);
    CHECK_EQ(fetches, 0);
    check_untouched(vcpu, WINDOW + 0x40);
    vcpu = run_to_fault(LDP_X2_X3_X1, WINDOW + PAGE - 4, PSTATE_EL1H);
    check_begin(vcpu, LDP_X2_X3_X1, VCPU_EMULATE_REFUSED, VCPU_REFUSAL_STRADDLE);

    test_begin("a word that is not that of the fault: the guest is run again");
    vcpu = run_to_fault(LDP_X2_X3_X1, WINDOW + 0x40, PSTATE_EL1H);
    check_begin(vcpu, STP_X2_X3_X1, VCPU_EMULATE_RETRY, 0);
    vcpu->regs.x[1] = WINDOW + PAGE + 0x40;
    check_begin(vcpu, LDP_X2_X3_X1, VCPU_EMULATE_RETRY, 0);
    vcpu = run_to_fault(STP_X2_X3_X1, WINDOW + 0x40, PSTATE_EL1H);
    check_begin(vcpu, LDP_X2_X3_X1, VCPU_EMULATE_RETRY, 0);

    test_begin("and so for registers that the program may not use");
    vcpu = run_to_fault(LDP_Q2_Q3_X1, WINDOW + 0x40, PSTATE_EL0T);
    testhost_set_reg(vcpu, REG_CPACR, 0x100000); /* FPEN: EL1 alone */
    check_begin(vcpu, LDP_Q2_Q3_X1, VCPU_EMULATE_RETRY, 0);
    testhost_set_reg(vcpu, REG_CPACR, 0);
    vcpu->regs.pstate = PSTATE_EL1H;
    check_begin(vcpu, LDP_Q2_Q3_X1, VCPU_EMULATE_RETRY, 0);
    testhost_set_reg(vcpu, REG_CPACR, CPACR_ON);
}

static void translations(void)
{
    struct vcpu *vcpu = run_to_fault(LDP_X2_X3_X1, WINDOW + 0x40, PSTATE_EL0T);
    const uint64_t par = 0x12345000;
    vcpu_ipa_t ipa;

    test_begin("the guest's tables, as its level may use them, and its PAR_EL1 as it was");
    testhost_set_reg(vcpu, REG_PAR, par);
    CHECK_EQ(vcpu_translate(vcpu, WINDOW + 0x3123, VCPU_ACCESS_WRITE, &ipa), VCPU_OK);
    CHECK_EQ(ipa.value, window_ipa(WINDOW + 0x3123));
    CHECK_EQ(vcpu_translate(vcpu, SLOT, VCPU_ACCESS_READ, &ipa), VCPU_OK);
    CHECK_EQ(vcpu_translate(vcpu, SLOT, VCPU_ACCESS_WRITE, &ipa), VCPU_ERR_NOT_FOUND);
    CHECK_EQ(vcpu_translate(vcpu, KERNEL, VCPU_ACCESS_READ, &ipa), VCPU_ERR_NOT_FOUND);
    CHECK_EQ(vcpu_translate(vcpu, KERNEL, VCPU_ACCESS_WRITE, &ipa), VCPU_ERR_NOT_FOUND);
    CHECK_EQ(vcpu_translate(vcpu, KERNEL, VCPU_ACCESS_EXECUTE, &ipa), VCPU_OK);
    CHECK_EQ(vcpu_translate(vcpu, MISSING, VCPU_ACCESS_EXECUTE, &ipa), VCPU_ERR_NOT_FOUND);
    vcpu->regs.pstate = PSTATE_EL1H;
    CHECK_EQ(vcpu_translate(vcpu, KERNEL, VCPU_ACCESS_READ, &ipa), VCPU_OK);
    CHECK_EQ(vcpu_translate(vcpu, KERNEL, VCPU_ACCESS_WRITE, &ipa), VCPU_OK);
    CHECK_EQ(vcpu_translate(vcpu, SLOT, VCPU_ACCESS_WRITE, &ipa), VCPU_ERR_NOT_FOUND);
    CHECK_EQ(testhost_reg(vcpu, REG_PAR), par);
}

static void misuse(void)
{
    struct vcpu *vcpu = run_to_fault(LDP_X2_X3_X1, WINDOW + 0x40, PSTATE_EL1H);
    struct vcpu_emulation e;
    vcpu_ipa_t ipa;
    uint64_t data;

    test_begin("mistakes of the host");
    CHECK_EQ(vcpu_translate(NULL, 0, VCPU_ACCESS_READ, &ipa), VCPU_ERR_INVALID);
    CHECK_EQ(vcpu_translate(vcpu, 0, VCPU_ACCESS_READ, NULL), VCPU_ERR_INVALID);
    CHECK_EQ(vcpu_emulate_begin(NULL, LDP_X2_X3_X1, &e), VCPU_ERR_INVALID);
    CHECK_EQ(vcpu_emulate_begin(vcpu, LDP_X2_X3_X1, NULL), VCPU_ERR_INVALID);
    CHECK_EQ(vcpu_emulate_next(NULL, &e), VCPU_ERR_INVALID);
    CHECK_EQ(vcpu_emulate_next(vcpu, NULL), VCPU_ERR_INVALID);
    CHECK_EQ(vcpu_emulate(vcpu, NULL, NULL, &e), VCPU_ERR_INVALID);
    CHECK_EQ(vcpu_emulate_begin(vcpu, LDP_X2_X3_X1, &e), VCPU_EMULATE_ACCESS);
    vcpu->regs.pc += 4;
    CHECK_EQ(vcpu_emulate_next(vcpu, &e), VCPU_ERR_STATE);
    vcpu->regs.pc -= 4;
    CHECK_EQ(vcpu_put(testhost_percpu(0), vcpu), VCPU_OK);
    CHECK_EQ(vcpu_emulate_next(vcpu, &e), VCPU_ERR_STATE);
    CHECK_EQ(vcpu_emulate_begin(vcpu, LDP_X2_X3_X1, &e), VCPU_ERR_STATE);
    CHECK_EQ(vcpu_emulate(vcpu, &emulate_ops, &library_side, &e), VCPU_ERR_STATE);
    CHECK_EQ(vcpu_translate(vcpu, SLOT, VCPU_ACCESS_READ, &ipa), VCPU_ERR_STATE);
    CHECK(!vcpu_device_access(vcpu, vcpu_ipa(TEST_HOLE_IPA), 8, false, &data));
    check_untouched(vcpu, WINDOW + 0x40);
}

static void make_sides(uint32_t flags)
{
    make_side(&cpu_side, flags, NULL);
    make_side(&library_side, flags, &device_ops);
    CHECK_EQ(vcpu_stage2_unmap(&library_side.t.s2, vcpu_ipa(WINDOW), WINDOW_SIZE), VCPU_OK);
}

void host_main(const struct machine *machine)
{
    (void)machine;
    testhost_enable(0);
    make_sides(0);
    all_classes(32);
    devices_come_first();
    steps();
    aborts();
    rights();
    not_done();
    translations();
    misuse();

    /* A host that has FP registers of its own has taken the guest's out at the exit. */
    MUST(vcpu_percpu_put(testhost_percpu(0)));
    CHECK_EQ(vcpu_percpu_disable(testhost_percpu(0)), VCPU_OK);
    testhost_enable(VCPU_PERCPU_HOST_FP);
    all_classes(4);

    /* V as a part of Z. */
    if (vcpu_percpu_features(testhost_percpu(0))->sve) {
        testhost_vm_free(&cpu_side.t);
        testhost_vm_free(&library_side.t);
        make_sides(VCPU_VM_SVE);
        all_classes(4);
    }
    test_end();
}
