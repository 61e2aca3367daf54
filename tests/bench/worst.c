/* SPDX-License-Identifier: MIT */
/*
 * The longest time with interrupts masked that a guest can cause by its interrupt controller, in
 * instructions, under icount as in bench.c: one instruction of the guest and all exits that it
 * causes, or one call of the host, in the worst states that there are. Each row is over all SPIs of
 * a small or of the largest controller, all of them pending for the vCPU that does it.
 *
 * What takes longer is left for an interrupt of the host: how long one waits is measured in the
 * lowest and the highest bank of SPIs.
 */
#include "bench.h"
#include "gic_vm.h"
#include "held.h"
#include "state/state.h"
#include "waits.h"

extern const char read_32[], write_8[], write_32[], write_64[], read_isr[];

#define HELD 1500u

#define ALL        0xffffffffu
#define GROUPS     0x080u
#define EDGES      0xc00u
#define PRIORITIES 0x400u

#define ROUTE   (GICD + 0x6000 + 8 * 32) /* of SPI 32 */
#define TARGETS (GICD + 0x800 + 32)
#define SGIR    (GICD + 0xf00)
#define NOTHING (GICD + 0xff0) /* reserved */

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

/* With interrupts that each of several vCPUs may take, for the wait and for the lock. */
#define SHARED 3500u

static const char *shared = "";

static void row(const char *name, uint64_t instructions, unsigned bound)
{
    test_begin(name);
    if (*shared)
        bound = SHARED;
    console_print("%3u SPIs%s: %-44s %6lu instructions, budget %u\n", spis, shared, name,
                  instructions, bound);
    CHECK(instructions <= BUDGET(bound));
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

/* ---- What is left for the host ---- */

static struct {
    const char *snippet;
    uint64_t address, value;
} undo, redo;

static void go_back(void)
{
    guest_do(0, undo.snippet, undo.address, undo.value);
    guest_do(0, read_isr, 0, 0);
}

static void do_again(void)
{
    guest_do(0, redo.snippet, redo.address, redo.value);
}

static void wait_row(const char *name, uint64_t worst, uint64_t all)
{
    test_begin(name);
    console_print("%3u SPIs%s: %-44s %6lu instructions, budget %u; all of it takes %lu\n", spis,
                  shared, name, worst, WAITS_BOUND, all);
    CHECK(worst <= WAITS_BOUND);
}

/* A write of value to an array, after the other write that makes it change something. */
static void wait(const char *name, uint32_t array, unsigned bytes, uint32_t value,
                 uint32_t other_array, uint32_t other)
{
    uint64_t worst = 0, longest = 0, all;
    unsigned last = (spis + 31) / 32;

    for (unsigned n = 1;; n = last) {
        undo.snippet = redo.snippet = write_32;
        undo.address = GICD + other_array + n * bytes;
        undo.value = other;
        redo.address = GICD + array + n * bytes;
        redo.value = value;
        worst = max(worst, waits_longest(go_back, do_again, &all));
        longest = max(longest, all);
        if (n == last)
            break;
    }
    each_bank(other_array, bytes, other);
    each_bank(array, bytes, value);
    wait_row(name, worst, longest);
}

static void writes(void)
{
    uint64_t worst;

    row("write, reserved register", cost(write_32, GICD + 0xff0, ALL), WAITS_BOUND);
    row("write, nothing changes", each_bank(ISENABLER, 4, ALL), WAITS_BOUND);
    wait("ISPENDR, 32 at once", ISPENDR, 4, ALL, ICPENDR, ALL);
    row("read of ISPENDR", cost(read_32, GICD + ISPENDR + 4, 0), WAITS_BOUND);
    row("read of ISACTIVER", cost(read_32, GICD + ISACTIVER + 4, 0), WAITS_BOUND);
    row("ICENABLER, one", cost(write_32, GICD + ICENABLER + 4, 1u << 7), WAITS_BOUND);
    wait("ISENABLER, one", ISENABLER, 4, 1u << 7, ICENABLER, 1u << 7);
    wait("ICENABLER, 32 at once", ICENABLER, 4, ALL, ISENABLER, ALL);
    wait("ISENABLER, 32 at once", ISENABLER, 4, ALL, ICENABLER, ALL);
    wait("IPRIORITYR, 4 at once", PRIORITIES, 32, 0x40404040, PRIORITIES, 0x80808080);
    wait("ICFGR, 16 at once", EDGES, 8, 0xaaaaaaaa, EDGES, 0);
    wait("ICFGR, 16 at once, back", EDGES, 8, 0, EDGES, 0xaaaaaaaa);
    if (v3()) {
        wait("IGROUPR, 32 at once", GROUPS, 4, 0, GROUPS, ALL);
        wait("IGROUPR, 32 at once, back", GROUPS, 4, ALL, GROUPS, 0);
    }
    worst = cost(write_32, GICD, 0);
    row("GICD_CTLR", max(worst, cost(write_32, GICD, v3() ? 2 : 1)), WAITS_BOUND);
    wait("ISACTIVER, 32 at once", ISACTIVER, 4, ALL, ICACTIVER, ALL);
    wait("ICFGR, all active", EDGES, 8, 0xaaaaaaaa, EDGES, 0);
    wait("ICACTIVER, 32 at once", ICACTIVER, 4, ALL, ISACTIVER, ALL);
    wait("ICPENDR, 32 at once", ICPENDR, 4, ALL, ISPENDR, ALL);
    each_bank(ISPENDR, 4, ALL);
}

/* As many levels of preemption as there are; all SPIs of the lowest priority wait meanwhile. */
static void ends(bool eoimode)
{
    uint64_t acks = 0, eois = 0, worst, all;
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
    row(eoimode ? "IAR, 29 nested, EOImode = 1" : "IAR, 29 nested", acks, WAITS_BOUND);
    row(eoimode ? "EOIR, 29 nested, EOImode = 1" : "EOIR, 29 nested", eois, WAITS_BOUND);
    if (eoimode) {
        undo.snippet = write_32;
        undo.address = GICD + ISACTIVER + 4;
        undo.value = 1u << (taken - 1);
        redo.snippet = write_dir;
        redo.value = 31 + taken;
        worst = waits_longest(go_back, do_again, &all);
        wait_row("DIR, 29 active", worst, all);
        for (unsigned level = taken; level > 0; level--)
            guest_do(0, write_dir, 0, 31 + level);
    }
    CHECK_EQ(guest_read(0, GICD + ISACTIVER + 4, 4), 0);
    guest_set_eoimode(0, false);
    each_bank(ISPENDR, 4, ALL);
}

/* To other vCPUs, which are in no CPU. Each takes what it has, so that the next is notice again. */
static void others_are_up_to_date(void)
{
    for (unsigned v = 1; v < gic_vm.vcpus; v++)
        guest_do(v, read_isr, 0, 0);
    guest_do(0, undo.snippet, undo.address, undo.value);
    for (unsigned v = 1; v < gic_vm.vcpus; v++)
        guest_do(v, read_isr, 0, 0);
    guest_do(0, read_isr, 0, 0);
}

static void wait_for_others(const char *name, const char *snippet, uint64_t address, uint64_t value,
                            uint64_t other_address, uint64_t other)
{
    uint64_t worst, all;

    undo.snippet = redo.snippet = snippet;
    undo.address = other_address;
    undo.value = other;
    redo.address = address;
    redo.value = value;
    worst = waits_longest(others_are_up_to_date, do_again, &all);
    wait_row(name, worst, all);
}

static void others(void)
{
    unsigned last = gic_vm.vcpus - 1, all = (1u << gic_vm.vcpus) - 1;

    if (v3()) {
        wait_for_others("SGI to all vCPUs, by a list", write_sgi1r, 0, 1 << 24 | all, 0, 0);
        wait_for_others("SGI to all others", write_sgi1r, 0, UINT64_C(1) << 40 | 2 << 24, 0, 0);
        wait_for_others("SGI to vCPUs that do not exist", write_sgi1r, 0,
                        1 << 24 | UINT64_C(15) << 44 | 0xffff, 0, 0);
        wait_for_others("a new target", write_64, ROUTE, 1, ROUTE, 2);
    } else {
        wait_for_others("SGI to all vCPUs, by a list", write_32, SGIR, all << 16 | 1, NOTHING, 0);
        wait_for_others("SGI to all others", write_32, SGIR, 1 << 24 | 2, NOTHING, 0);
        wait_for_others("SGI to vCPUs that do not exist", write_32, SGIR, 0xffu << 24, NOTHING, 0);
        wait_for_others("new targets, 4 at once", write_32, TARGETS, 0x02040810, TARGETS,
                        0x20408002);
    }
    for (unsigned i = 32; i < 32 + spis; i++)
        guest_do(0, v3() ? write_64 : write_8, v3() ? ROUTE + 8 * (i - 32) : TARGETS + i - 32,
                 v3() ? 1 + i % last : 2u << i % last);
    wait_for_others("ICENABLER, 32 of other vCPUs", write_32, GICD + ICENABLER + 4, ALL,
                    GICD + ISENABLER + 4, ALL);
    wait_for_others("ISENABLER, 32 of other vCPUs", write_32, GICD + ISENABLER + 4, ALL,
                    GICD + ICENABLER + 4, ALL);
    wait_for_others("GICD_CTLR, pending for all vCPUs", write_32, GICD, 0, GICD, v3() ? 2 : 1);
    wait_for_others("GICD_CTLR, pending for all vCPUs, back", write_32, GICD, v3() ? 2 : 1, GICD,
                    0);
}

static void access_word(uint64_t address, bool write, uint64_t *value)
{
    const struct vcpu_state *v = (const struct vcpu_state *)gic_vm.vcpu[0];

    CHECK(vcpu_device_access(gic_vm.vcpu[0], vcpu_ipa(address), 4, write, value));
    CHECK(!(v->token & TOKEN_NOTIFY)); /* nothing is left for a run */
}

/* As vcpu_emulate makes the accesses of one instruction: each is whole before the next. */
static void two_writes(void)
{
    uint64_t first = ALL, second = 0xf0, pending;

    access_word(GICD + ISPENDR + 4, true, &first);
    access_word(GICD + ICPENDR + 4, true, &second);
    access_word(GICD + ISPENDR + 4, false, &pending);
    CHECK_EQ(pending, ALL & ~0xf0u);
}

/* The host's own calls. */
static void calls(void)
{
    struct vcpu_percpu *cpu = testhost_percpu(0);
    uint64_t start, worst, all;

    undo.snippet = write_32;
    undo.address = GICD + ICPENDR + 4;
    undo.value = ALL;
    worst = waits_longest(go_back, two_writes, &all);
    wait_row("vcpu_device_access, two words", worst, all);
    each_bank(ISPENDR, 4, ALL);
    guest_do(0, read_isr, 0, 0);
    start = timer_now();
    line(0, 32, true);
    worst = timer_now() - start;
    start = timer_now();
    line(0, 32, false);
    row("vcpu_gic_set_line", bench_all_instructions(max(worst, timer_now() - start)), WAITS_BOUND);
    guest_do(0, read_isr, 0, 0);
    start = timer_now();
    CHECK_EQ(vcpu_put(cpu, gic_vm.vcpu[0]), VCPU_OK);
    row("vcpu_put", bench_all_instructions(timer_now() - start), WAITS_BOUND);
    run(read_isr, 0, 0);
    gic_vm_put_all();
    start = run(read_isr, 0, 0);
    if (!*shared) /* or all that are pending get another vCPU, in pieces */
        row("the first entry after a put", start, WAITS_BOUND);
}

/* Each vCPU may take each of them. */
static void share_all(void)
{
    shared = ", shared";
    for (unsigned i = 32; i < 32 + spis; i++)
        guest_do(0, v3() ? write_64 : write_8, v3() ? ROUTE + 8 * (i - 32) : TARGETS + i - 32,
                 v3() ? UINT64_C(1) << 31 : 0xff);
}

void host_main(const struct machine *machine)
{
    static const unsigned sizes[] = {32, 988, 988};

    gic_vm_host(machine);
    waits_init(machine);
    for (unsigned i = 0; i < 3; i++) {
        const struct gic_vm_config config = {
            .vcpus = machine->gic.version == 3 ? 16 : 8, .spis = sizes[i], .shares = i == 2};

        spis = sizes[i];
        gic_vm_open(&config);
        held_begin(gic_vm.gic);
        if (config.shares)
            share_all();
        writes();
        ends(false);
        if (v3()) /* without the trap of DIR only as many are active as there are list registers */
            ends(true);
        calls();
        others();
        row("the longest that the lock is held", held_longest(), HELD);
        gic_vm_stop();
    }
    test_end();
}
