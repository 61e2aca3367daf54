/* SPDX-License-Identifier: MIT */
#include "gic/lists/queue.h"

#define LEVEL(priority) ((priority) >> 3)

/* Of an interrupt that is in a queue of this vCPU, or comes there. */
static __attribute__((noinline)) struct gic_link *link_at(struct vcpu_gic *gic, struct gic_cpu *cpu,
                                                          unsigned intid)
{
    return &gic_bank(gic, cpu, intid / 32)->link[intid % 32];
}

/* Its holder and place are set. */
static void add(struct vcpu_gic *gic, struct gic_cpu *cpu, struct gic_link *link, uint16_t intid,
                bool first)
{
    unsigned queue = link->place - 1u;
    uint32_t level = 1u << queue % GIC_LEVELS, *levels = &cpu->levels[queue / GIC_LEVELS];
    uint16_t *head = &cpu->head[queue];
    struct gic_link *next;

    if (!(*levels & level)) {
        *levels |= level;
        *head = link->next = link->prev = intid;
        return;
    }
    next = link_at(gic, cpu, *head);
    link->next = *head;
    link->prev = next->prev;
    link_at(gic, cpu, next->prev)->next = intid;
    next->prev = intid;
    if (first)
        *head = intid;
}

static void drop(struct vcpu_gic *gic, struct gic_cpu *cpu, struct gic_link *link, uint16_t intid)
{
    unsigned queue = link->place - 1u;

    link->place = 0;
    if (link->next == intid) {
        cpu->levels[queue / GIC_LEVELS] &= ~(1u << queue % GIC_LEVELS);
        return;
    }
    link_at(gic, cpu, link->next)->prev = link->prev;
    link_at(gic, cpu, link->prev)->next = link->next;
    if (cpu->head[queue] == intid)
        cpu->head[queue] = link->next;
}

/*
 * The place where the interrupt belongs; 0 if it needs no list register, or has one. Whether
 * GICD_CTLR enables its group is asked only when list registers are filled.
 */
static unsigned place_of(const struct gic_bank *bank, unsigned i)
{
    if (bank->listed >> i & 1)
        return 0;
    if (bank->active >> i & 1)
        return 1 + GIC_LEVELS * GIC_ACTIVE + LEVEL(bank->taken[i]);
    if (!((gic_pending(bank) & bank->enabled) >> i & 1))
        return 0;
    return 1 + GIC_LEVELS * (bank->group >> i & 1) + LEVEL(bank->priority[i]);
}

struct gic_cpu *vcpu_gic_requeue(struct vcpu_gic *gic, struct gic_cpu *home, unsigned n, unsigned i,
                                 bool first)
{
    struct gic_bank *bank = gic_bank(gic, home, n);
    struct gic_link *link = &bank->link[i];
    unsigned place = place_of(bank, i);
    uint16_t intid = (uint16_t)(32 * n + i), holder;

    if (n == 0)
        holder = home->index;
    else
        holder = bank->active >> i & 1 ? gic->spis[n - 1].owner[i] : gic->spis[n - 1].target[i];
    if (holder >= gic->max_vcpus)
        place = 0;
    if (link->place && (link->place != place || link->holder != holder))
        drop(gic, gic->cpu[link->holder], link, intid);
    if (!place)
        return NULL;
    holder = (uint16_t)NOSPEC_INDEX(holder, gic->max_vcpus);
    if (!link->place) {
        link->place = (uint8_t)place;
        link->holder = holder;
        add(gic, gic->cpu[holder], link, intid, first);
    }
    return gic->cpu[holder];
}

unsigned vcpu_gic_pop(struct vcpu_gic *gic, struct gic_cpu *cpu, unsigned kind, unsigned level)
{
    uint16_t intid = cpu->head[GIC_LEVELS * kind + level];

    drop(gic, cpu, link_at(gic, cpu, intid), intid);
    return intid;
}
