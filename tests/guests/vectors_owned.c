/* SPDX-License-Identifier: MIT */
/* The library's own vectors, which a host without vectors gets, from enable to disable. */
#include "vectors_attempt.h"

#include <stddef.h>

#include "arch.h"
#include "fiq.h"
#include "gic.h"
#include "irq.h"

static const struct machine *machine;

/* ---- The hooks ---- */

static struct {
    struct vcpu_host_fault fault;
    unsigned faults, irqs;
    bool brk_in_irq; /* the interrupt's hook faults, too */
    bool is_fiq;
    uint64_t new_spsr; /* 0: as it was */
    uint64_t new_pc;   /* 0: the next instruction */
} hook;

static bool hook_fault(void *ctx, struct vcpu_host_fault *fault)
{
    (void)ctx;
    hook.fault = *fault;
    __atomic_fetch_add(&hook.faults, 1, __ATOMIC_RELEASE);
    if (fault->esr_el2 == ESR_BRK(VECTORS_BRK_STOP))
        return false;
    fault->pc = hook.new_pc ? hook.new_pc : fault->pc + 4;
    if (hook.new_spsr)
        fault->spsr = hook.new_spsr;
    return true;
}

static void brk(void)
{
    __asm__ volatile("brk %0" ::"i"(VECTORS_BRK_HOOK) : "memory");
}

static void hook_irq(void *ctx)
{
    (void)ctx;
    hook.irqs++;
    if (hook.brk_in_irq)
        brk();
    if (hook.is_fiq)
        CHECK(fiq_take(machine));
    else
        irq_handle();
}

static struct vcpu_host hooks;

void owned_init(const struct machine *m)
{
    machine = m;
    hooks = testhost_hooks;
    hooks.irq = hook_irq;
    hooks.fault = hook_fault;
}

static int enable_owned(const struct vcpu_host *host)
{
    const struct vcpu_percpu_config config = {.host = host, .id = smp_this()->index};
    struct vcpu_percpu *cpu = testhost_percpu(smp_this()->index);

    CHECK_EQ(vcpu_percpu_enable(cpu, &config), VCPU_OK);
    return vcpu_percpu_own_vectors(cpu);
}

/* ---- Faults and interrupts of the host ---- */

static void test_owned_faults(void)
{
    struct attempt attempt;

    test_begin("the fault hook is shown a BRK of the host, and the host goes on");
    attempt = attempt_make(vcpu_owned_vectors);
    hook.faults = 0;
    vectors_try(&attempt, try_brk);
    CHECK_EQ(hook.faults, 1);
    CHECK_EQ(hook.fault.esr_el2, ESR_BRK(VECTORS_BRK));
    check_shown(&hook.fault, &attempt, SLOT_SYNC, try_brk_at);
    check_unchanged(&attempt);
    CHECK_EQ(attempt.out_vbar, (uintptr_t)vcpu_owned_vectors);

    test_begin("the fault hook is shown an abort and its address");
    attempt = attempt_make(vcpu_owned_vectors);
    vectors_try(&attempt, try_load);
    CHECK_EQ(hook.faults, 2);
    CHECK_EQ(ESR_EC(hook.fault.esr_el2), EC_DATA_ABORT_SAME);
    CHECK_EQ(hook.fault.far_el2, UNMAPPED);
    check_shown(&hook.fault, &attempt, SLOT_SYNC, try_load_at);
    check_unchanged(&attempt);

    test_begin("faults of a host that has selected SP_EL0");
    attempt = attempt_make(vcpu_owned_vectors);
    vectors_try(&attempt, try_brk_sp0);
    CHECK_EQ(hook.faults, 3);
    CHECK_EQ(hook.fault.esr_el2, ESR_BRK(VECTORS_BRK));
    check_shown(&hook.fault, &attempt, SLOT_SYNC_SP0, try_brk_sp0_at);
    check_unchanged(&attempt);
    vectors_try(&attempt, try_load_sp0);
    CHECK_EQ(hook.faults, 4);
    CHECK_EQ(hook.fault.far_el2, UNMAPPED);
    check_shown(&hook.fault, &attempt, SLOT_SYNC_SP0, try_load_sp0_at);
    check_unchanged(&attempt);

    /* None can be made in QEMU: the slots are entered by hand. */
    test_begin("the fault hook is shown an SError");
    for (unsigned slot = 3; slot < 8; slot += 4) {
        attempt = attempt_make(vcpu_owned_vectors);
        hook.new_pc = (uintptr_t)vectors_back;
        vectors_try(&attempt, vcpu_owned_vectors + slot * 0x80);
        hook.new_pc = 0;
        CHECK_EQ(hook.fault.vector, slot);
        check_registers(hook.fault.x, attempt.x);
        check_unchanged(&attempt);
    }
    CHECK_EQ(hook.faults, 6);

    test_begin("what the fault hook makes of PSTATE is used");
    attempt = attempt_make(vcpu_owned_vectors);
    hook.new_spsr = (attempt.spsr & ~SPSR_FLAGS) | UINT64_C(0x50000000);
    vectors_try(&attempt, try_brk);
    attempt.spsr = hook.new_spsr;
    hook.new_spsr = 0;
    check_unchanged(&attempt);
}

static void test_owned_irqs(void)
{
    struct attempt attempt;
    unsigned taken = testhost_kicks_taken();

    test_begin("the interrupt hook is called for an interrupt of the host");
    attempt = attempt_make(vcpu_owned_vectors);
    hook.irqs = hook.faults = 0;
    gic_send_sgi(0, TEST_KICK_SGI);
    vectors_try(&attempt, try_irq);
    CHECK_EQ(hook.irqs, 1);
    CHECK_EQ(testhost_kicks_taken(), taken + 1);
    check_unchanged(&attempt);

    test_begin("with SP_EL0 selected as well");
    gic_send_sgi(0, TEST_KICK_SGI);
    vectors_try(&attempt, try_irq_sp0);
    CHECK_EQ(hook.irqs, 2);
    CHECK_EQ(testhost_kicks_taken(), taken + 2);
    check_unchanged(&attempt);

    test_begin("the interrupt hook is called for an FIQ of the host");
    fiq_timer(machine, true);
    hook.is_fiq = true;
    timer_set(0);
    vectors_try(&attempt, try_fiq);
    hook.is_fiq = false;
    fiq_timer(machine, false);
    CHECK_EQ(hook.irqs, 3);
    CHECK(!timer_expired());
    check_unchanged(&attempt);

    test_begin("the interrupt hook may fault itself");
    hook.brk_in_irq = true;
    gic_send_sgi(0, TEST_KICK_SGI);
    vectors_try(&attempt, try_irq);
    hook.brk_in_irq = false;
    CHECK_EQ(hook.irqs, 4);
    CHECK_EQ(hook.faults, 1);
    CHECK_EQ(hook.fault.esr_el2, ESR_BRK(VECTORS_BRK_HOOK));
    check_unchanged(&attempt);
}

void test_owned(void)
{
    struct vcpu_percpu *cpu = testhost_percpu(0);
    uint64_t platform = arch_read(vbar_el2);
    static struct vcpu_host others;
    struct vcpu *vcpu;
    struct test_vm t;

    test_begin("a host without vectors gets the library's");
    CHECK_EQ(enable_owned(&hooks), VCPU_OK);
    CHECK_EQ(arch_read(vbar_el2), (uintptr_t)vcpu_owned_vectors);
    test_owned_faults();
    test_owned_irqs();

    test_begin("the library's vectors are back behind vcpu_run");
    testhost_vm(&t, 0);
    vcpu = guest_at(&t, guest_call);
    hook.faults = 0;
    CHECK_EQ(vectors_run_then_brk(cpu, vcpu), VCPU_EXIT_HYPERCALL);
    CHECK_EQ(vcpu_percpu_own_vectors(cpu), VCPU_ERR_STATE); /* a vCPU is resident */
    CHECK_EQ(hook.faults, 1);
    CHECK_EQ(hook.fault.pc, (uintptr_t)vectors_run_then_brk_at);
    testhost_enter_at(vcpu, guest_spin);
    hook.irqs = 0;
    timer_set(timer_now() + timer_frequency() / 1000);
    CHECK_EQ(vectors_run_then_irq(cpu, vcpu), VCPU_EXIT_IRQ);
    CHECK_EQ(hook.irqs, 1);
    CHECK_EQ(arch_read(vbar_el2), (uintptr_t)vcpu_owned_vectors);
    guest_done(vcpu);
    testhost_vm_free(&t);

    test_begin("disabling puts the vectors back that were there");
    CHECK_EQ(vcpu_percpu_disable(cpu), VCPU_OK);
    CHECK_EQ(arch_read(vbar_el2), platform);

    test_begin("the library's vectors serve one host only");
    others = hooks;
    CHECK_EQ(enable_owned(&others), VCPU_ERR_INVALID);
    CHECK_EQ(arch_read(vbar_el2), platform);
    CHECK_EQ(vcpu_percpu_disable(cpu), VCPU_OK);
    CHECK_EQ(arch_read(vbar_el2), platform);

    test_begin("a second call changes nothing, and disabling still puts the first vectors back");
    CHECK_EQ(enable_owned(&hooks), VCPU_OK);
    CHECK_EQ(vcpu_percpu_own_vectors(cpu), VCPU_OK);
    CHECK_EQ(vcpu_percpu_disable(cpu), VCPU_OK);
    CHECK_EQ(arch_read(vbar_el2), platform);

    test_begin("a host that comes back without the call keeps its own vectors");
    testhost_enable(0);
    CHECK_EQ(arch_read(vbar_el2), platform);
    CHECK_EQ(vcpu_percpu_disable(cpu), VCPU_OK);
    CHECK_EQ(arch_read(vbar_el2), platform);

    test_begin("the library's vectors need an enabled CPU and a hook for interrupts");
    CHECK_EQ(vcpu_percpu_own_vectors(NULL), VCPU_ERR_INVALID);
    CHECK_EQ(vcpu_percpu_own_vectors(cpu), VCPU_ERR_STATE);
    others.irq = NULL;
    CHECK_EQ(enable_owned(&others), VCPU_ERR_INVALID);
    CHECK_EQ(vcpu_percpu_disable(cpu), VCPU_OK);
}

/* ---- A CPU that cannot go on ---- */

static struct {
    int enabled;
    bool started, went_on;
    unsigned irqs;
} broken;

static void broken_cpu(unsigned index)
{
    (void)index;
    testhost_gic();
    broken.enabled = enable_owned(&hooks);
    __atomic_store_n(&broken.started, true, __ATOMIC_RELEASE);
    arch_irq_enable();
    __asm__ volatile("brk %0" ::"i"(VECTORS_BRK_STOP) : "memory");
    __atomic_store_n(&broken.went_on, true, __ATOMIC_RELEASE);
}

void test_stop(void)
{
    uint64_t end;

    test_begin("a CPU whose fault the hook cannot mend stops, with interrupts masked");
    hook.faults = hook.irqs = 0;
    CHECK_EQ(smp_count(), 2);
    CHECK(smp_start(broken_cpu));
    CHECK(TEST_WAIT_FOR(__atomic_load_n(&hook.faults, __ATOMIC_ACQUIRE) != 0));
    CHECK(__atomic_load_n(&broken.started, __ATOMIC_ACQUIRE));
    CHECK_EQ(broken.enabled, VCPU_OK);
    CHECK_EQ(hook.faults, 1);
    gic_send_sgi(1, TEST_KICK_SGI);
    end = timer_now() + timer_frequency() / 50;
    while (timer_now() < end)
        arch_sev();
    CHECK_EQ(hook.irqs, 0);
    CHECK_EQ(hook.faults, 1);
    CHECK(!__atomic_load_n(&broken.went_on, __ATOMIC_ACQUIRE));
}
