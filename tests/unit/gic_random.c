/* SPDX-License-Identifier: MIT */
#include "gic_random.h"
#include "gic_queues.h"

unsigned below(struct run *run, unsigned limit)
{
    return (unsigned)((random64(&run->random) >> 20) % limit);
}

struct irq *irq_of(struct run *run, unsigned v, uint32_t intid)
{
    return intid < 32 ? &run->own[v][intid] : &run->spi[intid - 32];
}

bool is_pending(const struct irq *irq)
{
    return irq->latch || irq->sources || (!irq->edge && (irq->line || irq->message));
}

unsigned running(const struct run *run, unsigned v)
{
    unsigned lowest = 0x100;

    for (unsigned i = 0; i < run->depth[v]; i++)
        if (run->stack_priority[v][i] < lowest)
            lowest = run->stack_priority[v][i];
    return lowest;
}

bool is_signalled(struct run *run, unsigned v, uint32_t intid)
{
    const struct irq *irq = irq_of(run, v, intid);

    return is_pending(irq) && !irq->active && irq->enabled && (run->ctlr >> irq->group & 1) &&
           (run->vmcr[v] >> irq->group & 1) && (intid < 32 || is_for(irq, v)) &&
           irq->priority < run->vmcr[v] >> 24 && irq->priority < running(run, v);
}

unsigned best_priority(struct run *run, unsigned v, bool surely)
{
    unsigned best = 0x100;

    for (uint32_t intid = 0; intid < INTIDS; intid++)
        if (is_signalled(run, v, intid) && irq_of(run, v, intid)->priority < best &&
            !(surely && others_may_have(run, v, intid)))
            best = irq_of(run, v, intid)->priority;
    return best;
}

void ensure_on(struct run *run, unsigned v)
{
    unsigned cpu = below(run, run->cpus);

    if (machine.on[v] != NOWHERE)
        return;
    for (unsigned other = 0; other < run->vcpus; other++)
        if (machine.on[other] == cpu)
            put(run, other);
    machine_load(v, cpu);
    forward(run);
}

uint64_t bank_base(const struct run *run, unsigned v, unsigned n)
{
    return run->version == 3 && n == 0 ? SGIS(v) : GICD_BASE;
}

void write_bits(struct run *run, unsigned v, unsigned home, unsigned array, unsigned n,
                uint32_t value)
{
    machine_write(v, bank_base(run, home, n) + array + 4 * n, 4, value);
    for (unsigned i = 0; i < 32 && 32 * n + i < INTIDS; i++) {
        struct irq *irq = irq_of(run, home, 32 * n + i);
        bool v2_sgi = run->version == 2 && 32 * n + i < 16;
        bool bit = value >> i & 1;

        if (array == 0x80)
            irq->group = bit;
        if (!bit)
            continue;
        if (array == 0x100)
            irq->enabled = true;
        if (array == 0x180)
            irq->enabled = false;
        if (array == 0x200 && !v2_sgi) {
            irq->latch = true;
            irq->raised++;
        }
        if (array == 0x280 && !v2_sgi)
            irq->latch = false;
    }
}

void check_bits(struct run *run, unsigned v, unsigned home, unsigned array, unsigned n)
{
    uint32_t value = (uint32_t)machine_read(v, bank_base(run, home, n) + array + 4 * n, 4);
    uint32_t expected = 0;

    for (unsigned i = 0; i < 32 && 32 * n + i < INTIDS; i++) {
        const struct irq *irq = irq_of(run, home, 32 * n + i);
        bool bit = array == 0x80                      ? irq->group
                   : array == 0x100 || array == 0x180 ? irq->enabled
                   : array == 0x200 || array == 0x280 ? is_pending(irq)
                                                      : irq->active;

        /* The source of a PPI of a vCPU elsewhere is not asked. */
        if (n == 0 && home != v && is_forwarded(run, i) && (array == 0x200 || array == 0x280))
            bit = value >> i & 1;
        expected |= (uint32_t)bit << i;
    }
    assert_int_equal(value, expected);
}

void access_bits(struct run *run, unsigned v)
{
    static const unsigned arrays[] = {0x80, 0x100, 0x100, 0x100, 0x180, 0x200, 0x280, 0x300, 0x380};
    unsigned array = arrays[below(run, sizeof(arrays) / sizeof(arrays[0]))];
    unsigned n = below(run, (INTIDS + 31) / 32);
    unsigned home = run->version == 3 ? below(run, run->vcpus) : v;

    if (!run->late && (below(run, 2) || array >= 0x300)) {
        /* What another vCPU has done with its list registers is told from the second time on. */
        machine_read(v, bank_base(run, home, n) + array + 4 * n, 4);
        machine_settle();
        check_bits(run, v, home, array, n);
    } else if (array < 0x300 && !(run->late && array != 0x100)) {
        uint32_t value = (uint32_t)random64(&run->random);

        if (array != 0x100)
            value &= (uint32_t)random64(&run->random) & (uint32_t)random64(&run->random);
        write_bits(run, v, home, array, n, value);
    }
}

void access_priority(struct run *run, unsigned v)
{
    uint32_t intid = below(run, INTIDS);
    unsigned home = run->version == 3 ? below(run, run->vcpus) : v;
    uint64_t address = bank_base(run, home, intid / 32) + 0x400 + intid;
    unsigned priority = below(run, 256);

    machine_write(v, address, 1, priority);
    irq_of(run, home, intid)->priority = priority & 0xf8;
    assert_int_equal(machine_read(v, address, 1), priority & 0xf8);
}

void access_config(struct run *run, unsigned v)
{
    uint32_t intid = 16 + below(run, INTIDS - 16);
    unsigned shift = 2 * (intid % 16) + 1;
    unsigned home = run->version == 3 ? below(run, run->vcpus) : v;
    uint64_t address = bank_base(run, home, intid / 32) + 0xc00 + intid / 16 * 4;
    bool edge = below(run, 2);
    uint32_t value = (uint32_t)machine_read(v, address, 4);

    if (is_forwarded(run, intid))
        return;
    machine_write(v, address, 4, (value & ~(1u << shift)) | (uint32_t)edge << shift);
    irq_of(run, home, intid)->edge = edge;
}

void drive(struct run *run)
{
    uint32_t intid = 16 + below(run, INTIDS - 16);
    unsigned v = below(run, run->vcpus);
    struct irq *irq = irq_of(run, v, intid);
    bool level = below(run, 2);

    fake.here = below(run, run->cpus);
    if (is_forwarded(run, intid))
        drive_source(run, v, intid, level);
    else if (intid < 32)
        assert_int_equal(vcpu_gic_set_ppi(machine.gic, &machine.vcpu[v], intid, level), VCPU_OK);
    else
        assert_int_equal(vcpu_gic_set_line(machine.gic, intid, level), VCPU_OK);
    if (irq->edge && level && !irq->line) {
        irq->latch = true;
        irq->raised++;
    }
    irq->line = level;
}

void send(struct run *run, unsigned from)
{
    unsigned sgi = below(run, 16), targets = below(run, 1u << run->vcpus);
    bool group1 = below(run, 4) != 0;

    if (run->version == 2) {
        machine_write(from, GICD_BASE + 0xf00, 4, targets << 16 | sgi);
    } else if (below(run, 4) == 0) {
        assert_true(machine_msr(from, group1 ? SGI1R : SGI0R, UINT64_C(1) << 40 | sgi << 24));
        targets = ~(1u << from);
    } else {
        if (below(run, 2))
            targets = 1u << from;
        assert_true(machine_msr(from, group1 ? SGI1R : SGI0R, targets | sgi << 24));
    }
    for (unsigned to = 0; to < run->vcpus; to++) {
        struct irq *irq = &run->own[to][sgi];

        if (!(targets >> to & 1) || (run->version == 3 && !group1 && irq->group))
            continue;
        irq->raised++;
        if (run->version == 2)
            irq->sources |= 1u << from;
        else
            irq->latch = true;
    }
}

void take(struct run *run, unsigned v)
{
    uint32_t iar =
        run->depth[v] < DEPTH / 2 && run->drops[v] < DEPTH / 2 ? machine_ack(v) : SPURIOUS;
    uint32_t intid = iar & 0x3ff;
    struct irq *irq;

    if (iar == SPURIOUS) {
        if ((!run->late || run->draining) && run->depth[v] < DEPTH / 2 && run->drops[v] < DEPTH / 2)
            assert_int_equal(best_priority(run, v, true), 0x100);
        return;
    }
    assert_in_range(intid, 0, INTIDS - 1);
    irq = irq_of(run, v, intid);
    run->taken++;
    irq->taken++;
    if (!run->late) {
        assert_true(is_signalled(run, v, intid));
        assert_in_range(irq->priority, 0, best_priority(run, v, true));
    } else {
        assert_false(irq->active);
        assert_true(irq->taken <= irq->raised);
    }
    if (run->version == 2 && intid < 16) {
        if (!run->late)
            assert_true(irq->sources >> (iar >> 10) & 1);
        irq->sources &= (uint8_t)(~(1u << (iar >> 10)));
    } else {
        assert_int_equal(iar >> 10, 0);
    }
    irq->latch = false;
    irq->active = true;
    irq->on = v;
    run->stack[v][run->depth[v]] = iar;
    /* That of the list register: it may have changed in the distributor since. */
    run->stack_priority[v][run->depth[v]++] = machine_running(v);
}

void finish(struct run *run, unsigned v)
{
    if (run->depth[v] && (!run->drops[v] || below(run, 2))) {
        uint32_t iar = run->stack[v][--run->depth[v]];

        machine_eoi(v, iar);
        if (run->eoimode)
            run->dropped[v][run->drops[v]++] = iar;
        else
            irq_of(run, v, iar & 0x3ff)->active = false;
    } else if (run->drops[v]) {
        unsigned which = below(run, run->drops[v]), by = v;
        uint32_t iar = run->dropped[v][which];

        run->dropped[v][which] = run->dropped[v][--run->drops[v]];
        /* An SPI may be deactivated by any CPU, if that is trapped. */
        if (run->tdir && (iar & 0x3ff) >= 32 && !run->late)
            for (unsigned other = 0; other < run->vcpus; other++)
                if (machine.on[other] != NOWHERE && below(run, 2))
                    by = other;
        machine_dir(by, iar);
        irq_of(run, v, iar & 0x3ff)->active = false;
    }
}

void change_masks(struct run *run, unsigned v)
{
    uint32_t vmcr = (below(run, 4) ? 3 : below(run, 4)) | (run->eoimode ? 1u << 9 : 0) |
                    (below(run, 4) ? 0xf8u : below(run, 32) << 3) << 24;

    if (below(run, 8) == 0) {
        run->ctlr = below(run, 4) ? 3 : below(run, 4);
        machine_write(v, GICD_BASE, 4, run->ctlr);
    }
    run->vmcr[v] = vmcr;
    machine_set_vmcr(v, vmcr);
}

static void write_active(struct run *run, unsigned v, unsigned home, uint32_t intid, bool active)
{
    struct irq *irq = irq_of(run, home, intid);

    machine_write(v, bank_base(run, home, intid / 32) + (active ? 0x300 : 0x380) + intid / 32 * 4,
                  4, 1u << intid % 32);
    irq->active = irq->stale = active;
}

void access_stale(struct run *run, unsigned v)
{
    uint32_t intid = below(run, INTIDS);
    unsigned home = run->version == 3 ? below(run, run->vcpus) : v;
    const struct irq *irq = irq_of(run, home, intid);

    if (irq->active == irq->stale)
        write_active(run, v, home, intid, !irq->active);
}

void power_cycle(struct run *run, unsigned v)
{
    if (machine.on[v] != NOWHERE)
        put(run, v);
    while (run->depth[v])
        irq_of(run, v, run->stack[v][--run->depth[v]] & 0x3ff)->stale = true;
    while (run->drops[v])
        irq_of(run, v, run->dropped[v][--run->drops[v]] & 0x3ff)->stale = true;
    machine.ops->reset(machine.ctx, &machine.vcpu[v]);
    ensure_on(run, v);
    machine_set_vmcr(v, run->vmcr[v]);
}

void step(struct run *run)
{
    unsigned v = below(run, run->vcpus), what = below(run, 100);

    ensure_on(run, v);
    if (run->late && below(run, 4) == 0)
        machine_sync(v);
    if (what < 20)
        drive(run);
    else if (what < 25)
        message(run, v);
    else if (what < 35)
        send(run, v);
    else if (what < 60)
        take(run, v);
    else if (what < 80)
        finish(run, v);
    else if (what < 85)
        access_bits(run, v);
    else if (what < 90)
        access_priority(run, v);
    else if (what < 93)
        access_route(run, v);
    else if (what < 95 && !run->late)
        access_config(run, v);
    else if (what < 97 && !run->late)
        change_masks(run, v);
    else if (what < 99 || run->late)
        put(run, v);
    /* Without the trap of DIR what is active keeps its list register. */
    else if (!run->eoimode || run->tdir) {
        if (below(run, 8))
            access_stale(run, v);
        else
            power_cycle(run, v);
    }
    queues_check();
    if (run->late)
        return;
    machine_settle();
    forward(run);
    machine_settle();
    check_work(run);
}

void drain(struct run *run)
{
    run->draining = true;
    for (unsigned v = 0; v < run->vcpus; v++)
        for (uint32_t intid = 0; intid < (v ? 32 : INTIDS); intid++)
            if (irq_of(run, v, intid)->stale) {
                ensure_on(run, v);
                write_active(run, v, v, intid, false);
            }
    for (uint32_t intid = 16; intid < INTIDS; intid++)
        for (unsigned v = 0; v < (intid < 32 ? run->vcpus : 1); v++) {
            *asserted(v, intid) = false;
            if (intid < 32)
                vcpu_gic_set_ppi(machine.gic, &machine.vcpu[v], intid, false);
            else
                vcpu_gic_set_line(machine.gic, intid, false);
            if (irq_of(run, v, intid)->message && !irq_of(run, v, intid)->edge)
                vcpu_gic_msi(machine.gic, intid, false);
            irq_of(run, v, intid)->line = irq_of(run, v, intid)->message = false;
        }
    for (unsigned turn = 0; turn < 40 * VCPUS; turn++) {
        unsigned v = turn % run->vcpus;

        ensure_on(run, v);
        machine_settle();
        run->vmcr[v] |= 0xf8000003;
        machine_set_vmcr(v, run->vmcr[v]);
        for (unsigned i = 0; i < INTIDS; i++) {
            while (run->depth[v] || run->drops[v])
                finish(run, v);
            machine_settle();
            take(run, v);
        }
        while (run->depth[v] || run->drops[v])
            finish(run, v);
    }
    for (unsigned v = 0; v < run->vcpus; v++)
        for (uint32_t intid = 0; intid < INTIDS; intid++) {
            const struct irq *irq = irq_of(run, v, intid);

            assert_false(irq->active);
            if (irq->enabled && (run->ctlr >> irq->group & 1) && irq->priority < 0xf8 &&
                (intid < 32 || irq->target != run->vcpus))
                assert_false(is_pending(irq));
        }
}

void play(unsigned version, unsigned vcpus, unsigned list_registers, bool eoimode, bool tdir,
          bool late, uint64_t seed)
{
    static struct run run;
    struct machine_config config = {.version = (uint8_t)version,
                                    .vcpus = (uint16_t)vcpus,
                                    .spis = SPIS,
                                    .lrs = (uint8_t)list_registers,
                                    .prebits = (uint8_t)(version == 3 ? 5 + seed % 3 : 5),
                                    .tdir = tdir,
                                    .shares = seed % 4 >= 2};

    memset(&run, 0, sizeof(run));
    run.version = version;
    run.vcpus = vcpus;
    run.cpus = MACHINE_CPUS;
    run.eoimode = eoimode;
    run.tdir = tdir;
    run.late = late;
    run.follows = !late && seed % 2;
    run.shares = config.shares;
    run.random = seed * UINT64_C(0x9e3779b97f4a7c15) + 1;
    machine_start(&config);
    machine.interrupts = seed % 3;
    for (uint32_t intid = 16; intid < INTIDS; intid++)
        if (is_forwarded(&run, intid))
            assert_int_equal(vcpu_gic_map_hw(machine.gic, intid, (uint16_t)intid), VCPU_OK);
    if (run.follows)
        assert_int_equal(vcpu_gic_follow(machine.gic, machine_is_asserted), VCPU_OK);
    for (unsigned v = 0; v < vcpus; v++) {
        for (unsigned i = 0; i < 16; i++)
            run.own[v][i].edge = true;
        run.vmcr[v] = 0xf8000003 | (eoimode ? 1u << 9 : 0);
        ensure_on(&run, v);
        machine_set_vmcr(v, run.vmcr[v]);
        if (late) /* a line that falls unseen may still be taken: only edges are exact */
            for (unsigned word = 1; word < 8; word++)
                machine_write(v, bank_base(&run, v, word / 2) + 0xc00 + 4 * word, 4, 0xaaaaaaaa);
        write_bits(&run, v, v, 0x100, 0, ~0u);
    }
    for (uint32_t intid = 0; intid < SPIS; intid++)
        run.spi[intid].target = version == 3 ? 0 : vcpus == 1 ? 0 : vcpus;
    if (late) {
        for (unsigned v = 0; v < vcpus; v++)
            for (unsigned i = 16; i < 32; i++)
                run.own[v][i].edge = true;
        for (unsigned i = 0; i < SPIS; i++)
            run.spi[i].edge = true;
    }
    ensure_on(&run, 0);
    run.ctlr = 3;
    machine_write(0, GICD_BASE, 4, 3);

    for (unsigned i = 0; i < 3000; i++)
        step(&run);
    machine_settle();
    drain(&run);
    assert_true(run.taken > 20);
    machine_stop();
}

void each(unsigned version, bool eoimode, bool tdir, bool late)
{
    for (unsigned i = 0; i < 4; i++)
        for (uint64_t seed = 1; seed <= 4; seed++)
            play(version, 1 + (unsigned)(seed + i) % VCPUS, lrs[i], eoimode, tdir, late,
                 seed + 16 * i);
}
