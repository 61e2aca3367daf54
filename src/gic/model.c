/* SPDX-License-Identifier: MIT */
/* Pure: interrupts, and which vCPUs they concern. */
#include "gic/model.h"

/* News for one vCPU. work: if it waits, it has a reason to go on. */
static void tell(struct vcpu_gic *gic, uint16_t index, bool work, struct gic_news *news)
{
    struct gic_cpu *cpu = index < gic->max_vcpus ? gic_cpu_at(gic, index) : NULL;

    if (!cpu || !cpu->present || cpu == news->self)
        return;
    /*
     * If both were set before, the one who set them has given notice or will, and nothing was
     * brought up to date since.
     */
    bool known = atomic_exchange_explicit(&cpu->dirty, true, memory_order_relaxed);

    if (work)
        known &= atomic_exchange_explicit(&cpu->work, true, memory_order_relaxed);
    if (!known)
        news->vcpus[index / 64] |= BIT(index % 64);
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
    struct gic_bank *bank = gic_bank(gic, home, n);
    uint32_t work = gic_pending(bank) & gic_open(gic, bank) & ~bank->active;

    if (n != 0 && (gic_pending(bank) | bank->active | bank->listed))
        gic->busy |= 1u << n;
    bits &= gic_candidates(gic, bank) | bank->listed | bank->release;
    for (; bits; bits &= bits - 1) {
        unsigned i = (unsigned)__builtin_ctz(bits);

        tell(gic, vcpu_gic_whose(gic, home, n, i), work >> i & 1, news);
    }
}

void vcpu_gic_touch_all(struct vcpu_gic *gic, struct gic_news *news)
{
    for (uint16_t i = 0; i < gic->max_vcpus; i++)
        tell(gic, i, true, news);
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
    bank->forced |= bits & bank->listed;
}

void vcpu_gic_unlatch(struct vcpu_gic *gic, struct gic_cpu *home, unsigned n, uint32_t bits)
{
    struct gic_bank *bank = gic_bank(gic, home, n);

    vcpu_gic_release(gic, home, n, bits & bank->latch & ~bank->active & ~bank->listed);
    bank->latch &= ~bits;
    bank->latch_listed &= ~bits;
}

bool vcpu_gic_drive(struct vcpu_gic *gic, struct gic_cpu *home, unsigned n, uint32_t bit,
                    bool level)
{
    struct gic_bank *bank = gic_bank(gic, home, n);
    uint32_t before = bank->line;

    bank->line = level ? before | bit : before & ~bit;
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
            vcpu_gic_unlatch(gic, home, n, bit);
        return true;
    }
    if (bank->line == before)
        return false;
    if (bank->edge & bit) {
        bank->latch |= bank->line & bit;
        return level;
    }
    return true;
}

void vcpu_gic_open_mail(struct vcpu_gic *gic, struct gic_cpu *cpu, struct gic_news *news)
{
    uint32_t mail = atomic_exchange_explicit(&cpu->mail, 0, memory_order_acquire);

    for (uint32_t sgis = mail; sgis; sgis &= sgis - 1) {
        unsigned sgi = (unsigned)__builtin_ctz(sgis);

        gic_latch_sgi(cpu, sgi, gic_senders(gic, cpu, sgi));
    }
    vcpu_gic_touch(gic, cpu, 0, mail, news);
}

uint16_t vcpu_gic_find(const struct vcpu_gic *gic, uint64_t affinity)
{
    uint16_t flat = affinity & 0xff;

    /* In most VMs Aff0 is the index. */
    if (flat < gic->max_vcpus && gic->cpu[flat]->present && gic->cpu[flat]->affinity == affinity)
        return flat;
    for (uint16_t i = 0; i < gic->max_vcpus; i++)
        if (gic->cpu[i]->present && gic->cpu[i]->affinity == affinity)
            return i;
    return GIC_NO_VCPU;
}

bool vcpu_gic_is_last(const struct vcpu_gic *gic, const struct gic_cpu *cpu)
{
    for (uint16_t i = (uint16_t)(cpu->index + 1); i < gic->max_vcpus; i++)
        if (gic->cpu[i]->present)
            return false;
    return true;
}

void vcpu_gic_route(const struct vcpu_gic *gic, struct gic_spis *spis, unsigned i)
{
    uint64_t route = spis->route[i];

    if (gic->version == 3)
        spis->target[i] = vcpu_gic_find(gic, (route >> 24) << 32 | (route & 0xffffff));
    else /* Of several targets any one may get it: take the first. */
        spis->target[i] = route ? (uint16_t)__builtin_ctzll(route) : GIC_NO_VCPU;
}

void vcpu_gic_meet(struct vcpu_gic *gic, struct gic_cpu *cpu, uint64_t affinity)
{
    uint16_t former = vcpu_gic_find(gic, affinity);

    if (former == cpu->index)
        return;
    if (former != GIC_NO_VCPU)
        gic->cpu[former]->present = false;
    cpu->present = true;
    cpu->affinity = affinity;
    cpu->self_sgi = FIELD_PREP(SGIR_Aff3, affinity >> 32) | FIELD_PREP(SGIR_Aff2, affinity >> 16) |
                    FIELD_PREP(SGIR_Aff1, affinity >> 8) |
                    FIELD_PREP(SGIR_RS, (affinity & 0xff) / 16) | BIT(affinity % 16);
    for (unsigned n = 1; n < gic->banks; n++)
        for (unsigned i = 0; i < 32; i++)
            vcpu_gic_route(gic, &gic->spis[n - 1], i);
}

/* GICD_TYPER, and GICD_CTLR without the enables. */
static void reset_identity(struct vcpu_gic *gic)
{
    gic->typer = (uint32_t)FIELD_PREP(GICD_TYPER_ITLinesNumber, gic->banks - 1);
    if (gic->version == 2) {
        gic->typer |= (uint32_t)FIELD_PREP(GICD_TYPER_CPUNumber, gic->max_vcpus - 1);
        return;
    }
    gic->typer |= (uint32_t)(FIELD_PREP(GICD_TYPER_IDbits, 9) | GICD_TYPER_No1N | GICD_TYPER_RSS |
                             (gic->a3v ? GICD_TYPER_A3V : 0));
    /* Affinity routing and one security state cannot be changed; RWP is always 0. */
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
        /*
         * With one CPU, version 2 has no writable ITARGETSR. Targets are set when vCPUs are
         * created.
         */
        for (unsigned i = 0; i < 32 && gic->version == 2 && gic->max_vcpus == 1; i++)
            gic->spis[n - 1].route[i] = 1;
    }
    for (uint16_t i = 0; i < gic->max_vcpus; i++) {
        gic->cpu[i]->index = i;
        gic->cpu[i]->bank.valid = ~0u;
        gic->cpu[i]->bank.edge = (1u << GIC_SGIS) - 1;
        gic->cpu[i]->asleep = true;
    }
}
