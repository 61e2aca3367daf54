/* SPDX-License-Identifier: MIT */
#include "testhost.h"

#include <stddef.h>

#include "arch.h"
#include "cache.h"
#include "exit.h"
#include "gic.h"
#include "irq.h"
#include "string.h"

static struct vcpu_percpu percpu[PLATFORM_MAX_CPUS];
static volatile unsigned kicks_taken;
static uint16_t next_vmid = 1;

static vcpu_pa_t alloc_pages(void *ctx, size_t count)
{
    (void)ctx;
    return vcpu_pa(memory_alloc(count, count * MEMORY_PAGE_SIZE));
}

static void free_pages(void *ctx, vcpu_pa_t pa, size_t count)
{
    (void)ctx;
    memory_free(pa.value, count);
}

static void *phys_to_virt(void *ctx, vcpu_pa_t pa)
{
    (void)ctx;
    return (void *)pa.value;
}

static void send_kick(void *ctx, uint64_t cpu)
{
    (void)ctx;
    gic_send_sgi((unsigned)cpu, TEST_KICK_SGI);
}

static struct vcpu *volatile woken;

static void wake(void *ctx, struct vcpu *vcpu)
{
    (void)ctx;
    woken = vcpu;
}

static void take_irq(void *ctx)
{
    (void)ctx;
    irq_handle();
}

const struct vcpu_host testhost_hooks = {
    .alloc_pages = alloc_pages,
    .free_pages = free_pages,
    .phys_to_virt = phys_to_virt,
    .send_kick = send_kick,
    .wake = wake,
    .irq = take_irq,
};

struct vcpu_percpu *testhost_percpu(unsigned cpu)
{
    return &percpu[cpu];
}

void testhost_enable(uint32_t flags)
{
    const struct vcpu_percpu_config config = {
        .host = &testhost_hooks, .id = smp_this()->index, .flags = flags};
    int error = vcpu_percpu_enable(&percpu[smp_this()->index], &config);

    if (error)
        exit_panic("vcpu_percpu_enable: %s", vcpu_error_string(error));
}

static void kick_handler(void)
{
    kicks_taken++;
}

void testhost_gic(void)
{
    gic_init_cpu();
    irq_register(TEST_KICK_SGI, kick_handler);
    gic_enable(TEST_KICK_SGI);
}

unsigned testhost_kicks_taken(void)
{
    return kicks_taken;
}

struct vcpu *testhost_woken(void)
{
    struct vcpu *vcpu = woken;

    woken = NULL;
    return vcpu;
}

void testhost_vm_with(struct test_vm *t, struct vcpu_vm_config config)
{
    struct vcpu_percpu *cpu = &percpu[smp_this()->index];
    int error;

    if (!config.host)
        config.host = &testhost_hooks;
    config.vmid = next_vmid++;
    if (!config.max_vcpus)
        config.max_vcpus = 8;
    error = vcpu_vm_create(cpu, &config, &t->vm);
    if (error)
        exit_panic("vcpu_vm_create: %s", vcpu_error_string(error));
    MUST(vcpu_vm_stage2_create(t->vm, &t->s2));
    t->ram = memory_alloc(TEST_RAM_SIZE / MEMORY_PAGE_SIZE, 0x200000);
    if (t->ram == MEMORY_NONE)
        exit_panic("no memory for a guest");
    memset((void *)t->ram, 0, TEST_RAM_SIZE);
    memcpy((void *)t->ram, snippets_start, (size_t)(snippets_end - snippets_start));
    cache_clean((const void *)t->ram, TEST_RAM_SIZE);
    error = vcpu_stage2_map(&t->s2, vcpu_ipa(TEST_RAM_IPA), vcpu_pa(t->ram), TEST_RAM_SIZE,
                            VCPU_S2_RWX);
    if (error)
        exit_panic("vcpu_stage2_map: %s", vcpu_error_string(error));
}

void testhost_vm(struct test_vm *t, uint32_t flags)
{
    testhost_vm_with(t, (struct vcpu_vm_config){.flags = flags});
}

void testhost_vm_free(struct test_vm *t)
{
    struct vcpu_percpu *cpu = &percpu[smp_this()->index];

    if (vcpu_percpu_features(cpu)) /* enabled */
        MUST(vcpu_percpu_put(cpu));
    for (size_t i = 0; i < 16; i++) {
        struct vcpu *vcpu = vcpu_vm_vcpu(t->vm, i);

        if (vcpu)
            MUST(vcpu_destroy(vcpu));
    }
    MUST(vcpu_vm_destroy(t->vm));
    MUST(vcpu_stage2_destroy(&t->s2));
    memory_free(t->ram, TEST_RAM_SIZE / MEMORY_PAGE_SIZE);
}

struct vcpu *testhost_vcpu(struct test_vm *t, uint16_t index)
{
    const struct vcpu_config config = {.index = index, .mpidr = index};
    struct vcpu *vcpu;
    int error = vcpu_create(t->vm, &config, &vcpu);

    if (!error)
        error = vcpu_set_ept_root(vcpu, vcpu_stage2_root(&t->s2));
    if (error)
        exit_panic("vcpu_create: %s", vcpu_error_string(error));
    return vcpu;
}

uint64_t testhost_ipa(const char *snippet)
{
    return TEST_RAM_IPA + (uint64_t)(snippet - snippets_start);
}

void testhost_enter_at(struct vcpu *vcpu, const char *snippet)
{
    int error = vcpu_set_entry(vcpu, vcpu_ipa(testhost_ipa(snippet)));

    if (error)
        exit_panic("vcpu_set_entry: %s", vcpu_error_string(error));
}

void *testhost_ram(const struct test_vm *t, uint64_t ipa)
{
    return (void *)(t->ram + (ipa - TEST_RAM_IPA));
}

int testhost_run(struct vcpu *vcpu)
{
    return vcpu_run(&percpu[smp_this()->index], vcpu);
}

uint64_t testhost_reg(const struct vcpu *vcpu, uint32_t id)
{
    uint64_t value = 0;

    CHECK_EQ(vcpu_get_reg(vcpu, id, &value), VCPU_OK);
    return value;
}

void testhost_set_reg(struct vcpu *vcpu, uint32_t id, uint64_t value)
{
    CHECK_EQ(vcpu_set_reg(vcpu, id, value), VCPU_OK);
}

/* Either CNTV_CTL_EL0, or with E2H = 1 CNTV_CTL_EL02; and so on. */
#define READ_EL0_TIMER(crm, op2)                                                                   \
    (arch_is_vhe() ? arch_read(S3_5_C14_C##crm##_##op2) : arch_read(S3_3_C14_C##crm##_##op2))

uint64_t testhost_cntv_ctl(void)
{
    return READ_EL0_TIMER(3, 1);
}

uint64_t testhost_cntv_cval(void)
{
    return READ_EL0_TIMER(3, 2);
}

uint64_t testhost_cntp_ctl(void)
{
    return READ_EL0_TIMER(2, 1);
}

uint64_t testhost_patience(void)
{
    return timer_now() + 600 * timer_frequency();
}

/* ---- The other CPU ---- */

static void (*_Atomic other_job)(void); /* what it is to do; NULL: it has done it */

_Noreturn void testhost_serve(void)
{
    for (;;) {
        void (*job)(void) = other_job;

        if (job) {
            job();
            other_job = NULL;
            arch_sev();
        } else {
            arch_wfe();
        }
    }
}

void testhost_begin_on_other(void (*job)(void))
{
    other_job = job;
    arch_sev();
}

void testhost_wait_for_other(void)
{
    while (other_job)
        arch_wfe();
}

void testhost_on_other(void (*job)(void))
{
    testhost_begin_on_other(job);
    testhost_wait_for_other();
}
