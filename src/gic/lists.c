/* SPDX-License-Identifier: MIT */
#include "gic/lists.h"

#include "gic/lr.h"

static bool is_v2_sgi(const struct vcpu_gic *gic, uint32_t intid)
{
    return gic->version == 2 && intid < GIC_SGIS;
}

void vcpu_gic_fold_slot(struct vcpu_gic *gic, struct gic_cpu *cpu, unsigned slot)
{
    uint64_t lr = cpu->lr[slot];
    uint32_t intid = lr_intid(lr);
    struct gic_bank *bank = gic_bank(gic, cpu, intid / 32);
    uint32_t bit = 1u << intid % 32;

    /*
     * Still pending, so the guest has not taken the latch. A level needs no latch: `line` keeps it.
     */
    if ((lr & ICH_LR_pending) && (bank->latch_listed & bit)) {
        bank->latch |= bit;
        if (is_v2_sgi(gic, intid))
            cpu->sources[intid] |= (uint8_t)(1u << lr_source(lr));
    }
    if (!(bank->forced & bit)) {
        bank->active = lr & ICH_LR_active ? bank->active | bit : bank->active & ~bit;
        bank->taken[intid % 32] = (uint8_t)FIELD_GET(ICH_LR_Priority, lr);
        if (is_v2_sgi(gic, intid))
            cpu->active_source[intid] = lr_source(lr);
    }
    /*
     * It is over, and the hardware did not deactivate the physical one: the guest cleared it in the
     * distributor while it was listed, or the list register had HW = 0.
     */
    if (((lr & ICH_LR_State) || !(lr & ICH_LR_HW)) && !((bank->latch | bank->active) & bit))
        vcpu_gic_release(gic, cpu, intid / 32, bit);
    bank->listed &= ~bit;
    bank->latch_listed &= ~bit;
    bank->forced &= ~bit;
    cpu->lr[slot] = 0;
    cpu->used &= ~(1u << slot);
}

/* Active interrupts of this vCPU in the bank that are in no list register. */
static uint32_t left_active(const struct vcpu_gic *gic, const struct gic_cpu *cpu,
                            const struct gic_bank *bank, unsigned n)
{
    uint32_t mine = 0;

    for (uint32_t bits = bank->active & ~bank->listed; bits; bits &= bits - 1) {
        unsigned i = (unsigned)__builtin_ctz(bits);

        if (vcpu_gic_whose(gic, cpu, n, i) == cpu->index)
            mine |= 1u << i;
    }
    return mine;
}

/*
 * The guest ended an interrupt that is in no list register. It ends interrupts in the reverse order
 * of taking them, so it is the one with the highest priority.
 */
static void end_left(struct vcpu_gic *gic, struct gic_cpu *cpu)
{
    const struct gic_bank *best = NULL;
    unsigned best_n = 0, best_i = 0;

    for (uint32_t banks = gic->busy | 1; banks; banks &= banks - 1) {
        unsigned n = (unsigned)__builtin_ctz(banks);
        const struct gic_bank *bank = gic_bank(gic, cpu, n);

        for (uint32_t bits = left_active(gic, cpu, bank, n); bits; bits &= bits - 1) {
            unsigned i = (unsigned)__builtin_ctz(bits);

            if (!best || bank->taken[i] < best->taken[best_i]) {
                best = bank;
                best_n = n;
                best_i = i;
            }
        }
    }
    if (best)
        vcpu_gic_deactivate(gic, cpu, best_n, 1u << best_i);
}

void vcpu_gic_fold(struct vcpu_gic *gic, struct gic_cpu *cpu, struct gic_news *news)
{
    /*
     * This comes first, while `listed` still tells which interrupts are in list registers. With
     * EOImode = 1 a write to EOIR does not end an interrupt, but some implementations count it in
     * EOIcount.
     */
    for (; cpu->eois; cpu->eois--)
        if (!(cpu->vmcr & ICH_VMCR_VEOIM))
            end_left(gic, cpu);

    while (cpu->used) {
        unsigned slot = (unsigned)__builtin_ctz(cpu->used);
        uint32_t intid = lr_intid(cpu->lr[slot]);

        vcpu_gic_fold_slot(gic, cpu, slot);
        /* An SPI may have another target by now. */
        if (intid >= GIC_PRIVATE)
            vcpu_gic_touch(gic, cpu, intid / 32, 1u << intid % 32, news);
    }
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
     * one: then HW is 0, and the end of the next one ends the physical interrupt.
     */
    if (gic_pending(bank) & bit)
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

/*
 * The order in which interrupts get list registers: the lowest key first. Bits 22:21 are the class,
 * 20:13 the priority, 12 is set if not active, 9:0 are the INTID.
 */
#define KEY_CLASS      GENMASK(22, 21)
#define KEY_PRIORITY   GENMASK(20, 13)
#define KEY_NOT_ACTIVE BIT(12)
#define KEY_INTID      GENMASK(9, 0)

enum {
    CLASS_FIXED,       /* active, and its end is not seen unless it is listed */
    CLASS_BY_PRIORITY, /* the guest takes or ends these next */
    CLASS_LAST,        /* has no effect at present */
};

/* The classes at present, and the best keys so far. */
struct order {
    uint8_t active, active_hw; /* class of active interrupts */
    uint8_t group[2];          /* class of those that are only pending */
    uint32_t key[GIC_MAX_LRS]; /* the lowest keys, in order */
    unsigned count, limit;
};

/*
 * With EOImode = 0 interrupts are ended in the order of priority, and EOIcount reports the end of
 * one that is in no list register. With EOImode = 1 an interrupt can be ended at any time by a
 * write to DIR, and only a trap reports which.
 */
static void order_begin(const struct vcpu_gic *gic, const struct gic_cpu *cpu, struct order *order)
{
    order->active =
        cpu->vmcr & ICH_VMCR_VEOIM ? gic->tdir ? CLASS_LAST : CLASS_FIXED : CLASS_BY_PRIORITY;
    order->active_hw = gic->set_active ? order->active : CLASS_FIXED;
    order->group[0] = cpu->vmcr & ICH_VMCR_VENG0 ? CLASS_BY_PRIORITY : CLASS_LAST;
    order->group[1] = cpu->vmcr & ICH_VMCR_VENG1 ? CLASS_BY_PRIORITY : CLASS_LAST;
    order->count = 0;
    order->limit = gic->lrs;
}

static uint8_t left_kind(uint32_t key)
{
    return key & KEY_NOT_ACTIVE ? GIC_LEFT_PENDING : GIC_LEFT_ACTIVE;
}

/* Inserts key among the best. Returns the kind of interrupt that is left out for it. */
static uint8_t order_add(struct order *order, uint32_t key)
{
    uint8_t left = 0;
    unsigned at = order->count;

    if (at < order->limit) {
        order->count++;
    } else {
        at--;
        if (key > order->key[at])
            return left_kind(key);
        left = left_kind(order->key[at]);
    }
    for (; at > 0 && order->key[at - 1] > key; at--)
        order->key[at] = order->key[at - 1];
    order->key[at] = key;
    return left;
}

static uint32_t key_of(const struct order *order, const struct gic_bank *bank, unsigned n,
                       unsigned i)
{
    bool active = bank->active >> i & 1;
    uint8_t class = order->group[bank->group >> i & 1];

    uint8_t priority = active ? bank->taken[i] : bank->priority[i];

    if (active)
        class = bank->hw >> i & 1 ? order->active_hw : order->active;
    return (uint32_t)(FIELD_PREP(KEY_CLASS, class) | FIELD_PREP(KEY_PRIORITY, priority) |
                      (active ? 0 : KEY_NOT_ACTIVE) | (32 * n + i));
}

/*
 * Some pending interrupts are left out. They have a lower priority than the listed ones, so there
 * is time until the guest has taken the last of those: the interface then asks for more (NPIE). If
 * no listed one is pending, all are active, and each end makes room. An interrupt that is last
 * because its group is disabled becomes important when the guest enables the group.
 */
static void ask_for_more(struct gic_cpu *cpu)
{
    bool some_pending = false;

    for (unsigned slot = 0; cpu->used >> slot; slot++)
        some_pending |= (cpu->lr[slot] & ICH_LR_State) == ICH_LR_pending;
    if (some_pending) {
        cpu->hcr |= ICH_HCR_NPIE;
    } else {
        /*
         * The end of one with HW = 1 would not be reported. With HW = 0 the fold ends the physical
         * one.
         */
        for (unsigned slot = 0; cpu->used >> slot; slot++)
            cpu->lr[slot] = (cpu->lr[slot] & ~(ICH_LR_HW | ICH_LR_pINTID)) | ICH_LR_EOI;
    }
    cpu->hcr |= cpu->vmcr & ICH_VMCR_VENG0 ? ICH_HCR_VGrp0DIE : ICH_HCR_VGrp0EIE;
    cpu->hcr |= cpu->vmcr & ICH_VMCR_VENG1 ? ICH_HCR_VGrp1DIE : ICH_HCR_VGrp1EIE;
    cpu->armed = true;
}

void vcpu_gic_fill(struct vcpu_gic *gic, struct gic_cpu *cpu)
{
    struct order order;

    cpu->left = 0;
    cpu->armed = false;
    cpu->hcr = ICH_HCR_En | (gic->tdir ? ICH_HCR_TDIR : 0);
    order_begin(gic, cpu, &order);
    for (uint32_t banks = gic->busy | 1; banks; banks &= banks - 1) {
        unsigned n = (unsigned)__builtin_ctz(banks);
        const struct gic_bank *bank = gic_bank(gic, cpu, n);

        if (!(gic_pending(bank) | bank->active | bank->listed))
            gic->busy &= ~(1u << n);
        for (uint32_t bits = gic_candidates(gic, bank); bits; bits &= bits - 1) {
            unsigned i = (unsigned)__builtin_ctz(bits);

            if (vcpu_gic_whose(gic, cpu, n, i) == cpu->index)
                cpu->left |= order_add(&order, key_of(&order, bank, n, i));
        }
    }
    for (unsigned slot = 0; slot < order.count; slot++) {
        uint32_t intid = (uint32_t)FIELD_GET(KEY_INTID, order.key[slot]);

        vcpu_gic_list(gic, cpu, intid / 32, intid % 32, slot);
    }
    if (cpu->left & GIC_LEFT_ACTIVE) {
        cpu->hcr |= ICH_HCR_LRENPIE;
        cpu->armed = true;
    }
    if (cpu->left & GIC_LEFT_PENDING)
        ask_for_more(cpu);
}

/* The first value of the running priority that is not masked; 0x100 if nothing is active. */
static uint32_t running_priority(const struct vcpu_gic *gic, const struct gic_cpu *cpu)
{
    for (unsigned n = 0; n < 4; n++) {
        uint32_t apr = cpu->apr[0][n] | cpu->apr[1][n];

        if (apr)
            return (32 * n + (unsigned)__builtin_ctz(apr)) << (8 - gic->prebits);
    }
    return 0x100;
}

bool vcpu_gic_signals(const struct vcpu_gic *gic, const struct gic_cpu *cpu)
{
    uint32_t below = running_priority(gic, cpu);
    uint32_t pmr = (uint32_t)FIELD_GET(ICH_VMCR_VPMR, cpu->vmcr);

    for (unsigned slot = 0; cpu->used >> slot; slot++) {
        uint64_t lr = cpu->lr[slot];
        uint32_t enabled = lr & ICH_LR_Group ? ICH_VMCR_VENG1 : ICH_VMCR_VENG0;
        uint32_t priority = (uint32_t)FIELD_GET(ICH_LR_Priority, lr);

        if ((lr & ICH_LR_State) == ICH_LR_pending && (cpu->vmcr & enabled) && priority < pmr &&
            priority < below)
            return true;
    }
    return false;
}
