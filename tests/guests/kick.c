/* SPDX-License-Identifier: MIT */
/*
 * What takes a guest away from its CPU: a kick from another CPU, an IRQ, an FIQ. And what does not:
 * another CPU that wants to run it.
 */
#include "kick_cpus.h"

/* ---- Interrupts ---- */

static void timer_handler(void)
{
    timer_handled++;
    timer_clear();
}

/* A guest that spins until the EL2 timer ends it: `reason`, on a CPU with these flags. */
static void timer_ends_guest(uint32_t flags, int reason)
{
    bool has_hook = flags & VCPU_PERCPU_IRQ_HOOK;
    uint64_t delay = timer_frequency() / 1000;
    unsigned handled, irqs;
    struct guest guest;

    CHECK_EQ(vcpu_percpu_disable(testhost_percpu(0)), VCPU_OK);
    CHECK_EQ(enable_with(&hooks, flags), VCPU_OK);
    guest_make(&guest, 0, kick_spin);
    /* On a slow machine the timer may be due before the guest's first instruction. */
    do {
        timer_clear();
        handled = timer_handled;
        irqs = hook_irqs;
        timer_set(timer_now() + delay);
        CHECK_EQ(testhost_run(guest.vcpu), reason);
        delay *= 2;
    } while (guest_count(&guest) == 0 && delay < 60 * timer_frequency());
    CHECK(guest_count(&guest) != 0);
    CHECK_EQ(guest.vcpu->exit.esr_el2, 0); /* an interrupt has no syndrome */
    CHECK_EQ(timer_handled, handled + has_hook);
    CHECK_EQ(hook_irqs, irqs + has_hook);
    CHECK_EQ(gic_is_pending(machine->hyp_timer_intid), !has_hook);
    if (!has_hook) {
        if (reason == VCPU_EXIT_IRQ)
            open_window();
        else
            hook_irq(NULL);
        CHECK_EQ(timer_handled, handled + 1);
    }
    CHECK(!gic_is_pending(machine->hyp_timer_intid));
    guest_free(&guest);
    CHECK_EQ(vcpu_percpu_disable(testhost_percpu(0)), VCPU_OK);
    CHECK_EQ(enable_with(&hooks, 0), VCPU_OK);
}

static void test_interrupts(void)
{
    struct guest guest;

    test_begin("an IRQ ends a spinning guest, and is left pending");
    timer_ends_guest(0, VCPU_EXIT_IRQ);
    test_begin("an IRQ ends a spinning guest, and the hook takes it");
    timer_ends_guest(VCPU_PERCPU_IRQ_HOOK, VCPU_EXIT_IRQ);
    test_begin("an FIQ ends a spinning guest, and is left pending");
    timer_is_fiq = true;
    fiq_timer(machine, true);
    timer_ends_guest(0, VCPU_EXIT_FIQ);
    test_begin("an FIQ ends a spinning guest, and the hook takes it");
    timer_ends_guest(VCPU_PERCPU_IRQ_HOOK, VCPU_EXIT_FIQ);
    timer_is_fiq = false;
    fiq_timer(machine, false);

    test_begin("an interrupt that is pending already ends the run before the guest moves far");
    guest_make(&guest, 0, kick_spin);
    timer_set(timer_now());
    CHECK_EQ(testhost_run(guest.vcpu), VCPU_EXIT_IRQ);
    CHECK_EQ(testhost_run(guest.vcpu), VCPU_EXIT_IRQ);
    open_window();
    CHECK(!timer_expired());
    guest_free(&guest);
}

/* As for the rest of an SGI, which the library has left for the interrupt. */
static void test_hook_before_entry(void)
{
    unsigned handled = timer_handled, irqs = hook_irqs;
    struct guest guest;

    test_begin("a run that a kick ends before the guest is entered calls the hook, too");
    CHECK_EQ(vcpu_percpu_disable(testhost_percpu(0)), VCPU_OK);
    CHECK_EQ(enable_with(&hooks, VCPU_PERCPU_IRQ_HOOK), VCPU_OK);
    guest_make(&guest, 0, kick_spin);
    timer_set(timer_now());
    CHECK_EQ(vcpu_kick(guest.vcpu), VCPU_OK);
    CHECK_EQ(testhost_run(guest.vcpu), VCPU_EXIT_KICK);
    CHECK_EQ(hook_irqs, irqs + 1);
    CHECK_EQ(timer_handled, handled + 1);
    CHECK_EQ(guest_count(&guest), 0);
    guest_free(&guest);
    CHECK_EQ(vcpu_percpu_disable(testhost_percpu(0)), VCPU_OK);
    CHECK_EQ(enable_with(&hooks, 0), VCPU_OK);
}

/* ---- Many kicks ---- */

static struct {
    uint64_t sent; /* kicks, by number */
    uint64_t seen; /* the last one sent when a VCPU_EXIT_KICK came */
    uint64_t exits;
    bool stop;
    int unexpected;
} storm;

/* Numbers that are spread enough; the same at each start. */
static uint64_t random_next(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state >> 11;
}

/* A host's loop with pauses of all lengths, puts, interrupts masked or not, between its runs. */
static void job_storm(void)
{
    struct vcpu_percpu *cpu = testhost_percpu(1);
    struct vcpu *vcpu = other.vcpu;
    uint64_t state = 88172645463325252u;

    while (!__atomic_load_n(&storm.stop, __ATOMIC_ACQUIRE)) {
        uint64_t random = random_next(&state), daif = arch_read(daif);
        int reason;

        if (random % 32 >= 16)
            arch_irq_enable();
        reason = vcpu_run(cpu, vcpu);
        arch_write(daif, daif);
        if (reason == VCPU_EXIT_KICK) {
            uint64_t sent = __atomic_load_n(&storm.sent, __ATOMIC_ACQUIRE);

            storm.exits++;
            __atomic_store_n(&storm.seen, sent, __ATOMIC_RELEASE);
        } else if (reason == VCPU_EXIT_HYPERCALL) {
            MUST(vcpu_complete_call(vcpu, 0));
        } else if (reason == VCPU_EXIT_MMIO_READ) {
            MUST(vcpu_complete_mmio_read(vcpu, 0));
        } else if (reason != VCPU_EXIT_IRQ) {
            storm.unexpected = reason;
            return;
        }
        if (random % 16 == 0)
            spend(random / 16 % 512);
        if (random % 16 == 1)
            MUST(vcpu_put(cpu, vcpu));
        if (random % 4 != 3 || reason == VCPU_EXIT_IRQ)
            open_window();
    }
}

#define STORM_LEAST 50

/* `count` kicks, up to `burst` in a row, each row waited for. */
static void storm_run(const struct vcpu_host *host, uint32_t flags, unsigned count, unsigned burst)
{
    uint64_t state = 2463534242u, end = timer_now() + timer_frequency();
    struct guest guest;
    bool lost = false;

    storm.sent = storm.seen = storm.exits = 0;
    storm.stop = false;
    storm.unexpected = 0;
    other_enable(host, flags);
    guest_make(&guest, 0, kick_mixed);
    other_start(job_storm);
    /* A busy machine needs milliseconds for each: then fewer must do. */
    while (storm.sent < count && !lost && (storm.sent < STORM_LEAST || timer_now() < end)) {
        uint64_t row = 1 + random_next(&state) % burst;

        for (uint64_t i = 0; i < row; i++) {
            spend(random_next(&state) % 1024);
            __atomic_store_n(&storm.sent, storm.sent + 1, __ATOMIC_RELEASE);
            MUST(vcpu_kick(guest.vcpu));
        }
        lost = !TEST_WAIT_FOR(__atomic_load_n(&storm.seen, __ATOMIC_ACQUIRE) == storm.sent);
    }
    CHECK(!lost);
    __atomic_store_n(&storm.stop, true, __ATOMIC_RELEASE);
    MUST(vcpu_kick(guest.vcpu));
    other_finish();
    CHECK_EQ(storm.unexpected, 0);
    /* The last one was for the end, and may have been one too late. */
    CHECK(storm.exits >= (burst == 1 ? storm.sent : 1) && storm.exits <= storm.sent + 1);
    guest_free(&guest);
    other_disable();
}

static void test_storm(void)
{
    test_begin("of kicks at any moment each makes one exit");
    storm_run(&hooks, 0, 3000, 1);
    test_begin("so it is with a hook for interrupts");
    storm_run(&hooks, VCPU_PERCPU_IRQ_HOOK, 3000, 1);
    test_begin("of rows of kicks the last one always makes an exit");
    storm_run(&hooks, 0, 3000, 4);
}

void host_main(const struct machine *m)
{
    machine = m;
    hooks = testhost_hooks;
    hooks.irq = hook_irq;
    hooks.send_kick = hook_kick;
    hooks_without_kick = hooks;
    hooks_without_kick.send_kick = NULL;

    gic_find(machine);
    gic_init();
    testhost_gic();
    irq_register(machine->hyp_timer_intid, timer_handler);
    gic_enable(machine->hyp_timer_intid);
    test_begin("two CPUs");
    CHECK_EQ(smp_count(), 2);
    CHECK(smp_start(other_main));
    CHECK_EQ(enable_with(&hooks, 0), VCPU_OK);

    test_kick_spinning();
    test_kick_with_hook();
    test_kick_not_running();
    test_kick_without_interrupt();
    test_kick_of_direct_guest();
    test_busy();
    test_interrupts();
    test_hook_before_entry();
    test_storm();
    test_end();
}
