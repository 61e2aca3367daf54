/* SPDX-License-Identifier: MIT */
/* The host's devices: lines, kicks and puts, at times of their own and on any CPU. */
#include "machine.h"

void devices_start(void)
{
    static const struct line spis[LINE_SPIS] = {
        {.kind = WITH_EDGE, .intid = 32},  {.kind = WITH_EDGE, .intid = 33},
        {.kind = WITH_EDGE, .intid = 34},  {.kind = WITH_LEVEL, .intid = 36},
        {.kind = WITH_LEVEL, .intid = 37}, {.kind = WITH_FORWARD, .intid = FORWARDED_SPI},
    };
    static const struct line ppis[LINE_PPIS] = {
        {.kind = WITH_EDGE, .intid = 21},
        {.kind = WITH_LEVEL, .intid = 20},
        {.kind = WITH_FORWARD, .intid = FORWARDED_PPI},
    };

    for (unsigned i = 0; i < LINE_SPIS; i++)
        sim.line[i] = spis[i];
    for (unsigned i = 0; i < VCPUS * LINE_PPIS; i++) {
        sim.line[LINE_SPIS + i] = ppis[i % LINE_PPIS];
        sim.line[LINE_SPIS + i].owner = i / LINE_PPIS;
    }
}

struct line *devices_line(unsigned v, uint32_t intid)
{
    for (unsigned i = 0; i < LINES; i++)
        if (sim.line[i].intid == intid && (intid >= 32 || sim.line[i].owner == v))
            return &sim.line[i];
    schedule_fail("vCPU %u takes %u, which no device has", v, intid);
}

static void set(const struct line *line, bool level)
{
    int result = line->intid < 32
                     ? vcpu_gic_set_ppi(sim.gic, sim.vcpu[line->owner], line->intid, level)
                     : vcpu_gic_set_line(sim.gic, line->intid, level);

    if (result != VCPU_OK)
        schedule_fail("a line is not set: %d", result);
}

static void lock(bool *busy)
{
    while (*busy)
        schedule_relax();
    *busy = true;
}

void devices_lower(struct line *line)
{
    lock(&line->busy);
    schedule_trace("%u low", line->intid);
    set(line, false);
    line->high = false;
    line->busy = false;
}

static void raise_edge(struct line *line)
{
    if (line->due)
        return;
    schedule_trace("%u rises", line->intid);
    line->due = true;
    set(line, true);
    set(line, false);
}

static void change_level(struct line *line)
{
    if (!line->high) {
        schedule_trace("%u high", line->intid);
        line->high = true;
        set(line, true);
    } else if (schedule_chance(4)) {
        /* Withdrawn: from somewhere else, so the guest may already have seen it. */
        schedule_trace("%u withdrawn", line->intid);
        line->withdrawn = true;
        set(line, false);
        line->high = false;
    }
}

unsigned *devices_physical(uint32_t physical)
{
    return physical < 32 ? &sim_here()->interface.ppi_active[physical] : &sim.physical_active;
}

bool devices_assert(uint32_t physical)
{
    for (unsigned i = 0; i < LINES; i++) {
        const struct line *line = &sim.line[i];

        if (line->intid == physical &&
            (physical >= 32 || sim_here()->block->resident == state_of(sim.vcpu[line->owner])))
            return line->due;
    }
    schedule_fail("PPI %u is asked on a CPU without its vCPU", physical);
}

/*
 * The host took the physical interrupt, dropped its priority and passes it on. It does not come
 * again while it is active. A PPI comes on the CPU where its vCPU is resident.
 */
static void forward(struct line *line)
{
    unsigned *active = devices_physical(line->intid);

    if (line->due && schedule_chance(4)) {
        /* The source falls. Until somebody looks the guest may still take it. */
        schedule_trace("%u falls", line->intid);
        line->withdrawn = true;
        line->due = false;
    }
    if (line->due || *active ||
        (line->intid < 32 && sim_here()->block->resident != state_of(sim.vcpu[line->owner])))
        return;
    schedule_trace("%u is forwarded", line->intid);
    line->due = true;
    *active = 1;
    set(line, true);
}

static void move(struct line *line)
{
    if (line->busy)
        return;
    line->busy = true;
    if (line->kind == WITH_EDGE)
        raise_edge(line);
    else if (line->kind == WITH_LEVEL)
        change_level(line);
    else
        forward(line);
    line->busy = false;
}

static void kick(unsigned v)
{
    if (sim.of[v].kicked)
        return;
    schedule_trace("kicks vcpu %u", v);
    sim.of[v].kicked = true;
    sim.of[v].kicks++;
    vcpu_kick(sim.vcpu[v]);
}

static void set_vi(unsigned v, bool level)
{
    lock(&sim.of[v].line_busy);
    if (sim.of[v].line != level) {
        schedule_trace("VI of vcpu %u %s", v, level ? "high" : "low");
        if (level)
            sim.of[v].line = true;
        if (vcpu_inject_irq(sim.vcpu[v], level) != VCPU_OK)
            schedule_fail("a line is not set");
        if (!level)
            sim.of[v].line = false;
    }
    sim.of[v].line_busy = false;
}

void devices_lower_vi(unsigned v)
{
    set_vi(v, false);
}

static void put(void)
{
    struct sim_cpu *cpu = sim_here();
    struct vcpu_state *v = cpu->block->resident;

    if (!v)
        return;
    schedule_trace("puts vcpu %u", v->pub.index);
    if (vcpu_put((struct vcpu_percpu *)cpu->block, &v->pub) != VCPU_OK)
        schedule_fail("a put fails");
}

static void move_any(unsigned kind)
{
    struct line *line;

    do
        line = schedule_chance(2)
                   ? &sim.line[schedule_below(LINE_SPIS)]
                   : &sim.line[LINE_SPIS + sim_any_vcpu() * LINE_PPIS + schedule_below(LINE_PPIS)];
    while (line->kind != kind);
    move(line);
}

static void act(void)
{
    static const unsigned kinds[] = {WITH_EDGE, WITH_LEVEL, WITH_FORWARD,
                                     WITH_KICK, WITH_LINE,  WITH_MIGRATE};
    unsigned kind, v = sim_any_vcpu();

    do
        kind = kinds[schedule_below(6)];
    while (!(kind & sim.config.with));
    if (kind == WITH_KICK)
        kick(v);
    else if (kind == WITH_LINE)
        set_vi(v, true);
    else if (kind == WITH_MIGRATE)
        put();
    else
        move_any(kind);
}

void devices_act(void)
{
    if (!(sim.config.with & WITH_DEVICES))
        return;
    do
        act();
    while (schedule_chance(2));
}
