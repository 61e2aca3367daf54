/* SPDX-License-Identifier: MIT */
/*
 * The longest time with interrupts masked that a guest can cause by its interrupt controller, in
 * instructions, under icount as in bench.c: one instruction of the guest and all exits that it
 * causes, or one call of the host, in the worst states that there are. Each row is over all SPIs of
 * a small or of the largest controller, all of them pending for the vCPU that does it.
 */
#include "bench.h"
#include "gic_vm.h"

extern const char read_32[], write_32[], write_64[], read_isr[];

/*
 * DESIGN wants 3,000 for each. These are what holds today, independent of the number of SPIs: for
 * what changes one interrupt, or takes one; for what changes up to 16; and up to 32 at once.
 */
#define ONE     3500u
#define SIXTEEN 5450u
#define MANY    11700u

/* In addition, for each vCPU that is told something: from the shared bit to the host's hook. */
#define A_TARGET 300u

#define ALL    0xffffffffu
#define GROUPS 0x080u
#define EDGES  0xc00u

static unsigned spis;

static bool v3(void)
{
    return gic_vm.version == 3;
}

/* One run of vCPU 0 from its entry to a hypercall. */
static uint64_t run(const char *snippet, uint64_t x0, uint64_t x1)
{
    struct vcpu *vcpu = gic_vm.vcpu[0];
    uint64_t start;

    testhost_enter_at(vcpu, snippet);
    vcpu->regs.x[0] = x0;
    vcpu->regs.x[1] = x1;
    start = timer_now();
    gic_vm_run_to_call(vcpu);
    return bench_all_instructions(timer_now() - start);
}

/* Without the run itself. */
static uint64_t cost(const char *snippet, uint64_t x0, uint64_t x1)
{
    uint64_t empty, full;

    guest_do(0, read_isr, 0, 0); /* resident, and nothing is left to do */
    empty = run(read_isr, 0, 0);
    full = run(snippet, x0, x1);
    return full > empty ? full - empty : 0;
}

static void row(const char *name, uint64_t instructions, unsigned bound, unsigned targets)
{
    test_begin(name);
    console_print("%3u SPIs: %-44s %6lu instructions, budget %u", spis, name, instructions,
                  bound + A_TARGET * targets);
    if (targets)
        console_print(", %u told", targets);
    console_print("\n");
    CHECK(instructions <= BUDGET(bound + A_TARGET * targets));
}

static uint64_t max(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

/* Writes all ones, or value, to a word of each bank of SPIs; the most that one of them costs. */
static uint64_t each_bank(uint32_t array, unsigned bytes, uint32_t value)
{
    uint64_t worst = 0;

    for (unsigned n = 1; n <= (spis + 31) / 32; n++)
        worst = max(worst, cost(write_32, GICD + array + n * bytes, value));
    return worst;
}

static void writes(void)
{
    uint64_t worst;

    row("write, reserved register", cost(write_32, GICD + 0xff0, ALL), ONE, 0);
    row("write, nothing changes", each_bank(ISENABLER, 4, ALL), ONE, 0);
    row("ISPENDR, 32 at once", each_bank(ISPENDR, 4, ALL), MANY, 0);
    row("read of ISPENDR", cost(read_32, GICD + ISPENDR + 4, 0), ONE, 0);
    row("read of ISACTIVER", cost(read_32, GICD + ISACTIVER + 4, 0), ONE, 0);
    row("ICENABLER, one", cost(write_32, GICD + ICENABLER + 4, 1u << 7), ONE, 0);
    row("ISENABLER, one", cost(write_32, GICD + ISENABLER + 4, 1u << 7), ONE, 0);
    row("ICENABLER, 32 at once", each_bank(ICENABLER, 4, ALL), MANY, 0);
    row("ISENABLER, 32 at once", each_bank(ISENABLER, 4, ALL), MANY, 0);
    row("IPRIORITYR, 4 at once", each_bank(0x400, 32, 0x40404040), SIXTEEN, 0);
    row("ICFGR, 16 at once", each_bank(EDGES, 8, 0xaaaaaaaa), SIXTEEN, 0);
    row("ICFGR, 16 at once, back", each_bank(EDGES, 8, 0), SIXTEEN, 0);
    if (v3()) {
        row("IGROUPR, 32 at once", each_bank(GROUPS, 4, 0), MANY, 0);
        row("IGROUPR, 32 at once, back", each_bank(GROUPS, 4, ALL), MANY, 0);
    }
    worst = cost(write_32, GICD, 0);
    row("GICD_CTLR", max(worst, cost(write_32, GICD, v3() ? 2 : 1)), ONE, 0);
    row("ISACTIVER, 32 at once", each_bank(ISACTIVER, 4, ALL), MANY, 0);
    row("ICFGR, all active", each_bank(EDGES, 8, 0xaaaaaaaa), SIXTEEN, 0);
    row("ICACTIVER, 32 at once", each_bank(ICACTIVER, 4, ALL), MANY, 0);
    row("ICPENDR, 32 at once", each_bank(ICPENDR, 4, ALL), MANY, 0);
    each_bank(ISPENDR, 4, ALL);
}

/* As many levels of preemption as there are; all SPIs of the lowest priority wait meanwhile. */
static void ends(bool eoimode)
{
    uint64_t acks = 0, eois = 0, dirs = 0;
    unsigned taken = 0;

    each_bank(0x400, 32, 0xf0f0f0f0);
    for (unsigned i = 4; i < 32; i += 4)
        for (unsigned n = 1; n <= (spis + 31) / 32; n++)
            guest_write(0, GICD + 0x400 + 32 * n + i, 4, 0xf0f0f0f0);
    guest_set_eoimode(0, eoimode);
    for (unsigned level = 29; level > 0; level--) {
        guest_set_priority(0, 31 + level, level << 3);
        acks = max(acks, v3() ? cost(read_iar1, 0, 0) : cost(read_32, GICC + 0xc, 0));
        taken++;
    }
    for (unsigned level = 1; level <= taken; level++)
        eois = max(eois, v3() ? cost(write_eoir1, 0, 31 + level)
                              : cost(write_32, GICC + 0x10, 31 + level));
    for (unsigned level = taken; eoimode && level > 0; level--)
        dirs = max(dirs, v3() ? cost(write_dir, 0, 31 + level)
                              : cost(write_32, GICC + 0x1000, 31 + level));
    row(eoimode ? "IAR, 29 nested, EOImode = 1" : "IAR, 29 nested", acks, ONE, 0);
    row(eoimode ? "EOIR, 29 nested, EOImode = 1" : "EOIR, 29 nested", eois, ONE, 0);
    if (eoimode)
        row("DIR, 29 active", dirs, ONE, 0);
    CHECK_EQ(guest_read(0, GICD + ISACTIVER + 4, 4), 0);
    guest_set_eoimode(0, false);
    each_bank(ISPENDR, 4, ALL);
}

/* To other vCPUs, which are in no CPU. */
static void others(void)
{
    unsigned last = gic_vm.vcpus - 1, all = (1u << gic_vm.vcpus) - 1;
    uint64_t worst = 0;

    row("SGI to all vCPUs, by a list",
        v3() ? cost(write_sgi1r, 0, 1 << 24 | all) : cost(write_32, GICD + 0xf00, all << 16 | 1),
        ONE, last);
    for (unsigned v = 1; v <= last; v++)
        guest_do(v, read_isr, 0, 0); /* takes it: the next one is notice again */
    row("SGI to all others",
        v3() ? cost(write_sgi1r, 0, UINT64_C(1) << 40 | 2 << 24)
             : cost(write_32, GICD + 0xf00, 1 << 24 | 2),
        ONE, last);
    row("SGI to vCPUs that do not exist",
        v3() ? cost(write_sgi1r, 0, 1 << 24 | UINT64_C(15) << 44 | 0xffff)
             : cost(write_32, GICD + 0xf00, 0xffu << 24),
        ONE, 0);
    for (unsigned i = 32; i < 32 + spis; i++)
        worst = max(worst, v3() ? cost(write_64, GICD + 0x6000 + 8 * i, 1 + i % last)
                                : cost(write_32, GICD + 0x800 + i / 4 * 4,
                                       i % 8 < 4 ? 0x02040810u : 0x20408002u));
    row("a new target", worst, SIXTEEN, v3() ? 1 : 4);
    row("ICENABLER, 32 of other vCPUs", each_bank(ICENABLER, 4, ALL), MANY, 0);
    row("ISENABLER, 32 of other vCPUs", each_bank(ISENABLER, 4, ALL), MANY, last);
    worst = cost(write_32, GICD, 0);
    row("GICD_CTLR, pending for all vCPUs", max(worst, cost(write_32, GICD, v3() ? 2 : 1)), ONE,
        last);
}

/* The host's own calls. */
static void calls(void)
{
    struct vcpu_percpu *cpu = testhost_percpu(0);
    uint64_t start, worst;

    guest_do(0, read_isr, 0, 0);
    start = timer_now();
    line(0, 32, true);
    worst = timer_now() - start;
    start = timer_now();
    line(0, 32, false);
    row("vcpu_gic_set_line", bench_all_instructions(max(worst, timer_now() - start)), ONE, 0);
    guest_do(0, read_isr, 0, 0);
    start = timer_now();
    CHECK_EQ(vcpu_put(cpu, gic_vm.vcpu[0]), VCPU_OK);
    row("vcpu_put", bench_all_instructions(timer_now() - start), ONE, 0);
    run(read_isr, 0, 0);
    gic_vm_put_all();
    start = run(read_isr, 0, 0);
    row("the first entry after a put", start, ONE, 0);
}

void host_main(const struct machine *machine)
{
    static const unsigned sizes[] = {32, 988};

    gic_vm_host(machine);
    /* Under icount QEMU has something to say about a machine without any timer. */
    timer_set(timer_now() + 3600 * timer_frequency());
    for (unsigned i = 0; i < 2; i++) {
        const struct gic_vm_config config = {.vcpus = machine->gic.version == 3 ? 16 : 8,
                                             .spis = sizes[i]};

        spis = sizes[i];
        gic_vm_open(&config);
        writes();
        ends(false);
        if (v3()) /* without the trap of DIR only as many are active as there are list registers */
            ends(true);
        calls();
        others();
        gic_vm_stop();
    }
    test_end();
}
