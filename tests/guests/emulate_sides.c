/* SPDX-License-Identifier: MIT */

#include "emulate_sides.h"

#include <vcpu/cache.h>

extern const char guest_vectors[], load_vectors[], store_vectors[];

#define VECTORS_IPA (TEST_RAM_IPA + 0x110000u)
#define REG_SCTLR   REG(0, 1, 0, 0)
#define REG_TTBR0   REG(0, 2, 0, 0)
#define REG_TCR     REG(0, 2, 0, 2)
#define REG_SP_EL1  REG(4, 4, 1, 0)
#define REG_MAIR    REG(0, 10, 2, 0)
#define REG_VBAR    REG(0, 12, 0, 0)
#define PSTATE_EL1T 0x3c4u

const uint32_t modes[] = {PSTATE_EL1H, PSTATE_EL1T, PSTATE_EL0T};
#define INSN_SVC   0xd4000001u
#define VECTOR_SVC (SAY_VECTOR + 8u) /* synchronous, from EL0 */

#define SCTLR_ON  UINT64_C(0x30d05805) /* RES1, M, C, I, DZE; no check of SP's alignment */
#define TCR_VALUE (UINT64_C(25) | 1 << 8 | 1 << 10 | 3 << 12 | 1 << 23) /* 39 bits, TTBR0 only */

struct side cpu_side, library_side;

uint8_t image[WINDOW_SIZE];

uint64_t seed = UINT64_C(0x9e3779b97f4a7c15);

uint64_t draw(void)
{
    return random64(&seed);
}

/* ---- The guests ---- */

uint64_t window_ipa(uint64_t va)
{
    uint64_t page = (va - WINDOW) / PAGE;

    return WINDOW + (page * 5 + 3) % PAGES * PAGE + va % PAGE;
}

#define PTE_TABLE UINT64_C(3)
#define PTE_PAGE  UINT64_C(0x703) /* accessed, inner shareable, attribute 0 */
#define PTE_BLOCK UINT64_C(0x701)
#define PTE_EL0   UINT64_C(0x40)
#define PTE_READ  UINT64_C(0x80)

/* For the host it is memory, but the machine has nothing there: a walk takes an External abort. */
#define LOST_TABLE_IPA UINT64_C(0x0b000000)

static void map_lost_table(struct test_vm *t)
{
    CHECK_EQ(vcpu_stage2_map(&t->s2, vcpu_ipa(LOST_TABLE_IPA), vcpu_pa(LOST_TABLE_IPA), PAGE,
                             VCPU_S2_RW),
             VCPU_OK);
}

static void make_tables(const struct test_vm *t)
{
    uint64_t *l1 = testhost_ram(t, TABLES_IPA), *l2 = l1 + 512, *l3 = l1 + 1024;

    l1[TEST_RAM_IPA >> 30] = (TABLES_IPA + 0x1000) | PTE_TABLE;
    l2[0] = TEST_RAM_IPA | PTE_BLOCK;
    l2[1] = (TABLES_IPA + 0x2000) | PTE_TABLE;
    l2[2] = LOST_TABLE_IPA | PTE_TABLE;
    for (unsigned page = 0; page < PAGES; page++)
        l3[page] = window_ipa(WINDOW + page * PAGE) | PTE_PAGE | PTE_EL0;
    l3[(SLOT - WINDOW) / PAGE] = SLOT | PTE_PAGE | PTE_EL0 | PTE_READ;
    l3[(DEVICE - PAGE - WINDOW) / PAGE] = TABLES_IPA | PTE_PAGE | PTE_EL0;
    l3[(DEVICE - WINDOW) / PAGE] = TEST_HOLE_IPA | PTE_PAGE | PTE_EL0;
    l3[(DEVICE + PAGE - WINDOW) / PAGE] = (TEST_HOLE_IPA + 0x100000) | PTE_PAGE | PTE_EL0;
    l3[(KERNEL - PAGE - WINDOW) / PAGE] = window_ipa(WINDOW) | PTE_PAGE | PTE_EL0;
    l3[(KERNEL - WINDOW) / PAGE] = window_ipa(WINDOW) | PTE_PAGE;
    l3[(KERNEL + PAGE - WINDOW) / PAGE] = window_ipa(WINDOW) | PTE_PAGE | PTE_EL0;
    l3[(LOST - PAGE - WINDOW) / PAGE] = window_ipa(WINDOW) | PTE_PAGE | PTE_EL0;
    cache_clean(l1, 3 * (size_t)PAGE);
}

#define ID_AA64MMFR1 VCPU_SYSREG(3, 0, 0, 7, 1)
#define ID_PAN       (UINT64_C(15) << 20)
#define ID_PAN_1     (UINT64_C(1) << 20)

bool without_pan2;

void make_side(struct side *side, uint32_t flags, const struct vcpu_device_ops *device)
{
    testhost_vm(&side->t, flags);
    if (without_pan2)
        CHECK_EQ(vcpu_vm_set_id(side->t.vm, ID_AA64MMFR1,
                                (vcpu_vm_id(side->t.vm, ID_AA64MMFR1) & ~ID_PAN) | ID_PAN_1),
                 VCPU_OK);
    if (device)
        CHECK_EQ(vcpu_vm_attach(side->t.vm, device, NULL), VCPU_OK);
    make_tables(&side->t);
    map_lost_table(&side->t);
    side->vcpu = testhost_vcpu(&side->t, 0);
    testhost_set_reg(side->vcpu, REG_MAIR, 0xff);
    testhost_set_reg(side->vcpu, REG_TCR, TCR_VALUE);
    testhost_set_reg(side->vcpu, REG_TTBR0, TABLES_IPA);
    testhost_set_reg(side->vcpu, REG_SCTLR, SCTLR_ON);
    testhost_set_reg(side->vcpu, REG_CPACR, CPACR_ON);
    testhost_set_reg(side->vcpu, REG_VBAR, testhost_ipa(guest_vectors));
}

void write_word(const struct side *side, uint32_t word, bool el0)
{
    uint32_t *slot = testhost_ram(&side->t, SLOT);

    slot[0] = word;
    slot[1] = el0 ? INSN_SVC : INSN_HVC(SAY_DONE);
    MUST(vcpu_cache_clean(slot, 8, false));
    vcpu_cache_drop_code();
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

void set_vectors(struct side *side, uint64_t v[32][2])
{
    memcpy(testhost_ram(&side->t, VECTORS_IPA), v, 32 * sizeof(v[0]));
    move_vectors(side, load_vectors);
}

/* ---- The host of the second ---- */

unsigned fetches, accesses, device_accesses;
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

const struct vcpu_emulate_ops emulate_ops = {.fetch = fetch, .access = on_access};

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

const struct vcpu_device_ops device_ops = {.mmio = on_device};

bool emulate(struct side *side)
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

void set(const struct side *side, const struct setting *setting)
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

void try_word(const char *name, uint32_t word, const struct setting *setting, uint64_t va)
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
