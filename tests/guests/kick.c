/* SPDX-License-Identifier: MIT */
/*
 * What takes a guest away from its CPU: a kick from another CPU, an IRQ, an FIQ. And what does not:
 * another CPU that wants to run it.
 */
#include "kick.h"

#include <stddef.h>

#include "arch.h"
#include "cache.h"
#include "fiq.h"
#include "gic.h"
#include "irq.h"
#include "testhost.h"

extern const char kick_spin[], kick_wfi[], kick_mmio[], kick_then_call[], kick_then_psci[],
    kick_mixed[];

/* The guest's place for counting, behind the snippets. */
#define COUNTER_IPA (TEST_RAM_IPA + 0x10000)

static const struct machine *machine;

static void pause(void)
{
    __asm__ volatile("yield" ::: "memory");
}

static void spend(uint64_t ticks)
{
    uint64_t end = timer_now() + ticks;

    while (timer_now() < end)
        pause();
}

/* Takes what is pending, as a host that unmasks its interrupts does. */
static void open_window(void)
{
    uint64_t daif = arch_read(daif);

    arch_irq_enable();
    arch_isb();
    arch_write(daif, daif);
}

/* ---- Hooks ---- */

static volatile unsigned hook_irqs, hook_kicks, timer_handled;
static bool timer_is_fiq;

static void hook_irq(void *ctx)
{
    (void)ctx;
    hook_irqs++;
    if (!timer_is_fiq)
        irq_handle();
    else if (fiq_take(machine))
        timer_handled++;
}

static void hook_kick(void *ctx, uint64_t cpu)
{
    hook_kicks++;
    testhost_hooks.send_kick(ctx, cpu);
}

static struct vcpu_host hooks, hooks_without_kick;

static int enable_with(const struct vcpu_host *host, uint32_t flags)
{
    unsigned index = smp_this()->index;
    const struct vcpu_percpu_config config = {.host = host, .id = index, .flags = flags};

    return vcpu_percpu_enable(testhost_percpu(index), &config);
}

/* ---- The other CPU, which does one thing after the other ---- */

static struct {
    void (*todo)(void);
    /* What a job is given and what it gives back. */
    struct vcpu *vcpu;
    const struct vcpu_host *host;
    uint32_t flags;
    int result;
    bool sgi_pending;        /* when vcpu_run was back */
    unsigned hook_irqs;      /* at the same moment */
    unsigned handled_before; /* kick SGIs that the handler has taken: then, */
    unsigned handled_after;  /* and after interrupts were unmasked */
} other;

static void other_main(unsigned index)
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

static bool other_is_done(void)
{
    return __atomic_load_n(&other.todo, __ATOMIC_ACQUIRE) == NULL;
}

static void other_start(void (*job)(void))
{
    __atomic_store_n(&other.todo, job, __ATOMIC_RELEASE);
}

/* Without the other CPU there is nothing left to test. */
static void other_finish(void)
{
    if (TEST_WAIT_FOR(other_is_done()))
        return;
    test_fail("the other CPU does not come back from its guest");
    test_end();
}

static void other_do(void (*job)(void))
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

static void job_put(void)
{
    other.result = vcpu_put(testhost_percpu(1), other.vcpu);
}

static void job_run(void)
{
    other.result = testhost_run(other.vcpu);
    other.hook_irqs = hook_irqs;
    other.sgi_pending = gic_is_pending(TEST_KICK_SGI);
    other.handled_before = testhost_kicks_taken();
    open_window();
    other.handled_after = testhost_kicks_taken();
}

static void other_enable(const struct vcpu_host *host, uint32_t flags)
{
    other.host = host;
    other.flags = flags;
    other_do(job_enable);
    CHECK_EQ(other.result, VCPU_OK);
}

static void other_disable(void)
{
    other_do(job_disable);
    CHECK_EQ(other.result, VCPU_OK);
}

/* ---- The guest ---- */

struct guest {
    struct test_vm vm;
    struct vcpu *vcpu;
    uint64_t *memory; /* at COUNTER_IPA */
};

static void guest_make(struct guest *guest, uint32_t vm_flags, const char *entry)
{
    testhost_vm(&guest->vm, vm_flags);
    guest->vcpu = testhost_vcpu(&guest->vm, 0);
    guest->memory = testhost_ram(&guest->vm, COUNTER_IPA);
    testhost_enter_at(guest->vcpu, entry);
    guest->vcpu->regs.x[1] = COUNTER_IPA;
    guest->vcpu->regs.x[3] = TEST_HOLE_IPA;
    other.vcpu = guest->vcpu;
}

/* It writes with its caches off: past what the host's hold. */
static uint64_t guest_count(const struct guest *guest)
{
    const uint64_t *count = &guest->memory[KICK_COUNT / 8];

    cache_invalidate(count, sizeof(*count));
    return __atomic_load_n(count, __ATOMIC_ACQUIRE);
}

static void guest_go(const struct guest *guest)
{
    uint64_t *go = &guest->memory[KICK_GO / 8];

    *go = 1;
    cache_clean(go, sizeof(*go));
}

/* It is in its loop, in this very moment. */
static bool guest_moves(const struct guest *guest)
{
    uint64_t before = guest_count(guest);

    return TEST_WAIT_FOR(guest_count(guest) != before);
}

/* The other CPU runs it, and it is there. */
static void guest_start(const struct guest *guest)
{
    other_start(job_run);
    CHECK(guest_moves(guest));
}

static void guest_free(struct guest *guest)
{
    CHECK_EQ(vcpu_percpu_put(testhost_percpu(0)), VCPU_OK);
    if (vcpu_destroy(guest->vcpu) == VCPU_ERR_BUSY) {
        other_do(job_put);
        CHECK_EQ(other.result, VCPU_OK);
    }
    testhost_vm_free(&guest->vm);
}

/* ---- Kicks ---- */

static void test_kick_spinning(void)
{
    struct guest guest;
    unsigned kicks = hook_kicks;

    test_begin("a kick takes a spinning guest off another CPU");
    other_enable(&hooks, 0);
    guest_make(&guest, 0, kick_spin);
    guest_start(&guest);
    CHECK_EQ(vcpu_kick(guest.vcpu), VCPU_OK);
    other_finish();
    CHECK_EQ(other.result, VCPU_EXIT_KICK);
    CHECK_EQ(guest.vcpu->exit.reason, VCPU_EXIT_KICK);
    CHECK_EQ(hook_kicks, kicks + 1);
    CHECK_EQ(guest.vcpu->regs.x[2], guest_count(&guest));

    test_begin("without a hook for interrupts the kick's is pending, and the host takes it");
    CHECK(other.sgi_pending);
    CHECK_EQ(other.handled_after, other.handled_before + 1);

    test_begin("a kicked guest goes on where it was");
    guest_start(&guest);
    MUST(vcpu_kick(guest.vcpu));
    other_finish();
    CHECK_EQ(other.result, VCPU_EXIT_KICK);
    CHECK(guest.vcpu->regs.x[2] == guest_count(&guest));
    guest_free(&guest);

    test_begin("a kick wakes a guest that waits in WFI");
    guest_make(&guest, 0, kick_wfi);
    other_start(job_run);
    CHECK(TEST_WAIT_FOR(guest_count(&guest) != 0));
    spend(timer_frequency() / 1000);
    MUST(vcpu_kick(guest.vcpu));
    other_finish();
    CHECK_EQ(other.result, VCPU_EXIT_KICK);
    guest_free(&guest);
    other_disable();
}

static void test_kick_with_hook(void)
{
    struct guest guest;
    unsigned irqs = hook_irqs;

    test_begin("with a hook for interrupts it has been called when vcpu_run returns");
    other_enable(&hooks, VCPU_PERCPU_IRQ_HOOK);
    guest_make(&guest, 0, kick_spin);
    guest_start(&guest);
    MUST(vcpu_kick(guest.vcpu));
    other_finish();
    CHECK_EQ(other.result, VCPU_EXIT_KICK);
    CHECK_EQ(other.hook_irqs, irqs + 1);
    CHECK(!other.sgi_pending);
    CHECK_EQ(other.handled_after, other.handled_before);
    guest_free(&guest);
    other_disable();
}

static void test_kick_not_running(void)
{
    unsigned kicks = hook_kicks;
    struct guest guest;

    test_begin("a kick before the first run: it returns at once, and the guest has not moved");
    guest_make(&guest, 0, kick_mmio);
    CHECK_EQ(vcpu_kick(guest.vcpu), VCPU_OK);
    CHECK_EQ(hook_kicks, kicks); /* no CPU has it */
    CHECK_EQ(testhost_run(guest.vcpu), VCPU_EXIT_KICK);
    CHECK_EQ(guest.vcpu->regs.pc, testhost_ipa(kick_mmio));
    CHECK_EQ(guest.vcpu->exit.esr_el2, 0);

    test_begin("a kick while the host handles another exit is not lost, and neither is the exit");
    CHECK_EQ(testhost_run(guest.vcpu), VCPU_EXIT_MMIO_READ);
    MUST(vcpu_kick(guest.vcpu));
    CHECK_EQ(guest.vcpu->exit.reason, VCPU_EXIT_MMIO_READ);
    CHECK_EQ(vcpu_complete_mmio_read(guest.vcpu, 0x55), VCPU_OK);
    CHECK_EQ(testhost_run(guest.vcpu), VCPU_EXIT_KICK);
    CHECK_EQ(guest.vcpu->regs.x[4], 0x55);
    CHECK_EQ(guest.vcpu->regs.pc, testhost_ipa(kick_mmio) + 4);
    CHECK_EQ(guest_count(&guest), 0);
    open_window();

    test_begin("two kicks are one");
    MUST(vcpu_kick(guest.vcpu));
    MUST(vcpu_kick(guest.vcpu));
    CHECK_EQ(testhost_run(guest.vcpu), VCPU_EXIT_KICK);
    open_window();
    CHECK_EQ(testhost_run(guest.vcpu), VCPU_EXIT_HYPERCALL);
    CHECK_EQ(guest.vcpu->regs.x[2], 1);

    test_begin("a kick of a vCPU that was put");
    CHECK_EQ(vcpu_put(testhost_percpu(0), guest.vcpu), VCPU_OK);
    kicks = hook_kicks;
    MUST(vcpu_kick(guest.vcpu));
    CHECK_EQ(hook_kicks, kicks);
    testhost_enter_at(guest.vcpu, kick_spin);
    CHECK_EQ(testhost_run(guest.vcpu), VCPU_EXIT_KICK);
    CHECK_EQ(guest.vcpu->regs.x[2], 1);

    test_begin("a kick is kept over vcpu_put");
    MUST(vcpu_kick(guest.vcpu));
    CHECK_EQ(vcpu_put(testhost_percpu(0), guest.vcpu), VCPU_OK);
    open_window();
    CHECK_EQ(testhost_run(guest.vcpu), VCPU_EXIT_KICK);
    CHECK_EQ(guest.vcpu->regs.x[2], 1);

    test_begin("a kick needs a vCPU");
    CHECK_EQ(vcpu_kick(NULL), VCPU_ERR_INVALID);
    guest_free(&guest);
}

static void test_kick_without_interrupt(void)
{
    struct guest guest;
    uint64_t count;

    test_begin("without send_kick the guest goes on until its next exit, and then is kicked");
    other_enable(&hooks_without_kick, 0);
    guest_make(&guest, 0, kick_then_call);
    guest_start(&guest);
    CHECK_EQ(vcpu_kick(guest.vcpu), VCPU_OK);
    spend(timer_frequency() / 1000);
    CHECK(guest_moves(&guest));
    CHECK(!other_is_done());
    guest_go(&guest);
    other_finish();
    CHECK_EQ(other.result, VCPU_EXIT_HYPERCALL);
    CHECK_EQ(vcpu_complete_call(guest.vcpu, 0), VCPU_OK);
    other_do(job_run);
    CHECK_EQ(other.result, VCPU_EXIT_KICK);
    guest_free(&guest);

    test_begin("an exit that the library answers itself lets the kick out");
    guest_make(&guest, 0, kick_then_psci);
    guest_start(&guest);
    MUST(vcpu_kick(guest.vcpu));
    guest_go(&guest);
    other_finish();
    CHECK_EQ(other.result, VCPU_EXIT_KICK);
    CHECK(guest.vcpu->regs.x[0] >> 16 == 1); /* PSCI's major version: the call was answered */
    count = guest_count(&guest);
    other_do(job_run);
    CHECK_EQ(other.result, VCPU_EXIT_HYPERCALL);
    CHECK_EQ(vcpu_exit_imm(&guest.vcpu->exit), KICK_CALL);
    CHECK_EQ(guest_count(&guest), count);
    guest_free(&guest);
    other_disable();
}

/* A guest that owns the interrupts would take the kick's for one of its devices. */
static void test_kick_of_direct_guest(void)
{
    unsigned kicks = hook_kicks;
    struct guest guest;

    test_begin("a kick sends no interrupt to a guest that owns them; it comes at the next exit");
    other_enable(&hooks, 0);
    guest_make(&guest, VCPU_VM_DIRECT_IRQ, kick_then_psci);
    guest_start(&guest);
    CHECK_EQ(vcpu_kick(guest.vcpu), VCPU_OK);
    CHECK_EQ(hook_kicks, kicks);
    CHECK(guest_moves(&guest));
    guest_go(&guest);
    other_finish();
    CHECK_EQ(other.result, VCPU_EXIT_KICK);
    CHECK(!other.sgi_pending);
    guest_free(&guest);
    other_disable();
}

/* ---- One vCPU, two CPUs ---- */

static void test_busy(void)
{
    struct vcpu_percpu *cpu = testhost_percpu(0);
    struct guest guest;

    test_begin("a vCPU that runs on another CPU cannot be run here");
    other_enable(&hooks, 0);
    guest_make(&guest, 0, kick_spin);
    guest_start(&guest);
    CHECK_EQ(testhost_run(guest.vcpu), VCPU_ERR_BUSY);
    CHECK_EQ(vcpu_put(cpu, guest.vcpu), VCPU_ERR_STATE);
    CHECK_EQ(vcpu_destroy(guest.vcpu), VCPU_ERR_BUSY);
    CHECK(guest_moves(&guest));
    MUST(vcpu_kick(guest.vcpu));
    other_finish();
    CHECK_EQ(other.result, VCPU_EXIT_KICK);

    test_begin("nor one whose state is in another CPU's registers, until it is put there");
    CHECK_EQ(testhost_run(guest.vcpu), VCPU_ERR_BUSY);
    /* A kick neither gets around that nor is lost by it. */
    MUST(vcpu_kick(guest.vcpu));
    CHECK_EQ(testhost_run(guest.vcpu), VCPU_ERR_BUSY);
    other_do(job_put);
    CHECK_EQ(other.result, VCPU_OK);
    CHECK_EQ(testhost_run(guest.vcpu), VCPU_EXIT_KICK);
    other_do(job_run);
    CHECK_EQ(other.result, VCPU_ERR_BUSY);
    CHECK_EQ(vcpu_put(cpu, guest.vcpu), VCPU_OK);
    guest_free(&guest);
    other_disable();
}

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
            vcpu_complete_call(vcpu, 0);
        } else if (reason == VCPU_EXIT_MMIO_READ) {
            vcpu_complete_mmio_read(vcpu, 0);
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
    test_storm();
    test_end();
}
