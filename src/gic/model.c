/* SPDX-License-Identifier: MIT */
/* Pure: interrupts, and which vCPUs they concern. */
#include "gic/model.h"

#include "gic/lists/queue.h"

void vcpu_gic_tell(struct gic_cpu *cpu, bool work, struct gic_news *news)
{
    if (!cpu->present || cpu == news->self)
        return;
    /*
     * If both were set before, the one who set them has given notice or will, and nothing was
     * brought up to date since.
     */
    bool known = atomic_exchange_explicit(&cpu->dirty, true, memory_order_relaxed);

    if (work)
        known &= atomic_exchange_explicit(&cpu->work, true, memory_order_relaxed);
    if (!known)
        news->vcpus[cpu->index / 64] |= BIT(cpu->index % 64);
}

__attribute__((noinline)) uint32_t vcpu_gic_open(const struct vcpu_gic *gic,
                                                 const struct gic_bank *bank)
{
    return gic_open(gic, bank);
}

uint16_t vcpu_gic_whose(const struct vcpu_gic *gic, const struct gic_cpu *home, unsigned n,
                        unsigned i)
{
    if (n == 0)
        return home->index;

    const struct gic_spis *spis = &gic->spis[n - 1];

    return (spis->bank.listed | spis->bank.active) >> i & 1 ? spis->owner[i] : spis->target[i];
}

void vcpu_gic_touch(struct vcpu_gic *gic, struct gic_cpu *home, unsigned n, uint32_t bits,
                    struct gic_news *news)
{
    const struct gic_bank *bank = gic_bank(gic, home, n);
    uint32_t work = gic_pending(bank) & vcpu_gic_open(gic, bank) & ~bank->active;
    uint32_t told = bank->listed | (n == 0 ? bank->release : 0);

    for (; bits; bits &= bits - 1) {
        unsigned i = (unsigned)__builtin_ctz(bits);
        struct gic_cpu *cpu;

        if (gic->shared >> n & 1)
            gic->share->choose(gic, n, i);
        cpu = vcpu_gic_requeue(gic, home, n, i, false);
        if (told >> i & 1)
            cpu = gic_cpu_at(gic, vcpu_gic_whose(gic, home, n, i));
        else if (!cpu || !((work | bank->active) >> i & 1))
            continue; /* it needs none, or GICD_CTLR disables its group */
        if (cpu == news->self)
            news->own = news->own ? GIC_MANY : (uint16_t)(1 + 32 * n + i);
        else
            vcpu_gic_tell(cpu, work >> i & 1, news);
    }
}

void vcpu_gic_begin_write(struct vcpu_gic *gic, uint32_t enables)
{
    gic->unsettled++;
    gic->ctlr = (gic->ctlr ^ enables) | (gic->version == 3 ? GICD_CTLR_RWP : 0);
}

void vcpu_gic_end_write(struct vcpu_gic *gic)
{
    if (--gic->unsettled == 0)
        gic->ctlr &= ~(uint32_t)GICD_CTLR_RWP;
}

void vcpu_gic_unsettle(struct vcpu_gic *gic, struct gic_cpu *cpu)
{
    if (gic->version != 3 || cpu->unsettled)
        return;
    cpu->unsettled = true;
    vcpu_gic_begin_write(gic, 0);
}

void vcpu_gic_settled(struct vcpu_gic *gic, struct gic_cpu *cpu)
{
    if (!cpu->unsettled)
        return;
    cpu->unsettled = false;
    vcpu_gic_end_write(gic);
}

uint32_t vcpu_gic_touch_some(struct vcpu_gic *gic, uint32_t first, struct gic_news *news)
{
    uint32_t end = first + 16 < gic->max_vcpus ? first + 16 : gic->max_vcpus;

    /* Notice costs up to 300 instructions, a look 45. */
    for (unsigned told = 0; first < end && told < 4; first++) {
        struct gic_cpu *cpu = gic->cpu[first];

        if (!(cpu->levels[GIC_PENDING0] | cpu->levels[GIC_PENDING1] | cpu->used))
            continue;
        vcpu_gic_tell(cpu, true, news);
        if (cpu->used && cpu != news->self)
            vcpu_gic_unsettle(gic, cpu);
        told++;
    }
    return first;
}

void vcpu_gic_release(struct vcpu_gic *gic, struct gic_cpu *home, unsigned n, uint32_t bits)
{
    struct gic_bank *bank = gic_bank(gic, home, n);

    bank->release |= bits & bank->hw;
    if (n != 0 && bank->release)
        gic->released |= 1u << n;
}

void vcpu_gic_deactivate(struct vcpu_gic *gic, struct gic_cpu *home, unsigned n, uint32_t bits)
{
    struct gic_bank *bank = gic_bank(gic, home, n);

    vcpu_gic_release(gic, home, n, bits & bank->active & ~bank->listed);
    bank->active &= ~bits;
    bank->soft &= ~bits | bank->soft_latch | bank->listed;
    bank->forced |= bits & bank->listed;
}

void vcpu_gic_unlatch(struct vcpu_gic *gic, struct gic_cpu *home, unsigned n, uint32_t bits)
{
    struct gic_bank *bank = gic_bank(gic, home, n);

    vcpu_gic_release(gic, home, n, bits & bank->latch & ~bank->active & ~bank->listed);
    bank->dropped |= bits & bank->latch & bank->listed;
    bank->latch &= ~bits;
    bank->soft_latch &= ~bits;
    bank->soft &= ~bits | bank->active | bank->listed;
    bank->latch_listed &= ~bits;
}

bool vcpu_gic_drive(struct vcpu_gic *gic, struct gic_cpu *home, unsigned n, uint32_t bit,
                    bool level)
{
    struct gic_bank *bank = gic_bank(gic, home, n);
    uint32_t before = bank->line;

    if (bank->hw & bit) {
        /*
         * A physical interrupt does not come again while it is active: this is the one that the
         * guest has.
         */
        if (level && (bank->active & ~bank->listed & bit))
            return false;
        /* The host took it, or withdraws it: each call counts. */
        if (level)
            bank->latch |= bit;
        else
            vcpu_gic_unlatch(gic, home, n, bit & ~gic_by_software(bank));
        return true;
    }
    bank->line = level ? before | bit : before & ~bit;
    if (bank->line == before)
        return false;
    if (bank->edge & bit) {
        bank->latch |= bank->line & bit;
        return level;
    }
    return true;
}

bool vcpu_gic_message(struct vcpu_gic *gic, struct gic_cpu *home, unsigned n, uint32_t bit,
                      bool set)
{
    struct gic_bank *bank = gic_bank(gic, home, n);

    if (!((bank->edge | bank->hw) & bit)) {
        bank->message = set ? bank->message | bit : bank->message & ~bit;
        return true;
    }
    if (set) {
        /* Of one with a physical source it is software's, as a write to ISPENDR. */
        bank->soft |= bit & bank->hw;
        bank->soft_latch |= bit & bank->hw;
        bank->latch |= bit;
    } else {
        vcpu_gic_unlatch(gic, home, n, bit);
    }
    return true;
}

void vcpu_gic_open_mail(struct vcpu_gic *gic, struct gic_cpu *cpu, struct gic_news *news)
{
    uint32_t mail;

    if (!atomic_load_explicit(&cpu->mail, memory_order_relaxed))
        return;
    mail =
        atomic_fetch_and_explicit(&cpu->mail, GIC_MAIL_REST, memory_order_acquire) & ~GIC_MAIL_REST;
    for (uint32_t sgis = mail; sgis; sgis &= sgis - 1) {
        unsigned sgi = (unsigned)__builtin_ctz(sgis);

        gic_latch_sgi(cpu, sgi, gic_senders(gic, cpu, sgi));
    }
    vcpu_gic_touch(gic, cpu, 0, mail, news);
}

/* GICD_TYPER, and GICD_CTLR without the enables. */
static void reset_identity(struct vcpu_gic *gic)
{
    gic->typer = (uint32_t)FIELD_PREP(GICD_TYPER_ITLinesNumber, gic->banks - 1);
    if (gic->version == 2) {
        gic->typer |= (uint32_t)FIELD_PREP(GICD_TYPER_CPUNumber, gic->max_vcpus - 1);
        return;
    }
    gic->typer |= (uint32_t)(FIELD_PREP(GICD_TYPER_IDbits, 9) | GICD_TYPER_MBIS | GICD_TYPER_No1N |
                             GICD_TYPER_RSS | (gic->a3v ? GICD_TYPER_A3V : 0));
    /* Affinity routing and one security state cannot be changed. */
    gic->ctlr = GICD_CTLR_ARE | GICD_CTLR_DS;
}

void vcpu_gic_reset_model(struct vcpu_gic *gic, unsigned spis)
{
    gic->intids = (uint16_t)(GIC_PRIVATE + spis);
    gic->banks = (uint8_t)((gic->intids + 31) / 32);
    reset_identity(gic);
    for (unsigned n = 1; n < gic->banks; n++) {
        unsigned there = gic->intids - 32 * n;

        gic->spis[n - 1].bank.valid = there < 32 ? (1u << there) - 1 : ~0u;
        /* Targets are set when vCPUs are created. */
        for (unsigned i = 0; i < 32; i++)
            gic->spis[n - 1].route[i] = gic_route_at_reset(gic);
    }
    for (uint16_t i = 0; i < gic->max_vcpus; i++) {
        gic->cpu[i]->index = i;
        gic->cpu[i]->bank.valid = ~0u;
        gic->cpu[i]->bank.edge = gic_edges_at_reset(0);
        gic->cpu[i]->asleep = true;
    }
}
