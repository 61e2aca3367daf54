/* SPDX-License-Identifier: MIT */
/*
 * Guests with SVE, of all vector lengths, that take turns with one another, with a guest without,
 * and with a host that uses the same registers; and that move from one CPU to the other.
 */
#include "sve.h"

#include "arch.h"
#include "cache.h"
#include "gic.h"
#include "string.h"
#include "testhost.h"

extern const char sve_guest[], fresh_guest[], lengths_guest[], plain_guest[], sme_guest[];
void host_fp_fill(uint64_t value, uint64_t fpcr);
unsigned host_fp_lost(uint64_t value, uint64_t fpcr);
void host_sve_fill(uint64_t value);
uint64_t host_vector_bytes(void);

#define REG_ZCR_EL1 (VCPU_REG_SYSREG + VCPU_SYSREG(3, 0, 1, 2, 0))
#define ZCR_EL2     S3_4_C1_C2_0

/* In guest RAM, for each vCPU of the VM: what it loads, and what it stores. */
#define SOURCE_IPA(index) (TEST_RAM_IPA + 0x100000u + 0x20000u * (index))
#define RESULT_IPA(index) (SOURCE_IPA(index) + 0x10000u)

/* 32 vectors, 16 predicates and FFR of vq quadwords. */
#define VECTOR_BYTES(vq)    (16 * (vq))
#define PREDICATE_BYTES(vq) (2 * (vq))
#define FFR_OFFSET(vq)      (32 * VECTOR_BYTES(vq) + 16 * PREDICATE_BYTES(vq))
#define STATE_BYTES(vq)     (FFR_OFFSET(vq) + PREDICATE_BYTES(vq))
#define MAX_VQ              16u

/* ---- The host's own FP and SVE ---- */

struct mode {
    const char *name;
    uint32_t flags;
    bool fp, sve; /* it lets itself use them */
};

static const struct mode modes[] = {
    {"vectors of all lengths take turns in a host that has no use for FP", 0, true, true},
    {"vectors of all lengths take turns in a host that traps its own FP", 0, false, false},
    {"vectors of all lengths take turns in a host that traps its own SVE alone", 0, true, false},
    {"vectors of all lengths take turns in a host that uses FP and SVE", VCPU_PERCPU_HOST_FP, true,
     true},
    {"vectors of all lengths take turns in a host that uses FP and traps its own SVE",
     VCPU_PERCPU_HOST_FP, true, false},
};

#define HOST_ZCR   UINT64_C(0) /* the host's vectors: one quadword */
#define HOST_VALUE UINT64_C(0x4057c0de4057c0de)
#define HOST_FPCR  UINT64_C(0x01800000)

/* CPTR_EL2: TZ 8 and TFP 10, or with E2H = 1 ZEN 17:16 and FPEN 21:20. */
#define CPTR_TRAPS     UINT64_C(0x500)
#define CPTR_VHE_OPENS UINT64_C(0x330000)

static uint64_t cptr_of(bool fp, bool sve)
{
    if (arch_is_vhe())
        return (fp ? UINT64_C(0x300000) : 0) | (sve ? 0x30000 : 0);
    return (fp ? 0 : UINT64_C(0x400)) | (sve ? 0 : 0x100);
}

static uint64_t cptr_traps(void)
{
    return arch_read(cptr_el2) & (arch_is_vhe() ? CPTR_VHE_OPENS : CPTR_TRAPS);
}

static void cptr_set(uint64_t value)
{
    arch_write(cptr_el2, value);
    arch_isb();
}

/* ZCR_EL2, whatever CPTR_EL2 traps. */
static uint64_t host_zcr(void)
{
    uint64_t cptr = arch_read(cptr_el2), zcr;

    cptr_set(cptr_of(true, true));
    zcr = arch_read(S3_4_C1_C2_0);
    cptr_set(cptr);
    return zcr;
}

static void host_begins(const struct mode *mode)
{
    cptr_set(cptr_of(true, true));
    arch_write(S3_4_C1_C2_0, HOST_ZCR);
    cptr_set(cptr_of(mode->fp, mode->sve));
    testhost_enable(mode->flags);
}

static void host_ends(const struct mode *mode)
{
    MUST(vcpu_percpu_disable(testhost_percpu(0)));
    CHECK_EQ(cptr_traps(), cptr_of(mode->fp, mode->sve));
    CHECK_EQ(host_zcr(), HOST_ZCR);
}

/* ---- Guests ---- */

static uint64_t random_seed = 1;

static uint64_t random64(void)
{
    random_seed ^= random_seed << 13;
    random_seed ^= random_seed >> 7;
    random_seed ^= random_seed << 17;
    return random_seed;
}

struct guest {
    struct test_vm *t;
    struct vcpu *vcpu;
    unsigned most; /* quadwords of the VM's longest vectors, 0 without SVE */
    unsigned vq;   /* of its vectors now */
};

static uint16_t cpu_lengths(void)
{
    return vcpu_percpu_features(testhost_percpu(0))->sve_lengths;
}

/* The longest of the CPU's vectors of up to vq quadwords. */
static unsigned rounded_down(unsigned vq)
{
    while (!(cpu_lengths() >> (vq - 1) & 1))
        vq--;
    return vq;
}

static void make_vm(struct test_vm *t, unsigned vq)
{
    testhost_vm_with(t,
                     (struct vcpu_vm_config){.flags = vq ? VCPU_VM_SVE : 0, .sve_vq = (uint8_t)vq});
}

static struct guest make_guest(struct test_vm *t, uint16_t index, unsigned most)
{
    struct guest g = {.t = t, .vcpu = testhost_vcpu(t, index), .most = most, .vq = 1};

    testhost_enter_at(g.vcpu, most ? sve_guest : plain_guest);
    return g;
}

/* With the mode's host: what it keeps over a run is there afterwards, and the rest is spoilt. */
static void run(const struct mode *mode, struct vcpu *vcpu, unsigned says)
{
    bool host_fp = mode->flags & VCPU_PERCPU_HOST_FP;

    if (host_fp) {
        if (mode->sve)
            host_sve_fill(HOST_VALUE);
        host_fp_fill(HOST_VALUE, HOST_FPCR);
    }
    CHECK_EQ(testhost_run(vcpu), VCPU_EXIT_HYPERCALL);
    CHECK_EQ(vcpu_exit_imm(&vcpu->exit), says);
    if (host_fp) {
        CHECK_EQ(host_fp_lost(HOST_VALUE, HOST_FPCR), 0);
        CHECK_EQ(host_zcr(), HOST_ZCR);
    }
    if (host_fp && mode->sve)
        CHECK_EQ(host_vector_bytes(), VECTOR_BYTES(1u));
    if (host_fp || !mode->fp)
        CHECK_EQ(cptr_traps(), cptr_of(mode->fp, mode->sve));
    vcpu_complete_call(vcpu, vcpu->regs.x[0]);
}

static unsigned state_bytes(const struct guest *g)
{
    return g->most ? STATE_BYTES(g->vq) : 32 * VECTOR_BYTES(1u);
}

/* FFR is ones up to the first fault, and zeros. */
static void choose_ffr(uint8_t *ffr, unsigned vq)
{
    unsigned ones = (unsigned)(random64() % (8 * PREDICATE_BYTES(vq) + 1));

    for (unsigned bit = 0; bit < 8 * PREDICATE_BYTES(vq); bit++)
        ffr[bit / 8] =
            (uint8_t)((ffr[bit / 8] & ~(1u << bit % 8)) | (unsigned)(bit < ones) << bit % 8);
}

/* Random values for all its registers, of vectors that it asks for with ZCR_EL1.LEN. */
static void load(const struct mode *mode, struct guest *g, unsigned len)
{
    uint16_t index = vcpu_index(g->vcpu);
    uint8_t *source = testhost_ram(g->t, SOURCE_IPA(index));
    uint64_t *x = g->vcpu->regs.x;

    if (g->most)
        g->vq = rounded_down(len + 1 < g->most ? len + 1 : g->most);
    for (unsigned i = 0; i < STATE_BYTES(MAX_VQ); i++)
        source[i] = (uint8_t)(random64() >> 32);
    choose_ffr(source + FFR_OFFSET(g->vq), g->vq);
    memset(testhost_ram(g->t, RESULT_IPA(index)), 0x5a, STATE_BYTES(MAX_VQ));
    cache_clean(source, 0x20000);
    x[20] = len;
    x[21] = SOURCE_IPA(index);
    x[22] = RESULT_IPA(index);
    x[23] = random64() & 0x07c00000; /* FPCR: AHP, DN, FZ, RMode */
    x[24] = random64() & 0x0800009f; /* FPSR: QC and the exceptions */
    run(mode, g->vcpu, SAY_LOADED);
    if (g->most)
        CHECK_EQ(x[1], VECTOR_BYTES(g->vq));
}

/* It stores what it loaded. Whoever has no SVE finds it UNDEFINED, three times. */
static void check(const struct mode *mode, const struct guest *g)
{
    uint16_t index = vcpu_index(g->vcpu);
    const uint8_t *source = testhost_ram(g->t, SOURCE_IPA(index));
    uint8_t *result = testhost_ram(g->t, RESULT_IPA(index));
    const uint64_t *x = g->vcpu->regs.x;

    run(mode, g->vcpu, SAY_STORED);
    cache_invalidate(result, STATE_BYTES(MAX_VQ));
    CHECK(memcmp(source, result, state_bytes(g)) == 0);
    if (g->most) {
        CHECK_EQ(x[1], VECTOR_BYTES(g->vq));
        CHECK_EQ(x[2], x[20]);
        CHECK_EQ(x[3], x[23]);
        CHECK_EQ(x[4], x[24]);
    } else {
        CHECK_EQ(x[5], 3);
    }
}

/* A vCPU after its reset: zeros, whatever others or itself had at the longest vectors. */
static void check_fresh(const struct mode *mode, const struct guest *g)
{
    uint16_t index = vcpu_index(g->vcpu);
    uint8_t *result = testhost_ram(g->t, RESULT_IPA(index)), found = 0;

    testhost_enter_at(g->vcpu, fresh_guest);
    memset(result, 0xff, STATE_BYTES(g->most));
    cache_clean(result, STATE_BYTES(MAX_VQ));
    g->vcpu->regs.x[22] = RESULT_IPA(index);
    run(mode, g->vcpu, SAY_STORED);
    cache_invalidate(result, STATE_BYTES(MAX_VQ));
    for (unsigned i = 0; i < STATE_BYTES(g->most); i++)
        found |= result[i];
    CHECK_EQ(found, 0);
    for (unsigned i = 2; i <= 4; i++)
        CHECK_EQ(g->vcpu->regs.x[i], 0);
}

/* The host reads and writes ZCR_EL1 between two runs, and the guest reads it. */
static void check_zcr_by_id(const struct mode *mode, struct guest *g)
{
    uint64_t value = 0;

    load(mode, g, 3);
    CHECK_EQ(vcpu_get_reg(g->vcpu, REG_ZCR_EL1, &value), VCPU_OK);
    CHECK_EQ(value, 3);
    CHECK_EQ(vcpu_set_reg(g->vcpu, REG_ZCR_EL1, 0), VCPU_OK);
    CHECK_EQ(vcpu_get_reg(g->vcpu, REG_ZCR_EL1, &value), VCPU_OK);
    CHECK_EQ(value, 0);
    run(mode, g->vcpu, SAY_STORED);
    CHECK_EQ(g->vcpu->regs.x[1], VECTOR_BYTES(1u));
    CHECK_EQ(g->vcpu->regs.x[2], 0);
}

/* A register of `bytes` at `source`, piece by piece, by ids from that of its first piece on. */
static void check_pieces(struct vcpu *vcpu, uint32_t id, uint8_t *source, unsigned bytes)
{
    for (unsigned piece = 0; 8 * piece < bytes; piece++) {
        unsigned size = bytes - 8 * piece < 8 ? bytes - 8 * piece : 8;
        uint64_t want = 0, value;

        memcpy(&want, source + 8 * piece, size);
        value = ~want;
        CHECK_EQ(vcpu_get_reg(vcpu, id + piece, &value), VCPU_OK);
        CHECK_EQ(value, want);
        want ^= UINT64_C(1) << (8 * size - 1);
        memcpy(source + 8 * piece, &want, size);
        CHECK_EQ(vcpu_set_reg(vcpu, id + piece, want), VCPU_OK);
        if (size < 8)
            CHECK_EQ(vcpu_set_reg(vcpu, id + piece, UINT64_C(1) << 8 * size), VCPU_ERR_INVALID);
    }
}

/* The host reads and writes vectors between two runs. (FFR has to stay ones up to a bit.) */
static void check_vectors_by_id(const struct mode *mode, struct guest *g)
{
    uint8_t *source = testhost_ram(g->t, SOURCE_IPA(vcpu_index(g->vcpu)));
    unsigned vq = g->most;

    load(mode, g, MAX_VQ - 1);
    for (unsigned n = 0; n < 32; n++)
        check_pieces(g->vcpu, VCPU_REG_Z(n, 0), source + n * VECTOR_BYTES(vq), VECTOR_BYTES(vq));
    for (unsigned n = 0; n < 16; n++)
        check_pieces(g->vcpu, VCPU_REG_P(n, 0),
                     source + 32 * VECTOR_BYTES(vq) + n * PREDICATE_BYTES(vq), PREDICATE_BYTES(vq));
    check(mode, g);
}

/* ---- Tests ---- */

#define LONGEST rounded_down(MAX_VQ)

/* Two of one VM, one of a VM with shorter vectors, one of a VM without. */
static void take_turns(const struct mode *mode)
{
    struct test_vm vm[3];
    struct guest g[4];
    unsigned shorter;

    host_begins(mode);
    shorter = rounded_down(LONGEST > 1 ? LONGEST - 1 : 1);
    make_vm(&vm[0], MAX_VQ);
    make_vm(&vm[1], shorter);
    make_vm(&vm[2], 0);
    g[0] = make_guest(&vm[0], 0, LONGEST);
    g[1] = make_guest(&vm[0], 1, LONGEST);
    g[2] = make_guest(&vm[1], 0, shorter);
    g[3] = make_guest(&vm[2], 0, 0);
    for (unsigned round = 0; round < 2 * MAX_VQ; round++) {
        for (unsigned i = 0; i < 4; i++)
            load(mode, &g[i], (round + 5 * i) % MAX_VQ);
        for (unsigned i = 0; i < 4; i++)
            check(mode, &g[(i + round) % 4]);
    }
    check_zcr_by_id(mode, &g[0]);
    check_zcr_by_id(mode, &g[2]);
    check_vectors_by_id(mode, &g[0]);
    check_vectors_by_id(mode, &g[2]);
    load(mode, &g[1], MAX_VQ - 1);
    CHECK_EQ(vcpu_reset(g[0].vcpu, false), VCPU_OK);
    check_fresh(mode, &g[0]);
    CHECK_EQ(vcpu_reset(g[0].vcpu, false), VCPU_OK);
    CHECK_EQ(vcpu_set_ept_root(g[0].vcpu, vcpu_stage2_root(&vm[0].s2)), VCPU_OK);
    check_fresh(mode, &g[0]);
    check(mode, &g[1]);
    for (unsigned i = 0; i < 3; i++)
        testhost_vm_free(&vm[i]);
    host_ends(mode);
}

/* What a guest finds by trying each length is what the host was told, cut off at what it gave. */
static void lengths_are_as_asked_for(void)
{
    struct test_vm t;

    for (unsigned vq = 0; vq <= MAX_VQ; vq++) {
        unsigned most = vq ? vq : MAX_VQ;
        struct vcpu *vcpu;

        testhost_vm_with(&t, (struct vcpu_vm_config){.flags = VCPU_VM_SVE, .sve_vq = (uint8_t)vq});
        vcpu = testhost_vcpu(&t, 0);
        testhost_enter_at(vcpu, lengths_guest);
        run(&modes[0], vcpu, SAY_LENGTHS);
        CHECK_EQ(vcpu->regs.x[0], cpu_lengths() & ((1u << most) - 1));
        CHECK_EQ(vcpu->regs.x[2] >> 32 & 0xf, 1); /* ID_AA64PFR0_EL1.SVE */
        CHECK_EQ(vcpu->regs.x[3], arch_read(S3_0_C0_C4_4));
        testhost_vm_free(&t);
    }
}

static void sme_stays_hidden(void)
{
    struct test_vm t;
    struct vcpu *vcpu;

    make_vm(&t, MAX_VQ);
    vcpu = testhost_vcpu(&t, 0);
    testhost_enter_at(vcpu, sme_guest);
    run(&modes[0], vcpu, SAY_STORED);
    CHECK_EQ(vcpu->regs.x[5], 5);
    testhost_vm_free(&t);
}

/* ---- Memory ---- */

static size_t pages_taken, allocations_left;

static vcpu_pa_t count_alloc(void *ctx, size_t count)
{
    if (allocations_left == 0)
        return vcpu_pa(VCPU_PA_NONE_VALUE);
    allocations_left--;
    pages_taken += count;
    return testhost_hooks.alloc_pages(ctx, count);
}

static void count_free(void *ctx, vcpu_pa_t pa, size_t count)
{
    pages_taken -= count;
    testhost_hooks.free_pages(ctx, pa, count);
}

/* A page for the vCPU, and 546 bytes for each quadword of vectors in 1, 2 or 4 pages. */
static void registers_take_pages_that_come_back(void)
{
    struct vcpu_host hooks = testhost_hooks;
    struct vcpu *vcpu;

    hooks.alloc_pages = count_alloc;
    hooks.free_pages = count_free;
    for (unsigned vq = 0; vq <= MAX_VQ; vq++) {
        const unsigned got = vq ? rounded_down(vq) : 0;
        const size_t pages = got == 0 ? 0 : got <= 7 ? 1 : got <= 15 ? 2 : 4;
        const struct vcpu_vm_config config = {.host = &hooks,
                                              .vmid = 200,
                                              .max_vcpus = 1,
                                              .flags = vq ? VCPU_VM_SVE : 0,
                                              .sve_vq = (uint8_t)vq};
        struct vcpu_vm *vm;

        allocations_left = 2;
        CHECK_EQ(vcpu_vm_create(testhost_percpu(0), &config, &vm), VCPU_OK);
        CHECK_EQ(vcpu_create(vm, &(struct vcpu_config){0}, &vcpu),
                 pages ? VCPU_ERR_NO_MEMORY : VCPU_OK);
        CHECK_EQ(pages_taken, pages ? 1 : 2);
        allocations_left = 2;
        if (pages)
            CHECK_EQ(vcpu_create(vm, &(struct vcpu_config){0}, &vcpu), VCPU_OK);
        CHECK_EQ(pages_taken, 2 + pages);
        CHECK_EQ(vcpu_destroy(vcpu), VCPU_OK);
        CHECK_EQ(vcpu_vm_destroy(vm), VCPU_OK);
        CHECK_EQ(pages_taken, 0);
    }
}

static void what_is_refused(bool has_sve)
{
    struct vcpu_vm_config config = {.host = &testhost_hooks, .vmid = 200, .max_vcpus = 1};
    struct vcpu_vm *vm;

    config.sve_vq = MAX_VQ + 1;
    CHECK_EQ(vcpu_vm_create(testhost_percpu(0), &config, &vm), VCPU_ERR_INVALID);
    config.flags = VCPU_VM_SVE;
    CHECK_EQ(vcpu_vm_create(testhost_percpu(0), &config, &vm), VCPU_ERR_INVALID);
    config.sve_vq = 0;
    if (!has_sve)
        CHECK_EQ(vcpu_vm_create(testhost_percpu(0), &config, &vm), VCPU_ERR_UNSUPPORTED);
}

/* ---- On two CPUs ---- */

static void other_cpu(unsigned index)
{
    (void)index;
    testhost_enable(0);
    testhost_gic();
    testhost_serve();
}

static struct guest moving, staying;

static void put(void)
{
    MUST(vcpu_percpu_put(testhost_percpu(smp_this()->index)));
}

/* On the CPU that it came to: what it had on the other; and then something else. */
static void check_and_load(void)
{
    check(&modes[0], &moving);
    load(&modes[0], &staying, MAX_VQ - 1);
    load(&modes[0], &moving, (unsigned)random64() % MAX_VQ);
    put();
}

static void moves(void)
{
    struct test_vm t[2];

    make_vm(&t[0], MAX_VQ);
    make_vm(&t[1], MAX_VQ);
    moving = make_guest(&t[0], 0, LONGEST);
    staying = make_guest(&t[1], 0, LONGEST);
    load(&modes[0], &moving, MAX_VQ - 1);
    put();
    for (unsigned round = 0; round < 8; round++) {
        testhost_on_other(check_and_load);
        check(&modes[0], &staying);
        put();
        check_and_load();
        check(&modes[0], &staying);
        put();
    }
    testhost_vm_free(&t[0]);
    testhost_vm_free(&t[1]);
}

void host_main(const struct machine *machine)
{
    bool has_sve;

    testhost_enable(0);
    gic_find(machine);
    gic_init();
    testhost_gic();
    has_sve = vcpu_percpu_features(testhost_percpu(0))->sve;

    test_begin("a length that there is not, and SVE where there is none, are refused");
    what_is_refused(has_sve);
    if (!has_sve)
        test_end();
    test_begin("a guest finds the lengths that it was given");
    lengths_are_as_asked_for();
    test_begin("a guest with SVE has no SME");
    sme_stays_hidden();
    test_begin("the registers take pages that come back");
    registers_take_pages_that_come_back();
    test_begin("a guest moves with all of its registers");
    if (!smp_start(other_cpu))
        test_fail("the other CPU does not start");
    moves();
    MUST(vcpu_percpu_disable(testhost_percpu(0)));
    for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
        test_begin(modes[i].name);
        take_turns(&modes[i]);
    }
    test_end();
}
