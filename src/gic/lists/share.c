/* SPDX-License-Identifier: MIT */
/*
 * Interrupts that one of several vCPUs gets, whichever can take it (1 of N): those with
 * GICD_IROUTER.Interrupt_Routing_Mode, and version 2's with several targets. Pure.
 *
 * While such an interrupt is pending, and neither active nor in a list register, it is for one vCPU, as
 * any other: `target`. That one is chosen when the interrupt changes, and when the one that had it
 * cannot take it: so nothing else knows of it, and it is delivered once. The architecture leaves the
 * choice to the implementation, among the vCPUs that take part: those that are on, and whose CPU
 * interface enables the interrupt's group (as it does not while GICR_WAKER says that they sleep). Here
 * it is one that waits; else one that is resident on a CPU; else any. If there is none, the interrupt
 * waits until one begins to.
 *
 * A guest changes what its CPU interface enables without an exit, so maintenance interrupts tell.
 */
#include <vcpu/psci.h>

#include "gic/cpu.h"
#include "gic/lists/queue.h"
#include "gic/update.h"

/* So many vCPUs are told, and interrupts looked at, in a piece of a job. */
#define TOLD   4u
#define CHOSEN 2u

static void place(struct vcpu_gic *gic, struct gic_cpu *cpu, enum gic_does does)
{
    const struct vcpu *vcpu = vcpu_vm_vcpu(gic->vm, cpu->index);
    uint64_t bit = BIT(cpu->index % 64);

    if (!vcpu || vcpu_power(vcpu) == VCPU_POWER_OFF)
        does = GIC_IS_OFF;
    cpu->takes = does == GIC_IS_OFF ? 0 : cpu->vmcr & (ICH_VMCR_VENG0 | ICH_VMCR_VENG1);
    for (unsigned k = 0; k < GIC_IS_OFF; k++)
        for (unsigned group = 0; group < 2; group++) {
            uint64_t *word = &gic->crowd.does[k][group][cpu->index / 64];

            *word = k == does && (cpu->takes >> group & 1) ? *word | bit : *word & ~bit;
        }
}

/* ---- The choice ---- */

/* A word of those that do this and take one of these groups. */
static uint64_t word_of(const struct vcpu_gic *gic, unsigned does, unsigned groups, unsigned w)
{
    return (groups & 1 ? gic->crowd.does[does][0][w] : 0) |
           (groups & 2 ? gic->crowd.does[does][1][w] : 0);
}

/*
 * The best vCPU for one of these groups; the first one from an index on, so that not all interrupts go
 * to the same. among: version 2: the targets.
 */
static uint16_t find(const struct vcpu_gic *gic, unsigned groups, uint64_t among, unsigned from)
{
    unsigned words = gic->last / 64u + 1;

    from %= gic->last + 1u;
    for (unsigned look = 0; look < 2 * GIC_IS_OFF * words; look++) {
        unsigned w = look % words, begin = look / words % 2 ? 0 : from;
        uint64_t some = word_of(gic, look / words / 2, groups, w) & among;

        if (64 * w + 63 < begin)
            continue;
        if (64 * w < begin)
            some &= ~UINT64_C(0) << begin % 64;
        for (; some; some &= some - 1) {
            uint16_t index = (uint16_t)(64 * w + (unsigned)__builtin_ctzll(some));
            const struct vcpu *vcpu = vcpu_vm_vcpu(gic->vm, index);

            if (vcpu && vcpu_power(vcpu) != VCPU_POWER_OFF) /* or it has been destroyed since */
                return index;
        }
    }
    return GIC_NO_VCPU;
}

/* Those of bank n that are for one of several vCPUs, and are pending, but that no vCPU has yet. */
static uint32_t waiting(const struct vcpu_gic *gic, unsigned n)
{
    const struct gic_spis *spis = &gic->spis[n - 1];
    const struct gic_bank *bank = &spis->bank;

    return spis->shared & gic_pending(bank) & bank->enabled & ~(bank->listed | bank->active);
}

/* Nobody is better for one of these groups. */
static bool is_best(const struct vcpu_gic *gic, unsigned index, unsigned groups, uint64_t among)
{
    if (index >= gic->max_vcpus || !(gic->cpu[index]->takes & groups) || !(among >> index % 64 & 1))
        return false;
    for (unsigned k = 0; k < GIC_IS_OFF; k++) {
        uint64_t some = 0;

        if (word_of(gic, k, groups, index / 64) >> index % 64 & 1)
            return true;
        for (unsigned w = 0; w <= gic->last / 64u; w++)
            some |= word_of(gic, k, groups, w) & among;
        if (some)
            return false;
    }
    return false;
}

static uint64_t targets_of(const struct vcpu_gic *gic, const struct gic_spis *spis, unsigned i)
{
    return gic->version == 3 ? ~UINT64_C(0) : spis->route[i];
}

/* Has it the vCPU that it should have? */
static bool is_settled(const struct vcpu_gic *gic, unsigned n, unsigned i)
{
    const struct gic_spis *spis = &gic->spis[n - 1];

    return !(waiting(gic, n) >> i & 1) ||
           is_best(gic, spis->target[i], 1u << (spis->bank.group >> i & 1),
                   targets_of(gic, spis, i));
}

static void choose(struct vcpu_gic *gic, unsigned n, unsigned i)
{
    struct gic_spis *spis = &gic->spis[n - 1];

    if (is_settled(gic, n, i))
        return;
    spis->target[i] =
        find(gic, 1u << (spis->bank.group >> i & 1), targets_of(gic, spis, i), 32 * n + i);
    gic->crowd.orphans |= spis->target[i] == GIC_NO_VCPU;
}

static void folded(struct vcpu_gic *gic, uint32_t intid)
{
    if (intid >= GIC_PRIVATE)
        gic->crowd.orphans |= !is_settled(gic, intid / 32, intid % 32);
}

/* ---- Jobs in pieces ---- */

/* A vCPU that is resident says itself what it takes, and when that changes. */
static void meet_some(struct vcpu_gic *gic, struct gic_write *write, struct gic_news *news)
{
    for (unsigned looks = 0; looks < TOLD; looks++, write->value++) {
        struct gic_cpu *cpu;

        if (write->value == gic->max_vcpus) {
            write->bits = 0;
            return;
        }
        cpu = gic->cpu[write->value];
        if (atomic_load_explicit(&cpu->resident, memory_order_relaxed))
            vcpu_gic_tell(cpu, false, news);
        else
            place(gic, cpu, GIC_IS_READY);
    }
}

/* Of one bank, because an empty one costs something too. */
static void choose_some(struct vcpu_gic *gic, struct gic_write *write, struct gic_news *news)
{
    unsigned n = write->value / 32, looks = 0;
    uint32_t later;

    for (uint32_t bits = waiting(gic, n) & ~0u << write->value % 32; bits; bits &= bits - 1) {
        unsigned i = (unsigned)__builtin_ctz(bits);
        const uint16_t *target = &gic->spis[n - 1].target[i];
        uint16_t before = *target;

        if (looks++ == CHOSEN) {
            write->value = 32 * n + i;
            return;
        }
        choose(gic, n, i);
        if (*target != before)
            vcpu_gic_touch(gic, NULL, n, 1u << i, news);
    }
    later = gic->shared & ~1u << n;
    write->value = 32 * (later ? (unsigned)__builtin_ctz(later) : 0);
    write->bits = later != 0;
}

static void go_on(struct vcpu_gic *gic, struct gic_write *write, struct gic_news *news)
{
    if (write->offset == GIC_WRITE_MEET)
        meet_some(gic, write, news);
    else
        choose_some(gic, write, news);
}

/* ---- What happens ---- */

static void route(struct vcpu_gic *gic, struct gic_cpu *cpu, unsigned n, unsigned i, bool shared,
                  struct gic_news *news)
{
    uint32_t *bits = &gic->spis[n - 1].shared;
    bool first = shared && !gic->shared;

    *bits = (*bits & ~(1u << i)) | (uint32_t)shared << i;
    gic->shared = (gic->shared & ~(1u << n)) | (uint32_t)(*bits != 0) << n;
    gic->spis[n - 1].target[i] = GIC_NO_VCPU;
    if (!first)
        return;
    gic->crowd = (struct gic_crowd){.calls = gic->crowd.calls + 1};
    atomic_store_explicit(&gic->shares, true, memory_order_relaxed);
    cpu->write = (struct gic_write){.bits = 1, .offset = GIC_WRITE_MEET};
    news->own = GIC_MANY;
}

/* It is on this CPU, and looks what it takes. true: it has to choose for others (gic_cpu.write). */
static bool look(struct vcpu_gic *gic, struct gic_cpu *cpu)
{
    unsigned before = cpu->takes;
    uint32_t banks = gic->shared; /* none, if the last has just been given another route */
    bool chose = cpu->chose && cpu->heard == gic->crowd.calls;

    cpu->heard = gic->crowd.calls;
    place(gic, cpu, GIC_RUNS);
    /* Others may be for those of a group that it has just disabled; or it, if it has enabled one. */
    gic->crowd.orphans |= before != cpu->takes;
    /* Not again at once, or it would be done over and over between interrupts of the host. */
    cpu->chose = banks && !chose && gic->crowd.orphans && !cpu->write.bits;
    if (!cpu->chose)
        return false;
    gic->crowd.orphans = false;
    cpu->write = (struct gic_write){
        .bits = 1, .value = 32 * (unsigned)__builtin_ctz(banks), .offset = GIC_WRITE_CHOOSE};
    return true;
}

static void arrive(struct vcpu_gic *gic, struct gic_cpu *cpu)
{
    if (look(gic, cpu))
        vcpu_device_resync(vcpu_vm_vcpu(gic->vm, cpu->index));
}

static void leave(struct vcpu_gic *gic, const struct vcpu *vcpu)
{
    uint32_t reason = vcpu->exit.reason;

    place(gic, gic_cpu_of(gic, vcpu),
          reason == VCPU_EXIT_CPU_DOWN ? GIC_IS_OFF /* from now on */
          : reason == VCPU_EXIT_WFI || reason == VCPU_EXIT_CPU_SUSPEND ? GIC_WAITS
                                                                       : GIC_IS_READY);
}

/* If it has just become true, the vCPU gets notice. */
static bool may_share(const struct vcpu_gic *gic)
{
    return atomic_load_explicit(&gic->shares, memory_order_relaxed);
}

static bool come(struct vcpu_gic *gic, struct gic_cpu *cpu)
{
    bool more;

    if (!may_share(gic))
        return false;
    vcpu_gic_lock(&gic->lock);
    cpu->vmcr = gic->interface->read_vmcr(gic);
    more = look(gic, cpu);
    gic_unlock(&gic->lock);
    return more;
}

static void help(struct vcpu_gic *gic, struct gic_news *news)
{
    uint16_t helper = find(gic, GICD_CTLR_EnableGrp0 | GICD_CTLR_EnableGrp1, ~UINT64_C(0), 0);

    gic->crowd.orphans = true;
    gic->crowd.calls++;
    if (helper != GIC_NO_VCPU)
        vcpu_gic_tell(gic->cpu[helper], true, news);
}

static void left(struct vcpu_gic *gic, struct gic_cpu *cpu, struct gic_news *news)
{
    leave(gic, vcpu_vm_vcpu(gic->vm, cpu->index)); /* the first route may have come since */
    if (cpu->write.bits && cpu->write.offset == GIC_WRITE_CHOOSE) {
        cpu->write.bits = 0;
        gic->crowd.orphans = true;
    }
    /* Whoever comes next chooses, this one or another. If somebody can come at once, it is told. */
    gic->crowd.orphans |= (cpu->levels[GIC_PENDING0] | cpu->levels[GIC_PENDING1]) != 0;
    if (gic->crowd.orphans &&
        !is_best(gic, cpu->index, ICH_VMCR_VENG0 | ICH_VMCR_VENG1, ~UINT64_C(0)))
        help(gic, news);
}

/* Somebody has called since it looked; `dirty` was set then already, so that no notice was given. */
static void filled(struct vcpu_gic *gic, struct gic_cpu *cpu)
{
    if (cpu->heard == gic->crowd.calls)
        return;
    atomic_store_explicit(&cpu->dirty, true, memory_order_relaxed);
    vcpu_device_resync(vcpu_vm_vcpu(gic->vm, cpu->index));
}

static void reset(struct vcpu_gic *gic, struct gic_cpu *cpu)
{
    uint64_t daif;
    struct gic_news news;

    if (!may_share(gic))
        return;
    daif = vcpu_cpu_mask();
    vcpu_gic_begin(gic, &news, NULL);
    place(gic, cpu, GIC_IS_OFF);
    help(gic, &news); /* it may have been choosing, too */
    vcpu_gic_end(gic, &news);
    vcpu_cpu_restore(daif);
}

static void wait(struct vcpu_gic *gic, struct gic_cpu *cpu)
{
    if (!may_share(gic))
        return;
    vcpu_gic_lock(&gic->lock);
    place(gic, cpu, GIC_WAITS);
    gic_unlock(&gic->lock);
}

int vcpu_gic_share(struct vcpu_gic *gic)
{
    static const struct gic_share share = {.route = route,
                                           .choose = choose,
                                           .folded = folded,
                                           .arrive = arrive,
                                           .leave = leave,
                                           .come = come,
                                           .filled = filled,
                                           .left = left,
                                           .reset = reset,
                                           .wait = wait,
                                           .go_on = go_on};

    if (!gic)
        return VCPU_ERR_INVALID;
    for (uint16_t v = 0; v < gic->max_vcpus; v++)
        if (gic->cpu[v]->present)
            return VCPU_ERR_STATE;
    gic->share = &share;
    gic->typer &= ~(uint32_t)GICD_TYPER_No1N;
    return VCPU_OK;
}
