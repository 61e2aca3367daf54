/* SPDX-License-Identifier: MIT */
#include "gic/lists/lists.h"

#include "gic/lists/lr.h"
#include "gic/lists/queue.h"

static bool is_v2_sgi(const struct vcpu_gic *gic, uint32_t intid)
{
    return gic->version == 2 && intid < GIC_SGIS;
}

struct gic_cpu *vcpu_gic_fold_slot(struct vcpu_gic *gic, struct gic_cpu *cpu, unsigned slot)
{
    uint64_t lr = cpu->lr[slot];
    uint32_t intid = lr_intid(lr);
    struct gic_bank *bank = gic_bank(gic, cpu, intid / 32);
    uint32_t bit = 1u << intid % 32;

    if ((bank->hw & bit) && gic->sources)
        gic->sources->folded(gic, cpu, lr);
    /*
     * Still pending, so the guest has not taken the latch. A level needs no latch: `line` keeps it.
     */
    if ((lr & ICH_LR_pending) && (bank->latch_listed & bit)) {
        bank->latch |= bit;
        bank->soft_latch |= bank->soft & bit;
        if (is_v2_sgi(gic, intid))
            cpu->sources[intid] |= (uint8_t)(1u << lr_source(lr));
    }
    if (!(bank->forced & bit))
        bank->active = lr & ICH_LR_active ? bank->active | bit : bank->active & ~bit;
    /* It has ended; unless it has become pending once more. */
    bank->soft &= bank->active | bank->soft_latch | ~bit;
    bank->taken[intid % 32] = (uint8_t)FIELD_GET(ICH_LR_Priority, lr);
    if (is_v2_sgi(gic, intid))
        cpu->active_source[intid] = lr_source(lr);
    /*
     * It is over, and the hardware did not deactivate the physical one: the guest cleared it in the
     * distributor while it was listed, or the list register had HW = 0. Or the guest has ended one, and
     * the next one, which was forwarded since, was withdrawn.
     */
    if (((lr & ICH_LR_State) || !(lr & ICH_LR_HW) || (bank->dropped & bit)) &&
        !((bank->latch | bank->active) & bit))
        vcpu_gic_release(gic, cpu, intid / 32, bit);
    bank->listed &= ~bit;
    bank->latch_listed &= ~bit;
    bank->forced &= ~bit;
    bank->dropped &= ~bit;
    cpu->lr[slot] = 0;
    cpu->used &= ~(1u << slot);
    if (gic->shared)
        gic->share->folded(gic, intid);
    /* One that the guest has ended, and that is pending again, lets the others go first. */
    return vcpu_gic_requeue(gic, cpu, intid / 32, intid % 32, lr & ICH_LR_State);
}

/*
 * The guest ended an interrupt that is in no list register. It ends interrupts in the reverse order
 * of taking them, so it is the one with the highest priority.
 */
static void end_left(struct vcpu_gic *gic, struct gic_cpu *cpu, struct gic_news *news)
{
    unsigned level = (unsigned)__builtin_ctz(cpu->ends);
    unsigned intid = cpu->head[GIC_LEVELS * GIC_ACTIVE + level];

    if (cpu->levels[GIC_ACTIVE] >> level & 1) {
        vcpu_gic_deactivate(gic, cpu, intid / 32, 1u << intid % 32);
        vcpu_gic_touch(gic, cpu, intid / 32, 1u << intid % 32, news);
    }
    cpu->ends &= cpu->ends - 1;
}

void vcpu_gic_fold(struct vcpu_gic *gic, struct gic_cpu *cpu, struct gic_news *news)
{
    /*
     * This comes first, while the first one in a queue is still the one that was left out. With
     * EOImode = 1 a write to EOIR does not end an interrupt, but some implementations count it in
     * EOIcount.
     */
    for (; cpu->eois && cpu->ends && !(cpu->vmcr & ICH_VMCR_VEOIM); cpu->eois--) {
        end_left(gic, cpu, news);
        if (cpu->eois % 8 == 0)
            gic_let_in(gic, news);
    }
    cpu->eois = 0;

    /* The lowest priority first: each comes before those of its queue. */
    while (cpu->used) {
        unsigned slot = 31 - (unsigned)__builtin_clz(cpu->used);
        uint32_t intid = lr_intid(cpu->lr[slot]);
        const struct gic_cpu *to = vcpu_gic_fold_slot(gic, cpu, slot);

        /* An SPI may have another target by now. */
        if (to && to != cpu) {
            vcpu_gic_touch(gic, cpu, intid / 32, 1u << intid % 32, news);
            gic_let_in(gic, news);
        }
    }
    cpu->left = 0;
    cpu->ends = 0;
}

void vcpu_gic_list(struct vcpu_gic *gic, struct gic_cpu *cpu, unsigned n, unsigned i, unsigned slot)
{
    struct gic_bank *bank = gic_bank(gic, cpu, n);
    uint32_t intid = 32 * n + i, bit = 1u << i;
    bool sgi_v2 = is_v2_sgi(gic, intid);
    bool active = bank->active & bit, hw = bank->hw & bit;
    bool pending = gic_pending(bank) & gic_open(gic, bank) & bit;
    uint8_t priority = active ? bank->taken[i] : bank->priority[i];
    uint64_t lr = FIELD_PREP(ICH_LR_Priority, priority) | intid;

    /*
     * An active interrupt is not listed as pending too
     *  - if it is a physical one: it would be ended twice;
     *  - if the pending one differs in the SGI's source, the priority or the target;
     *  - if its end must make room for others.
     * The pending state then waits for the end.
     */
    if (active && (hw || sgi_v2 || cpu->left || bank->taken[i] != bank->priority[i] ||
                   (n != 0 && gic->spis[n - 1].target[i] != cpu->index)))
        pending = false;
    if (active)
        lr |= ICH_LR_active;
    if (pending)
        lr |= ICH_LR_pending;
    if (bank->group & bit)
        lr |= ICH_LR_Group;
    if (pending && (bank->latch & bit)) {
        bank->latch &= ~bit;
        bank->soft_latch &= ~bit;
        bank->latch_listed |= bit;
    }
    if (sgi_v2) {
        unsigned source = cpu->active_source[i];

        if (pending) {
            source = (unsigned)__builtin_ctz(cpu->sources[i]);
            cpu->sources[i] &= (uint8_t)(~(1u << source));
            if (cpu->sources[i])
                bank->latch |= bit;
        }
        lr |= lr_with_source(source);
    }
    /*
     * The interrupt is pending again (a line that is high, another source): after the end there is
     * more to list, so ask for a maintenance interrupt. A list register with HW = 1 cannot ask for
     * one: then HW is 0, and the end of the next one ends the physical interrupt. So it is for one
     * that ISPENDR made pending: no physical interrupt is active for it.
     */
    if ((gic_pending(bank) | bank->soft) & bit)
        lr |= ICH_LR_EOI;
    else if (hw)
        lr |= ICH_LR_HW | FIELD_PREP(ICH_LR_pINTID, bank->physical[i]);

    if (n != 0)
        gic->spis[n - 1].owner[i] = cpu->index;
    bank->listed |= bit;
    bank->slot[i] = (uint8_t)slot;
    cpu->lr[slot] = lr;
    cpu->used |= 1u << slot;
    cpu->armed |= (lr & (ICH_LR_HW | ICH_LR_EOI)) == ICH_LR_EOI;
}

/* A bit for each pair of bits: is one of them set? */
static uint32_t pairs(uint32_t low, uint32_t high)
{
    uint64_t bits = (uint64_t)high << 32 | low;

    bits = (bits | bits >> 1) & 0x5555555555555555;
    bits = (bits | bits >> 1) & 0x3333333333333333;
    bits = (bits | bits >> 2) & 0x0f0f0f0f0f0f0f0f;
    bits = (bits | bits >> 4) & 0x00ff00ff00ff00ff;
    bits = (bits | bits >> 8) & 0x0000ffff0000ffff;
    return (uint32_t)(bits | bits >> 16);
}

/* The levels of the active priorities. Each priority of a list register has five bits. */
static uint32_t running_levels(const struct vcpu_gic *gic, const struct gic_cpu *cpu)
{
    uint32_t apr[4];

    for (unsigned n = 0; n < 4; n++)
        apr[n] = cpu->apr[0][n] | cpu->apr[1][n];
    for (unsigned bits = gic->prebits; bits > 5; bits--) {
        apr[0] = pairs(apr[0], apr[1]);
        apr[1] = pairs(apr[2], apr[3]);
    }
    return apr[0];
}

/*
 * The levels of active interrupts that the guest handles, by its active priorities: one at a group
 * priority, which is a number of levels beside each other, as many as the binary point makes of
 * them. Of several interrupts the first is taken for it.
 */
static uint32_t handled(const struct vcpu_gic *gic, const struct gic_cpu *cpu)
{
    unsigned point = (unsigned)FIELD_GET(ICH_VMCR_VBPR0, cpu->vmcr) + 1;
    unsigned point1 = (unsigned)FIELD_GET(ICH_VMCR_VBPR1, cpu->vmcr), span = 1;
    uint32_t active = cpu->levels[GIC_ACTIVE], there = active, running;

    if (!active)
        return 0;
    if (point1 > point && !(cpu->vmcr & ICH_VMCR_VCBPR))
        point = point1;
    running = running_levels(gic, cpu);
    for (; point > 3; point--) {
        running |= running >> span;
        there |= there >> span;
        span *= 2;
    }
    /* The first level of each group priority stands for all of them, and none borrows another's. */
    there &= running & ~0u / (uint32_t)((UINT64_C(1) << span) - 1);
    return active & ~(active - there);
}

/* The interrupts that get list registers, in their order. */
struct picks {
    uint16_t intid[GIC_MAX_LRS];
    unsigned count;
};

/*
 * Takes from the queues, the highest priority first, as long as there are list registers. groups: of
 * the pending ones, as bits. Of the active ones all, or those that the guest handles.
 */
static void pick(struct vcpu_gic *gic, struct gic_cpu *cpu, struct picks *picks, unsigned groups,
                 bool all)
{
    while (picks->count < gic->lrs) {
        uint32_t group0 = groups & 1 ? cpu->levels[GIC_PENDING0] : 0;
        uint32_t group1 = groups & 2 ? cpu->levels[GIC_PENDING1] : 0;
        uint32_t active = all ? cpu->levels[GIC_ACTIVE] : cpu->ends;
        uint32_t levels = group0 | group1 | active, best = levels & -levels;

        if (!levels)
            return;
        cpu->ends &= ~best;
        picks->intid[picks->count++] = (uint16_t)vcpu_gic_pop(gic, cpu,
                                                              active & best   ? GIC_ACTIVE
                                                              : group0 & best ? GIC_PENDING0
                                                                              : GIC_PENDING1,
                                                              (unsigned)__builtin_ctz(levels));
    }
}

/*
 * With EOImode = 0 interrupts are ended in the order of priority, and EOIcount reports the end of
 * one that is in no list register. With EOImode = 1 an interrupt can be ended at any time by a
 * write to DIR, and only a trap reports which: without it, all that are active must be listed.
 */
static void pick_all(struct vcpu_gic *gic, struct gic_cpu *cpu, struct picks *picks)
{
    unsigned groups = gic->ctlr & (GICD_CTLR_EnableGrp0 | GICD_CTLR_EnableGrp1);
    bool untold = (cpu->vmcr & ICH_VMCR_VEOIM) && !gic->told;

    picks->count = 0;
    cpu->ends = cpu->vmcr & ICH_VMCR_VEOIM ? 0 : handled(gic, cpu);
    if (untold)
        pick(gic, cpu, picks, 0, true);
    pick(gic, cpu, picks, groups & cpu->vmcr, false);
    cpu->left = 0;
    if (!(cpu->levels[GIC_PENDING0] | cpu->levels[GIC_PENDING1] | cpu->levels[GIC_ACTIVE]))
        return;
    pick(gic, cpu, picks, groups & ~cpu->vmcr, false);
    pick(gic, cpu, picks, 0, true);
    if ((groups & 1 && cpu->levels[GIC_PENDING0]) || (groups & 2 && cpu->levels[GIC_PENDING1]))
        cpu->left = GIC_LEFT_PENDING;
    if (cpu->ends || (untold && cpu->levels[GIC_ACTIVE]))
        cpu->left |= GIC_LEFT_ACTIVE;
}

/*
 * Some pending interrupts are left out. They have a lower priority than the listed ones, so there
 * is time until the guest has taken the last of those: the interface then asks for more (NPIE). If
 * no listed one is pending, all are active, and each end makes room.
 */
static void ask_for_more(struct gic_cpu *cpu, bool some_pending)
{
    if (some_pending)
        cpu->hcr |= ICH_HCR_NPIE;
    /*
     * The end of one with HW = 1 would not be reported. With HW = 0 the fold ends the physical one.
     */
    for (unsigned slot = 0; !some_pending && cpu->used >> slot; slot++)
        cpu->lr[slot] = (cpu->lr[slot] & ~(ICH_LR_HW | ICH_LR_pINTID)) | ICH_LR_EOI;
}

void vcpu_gic_fill(struct vcpu_gic *gic, struct gic_cpu *cpu)
{
    struct picks picks;
    bool some_pending = false;

    cpu->armed = false;
    cpu->hcr = gic->hcr;
    pick_all(gic, cpu, &picks);
    for (unsigned slot = 0; slot < picks.count; slot++) {
        vcpu_gic_list(gic, cpu, picks.intid[slot] / 32, picks.intid[slot] % 32, slot);
        some_pending |= (cpu->lr[slot] & ICH_LR_State) == ICH_LR_pending;
    }
    cpu->armed |= cpu->left || gic->shared;
    if (cpu->left & GIC_LEFT_ACTIVE)
        cpu->hcr |= ICH_HCR_LRENPIE;
    if (cpu->left & GIC_LEFT_PENDING)
        ask_for_more(cpu, some_pending);
    /*
     * An interrupt that is last because its group is disabled becomes important when the guest enables
     * the group, and so does the vCPU for those of gic->shared. The bit for "disabled" is beside that
     * for "enabled".
     */
    if (cpu->left & GIC_LEFT_PENDING || gic->shared)
        cpu->hcr |= ICH_HCR_VGrp0EIE << FIELD_GET(ICH_VMCR_VENG0, cpu->vmcr) |
                    ICH_HCR_VGrp1EIE << FIELD_GET(ICH_VMCR_VENG1, cpu->vmcr);
}

/* Is an interrupt of this priority signalled, or masked by PMR or the running priority? */
static __attribute__((noinline)) bool is_signalled(const struct vcpu_gic *gic,
                                                   const struct gic_cpu *cpu, uint32_t priority)
{
    uint32_t running = 0x100;

    for (unsigned n = 4; n-- > 0;) {
        uint32_t apr = cpu->apr[0][n] | cpu->apr[1][n];

        if (apr)
            running = (32 * n + (unsigned)__builtin_ctz(apr)) << (8 - gic->prebits);
    }
    return priority < FIELD_GET(ICH_VMCR_VPMR, cpu->vmcr) && priority < running;
}

bool vcpu_gic_signals(const struct vcpu_gic *gic, struct gic_cpu *cpu)
{
    uint32_t pending = 0;

    for (uint32_t slots = cpu->used; slots; slots &= slots - 1) {
        unsigned slot = (unsigned)__builtin_ctz(slots);

        cpu->lr[slot] = gic->interface->read(gic, slot, cpu->lr[slot]);
        if ((cpu->lr[slot] & ICH_LR_State) == ICH_LR_pending)
            pending |= 1u << slot;
    }
    if (!pending)
        return false;
    cpu->vmcr = gic->interface->read_vmcr(gic);
    gic->interface->read_apr(gic, cpu);
    for (; pending; pending &= pending - 1) {
        uint64_t lr = cpu->lr[__builtin_ctz(pending)];
        uint32_t enabled = lr & ICH_LR_Group ? ICH_VMCR_VENG1 : ICH_VMCR_VENG0;

        if ((cpu->vmcr & enabled) &&
            is_signalled(gic, cpu, (uint32_t)FIELD_GET(ICH_LR_Priority, lr)))
            return true;
    }
    return false;
}

/* The groups' enables are the same two bits in both, by the groups' numbers. */
_Static_assert(ICH_VMCR_VENG0 == GICD_CTLR_EnableGrp0 && ICH_VMCR_VENG1 == GICD_CTLR_EnableGrp1 &&
                   GICD_CTLR_EnableGrp0 == 1u << GIC_PENDING0 &&
                   GICD_CTLR_EnableGrp1 == 1u << GIC_PENDING1,
               "groups as bits");

bool vcpu_gic_is_due(const struct vcpu_gic *gic, const struct gic_cpu *cpu)
{
    uint32_t groups = gic->ctlr & cpu->vmcr;
    uint32_t levels = (groups & ICH_VMCR_VENG0 ? cpu->levels[GIC_PENDING0] : 0) |
                      (groups & ICH_VMCR_VENG1 ? cpu->levels[GIC_PENDING1] : 0);

    return levels && is_signalled(gic, cpu, (uint32_t)__builtin_ctz(levels) << 3);
}
