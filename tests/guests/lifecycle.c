/* SPDX-License-Identifier: MIT */
/* What the library refuses, with which error, and what it asks of the host's memory hooks. */
#include "testhost.h"

extern const char busy_guest[], nzcv_guest[], daif_guest[], pan_guest[], uao_guest[], dit_guest[],
    ssbs_guest[];

/* ---- Memory hooks that count, and that may have no memory ---- */

static unsigned pages_taken, pages_given;
static bool no_memory;

static vcpu_pa_t counted_alloc(void *ctx, size_t count)
{
    if (no_memory)
        return vcpu_pa(VCPU_PA_NONE_VALUE);
    pages_taken += (unsigned)count;
    return testhost_hooks.alloc_pages(ctx, count);
}

static void counted_free(void *ctx, vcpu_pa_t pa, size_t count)
{
    pages_given += (unsigned)count;
    testhost_hooks.free_pages(ctx, pa, count);
}

static struct vcpu_host counted_hooks;

static const struct vcpu_vm_config counted_config = {
    .host = &counted_hooks, .vmid = 100, .max_vcpus = 4};

static struct vcpu_percpu *cpu0(void)
{
    return testhost_percpu(0);
}

/* ---- VMs ---- */

static void check_vm_config(struct vcpu_vm_config config, int error)
{
    struct vcpu_vm *vm = NULL;
    int got = vcpu_vm_create(cpu0(), &config, &vm);

    CHECK_EQ(got, error);
    if (got == VCPU_OK)
        CHECK_EQ(vcpu_vm_destroy(vm), VCPU_OK);
}

static void vm_configurations(void)
{
    const struct vcpu_features *features = vcpu_percpu_features(cpu0());
    struct vcpu_percpu not_enabled = {{0}};
    struct vcpu_vm_config config = counted_config;
    struct vcpu_vm *vm;

    CHECK_EQ(vcpu_vm_create(NULL, &config, &vm), VCPU_ERR_INVALID);
    CHECK_EQ(vcpu_vm_create(cpu0(), NULL, &vm), VCPU_ERR_INVALID);
    CHECK_EQ(vcpu_vm_create(cpu0(), &config, NULL), VCPU_ERR_INVALID);
    CHECK_EQ(vcpu_vm_create(&not_enabled, &config, &vm), VCPU_ERR_STATE);
    CHECK_EQ(vcpu_vm_destroy(NULL), VCPU_ERR_INVALID);

    config.host = NULL;
    check_vm_config(config, VCPU_ERR_INVALID);

    config = counted_config;
    config.flags = 1u << 31;
    check_vm_config(config, VCPU_ERR_INVALID);

    config = counted_config;
    config.vmid = 0;
    check_vm_config(config, VCPU_ERR_INVALID);
    config.vmid = 255;
    check_vm_config(config, VCPU_OK);
    config.vmid = 256;
    check_vm_config(config, features->vmid_bits == 16 ? VCPU_OK : VCPU_ERR_INVALID);

    config = counted_config;
    config.max_vcpus = 0;
    check_vm_config(config, VCPU_ERR_INVALID);
    config.max_vcpus = VCPU_VM_MAX_VCPUS;
    check_vm_config(config, VCPU_OK);
    config.max_vcpus = VCPU_VM_MAX_VCPUS + 1;
    check_vm_config(config, VCPU_ERR_INVALID);

    config = counted_config;
    config.ipa_bits = 31;
    check_vm_config(config, VCPU_ERR_INVALID);
    config.ipa_bits = 32;
    check_vm_config(config, VCPU_OK);
    config.ipa_bits = features->pa_bits;
    check_vm_config(config, VCPU_OK);
    config.ipa_bits = (uint8_t)(features->pa_bits + 1);
    check_vm_config(config, VCPU_ERR_INVALID);

    no_memory = true;
    check_vm_config(counted_config, VCPU_ERR_NO_MEMORY);
    no_memory = false;
}

/* ---- vCPUs ---- */

static int create(struct vcpu_vm *vm, uint16_t index, uint64_t mpidr, struct vcpu **vcpu)
{
    const struct vcpu_config config = {.index = index, .mpidr = mpidr};

    return vcpu_create(vm, &config, vcpu);
}

static void vcpu_configurations(struct vcpu_vm *vm)
{
    const uint64_t high = UINT64_C(0x7f00ffffff);
    struct vcpu *a, *b, *c;
    int mark;
    const struct vcpu_config config = {.index = 0, .mpidr = 0x100, .user = &mark};

    CHECK_EQ(vcpu_create(NULL, &config, &a), VCPU_ERR_INVALID);
    CHECK_EQ(vcpu_create(vm, NULL, &a), VCPU_ERR_INVALID);
    CHECK_EQ(vcpu_create(vm, &config, NULL), VCPU_ERR_INVALID);
    CHECK_EQ(create(vm, counted_config.max_vcpus, 0, &a), VCPU_ERR_INVALID);
    CHECK_EQ(create(vm, 0, UINT64_C(1) << 24, &a), VCPU_ERR_INVALID); /* MT */
    CHECK_EQ(create(vm, 0, UINT64_C(1) << 31, &a), VCPU_ERR_INVALID);
    CHECK_EQ(create(vm, 0, UINT64_C(1) << 40, &a), VCPU_ERR_INVALID);

    no_memory = true;
    CHECK_EQ(vcpu_create(vm, &config, &a), VCPU_ERR_NO_MEMORY);
    no_memory = false;
    CHECK(vcpu_vm_vcpu(vm, 0) == NULL);

    CHECK_EQ(vcpu_create(vm, &config, &a), VCPU_OK);
    CHECK(vcpu_vm_of(a) == vm);
    CHECK_EQ(vcpu_index(a), 0);
    CHECK(vcpu_user(a) == &mark);
    CHECK(vcpu_vm_vcpu(vm, 0) == a);
    CHECK(vcpu_vm_find(vm, 0x100) == a);
    CHECK_EQ(create(vm, 0, 0x200, &b), VCPU_ERR_EXISTS);
    CHECK_EQ(create(vm, 1, 0x100, &b), VCPU_ERR_EXISTS);
    CHECK_EQ(create(vm, 3, high, &b), VCPU_OK);
    CHECK(vcpu_vm_find(vm, high) == b);
    CHECK(vcpu_vm_vcpu(vm, 1) == NULL);
    CHECK(vcpu_vm_vcpu(vm, 4) == NULL);
    CHECK(vcpu_vm_find(vm, 0x300) == NULL);

    CHECK_EQ(vcpu_vm_destroy(vm), VCPU_ERR_STATE);
    CHECK_EQ(vcpu_destroy(NULL), VCPU_ERR_INVALID);
    CHECK_EQ(vcpu_destroy(a), VCPU_OK);
    CHECK(vcpu_vm_find(vm, 0x100) == NULL);
    CHECK_EQ(vcpu_create(vm, &config, &c), VCPU_OK);
    CHECK_EQ(vcpu_destroy(c), VCPU_OK);
    CHECK_EQ(vcpu_destroy(b), VCPU_OK);
}

static void runs_that_cannot_be(struct vcpu_vm *vm, const struct test_vm *t)
{
    const struct vcpu_config off = {.index = 1, .mpidr = 1, .off = true};
    const vcpu_pa_t root = vcpu_stage2_root(&t->s2);
    struct vcpu_percpu not_enabled = {{0}};
    struct vcpu *a, *b;

    CHECK_EQ(create(vm, 0, 0, &a), VCPU_OK);
    CHECK_EQ(testhost_run(a), VCPU_ERR_STATE);
    testhost_enter_at(a, busy_guest);
    CHECK_EQ(testhost_run(a), VCPU_ERR_STATE);
    CHECK_EQ(vcpu_set_ept_root(NULL, root), VCPU_ERR_INVALID);
    CHECK_EQ(vcpu_set_ept_root(a, vcpu_pa(root.value + 8)), VCPU_ERR_INVALID);
    CHECK_EQ(vcpu_set_ept_root(a, vcpu_pa(UINT64_C(1) << 52)), VCPU_ERR_INVALID);
    CHECK_EQ(testhost_run(a), VCPU_ERR_STATE);
    CHECK_EQ(vcpu_set_ept_root(a, root), VCPU_OK);
    CHECK_EQ(vcpu_run(&not_enabled, a), VCPU_ERR_INVALID);
    CHECK_EQ(vcpu_put(cpu0(), a), VCPU_ERR_STATE);
    CHECK_EQ(testhost_run(a), VCPU_EXIT_HYPERCALL);

    /* Now it is in this CPU. */
    CHECK_EQ(vcpu_destroy(a), VCPU_ERR_BUSY);
    CHECK_EQ(vcpu_put(NULL, a), VCPU_ERR_INVALID);
    CHECK_EQ(vcpu_put(cpu0(), NULL), VCPU_ERR_INVALID);
    CHECK_EQ(vcpu_put(cpu0(), a), VCPU_OK);
    CHECK_EQ(vcpu_put(cpu0(), a), VCPU_ERR_STATE);
    CHECK_EQ(vcpu_kick(NULL), VCPU_ERR_INVALID);
    CHECK_EQ(vcpu_destroy(a), VCPU_OK);

    /* A vCPU that waits for its CPU_ON. */
    CHECK_EQ(vcpu_create(vm, &off, &b), VCPU_OK);
    CHECK_EQ(vcpu_set_ept_root(b, root), VCPU_OK);
    testhost_enter_at(b, busy_guest);
    CHECK_EQ(vcpu_power(b), VCPU_POWER_OFF);
    CHECK_EQ(testhost_run(b), VCPU_ERR_STATE);
    CHECK_EQ(vcpu_destroy(b), VCPU_OK);
}

/* ---- Registers by id ---- */

static void register_ids(struct test_vm *t)
{
    struct vcpu *vcpu = testhost_vcpu(t, 0);
    uint64_t value;

    CHECK_EQ(vcpu_get_reg(NULL, VCPU_REG_PC, &value), VCPU_ERR_INVALID);
    CHECK_EQ(vcpu_get_reg(vcpu, VCPU_REG_PC, NULL), VCPU_ERR_INVALID);
    CHECK_EQ(vcpu_set_reg(NULL, VCPU_REG_PC, 0), VCPU_ERR_INVALID);

    /* No such register: X31, no system register, beyond the vectors, what the guest has not got. */
    const uint32_t absent[] = {31,
                               VCPU_REG_PENDING + 1,
                               VCPU_REG_SYSREG - 1,
                               VCPU_REG_SYSREG + 0x10000,
                               UINT32_MAX,
                               VCPU_REG_SYSREG + VCPU_SYSREG(3, 4, 1, 1, 0), /* HCR_EL2 */
                               VCPU_REG_V(32, 0),
                               VCPU_REG_Z(0, 0),
                               VCPU_REG_P(0, 0),
                               VCPU_REG_SYSREG + VCPU_SYSREG(3, 3, 14, 2, 1), /* CNTP_CTL_EL0 */
                               VCPU_REG_SYSREG};

    for (unsigned i = 0; i < sizeof(absent) / sizeof(absent[0]); i++) {
        CHECK_EQ(vcpu_get_reg(vcpu, absent[i], &value), VCPU_ERR_NOT_FOUND);
        CHECK_EQ(vcpu_set_reg(vcpu, absent[i], 0), VCPU_ERR_NOT_FOUND);
    }

    CHECK_EQ(vcpu_set_reg(vcpu, VCPU_REG_PC, TEST_RAM_IPA + 4), VCPU_OK);
    for (unsigned low = 1; low < 4; low++) {
        CHECK_EQ(vcpu_set_reg(vcpu, VCPU_REG_PC, TEST_RAM_IPA + low), VCPU_ERR_INVALID);
        CHECK_EQ(vcpu_set_entry(vcpu, vcpu_ipa(TEST_RAM_IPA + low)), VCPU_ERR_INVALID);
    }
    CHECK_EQ(vcpu_set_entry(NULL, vcpu_ipa(0)), VCPU_ERR_INVALID);
    CHECK_EQ(vcpu->regs.pc, TEST_RAM_IPA + 4);
    MUST(vcpu_destroy(vcpu));
}

#define DAIF 0x3c0u

/* AArch64: of the 32 modes EL0t, EL1t and EL1h are what a guest may be in. */
static bool is_guest_mode(unsigned mode)
{
    return mode == 0x0 || mode == 0x4 || mode == 0x5;
}

static void illegal_pstates(struct test_vm *t)
{
    struct vcpu *vcpu = testhost_vcpu(t, 0);
    uint64_t value;
    /*
     * In AArch64 the flags, SS, IL and DAIF mean something on each CPU. Bits 27:26, 19:14 and 5 are
     * reserved; 25, 13 and those above 31 are so, or of features that no guest is shown.
     */
    const uint64_t legal = UINT64_C(0xf0300000) | DAIF;
    const uint64_t illegal = UINT64_C(0xffffffff0e0fe020);

    for (unsigned mode = 0; mode < 16; mode++) {
        CHECK_EQ(vcpu_set_reg(vcpu, VCPU_REG_PSTATE, 0x5), VCPU_OK);
        CHECK_EQ(vcpu_set_reg(vcpu, VCPU_REG_PSTATE, mode | DAIF),
                 is_guest_mode(mode) ? VCPU_OK : VCPU_ERR_INVALID);
        MUST(vcpu_get_reg(vcpu, VCPU_REG_PSTATE, &value));
        CHECK_EQ(value, is_guest_mode(mode) ? mode | DAIF : 0x5);
    }
    /* AArch32: no mode but User, which tests/guests/aarch32.c is about. */
    for (unsigned mode = 0x11; mode < 0x20; mode++)
        CHECK_EQ(vcpu_set_reg(vcpu, VCPU_REG_PSTATE, mode), VCPU_ERR_INVALID);

    for (unsigned bit = 5; bit < 64; bit++) {
        uint64_t pstate = UINT64_C(1) << bit | 0x5;

        if (legal & pstate & ~UINT64_C(0x5))
            CHECK_EQ(vcpu_set_reg(vcpu, VCPU_REG_PSTATE, pstate), VCPU_OK);
        if (illegal & pstate)
            CHECK_EQ(vcpu_set_reg(vcpu, VCPU_REG_PSTATE, pstate), VCPU_ERR_INVALID);
    }
    MUST(vcpu_destroy(vcpu));
}

/* Flags that come with a feature: the field of the host's own ID register, where it is not 0. */
static bool host_has(uint64_t id, unsigned shift)
{
    return ((id >> shift) & 0xf) != 0;
}

static void check_flag(struct vcpu *vcpu, const char *guest, uint64_t flag, bool there)
{
    uint64_t value;

    if (!there)
        return;
    testhost_enter_at(vcpu, guest);
    CHECK_EQ(vcpu_set_reg(vcpu, VCPU_REG_PSTATE, 0x5), VCPU_OK);
    vcpu->regs.x[1] = flag;
    CHECK_EQ(testhost_run(vcpu), VCPU_EXIT_HYPERCALL);
    CHECK_EQ(vcpu_get_reg(vcpu, VCPU_REG_PSTATE, &value), VCPU_OK);
    CHECK_EQ(value, flag | 0x5);
    CHECK_EQ(vcpu_set_reg(vcpu, VCPU_REG_PSTATE, value), VCPU_OK);
}

/* What a guest has made of its PSTATE can be put into another vCPU. */
static void pstate_of_a_guest_is_legal(struct test_vm *t)
{
    const uint64_t pfr0 = arch_read(id_aa64pfr0_el1), pfr1 = arch_read(id_aa64pfr1_el1);
    const uint64_t mmfr1 = arch_read(id_aa64mmfr1_el1), mmfr2 = arch_read(S3_0_C0_C7_2);
    struct vcpu *vcpu = testhost_vcpu(t, 0);

    check_flag(vcpu, nzcv_guest, 0xf0000000, true);
    check_flag(vcpu, daif_guest, DAIF, true);
    check_flag(vcpu, pan_guest, 1 << 22, host_has(mmfr1, 20));
    check_flag(vcpu, uao_guest, 1 << 23, host_has(mmfr2, 4));
    check_flag(vcpu, dit_guest, 1 << 24, host_has(pfr0, 48));
    check_flag(vcpu, ssbs_guest, 1 << 12, host_has(pfr1, 4));
    MUST(vcpu_percpu_put(cpu0()));
    MUST(vcpu_destroy(vcpu));
}

/* ---- Runs ---- */

/* Answers an exit of busy_guest. */
static int answer(struct vcpu *vcpu, int reason)
{
    switch (reason) {
    case VCPU_EXIT_HYPERCALL:
        return vcpu_complete_call(vcpu, 0);
    case VCPU_EXIT_MMIO_READ:
        return vcpu_complete_mmio_read(vcpu, 0);
    case VCPU_EXIT_MMIO_WRITE:
        return vcpu_complete_mmio_write(vcpu);
    case VCPU_EXIT_SYSREG_READ:
        return vcpu_complete_sysreg_read(vcpu, 0);
    case VCPU_EXIT_STAGE2_FAULT: /* LDP: the host would emulate it */
        return vcpu_set_reg(vcpu, VCPU_REG_PC, vcpu->regs.pc + 4);
    default:
        return VCPU_ERR_STATE;
    }
}

static void runs_take_no_memory(struct vcpu_vm *vm, const struct test_vm *t)
{
    unsigned taken, given;
    struct vcpu *v[2];
    bool seen[VCPU_EXIT_REASONS] = {false};

    for (uint16_t i = 0; i < 2; i++) {
        CHECK_EQ(create(vm, i, i, &v[i]), VCPU_OK);
        CHECK_EQ(vcpu_set_ept_root(v[i], vcpu_stage2_root(&t->s2)), VCPU_OK);
        testhost_enter_at(v[i], busy_guest);
        v[i]->regs.x[19] = TEST_HOLE_IPA;
    }
    taken = pages_taken;
    given = pages_given;
    no_memory = true;
    for (unsigned round = 0; round < 60; round++) {
        struct vcpu *vcpu = v[round % 2];
        int reason = testhost_run(vcpu);

        CHECK(reason > 0);
        CHECK_EQ(answer(vcpu, reason), VCPU_OK);
        if (reason > 0)
            seen[reason] = true;
    }
    MUST(vcpu_percpu_put(cpu0()));
    no_memory = false;
    CHECK_EQ(pages_taken, taken);
    CHECK_EQ(pages_given, given);
    CHECK(seen[VCPU_EXIT_HYPERCALL] && seen[VCPU_EXIT_MMIO_READ] && seen[VCPU_EXIT_MMIO_WRITE] &&
          seen[VCPU_EXIT_SYSREG_READ] && seen[VCPU_EXIT_STAGE2_FAULT]);
    MUST(vcpu_destroy(v[0]));
    MUST(vcpu_destroy(v[1]));
}

void host_main(const struct machine *machine)
{
    struct test_vm t;
    struct vcpu_vm *vm;

    (void)machine;
    counted_hooks = testhost_hooks;
    counted_hooks.alloc_pages = counted_alloc;
    counted_hooks.free_pages = counted_free;
    testhost_enable(0);
    testhost_vm(&t, 0);

    test_begin("a VM's configuration: what is wrong with it is told");
    vm_configurations();
    test_begin("each page of a VM goes back");
    CHECK(pages_taken > 0);
    CHECK_EQ(pages_given, pages_taken);

    if (vcpu_vm_create(cpu0(), &counted_config, &vm) != VCPU_OK) {
        test_fail("no VM");
        test_end();
    }
    test_begin("a vCPU's configuration likewise, and how it is found");
    vcpu_configurations(vm);
    test_begin("vcpu_run, vcpu_put and vcpu_destroy at the wrong moment");
    runs_that_cannot_be(vm, &t);
    test_begin("registers that are not there, and PCs that cannot be");
    register_ids(&t);
    test_begin("a PSTATE of EL2, EL3 or AArch32 EL1, or with reserved bits, is refused");
    illegal_pstates(&t);
    test_begin("a PSTATE that a guest was in is accepted");
    pstate_of_a_guest_is_legal(&t);
    test_begin("runs and switches take no memory");
    runs_take_no_memory(vm, &t);
    test_begin("each page of the VM and its vCPUs goes back");
    CHECK_EQ(vcpu_vm_destroy(vm), VCPU_OK);
    CHECK_EQ(pages_given, pages_taken);
    test_end();
}
