/* SPDX-License-Identifier: MIT */
/*
 * Lines rise at random on one CPU, while two others run four vCPUs that take and end their
 * interrupts, send each other more, route, disable and enable them, wait, and change CPUs. Each
 * line rises again only after it was taken, so that in the end each rise is one interrupt.
 */
#include "gic_storm.h"

#include <stdatomic.h>

#include "arch.h"
#include "cache.h"
#include "gic_vm.h"

extern const char storm_guest[];

#define LOGS_IPA  (TEST_RAM_IPA + 0x100000u)
#define STACK_IPA (TEST_RAM_IPA + 0x200000u)

/* So long, or longer until there was enough of everything: a busy machine is slow. */
#define SECONDS     2 /* or longer, until it is enough */
#define LEAST_RISES 64u
#define LEAST_TURNS 50u

static atomic_bool stop;

/* A vCPU is one CPU's at a time. */
static struct {
    atomic_bool taken;
    bool waits;
} seat[STORM_VCPUS];

static unsigned raised_spi[STORM_SPIS], raised_ppi[STORM_VCPUS][STORM_PPIS];

static uint64_t random_next(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state >> 20;
}

/* ---- What the guests counted ---- */

/* They write with their caches off: past what the host's hold. */
static uint32_t log_of(unsigned v, uint32_t offset)
{
    const uint32_t *word = testhost_ram(&gic_vm.vm, LOGS_IPA + v * STORM_LOG_BYTES + offset);

    cache_invalidate(word, sizeof(*word));
    return __atomic_load_n(word, __ATOMIC_ACQUIRE);
}

static unsigned taken_by(unsigned v, uint32_t intid)
{
    return log_of(v, STORM_TAKEN + 4 * intid);
}

static unsigned taken_by_all(uint32_t intid)
{
    unsigned count = 0;

    for (unsigned v = 0; v < STORM_VCPUS; v++)
        count += taken_by(v, intid);
    return count;
}

/* ---- The CPUs with the guests ---- */

/* true: the vCPU goes on here. */
static bool answer(unsigned v, int reason)
{
    struct vcpu *vcpu = gic_vm.vcpu[v];

    switch (reason) {
    case VCPU_EXIT_IRQ:
        return true;
    case VCPU_EXIT_MMIO_WRITE:
        /* The device's line falls before the guest ends the interrupt. */
        line(0, (uint32_t)vcpu->exit.mmio.data, false);
        MUST(vcpu_complete_mmio_write(vcpu));
        return true;
    case VCPU_EXIT_KICK: /* the end */
        return false;
    case VCPU_EXIT_HYPERCALL:
        CHECK_EQ(vcpu_exit_imm(&vcpu->exit), 1); /* not from a vector */
        MUST(vcpu_complete_call(vcpu, vcpu->regs.x[0]));
        return false;
    case VCPU_EXIT_WFI:
        MUST(vcpu_complete_skip(vcpu));
        seat[v].waits = true;
        return false;
    default:
        console_print("%s, esr 0x%lx at 0x%lx\n", vcpu_exit_name(vcpu->exit.reason),
                      vcpu->exit.esr_el2, vcpu->regs.pc);
        test_fail("an exit that the guest should not make");
        test_end();
    }
}

static void run_guests(void *seed)
{
    uint64_t random = (uintptr_t)seed;

    while (!atomic_load(&stop)) {
        unsigned v = (unsigned)(random_next(&random) % STORM_VCPUS);

        __asm__ volatile("yield");
        if (atomic_exchange(&seat[v].taken, true))
            continue;
        if (!seat[v].waits || vcpu_has_work(gic_vm.vcpu[v])) {
            seat[v].waits = false;
            while (answer(v, gic_vm_run(gic_vm.vcpu[v])) && !atomic_load(&stop))
                ;
            CHECK_EQ(vcpu_put(testhost_percpu(smp_this()->index), gic_vm.vcpu[v]), VCPU_OK);
        }
        atomic_store(&seat[v].taken, false);
    }
}

/* ---- The CPU with the devices ---- */

static bool raise_one(uint64_t random)
{
    unsigned spi = (unsigned)random % STORM_SPIS, v = (unsigned)(random >> 8) % STORM_VCPUS;
    unsigned ppi = (unsigned)(random >> 16) % STORM_PPIS;

    if (random >> 32 & 3) {
        if (taken_by_all(STORM_SPI + spi) != raised_spi[spi])
            return false;
        raised_spi[spi]++;
        line(0, STORM_SPI + spi, true);
        if (STORM_SPI + spi < STORM_LEVEL)
            line(0, STORM_SPI + spi, false);
    } else {
        if (taken_by(v, STORM_PPI + ppi) != raised_ppi[v][ppi])
            return false;
        raised_ppi[v][ppi]++;
        line(v, STORM_PPI + ppi, true);
        line(v, STORM_PPI + ppi, false);
    }
    return true;
}

/* How many are on their way; more taken than raised counts as well. */
static unsigned outstanding(void)
{
    unsigned count = 0;

    for (unsigned i = 0; i < STORM_SPIS; i++)
        count += taken_by_all(STORM_SPI + i) != raised_spi[i];
    for (unsigned v = 0; v < STORM_VCPUS; v++)
        for (unsigned i = 0; i < STORM_PPIS; i++)
            count += taken_by(v, STORM_PPI + i) != raised_ppi[v][i];
    return count;
}

static bool enough(unsigned raised)
{
    for (unsigned v = 0; v < STORM_VCPUS; v++) {
        if (log_of(v, STORM_TURNS) < LEAST_TURNS)
            return false;
        for (unsigned to = 0; to < STORM_VCPUS; to++)
            if (!log_of(v, STORM_SENT + 4 * to))
                return false;
    }
    return raised >= LEAST_RISES;
}

static unsigned rise(void)
{
    uint64_t end = timer_now() + SECONDS * timer_frequency(), patience = testhost_patience();
    uint64_t random = 88172645463325252u;
    unsigned raised = 0;

    while (timer_now() < end || (!enough(raised) && timer_now() < patience)) {
        raised += raise_one(random_next(&random));
        __asm__ volatile("yield");
    }
    (void)TEST_WAIT_FOR(!outstanding());
    return raised;
}

/* ---- All of it ---- */

static void prepare(void)
{
    const struct gic_vm_config config = {
        .vcpus = STORM_VCPUS, .spis = 64, .flags = VCPU_VM_TRAP_WFI};

    gic_vm_open(&config);
    for (unsigned i = 0; i < STORM_SPIS; i++)
        guest_set_edge(0, STORM_SPI + i, STORM_SPI + i < STORM_LEVEL);
    for (unsigned v = 0; v < STORM_VCPUS; v++) {
        for (unsigned i = 0; i < STORM_PPIS; i++) {
            guest_set_edge(v, STORM_PPI + i, true);
            guest_set_priority(v, STORM_PPI + i, 0x20 + 0x10 * i);
        }
        gic_vm_put(v);
    }
    for (unsigned v = 0; v < STORM_VCPUS; v++) {
        struct vcpu *vcpu = gic_vm.vcpu[v];

        testhost_enter_at(vcpu, storm_guest);
        vcpu->regs.x[19] = LOGS_IPA + v * STORM_LOG_BYTES;
        vcpu->regs.x[20] = STACK_IPA + (v + 1) * 0x10000u;
        vcpu->regs.x[21] = LOGS_IPA;
        vcpu->regs.x[22] = v;
        vcpu->regs.x[23] = GICD;
        vcpu->regs.x[24] = gic_vm.version == 2 ? GICC : 0;
        vcpu->regs.x[25] = TEST_HOLE_IPA;
        vcpu->regs.x[28] = 2463534242u + 977 * v;
    }
}

void host_main(const struct machine *machine)
{
    unsigned raised;

    gic_vm_host(machine);
    prepare();
    gic_vm_begin_on_cpu(1, run_guests, (void *)(uintptr_t)362436069u);
    gic_vm_begin_on_cpu(2, run_guests, (void *)(uintptr_t)521288629u);
    raised = rise();

    test_begin("interrupts come and go, and nobody starves");
    CHECK(enough(raised));
    console_print("%u rises, turns %u %u %u %u\n", raised, log_of(0, STORM_TURNS),
                  log_of(1, STORM_TURNS), log_of(2, STORM_TURNS), log_of(3, STORM_TURNS));

    test_begin("each rise of a line is one interrupt, whoever takes it");
    for (unsigned i = 0; i < STORM_SPIS; i++)
        CHECK_EQ(taken_by_all(STORM_SPI + i), raised_spi[i]);
    for (unsigned v = 0; v < STORM_VCPUS; v++)
        for (unsigned i = 0; i < STORM_PPIS; i++)
            CHECK_EQ(taken_by(v, STORM_PPI + i), raised_ppi[v][i]);

    atomic_store(&stop, true);
    for (unsigned v = 0; v < STORM_VCPUS; v++)
        MUST(vcpu_kick(gic_vm.vcpu[v]));
    gic_vm_wait(1);
    gic_vm_wait(2);
    test_begin("each SGI that was sent is one interrupt, but for the last ones");
    for (unsigned from = 0; from < STORM_VCPUS; from++)
        for (unsigned to = 0; to < STORM_VCPUS; to++) {
            unsigned sent = log_of(from, STORM_SENT + 4 * to);

            CHECK(taken_by(to, from) + 1 >= sent && taken_by(to, from) <= sent);
        }

    gic_vm_stop();
    test_end();
}
