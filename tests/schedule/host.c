/* SPDX-License-Identifier: MIT */
/* The host: a loop on each CPU that runs any vCPU that is ready, and lets others wait. */
#include "machine.h"

#include <stdio.h>

static struct vcpu_percpu *block_of(unsigned cpu)
{
    return (struct vcpu_percpu *)sim.cpu[cpu].block;
}

/* The host knows where it has run each vCPU. */
static bool can_run(unsigned cpu, unsigned v)
{
    const struct vcpu_state *state = state_of(sim.vcpu[v]);
    const struct percpu_state *at =
        (const struct percpu_state *)(uintptr_t)(state->token & ~TOKEN_BITS);

    return sim.of[v].state == HOST_READY && (!at || at == sim.cpu[cpu].block);
}

bool host_has_other(unsigned cpu)
{
    for (unsigned v = 0; v < sim.config.vcpus; v++)
        if (can_run(cpu, v))
            return true;
    return false;
}

static bool has_something(unsigned cpu)
{
    return sim_interrupted(&sim.cpu[cpu]) || sim.device_actions || host_has_other(cpu);
}

/* The mark, and what removes it: see vcpu_has_work. */
void host_wake(void *ctx, struct vcpu *vcpu)
{
    struct host_vcpu *of = &sim.of[vcpu_index(vcpu)];

    (void)ctx;
    schedule_point();
    if (of->state == HOST_WAITING) {
        schedule_trace("wakes vcpu %u", vcpu_index(vcpu));
        of->state = HOST_READY;
        sim_events[EVENT_WAKE]++;
    }
}

void host_irq(void *ctx)
{
    (void)ctx;
    schedule_point();
    sim_here()->kick = false;
}

static void take_interrupts(struct sim_cpu *cpu)
{
    unsigned turns = 0;

    if (cpu->masked)
        schedule_fail("the host's interrupts stay masked");
    schedule_point();
    cpu->kick = false;
    while (virtual_maintenance(&cpu->interface)) {
        if (++turns > 3)
            schedule_fail("maintenance interrupts without end");
        sim_events[EVENT_MAINTENANCE]++;
        vcpu_gic_maintenance(sim.gic, cpu->last);
    }
}

/* A vCPU that is ready, now and then one that is resident elsewhere; or sim.config.vcpus. */
static unsigned choose(unsigned cpu)
{
    unsigned start = schedule_below(sim.config.vcpus);

    for (unsigned i = 0; i < sim.config.vcpus; i++) {
        unsigned v = (start + i) % sim.config.vcpus;

        if (can_run(cpu, v) || (sim.of[v].state == HOST_READY && schedule_chance(8)))
            return v;
    }
    return sim.config.vcpus;
}

static void make_ready(unsigned v)
{
    sim.of[v].state = HOST_READY;
}

static void wait(unsigned cpu, unsigned v)
{
    bool put_first = schedule_chance(3), put_after = !put_first && schedule_chance(3);

    if (put_first)
        vcpu_put(block_of(cpu), sim.vcpu[v]);
    sim.of[v].state = HOST_WAITING;
    schedule_point();
    if (vcpu_has_work(sim.vcpu[v]) && sim.of[v].state == HOST_WAITING) {
        schedule_trace("vcpu %u has work", v);
        sim_events[EVENT_WORK]++;
        make_ready(v);
    }
    /* It may have run somewhere else by now. */
    if (put_after)
        vcpu_put(block_of(cpu), sim.vcpu[v]);
}

static void cpu_up(unsigned v)
{
    const struct vcpu_cpu_up *up = &sim.vcpu[v]->exit.cpu_up;
    unsigned target = vcpu_index(up->target);
    struct guest *guest = &sim.guest[target];
    bool denied = schedule_chance(8);

    if (guest->on)
        schedule_fail("a CPU_ON of vCPU %u, which is on", target);
    if (!denied) {
        guest->entry = up->entry;
        guest->context = up->context;
        guest->step = GUEST_IDLE;
        guest->on = true;
        guest->ups++;
        sim.of[target].life++;
        sim_events[EVENT_CPU_UP]++;
    }
    if (vcpu_complete_cpu_up(sim.vcpu[v], denied ? VCPU_PSCI_DENIED : VCPU_PSCI_SUCCESS) != VCPU_OK)
        schedule_fail("the answer to a CPU_ON is refused");
    if (!denied)
        make_ready(target);
}

static void hypercall(unsigned v)
{
    uint64_t call = sim.vcpu[v]->regs.x[0];

    if (call == CALL_LOWER)
        devices_lower(&sim.line[sim.vcpu[v]->regs.x[1]]);
    if (call == CALL_LOWER_VI) {
        devices_lower_vi(v);
        sim_events[EVENT_LINE]++;
    }
    vcpu_complete_call(sim.vcpu[v], 0);
}

/* Another one must turn it on again: the first one sees to it. */
static void cpu_down(unsigned v, unsigned life)
{
    if (sim.of[v].life == life)
        sim.of[v].state = HOST_OFF;
    sim.of[0].kicks++;
    vcpu_kick(sim.vcpu[0]);
}

/* After an exit: run it again here, or let it wait for its turn, here or anywhere. */
static void go_on(unsigned cpu, unsigned v)
{
    if ((sim.config.with & WITH_MIGRATE) && schedule_chance(4) && !sim.config.put_each_run)
        vcpu_put(block_of(cpu), sim.vcpu[v]);
    make_ready(v);
}

static void run(unsigned cpu, unsigned v)
{
    struct vcpu *vcpu = sim.vcpu[v];
    unsigned life = sim.of[v].life;
    bool resident_elsewhere = !can_run(cpu, v);
    int reason;

    sim.of[v].state = HOST_RUNNING;
    sim_events[EVENT_MOVE] += sim.of[v].cpu != cpu;
    sim.of[v].cpu = cpu;
    if (!resident_elsewhere && vcpu->exit.reason == VCPU_EXIT_WFI)
        vcpu_complete_skip(vcpu);
    sim.of[v].may_leave = false;
    reason = vcpu_run(block_of(cpu), vcpu);
    if (reason != VCPU_ERR_BUSY)
        sim.cpu[cpu].last = vcpu;
    schedule_trace("vcpu %u: exit %d", v, reason);
    switch (reason) {
    case VCPU_EXIT_IRQ:
        go_on(cpu, v);
        break;
    case VCPU_EXIT_KICK:
        if (sim.of[v].may_leave)
            sim.of[v].may_leave = false;
        else if (++sim.of[v].kick_exits > sim.of[v].kicks)
            schedule_fail("vCPU %u comes out for a kick that nobody sent", v);
        sim.of[v].kicked = false;
        sim_events[EVENT_KICK]++;
        go_on(cpu, v);
        break;
    case VCPU_EXIT_WFI:
        wait(cpu, v);
        break;
    case VCPU_EXIT_HYPERCALL:
        hypercall(v);
        go_on(cpu, v);
        break;
    case VCPU_EXIT_CPU_UP:
        cpu_up(v);
        go_on(cpu, v);
        break;
    case VCPU_EXIT_CPU_DOWN:
        cpu_down(v, life);
        sim_events[EVENT_CPU_DOWN]++;
        break;
    case VCPU_ERR_BUSY:
        make_ready(v);
        sim_events[EVENT_BUSY]++;
        schedule_relax();
        break;
    default:
        schedule_fail("vCPU %u: vcpu_run returns %d", v, reason);
    }
}

void host_main(unsigned cpu)
{
    for (;;) {
        unsigned v;

        take_interrupts(&sim.cpu[cpu]);
        if (sim.device_actions && schedule_chance(3)) {
            sim.device_actions--;
            devices_act();
            continue;
        }
        v = choose(cpu);
        if (v < sim.config.vcpus)
            run(cpu, v);
        else if (!has_something(cpu))
            schedule_wait(has_something);
    }
}

static const char *missing_of(unsigned v)
{
    static char text[80];
    const struct guest *guest = &sim.guest[v];

    for (unsigned from = 0; from < sim.config.vcpus; from++)
        for (unsigned kind = 0; kind < SGI_KINDS; kind++)
            if (guest->sent[from][kind]) {
                snprintf(text, sizeof(text), "vCPU %u never takes SGI %u of vCPU %u", v, kind,
                         from);
                return text;
            }
    snprintf(text, sizeof(text), "vCPU %u", v);
    if (!guest->on || guest->starts != guest->ups)
        snprintf(text, sizeof(text), "vCPU %u never starts", v);
    else if (guest->step != GUEST_IDLE || guest->enable_at)
        snprintf(text, sizeof(text), "vCPU %u does not go on", v);
    else if (sim.of[v].kicked)
        snprintf(text, sizeof(text), "vCPU %u never comes out for a kick", v);
    else if (sim.of[v].line)
        snprintf(text, sizeof(text), "vCPU %u never sees its line", v);
    else
        return NULL;
    return text;
}

const char *host_missing(void)
{
    static char text[80];

    for (unsigned v = 0; v < sim.config.vcpus; v++) {
        const char *missing = missing_of(v);

        if (missing)
            return missing;
    }
    for (unsigned i = 0; i < LINES; i++) {
        const struct line *line = &sim.line[i];

        if (line->due || line->high || line->active) {
            snprintf(text, sizeof(text), "interrupt %u of vCPU %u is never %s", line->intid,
                     line->owner, line->due || line->high ? "taken" : "over");
            return text;
        }
    }
    if (sim.physical_active)
        return "a forwarded SPI stays active";
    for (unsigned c = 0; c < sim.config.cpus; c++)
        if (sim.cpu[c].interface.ppi_active[FORWARDED_PPI])
            return "a forwarded PPI stays active";
    return NULL;
}
