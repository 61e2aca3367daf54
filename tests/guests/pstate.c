/* SPDX-License-Identifier: MIT */
/* PSTATE is each guest's own, over exits and other guests: SSBS, PAN, UAO, DIT, and BTYPE. */
#include "pstate.h"

#include "arch.h"
#include "cache.h"
#include "gic.h"
#include "irq.h"
#include "string.h"
#include "testhost.h"

extern const char bits_guest[], exits_guest[], branch_br[], branch_br_x16[], branch_blr[],
    branch_vectors[];
extern const char landing_nop[], landing_bti_c[], landing_bti_j[], landing_bti_jc[];

#define BIT(n) (UINT64_C(1) << (n))

static void step(struct vcpu *vcpu, unsigned says)
{
    CHECK_EQ(testhost_run(vcpu), VCPU_EXIT_HYPERCALL);
    CHECK_EQ(vcpu_exit_imm(&vcpu->exit), says);
    MUST(vcpu_complete_call(vcpu, vcpu->regs.x[0]));
}

/* ---- SSBS, PAN, UAO, DIT ---- */

/* As the guest's identification registers are: PFR1.SSBS 7:4 = 2 for the register, MMFR1.PAN,
 * MMFR2.UAO, PFR0.DIT. */
static uint64_t bits_that_are_there(void)
{
    uint64_t bits = 0;

    if ((arch_read(id_aa64pfr1_el1) >> 4 & 0xf) >= 2)
        bits |= BIT(PSTATE_SSBS_BIT);
    if (arch_read(id_aa64mmfr1_el1) >> 20 & 0xf)
        bits |= BIT(PSTATE_PAN_BIT);
    if (arch_read(S3_0_C0_C7_2) >> 4 & 0xf)
        bits |= BIT(PSTATE_UAO_BIT);
    if (arch_read(id_aa64pfr0_el1) >> 48 & 0xf)
        bits |= BIT(PSTATE_DIT_BIT);
    return bits;
}

/* Each combination in one guest, while the other has the opposite. */
static void bits_are_kept_apart(struct test_vm vm[2])
{
    const uint64_t there = bits_that_are_there();
    struct vcpu *v[2];

    for (unsigned i = 0; i < 2; i++) {
        v[i] = testhost_vcpu(&vm[i], 0);
        testhost_enter_at(v[i], bits_guest);
        v[i]->regs.x[20] = there;
    }
    for (unsigned n = 0; n < 16; n++) {
        const uint64_t value =
            there & ((n & 1 ? BIT(PSTATE_SSBS_BIT) : 0) | (uint64_t)(n >> 1) << PSTATE_PAN_BIT);

        for (unsigned i = 0; i < 2; i++) {
            v[i]->regs.x[21] = i ? there & ~value : value;
            step(v[i], SAY_WRITTEN);
            CHECK_EQ(v[i]->regs.pstate & there, v[i]->regs.x[21]);
        }
        for (unsigned i = 0; i < 2; i++) {
            step(v[i], SAY_READ);
            CHECK_EQ(v[i]->regs.x[0], v[i]->regs.x[21]);
        }
    }
    MUST(vcpu_percpu_put(testhost_percpu(0)));
    MUST(vcpu_destroy(v[0]));
    MUST(vcpu_destroy(v[1]));
}

/* ---- The host's own ---- */

static void host_write(uint64_t there, uint64_t value)
{
    if (there & BIT(PSTATE_SSBS_BIT))
        arch_write(S3_3_C4_C2_6, value);
    if (there & BIT(PSTATE_PAN_BIT))
        arch_write(S3_0_C4_C2_3, value);
    if (there & BIT(PSTATE_UAO_BIT))
        arch_write(S3_0_C4_C2_4, value);
    if (there & BIT(PSTATE_DIT_BIT))
        arch_write(S3_3_C4_C2_5, value);
}

static uint64_t host_read(uint64_t there)
{
    uint64_t value = 0;

    if (there & BIT(PSTATE_SSBS_BIT))
        value |= arch_read(S3_3_C4_C2_6);
    if (there & BIT(PSTATE_PAN_BIT))
        value |= arch_read(S3_0_C4_C2_3);
    if (there & BIT(PSTATE_UAO_BIT))
        value |= arch_read(S3_0_C4_C2_4);
    if (there & BIT(PSTATE_DIT_BIT))
        value |= arch_read(S3_3_C4_C2_5);
    return value;
}

/* A run, of which nothing of the guest's PSTATE is left; *seen is what the host then has. */
static int run_and_read(struct vcpu *vcpu, uint64_t there, uint64_t value, uint64_t *seen)
{
    int reason = vcpu_run(testhost_percpu(0), vcpu);

    *seen = host_read(there);
    host_write(there, 0); /* for the code of the test */
    CHECK_EQ(vcpu->regs.pstate & there, there & ~value);
    return reason;
}

/* exits_guest's ways out, and going on from each. */
static const int ways[] = {VCPU_EXIT_HYPERCALL, VCPU_EXIT_MMIO_READ, VCPU_EXIT_HYPERCALL,
                           VCPU_EXIT_WFI};
#define WAYS (sizeof(ways) / sizeof(ways[0]))

static void answer(struct vcpu *vcpu, int reason)
{
    if (reason == VCPU_EXIT_HYPERCALL)
        MUST(vcpu_complete_call(vcpu, 0));
    else if (reason == VCPU_EXIT_MMIO_READ)
        MUST(vcpu_complete_mmio_read(vcpu, 0));
    else
        MUST(vcpu_complete_skip(vcpu));
}

/* Each combination, loaded anew, while the guest has the opposite; by each way out. */
static void host_bits_are_as_before(struct test_vm *t)
{
    const uint64_t there = bits_that_are_there();
    struct vcpu *vcpu = testhost_vcpu(t, 0);

    for (unsigned n = 0; n < 16; n++) {
        const uint64_t value =
            there & ((n & 1 ? BIT(PSTATE_SSBS_BIT) : 0) | (uint64_t)(n >> 1) << PSTATE_PAN_BIT);

        testhost_enter_at(vcpu, exits_guest);
        vcpu->regs.x[20] = there;
        vcpu->regs.x[21] = there & ~value;
        vcpu->regs.x[22] = TEST_HOLE_IPA;
        for (unsigned i = 0; i < WAYS; i++) {
            uint64_t seen;

            host_write(there, value);
            CHECK_EQ(run_and_read(vcpu, there, value, &seen), ways[i]);
            CHECK_EQ(seen, value);
            answer(vcpu, ways[i]);
        }
        MUST(vcpu_percpu_put(testhost_percpu(0)));
    }
    MUST(vcpu_destroy(vcpu));
}

/* ---- The host's SSBS, where there is no MRS and MSR for it ---- */

#define SCTLR_DSSBS BIT(44)
#define PSTATE_HOST UINT64_C(0x3c9) /* EL2h, DAIF */

static volatile uint64_t interrupted; /* PSTATE of what the last interrupt came to */

static void look(void)
{
    interrupted = arch_read(spsr_el2);
}

static uint64_t host_ssbs(void)
{
    gic_send_sgi(0, TEST_KICK_SGI);
    interrupted = 0;
    while (!interrupted) {
        arch_irq_enable();
        arch_isb();
        arch_irq_save();
    }
    return interrupted & BIT(PSTATE_SSBS_BIT);
}

/* As a kernel has it that does nothing about it: by an ERET, and at its own exceptions. */
static void set_host_ssbs(uint64_t ssbs)
{
    uint64_t sctlr = arch_read(sctlr_el2) & ~SCTLR_DSSBS;

    arch_write(sctlr_el2, ssbs ? sctlr | SCTLR_DSSBS : sctlr);
    __asm__ volatile("adr x9, 1f\n\tmsr elr_el2, x9\n\tmsr spsr_el2, %0\n\teret\n1:"
                     :
                     : "r"(PSTATE_HOST | ssbs)
                     : "x9", "memory");
}

static void host_ssbs_is_as_before(struct test_vm *t)
{
    struct vcpu *vcpu = testhost_vcpu(t, 0);

    for (unsigned on = 0; on < 2; on++) {
        const uint64_t ssbs = (uint64_t)on << PSTATE_SSBS_BIT, guests = ssbs ^ BIT(PSTATE_SSBS_BIT);

        set_host_ssbs(ssbs);
        CHECK_EQ(host_ssbs(), ssbs);
        testhost_enter_at(vcpu, exits_guest);
        CHECK_EQ(vcpu_set_reg(vcpu, VCPU_REG_PSTATE, 0x3c5 | guests), VCPU_OK);
        vcpu->regs.x[20] = 0;
        vcpu->regs.x[22] = TEST_HOLE_IPA;
        for (unsigned i = 0; i < WAYS; i++) {
            CHECK_EQ(testhost_run(vcpu), ways[i]);
            CHECK_EQ(host_ssbs(), ssbs);
            CHECK_EQ(vcpu->regs.pstate & BIT(PSTATE_SSBS_BIT), guests);
            answer(vcpu, ways[i]);
        }
        MUST(vcpu_percpu_put(testhost_percpu(0)));
    }
    set_host_ssbs(0);
    MUST(vcpu_destroy(vcpu));
}

/* ---- BTYPE ---- */

#define TABLE_IPA   (TEST_RAM_IPA + 0x380000u)
#define COPY_IPA    (TEST_RAM_IPA + 0x100000u)
#define LANDING_IPA (TEST_RAM_IPA + 0x10000000u) /* where nothing is mapped until it is fetched */

#define ESR_CLASS(esr)      ((esr) >> 26 & 0x3f)
#define CLASS_BRANCH_TARGET 0x0du
#define BTYPE(pstate)       ((pstate) >> 10 & 3)

static const struct branch {
    const char *from;
    unsigned btype;
} branches[] = {{branch_br, 3}, {branch_br_x16, 1}, {branch_blr, 2}};

/* Bit n: a branch with BTYPE n may land there. */
static const struct landing {
    const char *code;
    unsigned accepts;
} landings[] = {
    {landing_nop, 0},
    {landing_bti_c, 1 << 1 | 1 << 2},
    {landing_bti_j, 1 << 1 | 1 << 3},
    {landing_bti_jc, 1 << 1 | 1 << 2 | 1 << 3},
};

#define BRANCHES 3u
#define LANDINGS 4u

#define REG(crn, crm, op2) (VCPU_REG_SYSREG + VCPU_SYSREG(3, 0, crn, crm, op2))

/* Its stage-1 table maps the 1 GiB that RAM is in to itself, guarded. */
static struct vcpu *guarded_vcpu(struct test_vm *t)
{
    const uint64_t block = BIT(0) | BIT(8) | BIT(9) | BIT(10) | BIT(50); /* shareable, AF, GP */
    /* T0SZ = 25, Write-Back and Inner Shareable walks, EPD1, 40 bits of IPA. */
    const uint64_t tcr = 25 | BIT(8) | BIT(10) | BIT(12) | BIT(13) | BIT(23) | BIT(33);
    struct vcpu *vcpu = testhost_vcpu(t, 0);
    uint64_t *table = testhost_ram(t, TABLE_IPA);

    table[TEST_RAM_IPA >> 30] = TEST_RAM_IPA | block;
    cache_clean(table, 4096);
    CHECK_EQ(vcpu_set_reg(vcpu, REG(10, 2, 0), 0xff), VCPU_OK);
    CHECK_EQ(vcpu_set_reg(vcpu, REG(2, 0, 0), TABLE_IPA), VCPU_OK);
    CHECK_EQ(vcpu_set_reg(vcpu, REG(2, 0, 2), tcr), VCPU_OK);
    CHECK_EQ(vcpu_set_reg(vcpu, REG(12, 0, 0), testhost_ipa(branch_vectors)), VCPU_OK);
    CHECK_EQ(vcpu_set_reg(vcpu, REG(1, 0, 0), UINT64_C(0x30d00800) | BIT(0) | BIT(2) | BIT(12)),
             VCPU_OK);
    return vcpu;
}

static uint64_t landing_ipa(unsigned n)
{
    return LANDING_IPA + n * VCPU_PAGE_SIZE;
}

/* The guest branches, and is out before the target is fetched: BTYPE is in its PSTATE. */
static void branch(struct vcpu *vcpu, unsigned n)
{
    const struct branch *b = &branches[n % BRANCHES];

    testhost_enter_at(vcpu, b->from);
    vcpu->regs.x[16] = vcpu->regs.x[19] = landing_ipa(n);
    CHECK_EQ(testhost_run(vcpu), VCPU_EXIT_STAGE2_FAULT);
    CHECK_EQ(vcpu->regs.pc, landing_ipa(n));
    CHECK_EQ(BTYPE(vcpu->regs.pstate), b->btype);
}

/* The target comes, and accepts it or not. */
static void land(struct test_vm *t, struct vcpu *vcpu, unsigned n)
{
    const struct landing *l = &landings[n / BRANCHES];
    bool accepted = l->accepts >> branches[n % BRANCHES].btype & 1;
    void *copy = testhost_ram(t, COPY_IPA + n * VCPU_PAGE_SIZE);

    memcpy(copy, l->code, 8);
    cache_clean(copy, 8);
    CHECK_EQ(vcpu_stage2_map(&t->s2, vcpu_ipa(landing_ipa(n)), vcpu_pa((uint64_t)copy),
                             VCPU_PAGE_SIZE, VCPU_S2_RWX),
             VCPU_OK);
    CHECK_EQ(testhost_run(vcpu), VCPU_EXIT_HYPERCALL);
    CHECK_EQ(vcpu_exit_imm(&vcpu->exit), accepted ? SAY_LANDED : SAY_FAULTED);
    CHECK_EQ(BTYPE(vcpu->regs.pstate), 0);
    if (!accepted)
        CHECK_EQ(ESR_CLASS(vcpu->regs.x[0]), CLASS_BRANCH_TARGET);
}

/* Each branch to each target, while the other guest is in the middle of another. */
static void branches_land_where_they_may(struct test_vm vm[2])
{
    struct vcpu *v[] = {guarded_vcpu(&vm[0]), guarded_vcpu(&vm[1])};

    for (unsigned n = 0; n < BRANCHES * LANDINGS; n++) {
        unsigned other = (n + 5) % (BRANCHES * LANDINGS);

        branch(v[0], n);
        branch(v[1], other);
        land(&vm[0], v[0], n);
        land(&vm[1], v[1], other);
    }
    MUST(vcpu_percpu_put(testhost_percpu(0)));
    MUST(vcpu_destroy(v[0]));
    MUST(vcpu_destroy(v[1]));
}

void host_main(const struct machine *machine)
{
    struct test_vm vm[2];

    gic_find(machine);
    gic_init();
    testhost_enable(0);
    testhost_gic();
    testhost_vm(&vm[0], 0);
    testhost_vm(&vm[1], VCPU_VM_TRAP_WFI);
    test_begin("the host's PSTATE.SSBS, PAN, UAO and DIT are as before after each exit");
    host_bits_are_as_before(&vm[1]);
    if ((arch_read(id_aa64pfr1_el1) >> 4 & 0xf) == 1) {
        test_begin("and its SSBS where only exceptions move it");
        irq_register(TEST_KICK_SGI, look);
        host_ssbs_is_as_before(&vm[1]);
    }
    test_begin("PSTATE.SSBS, PAN, UAO and DIT, where they are, are kept apart");
    bits_are_kept_apart(vm);
    if (arch_read(id_aa64pfr1_el1) & 0xf) {
        test_begin("an exit between an indirect branch and its target loses no BTYPE");
        branches_land_where_they_may(vm);
    }
    test_end();
}
