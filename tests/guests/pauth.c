/* SPDX-License-Identifier: MIT */
/*
 * Pointer authentication: each guest signs and authenticates with keys of its own, over exits,
 * other guests and other CPUs; and the host has its own keys when it has use for them.
 */
#include "pauth.h"

#include "arch.h"
#include "cache.h"
#include "gic.h"
#include "irq.h"
#include "testhost.h"

extern const char pauth_guest[], off_guest[];

#define KEYS_IPA(index) (TEST_RAM_IPA + 0x100000u + 0x1000u * (index))
#define POINTER         UINT64_C(0x40123458)
#define MODIFIER        UINT64_C(0x5eed5eed)

#define SCTLR_ENIA (UINT64_C(1) << 31)

/* ---- The host's own keys ---- */

struct mode {
    const char *name;
    uint32_t flags;
    bool uses_keys; /* SCTLR_EL2.EnIA: the host's keys matter after each run */
};

static const struct mode modes[] = {
    {"guests keep their keys, in a host without use for any", 0, false},
    {"guests keep their keys, in a host that uses its own", 0, true},
    {"guests keep their keys, in a host with FP and an interrupt hook that uses its own",
     VCPU_PERCPU_HOST_FP | VCPU_PERCPU_IRQ_HOOK, true},
};

static uint64_t key_of(uint64_t seed, unsigned key)
{
    uint64_t value = (seed * KEY_COUNT + key + 1) * UINT64_C(0x9e3779b97f4a7c15);

    return value ^ value >> 31;
}

static void host_sets_keys(uint64_t seed)
{
    unsigned key = 0;

#define SET(crm, op2) arch_write(S3_0_C2_C##crm##_##op2, key_of(seed, key++));
    KEYS(SET)
#undef SET
    arch_isb();
}

static void host_has_keys(uint64_t seed)
{
    unsigned key = 0;

#define CHECK_KEY(crm, op2) CHECK_EQ(arch_read(S3_0_C2_C##crm##_##op2), key_of(seed, key++));
    KEYS(CHECK_KEY)
#undef CHECK_KEY
}

#define OTHER_SEED 999u /* of the host's keys on the other CPU */

static uint64_t host_seed = 1000;
static unsigned interrupts;

/* The hook is the host's code like any other. */
static void take_irq(void *ctx)
{
    (void)ctx;
    interrupts++;
    host_has_keys(host_seed);
    irq_handle();
}

static void host_begins(const struct mode *mode)
{
    static struct vcpu_host hooks;
    const struct vcpu_percpu_config config = {.host = &hooks, .flags = mode->flags};
    uint64_t sctlr = arch_read(sctlr_el2);

    hooks = testhost_hooks;
    hooks.irq = take_irq;
    host_sets_keys(++host_seed);
    arch_write(sctlr_el2, mode->uses_keys ? sctlr | SCTLR_ENIA : sctlr & ~SCTLR_ENIA);
    arch_isb();
    CHECK_EQ(vcpu_percpu_enable(testhost_percpu(0), &config), VCPU_OK);
}

static void host_ends(void)
{
    CHECK_EQ(vcpu_percpu_disable(testhost_percpu(0)), VCPU_OK);
    host_has_keys(host_seed);
    arch_write(sctlr_el2, arch_read(sctlr_el2) & ~SCTLR_ENIA);
    arch_isb();
}

/* ---- Guests ---- */

struct guest {
    struct vcpu *vcpu;
    uint64_t seed;
    uint64_t made[5]; /* of its keys: signed by four, and the fifth's code */
};

static struct guest make_guest(struct test_vm *t, uint16_t index, uint64_t seed)
{
    struct guest g = {.vcpu = testhost_vcpu(t, index), .seed = seed};
    uint64_t *keys = testhost_ram(t, KEYS_IPA(index));

    for (unsigned key = 0; key < KEY_COUNT; key++)
        keys[key] = key_of(seed, key);
    cache_clean(keys, KEY_COUNT * sizeof(keys[0]));
    testhost_enter_at(g.vcpu, pauth_guest);
    g.vcpu->regs.x[19] = POINTER;
    g.vcpu->regs.x[20] = MODIFIER;
    g.vcpu->regs.x[21] = KEYS_IPA(index);
    return g;
}

static void run(const struct mode *mode, struct vcpu *vcpu, unsigned says)
{
    if (mode->uses_keys)
        host_sets_keys(++host_seed); /* as a host does that has a key for each thread */
    CHECK_EQ(testhost_run(vcpu), VCPU_EXIT_HYPERCALL);
    CHECK_EQ(vcpu_exit_imm(&vcpu->exit), says);
    if (mode->uses_keys)
        host_has_keys(host_seed);
    MUST(vcpu_complete_call(vcpu, vcpu->regs.x[0]));
}

static void sign(const struct mode *mode, struct guest *g)
{
    run(mode, g->vcpu, SAY_SIGNED);
    for (unsigned i = 0; i < 5; i++) {
        g->made[i] = g->vcpu->regs.x[i + 1];
        CHECK(g->made[i] != POINTER);
    }
}

static void authenticate(const struct mode *mode, const struct guest *g)
{
    run(mode, g->vcpu, SAY_AUTHENTICATED);
    for (unsigned i = 1; i <= 4; i++)
        CHECK_EQ(g->vcpu->regs.x[i], POINTER);
    CHECK_EQ(g->vcpu->regs.x[6], g->made[4]);
}

/* The host reads the guest's keys between two runs, and gives it others: what it signed is lost. */
static void check_keys_by_id(const struct mode *mode, struct guest *g)
{
    static const uint32_t ids[KEY_COUNT] = {
#define ID(crm, op2) VCPU_REG_SYSREG + VCPU_SYSREG(3, 0, 2, crm, op2),
        KEYS(ID)
#undef ID
    };
    uint64_t value = 0, before = g->made[4];

    for (unsigned key = 0; key < KEY_COUNT; key++) {
        CHECK_EQ(vcpu_get_reg(g->vcpu, ids[key], &value), VCPU_OK);
        CHECK_EQ(value, key_of(g->seed, key));
    }
    CHECK_EQ(vcpu_set_reg(g->vcpu, ids[KEY_COUNT - 1], value ^ 1), VCPU_OK);
    sign(mode, g);
    CHECK(g->made[4] != before);
    CHECK_EQ(vcpu_set_reg(g->vcpu, ids[KEY_COUNT - 1], value), VCPU_OK);
    authenticate(mode, &(struct guest){.vcpu = g->vcpu, .made = {[4] = before}});
}

/* ---- Tests ---- */

/* Another pointer for each key and each guest; the same for the same keys. */
static void check_made(const struct guest g[3])
{
    for (unsigned i = 0; i < 5; i++) {
        CHECK(g[0].made[i] != g[1].made[i]);
        CHECK_EQ(g[1].made[i], g[2].made[i]);
        for (unsigned j = 0; j < i; j++)
            CHECK(g[0].made[i] != g[0].made[j]);
    }
}

static void interrupt(struct vcpu *vcpu)
{
    uint64_t daif = arch_irq_save();

    interrupts = 0;
    gic_send_sgi(0, TEST_KICK_SGI);
    CHECK_EQ(testhost_run(vcpu), VCPU_EXIT_IRQ);
    CHECK_EQ(interrupts, 1);
    arch_irq_restore(daif);
}

/* Two of one VM with different keys, and one of another VM with the second's. */
static void take_turns(const struct mode *mode)
{
    struct test_vm vm[2];
    struct guest g[3];

    host_begins(mode);
    testhost_vm(&vm[0], 0);
    testhost_vm(&vm[1], 0);
    g[0] = make_guest(&vm[0], 0, 1);
    g[1] = make_guest(&vm[0], 1, 2);
    g[2] = make_guest(&vm[1], 0, 2);
    for (unsigned round = 0; round < 4; round++) {
        for (unsigned i = 0; i < 3; i++)
            sign(mode, &g[i]);
        check_made(g);
        for (unsigned i = 0; i < 3; i++)
            authenticate(mode, &g[(i + round) % 3]);
    }
    for (unsigned i = 0; i < 3; i++)
        check_keys_by_id(mode, &g[i]);
    CHECK_EQ(vcpu_percpu_put(testhost_percpu(0)), VCPU_OK);
    host_has_keys(host_seed);
    if (mode->flags & VCPU_PERCPU_IRQ_HOOK)
        interrupt(g[0].vcpu);

    /* At a CPU_OFF the vCPU leaves the CPU in the middle of its run. */
    testhost_enter_at(g[1].vcpu, off_guest);
    CHECK_EQ(testhost_run(g[1].vcpu), VCPU_EXIT_CPU_DOWN);
    host_has_keys(host_seed);
    testhost_vm_free(&vm[0]);
    testhost_vm_free(&vm[1]);
    host_ends();
}

static struct guest moving;

static void authenticate_and_sign(void)
{
    authenticate(&modes[0], &moving);
    sign(&modes[0], &moving);
    MUST(vcpu_percpu_put(testhost_percpu(smp_this()->index)));
    host_has_keys(smp_this()->index ? OTHER_SEED : host_seed);
}

static void other_cpu(unsigned index)
{
    (void)index;
    testhost_enable(0);
    testhost_gic();
    host_sets_keys(OTHER_SEED);
    testhost_serve();
}

static void moves(void)
{
    struct test_vm t;

    if (!smp_start(other_cpu))
        test_fail("the other CPU does not start");
    host_begins(&modes[0]);
    testhost_vm(&t, 0);
    moving = make_guest(&t, 0, 3);
    sign(&modes[0], &moving);
    MUST(vcpu_percpu_put(testhost_percpu(0)));
    for (unsigned round = 0; round < 4; round++) {
        testhost_on_other(authenticate_and_sign);
        authenticate_and_sign();
    }
    testhost_vm_free(&t);
    host_ends();
}

/* A guest of a CPU without it has no keys. */
static void not_there(void)
{
    struct test_vm t;
    uint64_t value;

    testhost_enable(0);
    testhost_vm(&t, 0);
    CHECK_EQ(
        vcpu_get_reg(testhost_vcpu(&t, 0), VCPU_REG_SYSREG + VCPU_SYSREG(3, 0, 2, 1, 0), &value),
        VCPU_ERR_NOT_FOUND);
    testhost_vm_free(&t);
}

void host_main(const struct machine *machine)
{
    gic_find(machine);
    gic_init();
    testhost_gic();
    /* ID_AA64ISAR1_EL1: GPI, GPA, API, APA. QEMU has none of the other register's. */
    if (!(arch_read(id_aa64isar1_el1) & UINT64_C(0xff000ff0))) {
        test_begin("there are no keys where there is no pointer authentication");
        not_there();
        test_end();
    }
    for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
        test_begin(modes[i].name);
        take_turns(&modes[i]);
    }
    test_begin("a guest moves with its keys");
    moves();
    test_end();
}
