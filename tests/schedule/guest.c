/* SPDX-License-Identifier: MIT */
/* The guests: what they do, the interrupts that they take, and their exits (asm/switch.S). */
#include "machine.h"

#include <vcpu/sysreg.h>

#include "arm/esr.h"
#include "hw/cpu.h"
#include "run/run.h"

#define ICC_DIR   VCPU_SYSREG(3, 0, 12, 11, 1)
#define ICC_SGI1R VCPU_SYSREG(3, 0, 12, 11, 5)

#define VMCR_OPEN    0xf8000003u /* both groups, all priorities */
#define VMCR_EOIMODE 0x200u

#define PSCI_CPU_OFF UINT64_C(0x84000002)
#define PSCI_CPU_ON  UINT64_C(0xc4000003)

/* ---- Exits ---- */

int guest_exit_interrupt(struct vcpu_state *v)
{
    if ((v->short_exits & SHORT_EXITS_LONG) ||
        (atomic_load_explicit(&v->token, memory_order_relaxed) & TOKEN_CALLS))
        return vcpu_exit_watched(0, v, EXIT_IRQ);
    v->pub.exit = (struct vcpu_exit){.reason = VCPU_EXIT_IRQ};
    return VCPU_EXIT_IRQ;
}

static int exit_sync(struct vcpu_state *v, uint64_t ec, uint64_t iss)
{
    uint64_t esr = FIELD_PREP(ESR_EC, ec) | ESR_IL | iss;

    v->pub.exit.esr_el2 = esr;
    return vcpu_exit_sync(esr, v, ec);
}

static int exit_msr(struct vcpu_state *v, uint32_t encoding, uint64_t value)
{
    v->pub.regs.x[2] = value;
    return exit_sync(v, EC_MSR_MRS,
                     FIELD_PREP(ISS_SYS_OP0, encoding >> 14) |
                         FIELD_PREP(ISS_SYS_OP1, encoding >> 11 & 7) |
                         FIELD_PREP(ISS_SYS_CRN, encoding >> 7 & 15) |
                         FIELD_PREP(ISS_SYS_CRM, encoding >> 3 & 15) |
                         FIELD_PREP(ISS_SYS_OP2, encoding & 7) | FIELD_PREP(ISS_SYS_RT, 2));
}

/* log2 of the size. */
static int exit_mmio(struct vcpu_state *v, uint64_t ipa, unsigned size, bool write, uint64_t data)
{
    sim_here()->far = ipa & 0xfff;
    sim_here()->hpfar = ipa >> 12 << 4;
    v->pub.regs.x[2] = data;
    return exit_sync(v, EC_DATA_ABORT_LOWER,
                     ISS_DABT_ISV | FIELD_PREP(ISS_DABT_SAS, size) | FIELD_PREP(ISS_DABT_SRT, 2) |
                         (write ? ISS_ABORT_WNR : 0) | (FSC_TRANSLATION_L0 + 3));
}

static int write_word(struct vcpu_state *v, uint64_t ipa, uint32_t data)
{
    return exit_mmio(v, ipa, 2, true, data);
}

static int exit_hvc(struct vcpu_state *v, uint64_t x0, uint64_t x1)
{
    v->pub.regs.x[0] = x0;
    v->pub.regs.x[1] = x1;
    if ((v->short_exits & SHORT_EXITS_CLASS) == EC_HVC64 && !(x0 >> 31 & 1)) {
        v->pub.exit.smc = 0;
        v->pub.exit.reason = VCPU_EXIT_HYPERCALL;
        return VCPU_EXIT_HYPERCALL;
    }
    v->pub.regs.pc += 4;
    return exit_sync(v, EC_HVC64, 0);
}

/* ---- Set-up: each enables its own interrupts, and the first the distributor's ---- */

/* The nth register to write, and the value; address 0: no more. */
static uint64_t set_up_write(unsigned v, unsigned n, uint32_t *value)
{
    uint64_t own = gic_virtual.version == 3 ? SGIS(v) : GICD_BASE;
    const struct {
        uint64_t address;
        uint32_t value;
    } writes[] = {
        {own + 0x80, 0xffffffff},
        {own + 0x100, 0xffffffff},
        {own + 0xc04, 2u << 2 * (21 - 16)},
        {GICD_BASE + 0x84, 0xffffffff},
        {GICD_BASE + 0x104, 0xffffffff},
        {GICD_BASE + 0xc08, 0xaa},
        {GICD_BASE, 3},
    };
    unsigned count = sizeof(writes) / sizeof(writes[0]), targets = gic_virtual.version == 2 ? 3 : 0;

    if (n >= (v == 0 ? count + targets : 3u))
        return 0;
    *value = n < count ? writes[n].value : 0x01010101;
    return n < count ? writes[n].address : GICD_BASE + 0x820 + 4 * (n - count);
}

static int set_up(struct sim_cpu *cpu, struct vcpu_state *v)
{
    struct guest *guest = &sim.guest[v->pub.index];
    uint32_t value;
    uint64_t address = set_up_write(v->pub.index, guest->set_up++, &value);

    if (address)
        return write_word(v, address, value);
    if (!guest->on)
        return exit_hvc(v, PSCI_CPU_OFF, 0);
    cpu->interface.vmcr = VMCR_OPEN | (sim.config.eoimode ? VMCR_EOIMODE : 0);
    return exit_hvc(v, CALL_YIELD, 0);
}

/* The first instructions after a CPU_ON, or after the set-up. */
static int start(struct sim_cpu *cpu, struct vcpu_state *v)
{
    struct guest *guest = &sim.guest[v->pub.index];

    if (!guest->on)
        schedule_fail("vCPU %u runs while it is off", v->pub.index);
    if (guest->ups && v->pub.regs.x[0] != guest->context)
        schedule_fail("vCPU %u has not its CPU_ON's context", v->pub.index);
    guest->starts += guest->ups != 0;
    guest->started = true;
    guest->el1 = cpu->el1 = schedule_below(0x10000);
    cpu->interface.vmcr = VMCR_OPEN | (sim.config.eoimode ? VMCR_EOIMODE : 0);
    return 0;
}

/* ---- Interrupts ---- */

static void take_sgi(unsigned v, uint32_t iar)
{
    unsigned intid = iar & 0x3ff;
    unsigned from = gic_virtual.version == 3 ? intid / SGI_KINDS : iar >> 10;
    unsigned kind = intid % SGI_KINDS;
    struct guest *guest = &sim.guest[v];

    schedule_trace("vcpu %u: takes SGI %u of %u", v, kind, from);
    if (from >= sim.config.vcpus || !guest->sent[from][kind])
        schedule_fail("vCPU %u takes SGI %u of vCPU %u that was not sent", v, kind, from);
    guest->sent[from][kind] = false;
    sim_events[EVENT_SGI]++;
}

static void take_line(unsigned v, uint32_t intid)
{
    struct line *line = devices_line(v, intid);

    schedule_trace("vcpu %u: takes %u", v, intid);
    if (line->active)
        schedule_fail("vCPU %u takes %u that is active", v, intid);
    if (!(line->kind == WITH_LEVEL ? line->high : line->due) && !line->withdrawn)
        schedule_fail("vCPU %u takes %u once too often", v, intid);
    if (line->kind == WITH_FORWARD && !*devices_physical(intid))
        schedule_fail("vCPU %u takes %u whose physical interrupt is not active", v, intid);
    line->due = false;
    line->withdrawn = false;
    line->active = true;
    sim_events[line->kind == WITH_EDGE    ? EVENT_EDGE
               : line->kind == WITH_LEVEL ? EVENT_LEVEL
               : intid >= 32              ? EVENT_FORWARDED_SPI
                                          : EVENT_FORWARDED_PPI]++;
}

static int take(struct sim_cpu *cpu, unsigned v)
{
    struct guest *guest = &sim.guest[v];

    guest->iar = virtual_ack(&cpu->interface);
    if ((guest->iar & 0x3ff) < 16)
        take_sgi(v, guest->iar);
    else
        take_line(v, guest->iar);
    guest->step = GUEST_HANDLES;
    return 0;
}

static int handle(struct vcpu_state *v)
{
    unsigned index = v->pub.index;
    struct guest *guest = &sim.guest[index];
    struct line *line;

    if ((guest->iar & 0x3ff) >= 16) {
        line = devices_line(index, guest->iar);
        /* A driver may also leave it high: then it comes again. */
        if (line->kind == WITH_LEVEL && line->high && !schedule_chance(4)) {
            guest->step = GUEST_ENDS;
            return exit_hvc(v, CALL_LOWER, (uint64_t)(line - sim.line));
        }
    }
    guest->step = GUEST_ENDS;
    return 0;
}

/* The end in the machine's eyes: from here on it may come again. */
static void ended(unsigned v, uint32_t iar)
{
    if ((iar & 0x3ff) >= 16)
        devices_line(v, iar)->active = false;
    schedule_trace("vcpu %u: end of %u", v, iar & 0x3ff);
}

static int deactivate(struct sim_cpu *cpu, struct vcpu_state *v)
{
    struct guest *guest = &sim.guest[v->pub.index];
    uint32_t physical;

    guest->step = GUEST_IDLE;
    ended(v->pub.index, guest->iar);
    if (sim.config.eoimode && (cpu->interface.hcr >> 14 & 1))
        return exit_msr(v, ICC_DIR, guest->iar);
    physical = virtual_deactivate(&cpu->interface, guest->iar);
    if (physical)
        *devices_physical(physical) = 0;
    return 0;
}

static int end(struct sim_cpu *cpu, struct vcpu_state *v)
{
    virtual_drop(&cpu->interface);
    if (!sim.config.eoimode)
        return deactivate(cpu, v);
    sim.guest[v->pub.index].step = GUEST_DEACTIVATES;
    return 0;
}

/* ---- What it does of its own accord ---- */

static int send_sgi(struct vcpu_state *v)
{
    unsigned from = v->pub.index, kind = sim.config.favours ? 0 : schedule_below(SGI_KINDS);
    unsigned targets = 0, others = 1u << sim_any_vcpu() | 1u << sim_any_vcpu();
    uint32_t intid = gic_virtual.version == 3 ? SGI_KINDS * from + kind : kind;
    bool to_all = schedule_chance(8);

    if (to_all)
        others = ~(1u << from);
    for (unsigned to = 0; to < sim.config.vcpus; to++)
        if ((others >> to & 1) && !sim.guest[to].sent[from][kind])
            targets |= 1u << to;
    /* One that was sent before and not taken yet would be one with this. */
    if (!targets || (to_all && targets != (others & ((1u << sim.config.vcpus) - 1))))
        return 0;
    for (unsigned to = 0; to < sim.config.vcpus; to++)
        if (targets >> to & 1)
            sim.guest[to].sent[from][kind] = true;
    schedule_trace("vcpu %u: sends SGI %u to %x", from, kind, targets);
    if (gic_virtual.version == 2)
        return write_word(v, GICD_BASE + 0xf00, (to_all ? 1u << 24 : 0) | targets << 16 | intid);
    return exit_msr(v, ICC_SGI1R, (to_all ? UINT64_C(1) << 40 : targets) | intid << 24);
}

/* Any of the lines that this guest can disable. */
static uint64_t pick_enable(unsigned v, uint32_t *bit)
{
    static const uint32_t spis[] = {32, 33, 34, 36, 37, 40}, own[] = {0, 1, 2, 3, 20, 21, 27};
    unsigned home = gic_virtual.version == 3 ? schedule_below(sim.config.vcpus) : v;
    uint32_t intid = schedule_chance(2) ? spis[schedule_below(6)] : own[schedule_below(7)];

    *bit = 1u << intid % 32;
    if (intid >= 32)
        return GICD_BASE + 0x104;
    return (gic_virtual.version == 3 ? SGIS(home) : GICD_BASE) + 0x100;
}

static int enable(struct vcpu_state *v)
{
    struct guest *guest = &sim.guest[v->pub.index];
    uint64_t at = guest->enable_at;

    guest->enable_at = 0;
    schedule_trace("vcpu %u: enables %x of %x", v->pub.index, guest->enable_bit, (unsigned)at);
    return write_word(v, at, guest->enable_bit);
}

static int disable(struct vcpu_state *v)
{
    struct guest *guest = &sim.guest[v->pub.index];

    if (guest->enable_at)
        return enable(v);
    guest->enable_at = pick_enable(v->pub.index, &guest->enable_bit);
    schedule_trace("vcpu %u: disables %x of %x", v->pub.index, guest->enable_bit,
                   (unsigned)guest->enable_at);
    return write_word(v, guest->enable_at + 0x80, guest->enable_bit);
}

static int route(struct vcpu_state *v)
{
    static const uint32_t spis[] = {32, 33, 34, 36, 37, 40};
    uint32_t intid = spis[schedule_below(6)];
    unsigned target = schedule_below(sim.config.vcpus);

    schedule_trace("vcpu %u: routes %u to %u", v->pub.index, intid, target);
    if (gic_virtual.version == 2)
        return exit_mmio(v, GICD_BASE + 0x800 + intid, 0, true, 1u << target);
    return exit_mmio(v, GICD_BASE + 0x6000 + 8 * intid, 3, true, target);
}

/* SPI 34 by a write to ISPENDR. */
static int make_pending(struct vcpu_state *v)
{
    struct line *line = devices_line(0, 34);

    if (line->due || line->busy)
        return 0;
    line->due = true;
    schedule_trace("vcpu %u: makes 34 pending", v->pub.index);
    return write_word(v, GICD_BASE + 0x204, 1u << 2);
}

static int turn_off(struct vcpu_state *v)
{
    struct guest *guest = &sim.guest[v->pub.index];

    schedule_trace("vcpu %u: CPU_OFF", v->pub.index);
    guest->on = guest->started = false;
    return exit_hvc(v, PSCI_CPU_OFF, 0);
}

static int turn_on(struct vcpu_state *v, unsigned target)
{
    schedule_trace("vcpu %u: CPU_ON of %u", v->pub.index, target);
    v->pub.regs.x[2] = 0x40000000 + 4 * schedule_below(0x1000);
    v->pub.regs.x[3] = schedule_below(0x10000);
    return exit_hvc(v, PSCI_CPU_ON, target);
}

/* In the end all are on: the first one sees to it. */
unsigned guest_must_turn_on(unsigned v)
{
    for (unsigned other = 1; other < sim.config.vcpus && v == 0; other++)
        if (!sim.guest[other].on)
            return other;
    return 0;
}

/* It waits for an interrupt, with none disabled. */
static int wait(struct vcpu_state *v)
{
    unsigned target = guest_must_turn_on(v->pub.index);

    if (sim.guest[v->pub.index].enable_at)
        return enable(v);
    if (target)
        return turn_on(v, target);
    return sim.config.spins ? 0 : exit_sync(v, EC_WFX, WFX_WFI);
}

static int change_power(struct vcpu_state *v)
{
    unsigned target = schedule_below(sim.config.vcpus);

    if (v->pub.index != 0 && schedule_chance(3))
        return turn_off(v);
    /* Most often the last one, so that some turn it on at the same time. */
    if (!sim.guest[sim.config.vcpus - 1].on)
        target = sim.config.vcpus - 1;
    return target != v->pub.index ? turn_on(v, target) : 0;
}

/* The state of the SPIs, or a plain register. */
static int read_distributor(struct vcpu_state *v)
{
    return exit_mmio(v, GICD_BASE + (schedule_chance(2) ? 0x204 : 0x104), 2, false, 0);
}

static int call_host(struct vcpu_state *v)
{
    return exit_hvc(v, CALL_YIELD, 0);
}

static int act(struct vcpu_state *v)
{
    static const struct {
        unsigned with;
        int (*act)(struct vcpu_state *v);
    } actions[] = {
        {WITH_SGI, send_sgi},         {WITH_SGI, send_sgi},       {WITH_SGI, send_sgi},
        {WITH_ENABLE, disable},       {WITH_MIGRATE, route},      {WITH_EDGE, make_pending},
        {WITH_POWER, change_power},   {WITH_POWER, change_power}, {WITH_ALL, call_host},
        {WITH_ALL, read_distributor}, {WITH_ALL, wait},
    };
    unsigned any;

    do
        any = schedule_below(sizeof(actions) / sizeof(actions[0]));
    while (!(actions[any].with & sim.config.with));
    return actions[any].act(v);
}

int guest_step(struct sim_cpu *cpu, struct vcpu_state *v)
{
    struct guest *guest = &sim.guest[v->pub.index];

    if (sim.setting_up)
        return set_up(cpu, v);
    if (!guest->started)
        return start(cpu, v);
    guest->el1 = ++cpu->el1;
    switch (guest->step) {
    case GUEST_HANDLES:
        return handle(v);
    case GUEST_ENDS:
        return end(cpu, v);
    case GUEST_DEACTIVATES:
        return deactivate(cpu, v);
    case GUEST_IDLE:
        break;
    }
    if (virtual_signals(&cpu->interface) && !schedule_chance(4))
        return take(cpu, v->pub.index);
    if (v->pub.regs.hcr_el2 & HCR_EL2_VI) {
        if (!sim.of[v->pub.index].line)
            schedule_fail("vCPU %u has a line that is low", v->pub.index);
        return exit_hvc(v, CALL_LOWER_VI, 0);
    }
    if (guest->enable_at && schedule_chance(2))
        return enable(v);
    if (guest->actions) {
        guest->actions--;
        return act(v);
    }
    return wait(v);
}
