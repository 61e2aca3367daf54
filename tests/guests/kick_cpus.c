/* SPDX-License-Identifier: MIT */

#include "kick_cpus.h"

const struct machine *machine;

static void pause(void)
{
    __asm__ volatile("yield" ::: "memory");
}

void spend(uint64_t ticks)
{
    uint64_t end = timer_now() + ticks;

    while (timer_now() < end)
        pause();
}

void open_window(void)
{
    uint64_t daif = arch_read(daif);

    arch_irq_enable();
    arch_isb();
    arch_write(daif, daif);
}

/* ---- Hooks ---- */

volatile unsigned hook_irqs, hook_kicks, timer_handled;

bool timer_is_fiq;

void hook_irq(void *ctx)
{
    (void)ctx;
    hook_irqs++;
    if (!timer_is_fiq)
        irq_handle();
    else if (fiq_take(machine))
        timer_handled++;
}

void hook_kick(void *ctx, uint64_t cpu)
{
    hook_kicks++;
    testhost_hooks.send_kick(ctx, cpu);
}

struct vcpu_host hooks, hooks_without_kick;

int enable_with(const struct vcpu_host *host, uint32_t flags)
{
    unsigned index = smp_this()->index;
    const struct vcpu_percpu_config config = {.host = host, .id = index, .flags = flags};

    return vcpu_percpu_enable(testhost_percpu(index), &config);
}

/* ---- The other CPU, which does one thing after the other ---- */

struct other other;

void other_main(unsigned index)
{
    (void)index;
    testhost_gic();
    for (;;) {
        void (*job)(void) = __atomic_load_n(&other.todo, __ATOMIC_ACQUIRE);

        if (job) {
            job();
            __atomic_store_n(&other.todo, NULL, __ATOMIC_RELEASE);
        }
        pause();
    }
}

bool other_is_done(void)
{
    return __atomic_load_n(&other.todo, __ATOMIC_ACQUIRE) == NULL;
}

void other_start(void (*job)(void))
{
    __atomic_store_n(&other.todo, job, __ATOMIC_RELEASE);
}

void other_finish(void)
{
    if (TEST_WAIT_FOR(other_is_done()))
        return;
    test_fail("the other CPU does not come back from its guest");
    test_end();
}

void other_do(void (*job)(void))
{
    other_start(job);
    other_finish();
}

static void job_enable(void)
{
    other.result = enable_with(other.host, other.flags);
}

static void job_disable(void)
{
    other.result = vcpu_percpu_disable(testhost_percpu(1));
}

void job_put(void)
{
    other.result = vcpu_put(testhost_percpu(1), other.vcpu);
}

void job_run(void)
{
    other.result = testhost_run(other.vcpu);
    other.hook_irqs = hook_irqs;
    other.sgi_pending = gic_is_pending(TEST_KICK_SGI);
    other.handled_before = testhost_kicks_taken();
    open_window();
    other.handled_after = testhost_kicks_taken();
}

void other_enable(const struct vcpu_host *host, uint32_t flags)
{
    other.host = host;
    other.flags = flags;
    other_do(job_enable);
    CHECK_EQ(other.result, VCPU_OK);
}

void other_disable(void)
{
    other_do(job_disable);
    CHECK_EQ(other.result, VCPU_OK);
}

/* ---- The guest ---- */

void guest_make(struct guest *guest, uint32_t vm_flags, const char *entry)
{
    testhost_vm(&guest->vm, vm_flags);
    guest->vcpu = testhost_vcpu(&guest->vm, 0);
    guest->memory = testhost_ram(&guest->vm, COUNTER_IPA);
    testhost_enter_at(guest->vcpu, entry);
    guest->vcpu->regs.x[1] = COUNTER_IPA;
    guest->vcpu->regs.x[3] = TEST_HOLE_IPA;
    other.vcpu = guest->vcpu;
}

uint64_t guest_count(const struct guest *guest)
{
    const uint64_t *count = &guest->memory[KICK_COUNT / 8];

    cache_invalidate(count, sizeof(*count));
    return __atomic_load_n(count, __ATOMIC_ACQUIRE);
}

void guest_go(const struct guest *guest)
{
    uint64_t *go = &guest->memory[KICK_GO / 8];

    *go = 1;
    cache_clean(go, sizeof(*go));
}

bool guest_moves(const struct guest *guest)
{
    uint64_t before = guest_count(guest);

    return TEST_WAIT_FOR(guest_count(guest) != before);
}

void guest_start(const struct guest *guest)
{
    other_start(job_run);
    CHECK(guest_moves(guest));
}

void guest_free(struct guest *guest)
{
    CHECK_EQ(vcpu_percpu_put(testhost_percpu(0)), VCPU_OK);
    if (vcpu_destroy(guest->vcpu) == VCPU_ERR_BUSY) {
        other_do(job_put);
        CHECK_EQ(other.result, VCPU_OK);
    }
    testhost_vm_free(&guest->vm);
}
