/* SPDX-License-Identifier: MIT */
/*
 * Guests with SVE, of all vector lengths, that take turns with one another, with a guest without,
 * and with a host that uses the same registers; and that move from one CPU to the other.
 */
#include "sve_guest.h"

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
    for (size_t i = 0; i < MODES; i++) {
        test_begin(modes[i].name);
        take_turns(&modes[i]);
    }
    test_end();
}
