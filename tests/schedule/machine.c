/* SPDX-License-Identifier: MIT */
#include "machine.h"

#include <string.h>

#include "arm/el2.h"
#include "hw/cpu.h"
#include "run/run.h"
#include "switch/switch.h"

struct sim sim;
unsigned sim_events[EVENTS];

struct sim_cpu *sim_here(void)
{
    return &sim.cpu[schedule_cpu()];
}

unsigned sim_any_vcpu(void)
{
    return sim.config.favours && !schedule_chance(4) ? 0 : schedule_below(sim.config.vcpus);
}

struct machine_cpu *machine_here(void)
{
    return &sim_here()->interface;
}

/* ---- asm/ ---- */

const char vcpu_vectors[1];

bool sim_interrupted(const struct sim_cpu *cpu)
{
    return cpu->kick || virtual_maintenance(&cpu->interface);
}

/* A guest that waits without WFI goes on for these. The host can have a timer's interrupt. */
static bool is_disturbed(unsigned cpu)
{
    return sim_interrupted(&sim.cpu[cpu]) || virtual_signals(&sim.cpu[cpu].interface) ||
           host_has_other(cpu);
}

static void enter(struct sim_cpu *cpu, struct vcpu_state *v)
{
    struct guest *guest = &sim.guest[v->pub.index];
    uint64_t token = atomic_load_explicit(&v->token, memory_order_relaxed);

    if (cpu->block->resident != v || (token & ~TOKEN_BITS) != (uintptr_t)cpu->block)
        schedule_fail("vCPU %u is entered where it is not resident", v->pub.index);
    if (guest->entered)
        schedule_fail("vCPU %u is entered twice", v->pub.index);
    if (guest->on && guest->started && cpu->el1 != guest->el1)
        schedule_fail("vCPU %u has not its own state", v->pub.index);
    guest->entered = true;
}

/* It has done its part, and waits without WFI. */
static bool waits(const struct sim_cpu *cpu, unsigned v)
{
    const struct guest *guest = &sim.guest[v];

    return sim.config.spins && guest->started && guest->step == GUEST_IDLE && !guest->actions &&
           !guest->enable_at && !guest_must_turn_on(v) && !sim_interrupted(cpu) &&
           !(sim.vcpu[v]->regs.hcr_el2 & HCR_EL2_VI);
}

static int run_guest(struct sim_cpu *cpu, struct vcpu_state *v)
{
    struct guest *guest = &sim.guest[v->pub.index];
    int reason;

    do {
        enter(cpu, v);
        schedule_point();
        if (waits(cpu, v->pub.index) && !is_disturbed(schedule_cpu()))
            schedule_wait(is_disturbed);
        guest->entered = false; /* from here on it executes one instruction, or is in an exit */
        /* It may take some instructions until the CPU takes an interrupt. */
        if (sim_interrupted(cpu) && !schedule_chance(4)) {
            schedule_trace("vcpu %u: interrupt", v->pub.index);
            reason = guest_exit_interrupt(v);
        } else if (!sim.setting_up && host_has_other(schedule_cpu()) && schedule_chance(8)) {
            schedule_trace("vcpu %u: the host's tick", v->pub.index);
            reason = guest_exit_interrupt(v);
        } else {
            reason = guest_step(cpu, v);
        }
    } while (!reason);
    return reason;
}

int vcpu_enter(struct percpu_state *block, struct vcpu_state *v, uint64_t daif)
{
    int reason;

    if (block != sim_here()->block || !sim_here()->masked)
        schedule_fail("the entry's CPU is not as it must be");
    reason = run_guest(sim_here(), v);
    sim_here()->masked = daif;
    return reason;
}

/* The order is run.S's. */
int vcpu_run(struct vcpu_percpu *block, struct vcpu *vcpu)
{
    struct vcpu_state *v = state_of(vcpu);
    uint64_t daif = vcpu_cpu_mask();

    schedule_point();
    if (atomic_load_explicit(&v->token, memory_order_relaxed) == (uintptr_t)block)
        return vcpu_enter(percpu_of(block), v, daif);
    return vcpu_run_slow(percpu_of(block), v, daif);
}

/* ---- cpu/percpu.c ---- */

int vcpu_put(struct vcpu_percpu *block, struct vcpu *vcpu)
{
    struct percpu_state *cpu = percpu_of(block);
    uint64_t daif = vcpu_cpu_mask();
    bool resident = cpu->resident == state_of(vcpu);

    if (resident)
        vcpu_switch_put(cpu, false);
    vcpu_cpu_restore(daif);
    return resident ? VCPU_OK : VCPU_ERR_STATE;
}

/* ---- The host's memory, and its other hooks ---- */

static _Alignas(16 * VCPU_PAGE_SIZE) char memory[32 * VCPU_PAGE_SIZE];
static size_t memory_used;

static vcpu_pa_t alloc_pages(void *ctx, size_t count)
{
    size_t size = count * VCPU_PAGE_SIZE;

    (void)ctx;
    memory_used = (memory_used + size - 1) & ~(size - 1);
    if (memory_used + size > sizeof(memory))
        return vcpu_pa(VCPU_PA_NONE_VALUE);
    memory_used += size;
    return vcpu_pa((uintptr_t)memory + memory_used - size);
}

static void free_pages(void *ctx, vcpu_pa_t pa, size_t count)
{
    (void)ctx;
    (void)pa;
    (void)count;
}

static void *phys_to_virt(void *ctx, vcpu_pa_t pa)
{
    (void)ctx;
    return (void *)(uintptr_t)pa.value;
}

static void send_kick(void *ctx, uint64_t cpu_id)
{
    (void)ctx;
    schedule_point();
    schedule_trace("kick to cpu %u", (unsigned)cpu_id);
    sim.cpu[cpu_id].kick = true;
}

static void set_active(void *ctx, uint16_t physical, bool active)
{
    (void)ctx;
    schedule_point();
    schedule_trace("physical %u %s", physical, active ? "active" : "inactive");
    *devices_physical(physical) = active;
}

static bool is_asserted(void *ctx, uint16_t physical)
{
    (void)ctx;
    return devices_assert(physical);
}

static const struct vcpu_host host = {
    .alloc_pages = alloc_pages,
    .free_pages = free_pages,
    .phys_to_virt = phys_to_virt,
    .send_kick = send_kick,
    .wake = host_wake,
    .irq = host_irq,
};

/* ---- Set-up ---- */

static void check(int result, const char *what)
{
    if (result != VCPU_OK)
        schedule_fail("%s: %d", what, result);
}

static void start_cpus(void)
{
    static struct vcpu_percpu block[SCHEDULE_CPUS];

    for (unsigned c = 0; c < SCHEDULE_CPUS; c++) {
        sim.cpu[c].block = percpu_of(&block[c]);
        *sim.cpu[c].block = (struct percpu_state){
            .host = &host,
            .id = c,
            .mpidr = UINT64_C(0x80000000) | c,
            .flags = VCPU_PERCPU_HOST_CNTPCT | (sim.config.irq_hook ? VCPU_PERCPU_IRQ_HOOK : 0u),
            .enabled = true,
        };
        /* What the hardware may hold after a reset. */
        memset(sim.cpu[c].interface.lr, 0xff, sizeof(sim.cpu[c].interface.lr));
    }
}

static void start_vm(void)
{
    static union {
        struct vcpu_vm vm;
        char storage[VCPU_PAGE_SIZE];
    } page;
    const struct vcpu_gic_config config = {
        .host = &host,
        .version = gic_virtual.version,
        .spis = 32,
        .max_vcpus = (uint16_t)sim.config.vcpus,
        .distributor = vcpu_ipa(GICD_BASE),
        .redistributors = vcpu_ipa(GICR_BASE),
        .gich = &sim,
        .set_active = set_active,
    };

    memset(&page, 0, sizeof(page));
    sim.vm = &page.vm;
    sim.vm->host = &host;
    sim.vm->flags = VCPU_VM_VIRTUAL_GIC | VCPU_VM_TRAP_WFI;
    sim.vm->max_vcpus = (uint16_t)sim.config.vcpus;
    sim.vm->vmid = 1;
    sim.vm->features.pa_bits = 40;
    sim.vm->shape.ipa_bits = 40;
    sim.vm->shape.root_pages = 1;
    check(vcpu_gic_create(sim.vm, &config, &sim.gic), "vcpu_gic_create");
    check(vcpu_gic_map_hw(sim.gic, FORWARDED_SPI, FORWARDED_SPI), "vcpu_gic_map_hw");
    check(vcpu_gic_map_hw(sim.gic, FORWARDED_PPI, FORWARDED_PPI), "vcpu_gic_map_hw");
    check(vcpu_gic_follow(sim.gic, is_asserted), "vcpu_gic_follow");
}

static void start_vcpu(uint16_t index)
{
    const struct vcpu_config config = {.index = index, .mpidr = index};

    check(vcpu_create(sim.vm, &config, &sim.vcpu[index]), "vcpu_create");
    check(vcpu_set_ept_root(sim.vcpu[index], vcpu_pa(VCPU_PAGE_SIZE)), "vcpu_set_ept_root");
    check(vcpu_set_entry(sim.vcpu[index], vcpu_ipa(0x40000000)), "vcpu_set_entry");
    sim.guest[index].entry = 0x40000000;
}

static void set_up(unsigned v)
{
    struct vcpu_percpu *block = (struct vcpu_percpu *)sim.cpu[0].block;
    int reason;

    /* Some are off at first. */
    sim.guest[v].on = v == 0 || !(sim.config.with & WITH_POWER) || schedule_chance(2);
    reason = vcpu_run(block, sim.vcpu[v]);
    if (reason != (sim.guest[v].on ? VCPU_EXIT_HYPERCALL : VCPU_EXIT_CPU_DOWN))
        schedule_fail("the set-up ends with %d", reason);
    if (sim.guest[v].on)
        vcpu_complete_call(sim.vcpu[v], 0);
    else
        sim.of[v].state = HOST_OFF;
    vcpu_put(block, sim.vcpu[v]);
    sim.guest[v].actions = 1 + schedule_below(sim.config.is_short ? 4 : 16);
}

void sim_start(const struct sim_config *config)
{
    memset(&sim, 0, sizeof(sim));
    memory_used = 0;
    sim.config = *config;
    start_cpus();
    start_vm();
    devices_start();
    for (uint16_t v = 0; v < config->vcpus; v++)
        start_vcpu(v);
    sim.setting_up = true;
    for (unsigned v = 0; v < config->vcpus; v++)
        set_up(v);
    /* What the set-up gave notice of is over. */
    sim.cpu[0].kick = false;
    sim.setting_up = false;
    sim.device_actions = schedule_below(config->is_short ? 6 : 40);
}
