/* SPDX-License-Identifier: MIT */

#include "sve_guest.h"

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

/* ---- The host's own FP and SVE ---- */

const struct mode modes[MODES] = {
    {.name = "vectors of all lengths take turns in a host that has no use for FP",
     .fp = true,
     .sve = true},
    {.name = "vectors of all lengths take turns in a host that traps its own FP"},
    {.name = "vectors of all lengths take turns in a host that traps its own SVE alone",
     .fp = true},
    {.name = "vectors of all lengths take turns in a host that uses FP and SVE",
     .flags = VCPU_PERCPU_HOST_FP,
     .fp = true,
     .sve = true},
    {.name = "vectors of all lengths take turns in a host that uses FP and traps its own SVE",
     .flags = VCPU_PERCPU_HOST_FP,
     .fp = true},
    {.name = "vectors of all lengths take turns in a host whose threads use FP and SVE",
     .fp = true,
     .sve = true,
     .puts_fp = true},
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

void host_begins(const struct mode *mode)
{
    cptr_set(cptr_of(true, true));
    arch_write(S3_4_C1_C2_0, HOST_ZCR);
    cptr_set(cptr_of(mode->fp, mode->sve));
    testhost_enable(mode->flags);
}

void host_ends(const struct mode *mode)
{
    MUST(vcpu_percpu_disable(testhost_percpu(0)));
    CHECK_EQ(cptr_traps(), cptr_of(mode->fp, mode->sve));
    CHECK_EQ(host_zcr(), HOST_ZCR);
}

/* ---- Guests ---- */

static uint64_t random_seed = 1;

uint64_t random64(void)
{
    random_seed ^= random_seed << 13;
    random_seed ^= random_seed >> 7;
    random_seed ^= random_seed << 17;
    return random_seed;
}

uint16_t cpu_lengths(void)
{
    return vcpu_percpu_features(testhost_percpu(0))->sve_lengths;
}

unsigned rounded_down(unsigned vq)
{
    while (!(cpu_lengths() >> (vq - 1) & 1))
        vq--;
    return vq;
}

void make_vm(struct test_vm *t, unsigned vq)
{
    testhost_vm_with(t,
                     (struct vcpu_vm_config){.flags = vq ? VCPU_VM_SVE : 0, .sve_vq = (uint8_t)vq});
}

struct guest make_guest(struct test_vm *t, uint16_t index, unsigned most)
{
    struct guest g = {.t = t, .vcpu = testhost_vcpu(t, index), .most = most, .vq = 1};

    testhost_enter_at(g.vcpu, most ? sve_guest : plain_guest);
    return g;
}

void run(const struct mode *mode, struct vcpu *vcpu, unsigned says)
{
    bool host_fp = mode->flags & VCPU_PERCPU_HOST_FP;

    if (host_fp) {
        if (mode->sve)
            host_sve_fill(HOST_VALUE);
        host_fp_fill(HOST_VALUE, HOST_FPCR);
    }
    CHECK_EQ(testhost_run(vcpu), VCPU_EXIT_HYPERCALL);
    CHECK_EQ(vcpu_exit_imm(&vcpu->exit), says);
    if (mode->puts_fp) {
        MUST(vcpu_percpu_put_fp(testhost_percpu(0)));
        CHECK_EQ(host_zcr(), HOST_ZCR);
        host_sve_fill(HOST_VALUE);
        host_fp_fill(HOST_VALUE, HOST_FPCR);
    }
    if (host_fp) {
        CHECK_EQ(host_fp_lost(HOST_VALUE, HOST_FPCR), 0);
        CHECK_EQ(host_zcr(), HOST_ZCR);
    }
    if (host_fp && mode->sve)
        CHECK_EQ(host_vector_bytes(), VECTOR_BYTES(1u));
    if (host_fp || !mode->fp)
        CHECK_EQ(cptr_traps(), cptr_of(mode->fp, mode->sve));
    MUST(vcpu_complete_call(vcpu, vcpu->regs.x[0]));
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

void load(const struct mode *mode, struct guest *g, unsigned len)
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

void check(const struct mode *mode, const struct guest *g)
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

void check_fresh(const struct mode *mode, const struct guest *g)
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

void check_zcr_by_id(const struct mode *mode, struct guest *g)
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

void check_vectors_by_id(const struct mode *mode, struct guest *g)
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
