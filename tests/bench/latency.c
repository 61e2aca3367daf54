/* SPDX-License-Identifier: MIT */
/*
 * How long it takes from a call on this CPU until it has taken effect on the other one, in
 * instructions of both. Each call is made when the other CPU is in the guest, or asleep for it.
 * Both ends of the time are counts of one counter: the guest's has no offset.
 *
 * The design has no budgets for these. Theirs are a little more than was measured.
 */
#include <vcpu/device.h>

#include "bench.h"
#include "cache.h"
#include "string.h"
#include "vm.h"

extern const char bench_runner[], bench_running_v2[], bench_running_v3[], bench_waiting_v2[],
    bench_waiting_v3[];

#define SPI 32u

/* Sums of counts are wanted at each phase of a tick, or they would all be off by the same. */
#define TICK 16u

static struct {
    struct vcpu *vcpu;
    /* CPU 1's, when vcpu_run came back for a kick. */
    volatile uint64_t back_at;
    volatile unsigned backs;
    volatile bool asleep;
    volatile bool stop;
} other;

/* Under icount it lets the other CPU go on. */
static void pause(void)
{
    __asm__ volatile("yield" ::: "memory");
}

/* A number of instructions that is different modulo TICK for each `round` modulo TICK. */
static void shift_phase(unsigned round)
{
    uint64_t loops = round % TICK + 1;

    __asm__ volatile("1: nop\n\tsubs %0, %0, #1\n\tb.ne 1b" : "+r"(loops)::"cc");
}

/* ---- The other CPU ---- */

/* Sleeps with the vCPU in its registers. The order is that of vcpu_has_work. */
static void wait_for_work(void)
{
    bench_vm.waiting = other.vcpu;
    while (!vcpu_has_work(other.vcpu)) {
        other.asleep = true;
        arch_wfi();
        bench_take_irq(other.vcpu);
    }
    other.asleep = false;
    bench_vm.waiting = NULL;
    vcpu_complete_skip(other.vcpu);
}

static void run_other(void)
{
    while (!other.stop) {
        int reason = vcpu_run(testhost_percpu(1), other.vcpu);

        if (reason == VCPU_EXIT_IRQ) {
            bench_take_irq(other.vcpu);
        } else if (reason == VCPU_EXIT_WFI) {
            wait_for_work();
        } else if (reason == VCPU_EXIT_KICK) {
            other.back_at = timer_now();
            bench_take_irq(other.vcpu);
            other.backs++;
        } else {
            bench_unexpected(other.vcpu);
        }
    }
}

/* A word that the guest writes with its caches off. */
static uint64_t word(unsigned index)
{
    const uint64_t *words = testhost_ram(&bench_vm.t, BENCH_WORDS);

    cache_invalidate(&words[index], sizeof(*words));
    return __atomic_load_n(&words[index], __ATOMIC_RELAXED);
}

#define COUNT 0
#define TIME  1

static void await_change(unsigned index, uint64_t from)
{
    do
        pause();
    while (word(index) == from);
}

static void begin(const char *snippet, uint32_t flags)
{
    void *words;

    bench_vm_open(flags);
    words = testhost_ram(&bench_vm.t, BENCH_WORDS);
    memset(words, 0, 16);
    cache_clean(words, 16);
    bench_vm.wakes = 0;
    other.stop = false;
    other.vcpu = bench_vcpu(1, snippet);
    bench_other_begin(run_other);
    await_change(TIME, 0);
}

static void end(void)
{
    other.stop = true;
    vcpu_kick(other.vcpu);
    bench_other_wait();
    bench_vm_close();
}

/* ---- The rows ---- */

static void kick_row(void)
{
    uint64_t sum = 0;

    begin(bench_runner, 0);
    for (unsigned i = 0; i < BENCH_COUNT; i++) {
        unsigned before = other.backs;
        uint64_t start;

        await_change(TIME, word(TIME)); /* it is in the guest again */
        shift_phase(i);
        start = timer_now();
        vcpu_kick(other.vcpu);
        while (other.backs == before)
            pause();
        sum += other.back_at - start;
    }
    end();
    bench_row("kick, until vcpu_run is back", bench_instructions(sum), BUDGET(200));
}

/* It has been told that the other CPU is asleep: that one does not stop in between. */
static void await_sleep(void)
{
    while (!other.asleep)
        pause();
    pause();
}

static void interrupt_row(const char *name, const char *snippet, uint32_t flags, uint64_t budget)
{
    const bool waits = flags & VCPU_VM_TRAP_WFI;
    uint64_t sum = 0;

    begin(snippet, flags);
    for (unsigned i = 0; i < BENCH_COUNT; i++) {
        uint64_t start;

        if (waits)
            await_sleep();
        shift_phase(i);
        start = timer_now();
        vcpu_gic_set_line(bench_vm.gic, SPI, true);
        await_change(COUNT, i);
        sum += word(TIME) - start;
        vcpu_gic_set_line(bench_vm.gic, SPI, false);
    }
    test_begin("as many interrupts, and calls of the wake hook, as lines");
    CHECK_EQ(word(COUNT), BENCH_COUNT);
    CHECK_EQ(bench_vm.wakes, waits ? BENCH_COUNT : 0);
    end();
    bench_row(name, bench_instructions(sum) - BENCH_HANDLER - BENCH_NOTE, budget);
}

void bench_latency(void)
{
    const bool v3 = bench_vm.v3;

    kick_row();
    interrupt_row("SPI to a vCPU on another CPU", v3 ? bench_running_v3 : bench_running_v2, 0,
                  BUDGET(1750));
    interrupt_row("SPI to a vCPU that waits", v3 ? bench_waiting_v3 : bench_waiting_v2,
                  VCPU_VM_TRAP_WFI, BUDGET(1750));
}
