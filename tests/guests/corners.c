/* SPDX-License-Identifier: MIT */
/* Where two things meet: a kick and a new root, a kick and what the host would miss, and so on. */
#include "testhost.h"

#include "arch.h"

extern const char corner_vectors[], hvc_forever[], load_forever[], call[], smc_with_patterns[],
    store[];
int run_with_patterns(struct vcpu_percpu *cpu, struct vcpu *vcpu);
uint64_t read_x18(void);

#define ROUTING (UINT64_C(0x38) | UINT64_C(1) << 27 | UINT64_C(1) << 34)

static struct vcpu_percpu *cpu;

static void a_kick_and_a_new_root(void)
{
    struct test_vm vm;
    struct vcpu_stage2 empty;
    const struct vcpu_features *has = vcpu_percpu_features(cpu);
    const uint64_t hcr = arch_read(hcr_el2); /* the host's own */
    struct vcpu *vcpu;

    testhost_vm(&vm, 0);
    vcpu = testhost_vcpu(&vm, 0);
    testhost_enter_at(vcpu, hvc_forever);
    test_begin("a new root is in force after a kick that is reported first");
    CHECK_EQ(testhost_run(vcpu), VCPU_EXIT_HYPERCALL);
    MUST(vcpu_complete_call(vcpu, 0));
    CHECK_EQ(vcpu_stage2_create(&empty, &testhost_hooks, vcpu_vm_ipa_bits(vm.vm), has->pa_bits,
                                has->vmid_bits, vcpu_vm_vmid(vm.vm)),
             VCPU_OK);
    CHECK_EQ(vcpu_set_ept_root(vcpu, vcpu_stage2_root(&empty)), VCPU_OK);
    MUST(vcpu_kick(vcpu));
    CHECK_EQ(testhost_run(vcpu), VCPU_EXIT_KICK);
    CHECK_EQ(testhost_run(vcpu), VCPU_EXIT_STAGE2_FAULT);
    CHECK_EQ(vcpu->exit.fault.access, VCPU_ACCESS_EXECUTE);
    test_begin("and the old one again, with nothing left of the other in the TLB");
    CHECK_EQ(vcpu_set_ept_root(vcpu, vcpu_stage2_root(&vm.s2)), VCPU_OK);
    CHECK_EQ(testhost_run(vcpu), VCPU_EXIT_HYPERCALL);
    MUST(vcpu_complete_call(vcpu, 0));
    test_begin("and after a put between the new root and the next run");
    CHECK_EQ(vcpu_set_ept_root(vcpu, vcpu_stage2_root(&empty)), VCPU_OK);
    MUST(vcpu_percpu_put(cpu));
    CHECK_EQ(arch_read(hcr_el2), hcr);
    CHECK_EQ(testhost_run(vcpu), VCPU_EXIT_STAGE2_FAULT);
    MUST(vcpu_percpu_put(cpu));
    CHECK_EQ(vcpu_stage2_destroy(&empty), VCPU_OK);
    testhost_vm_free(&vm);
}

/* The TLB that has it is the guest's; a VHE host has one of its own, and the same instructions. */
static void a_page_that_is_unmapped(void)
{
    struct test_vm vm;
    struct vcpu *vcpu;

    test_begin("a page that is unmapped is out of the TLB of the guest that is in the CPU");
    testhost_vm(&vm, 0);
    vcpu = testhost_vcpu(&vm, 0);
    testhost_enter_at(vcpu, load_forever);
    vcpu->regs.x[0] = TEST_HOLE_IPA;
    CHECK_EQ(vcpu_stage2_map(&vm.s2, vcpu_ipa(TEST_HOLE_IPA),
                             vcpu_pa((uintptr_t)testhost_ram(&vm, TEST_RAM_IPA + 0x200000)),
                             VCPU_PAGE_SIZE, VCPU_S2_RW),
             VCPU_OK);
    CHECK_EQ(testhost_run(vcpu), VCPU_EXIT_HYPERCALL);
    MUST(vcpu_complete_call(vcpu, 0));
    CHECK_EQ(vcpu_stage2_unmap(&vm.s2, vcpu_ipa(TEST_HOLE_IPA), VCPU_PAGE_SIZE), VCPU_OK);
    vcpu->regs.x[0] = TEST_HOLE_IPA;
    CHECK_EQ(testhost_run(vcpu), VCPU_EXIT_MMIO_READ);
    CHECK_EQ(vcpu->exit.ipa.value, TEST_HOLE_IPA);
    MUST(vcpu_percpu_put(cpu));
    testhost_vm_free(&vm);
}

static void a_kick_before_the_first_run(void)
{
    struct test_vm vm;
    struct vcpu *vcpu;
    uint64_t hcr = arch_read(hcr_el2), before;

    test_begin("a kick of a direct VM that is reported at once leaves the host its interrupts");
    testhost_vm(&vm, VCPU_VM_DIRECT_IRQ);
    vcpu = testhost_vcpu(&vm, 0);
    testhost_enter_at(vcpu, hvc_forever);
    MUST(vcpu_kick(vcpu));
    CHECK_EQ(testhost_run(vcpu), VCPU_EXIT_KICK);
    CHECK_EQ(arch_read(hcr_el2) & ROUTING, hcr & ROUTING);
    CHECK_EQ(testhost_run(vcpu), VCPU_EXIT_HYPERCALL);
    CHECK_EQ(arch_read(hcr_el2) & ROUTING, hcr & ROUTING);
    CHECK(arch_read(hcr_el2) & 1); /* VM: stage 2 stays on while the guest's tables are there */
    testhost_vm_free(&vm);
    CHECK_EQ(arch_read(hcr_el2), hcr);

    test_begin("a kick of a VM with a counter offset leaves the host its count");
    testhost_vm_with(&vm, (struct vcpu_vm_config){.counter_offset = UINT64_C(1) << 40});
    vcpu = testhost_vcpu(&vm, 0);
    testhost_enter_at(vcpu, hvc_forever);
    before = arch_read(cntvct_el0);
    MUST(vcpu_kick(vcpu));
    CHECK_EQ(testhost_run(vcpu), VCPU_EXIT_KICK);
    CHECK(arch_read(cntvct_el0) - before < UINT64_C(1) << 39); /* half of the offset */
    testhost_vm_free(&vm);
}

static uint64_t seen_x18, seen_sp_el0, seen_tpidr_el0;

static bool policy(void *ctx, struct vcpu *vcpu, uint32_t function_id)
{
    (void)ctx;
    (void)vcpu;
    (void)function_id;
    seen_x18 = read_x18();
    seen_sp_el0 = arch_read(sp_el0);
    seen_tpidr_el0 = arch_read(tpidr_el0);
    return false;
}

static void hooks_see_the_host(void)
{
    struct test_vm vm;
    struct vcpu *vcpu;

    test_begin("a hook in an exit finds the host's x18, SP_EL0 and TPIDR_EL0, not the guest's");
    testhost_vm_with(&vm, (struct vcpu_vm_config){.allow_smc = policy});
    vcpu = testhost_vcpu(&vm, 0);
    testhost_enter_at(vcpu, smc_with_patterns);
    vcpu->regs.x[0] = 0x82000001;
    CHECK_EQ(run_with_patterns(cpu, vcpu), VCPU_EXIT_HYPERCALL);
    CHECK_EQ(vcpu->exit.smc, 1);
    CHECK_EQ(seen_x18, 0x7018);
    CHECK_EQ(seen_sp_el0, 0x7000);
    CHECK_EQ(seen_tpidr_el0, 0x7001);
    CHECK_EQ(vcpu->regs.x[18], 0x1818);
    CHECK_EQ(vcpu_complete_call(vcpu, 0), VCPU_OK);
    CHECK_EQ(testhost_run(vcpu), VCPU_EXIT_HYPERCALL);
    CHECK_EQ(vcpu->regs.x[1], 0x5150);
    CHECK_EQ(vcpu->regs.x[2], 0x5150);
    testhost_vm_free(&vm);
}

static void ask_for_cpu_up(struct vcpu *vcpu)
{
    testhost_enter_at(vcpu, call);
    vcpu->regs.x[0] = 0xc4000003;
    vcpu->regs.x[1] = 1;
    vcpu->regs.x[2] = testhost_ipa(hvc_forever);
    vcpu->regs.x[3] = 0x33;
}

static void cpu_up_again(void)
{
    const struct vcpu_config off = {.index = 1, .mpidr = 1, .off = true};
    struct test_vm vm;
    struct vcpu *vcpu, *other, *target;

    testhost_vm(&vm, 0);
    vcpu = testhost_vcpu(&vm, 0);
    other = testhost_vcpu(&vm, 2);
    CHECK_EQ(vcpu_create(vm.vm, &off, &target), VCPU_OK);
    CHECK_EQ(vcpu_set_ept_root(target, vcpu_stage2_root(&vm.s2)), VCPU_OK);

    test_begin("a CPU_UP that is not answered comes out again, also after a kick");
    ask_for_cpu_up(vcpu);
    CHECK_EQ(testhost_run(vcpu), VCPU_EXIT_CPU_UP);
    CHECK_EQ(testhost_run(vcpu), VCPU_EXIT_CPU_UP);
    MUST(vcpu_kick(vcpu));
    CHECK_EQ(testhost_run(vcpu), VCPU_EXIT_KICK);
    CHECK_EQ(testhost_run(vcpu), VCPU_EXIT_CPU_UP);
    CHECK(vcpu->exit.cpu_up.target == target);
    test_begin("another caller meanwhile is told ON_PENDING, and the target cannot be destroyed");
    ask_for_cpu_up(other);
    CHECK_EQ(testhost_run(other), VCPU_EXIT_HYPERCALL);
    CHECK_EQ(vcpu_exit_imm(&other->exit), 0xd);
    CHECK_EQ(other->regs.x[0], (uint64_t)-5);
    CHECK_EQ(vcpu_destroy(target), VCPU_ERR_BUSY);
    test_begin("an exception instead of an answer leaves the target off");
    CHECK_EQ(vcpu_put(cpu, other), VCPU_OK);
    CHECK_EQ(vcpu_inject_undefined(vcpu), VCPU_OK);
    CHECK_EQ(vcpu_power(target), VCPU_POWER_OFF);
    ask_for_cpu_up(other);
    CHECK_EQ(testhost_run(other), VCPU_EXIT_CPU_UP);
    test_begin("a caller that is destroyed leaves the target off, whatever came out after CPU_UP");
    MUST(vcpu_kick(other));
    CHECK_EQ(testhost_run(other), VCPU_EXIT_KICK);
    CHECK_EQ(vcpu_power(target), VCPU_POWER_ON_PENDING);
    CHECK_EQ(vcpu_put(cpu, other), VCPU_OK);
    CHECK_EQ(vcpu_destroy(other), VCPU_OK);
    CHECK_EQ(vcpu_power(target), VCPU_POWER_OFF);
    testhost_vm_free(&vm);
}

static void a_store_that_is_aborted(void)
{
    struct test_vm vm;
    struct vcpu *vcpu;

    test_begin("an injected abort of a store says that it was a write");
    testhost_vm(&vm, 0);
    vcpu = testhost_vcpu(&vm, 0);
    testhost_enter_at(vcpu, store);
    MUST(vcpu_set_reg(vcpu, VCPU_REG_SYSREG + VCPU_SYSREG(3, 0, 12, 0, 0),
                      testhost_ipa(corner_vectors)));
    vcpu->regs.x[0] = TEST_HOLE_IPA;
    CHECK_EQ(testhost_run(vcpu), VCPU_EXIT_MMIO_WRITE);
    CHECK_EQ(vcpu_inject_data_abort(vcpu, vcpu->exit.far_el2), VCPU_OK);
    CHECK_EQ(testhost_run(vcpu), VCPU_EXIT_HYPERCALL);
    CHECK_EQ(vcpu->regs.x[10], 0x96000050);
    testhost_vm_free(&vm);
}

static struct vcpu *second_vcpu;
static volatile int results[4];
static volatile unsigned second_done;

/* On the second CPU, with the first one's block. */
static void second_cpu(unsigned index)
{
    (void)index;
    results[0] = vcpu_run(cpu, second_vcpu);
    results[1] = vcpu_put(cpu, second_vcpu);
    results[2] = vcpu_percpu_put(cpu);
    results[3] = vcpu_percpu_disable(cpu);
    second_done = 1;
}

static void another_cpus_block(void)
{
    struct test_vm vm;

    test_begin("a block of another CPU is refused");
    testhost_vm(&vm, 0);
    second_vcpu = testhost_vcpu(&vm, 0);
    testhost_enter_at(second_vcpu, hvc_forever);
    if (!smp_start(second_cpu))
        test_fail("the second CPU does not start");
    while (!second_done)
        __asm__ volatile("yield");
    CHECK_EQ(results[0], VCPU_ERR_INVALID);
    CHECK_EQ(results[1], VCPU_ERR_STATE);
    CHECK_EQ(results[2], VCPU_ERR_INVALID);
    CHECK_EQ(results[3], VCPU_ERR_STATE);
    CHECK_EQ(testhost_run(second_vcpu), VCPU_EXIT_HYPERCALL);
    testhost_vm_free(&vm);
}

void host_main(const struct machine *machine)
{
    (void)machine;
    testhost_enable(0);
    cpu = testhost_percpu(0);
    a_kick_and_a_new_root();
    a_page_that_is_unmapped();
    a_kick_before_the_first_run();
    hooks_see_the_host();
    cpu_up_again();
    a_store_that_is_aborted();
    another_cpus_block();
    test_end();
}
