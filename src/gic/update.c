/* SPDX-License-Identifier: MIT */
/* Pure: it acts on the CPU through gic/interface/interface.h. */
#include "gic/update.h"

#include "gic/lists/lists.h"
#include "gic/lists/lr.h"
#include "gic/lists/queue.h"
#include "gic/writes/bits.h"

void vcpu_gic_begin(struct vcpu_gic *gic, struct gic_news *news, const struct gic_cpu *self)
{
    for (unsigned i = 0; i < VCPU_VM_MAX_VCPUS / 64; i++)
        news->vcpus[i] = 0;
    news->self = self;
    news->own = 0;
    news->ppis = 0;
    news->active = false;
    vcpu_gic_lock(&gic->lock);
}

static void set_active(const struct vcpu_gic *gic, const struct gic_bank *bank, uint32_t bits,
                       bool active)
{
    for (; bits && gic->set_active; bits &= bits - 1)
        gic->set_active(gic->host->ctx, bank->physical[__builtin_ctz(bits)], active);
}

/* A hook can wait for a lock of the host, so none is called with this lock held. */
void vcpu_gic_end(struct vcpu_gic *gic, const struct gic_news *news)
{
    while (gic->released) {
        struct gic_bank *bank = gic_bank(gic, NULL, (unsigned)__builtin_ctz(gic->released));
        uint32_t spis = bank->release;

        bank->release = 0;
        gic->released &= gic->released - 1;
        gic_unlock(&gic->lock);
        set_active(gic, bank, spis, false);
        vcpu_gic_lock(&gic->lock);
    }
    gic_unlock(&gic->lock);
    if (news->ppis)
        set_active(gic, &news->self->bank, news->ppis, news->active);
    for (unsigned word = 0; word < VCPU_VM_MAX_VCPUS / 64; word++)
        for (uint64_t bits = news->vcpus[word]; bits; bits &= bits - 1)
            gic_notify(gic, 64 * word + (unsigned)__builtin_ctzll(bits));
}

void vcpu_gic_fetch(const struct vcpu_gic *gic, struct gic_cpu *cpu)
{
    for (uint32_t slots = cpu->used; slots; slots &= slots - 1) {
        unsigned slot = (unsigned)__builtin_ctz(slots);

        cpu->lr[slot] = gic->interface->read(gic, slot, cpu->lr[slot]);
    }
    cpu->vmcr = gic->interface->read_vmcr(gic);
    if (cpu->left & GIC_LEFT_ACTIVE)
        cpu->eois = (uint32_t)FIELD_GET(ICH_HCR_EOIcount, gic->interface->read_hcr(gic));
}

struct gic_seen vcpu_gic_see(const struct vcpu_gic *gic, const struct gic_cpu *cpu, unsigned n)
{
    struct gic_seen seen = {0, 0, 0};

    for (uint32_t slots = cpu->used; slots; slots &= slots - 1) {
        unsigned slot = (unsigned)__builtin_ctz(slots);
        uint32_t intid = lr_intid(cpu->lr[slot]), bit = 1u << intid % 32;
        uint64_t lr;

        if (intid / 32 != n)
            continue;
        lr = gic->interface->read(gic, slot, cpu->lr[slot]);
        seen.listed |= bit;
        seen.pending |= lr & ICH_LR_pending ? bit : 0;
        seen.active |= lr & ICH_LR_active ? bit : 0;
    }
    return seen;
}

void vcpu_gic_store(const struct vcpu_gic *gic, struct gic_cpu *cpu)
{
    for (uint32_t slots = cpu->used | cpu->loaded; slots; slots &= slots - 1) {
        unsigned slot = (unsigned)__builtin_ctz(slots);

        gic->interface->write(gic, slot, cpu->lr[slot]);
    }
    cpu->loaded = cpu->used;
    gic->interface->write_hcr(gic, cpu->hcr);
}

void vcpu_gic_recall(struct vcpu_gic *gic, struct gic_cpu *cpu, struct gic_news *news)
{
    if (!(cpu->used | cpu->left))
        return;
    vcpu_gic_fetch(gic, cpu);
    vcpu_gic_fold(gic, cpu, news);
}

/* A maintenance interrupt may come: the exit path then looks for it. */
static void watch(const struct vcpu_gic *gic, const struct gic_cpu *cpu)
{
    if (cpu->armed)
        vcpu_device_watch(vcpu_vm_vcpu(gic->vm, cpu->index));
}

void vcpu_gic_present(struct vcpu_gic *gic, struct gic_cpu *cpu, struct gic_news *news)
{
    vcpu_gic_open_mail(gic, cpu, news);
    if (gic->sources)
        gic->sources->queued(gic, cpu, news);
    atomic_store_explicit(&cpu->dirty, cpu->write.bits != 0, memory_order_relaxed);
    news->ppis |= news->active ? gic_held(cpu) : cpu->bank.release & ~gic_held(cpu);
    cpu->bank.release = 0;
    if (cpu->levels[GIC_ACTIVE])
        gic->interface->read_apr(gic, cpu);
    vcpu_gic_fill(gic, cpu);
    if (gic->shared)
        gic->share->filled(gic, cpu);
    vcpu_gic_settled(gic, cpu);
    vcpu_gic_end(gic, news);
    /* No other CPU changes what is listed here. */
    vcpu_gic_store(gic, cpu);
    watch(gic, cpu);
}

bool vcpu_gic_present_one(struct vcpu_gic *gic, struct gic_cpu *cpu, unsigned n, unsigned i,
                          struct gic_news *news)
{
    const struct gic_bank *bank = gic_bank(gic, cpu, n);
    unsigned slot = (unsigned)__builtin_ctz(~cpu->used);
    bool listed = bank->listed >> i & 1;
    const struct gic_cpu *to;

    /* If some were left out, it matters which ones are listed. */
    if (cpu->left | cpu->bank.release)
        return false;
    if (listed) {
        slot = bank->slot[i];
        cpu->lr[slot] = gic->interface->read(gic, slot, cpu->lr[slot]);
        to = vcpu_gic_fold_slot(gic, cpu, slot);
        if (cpu->bank.release)
            return false;
    } else {
        to = vcpu_gic_requeue(gic, cpu, n, i, false);
    }
    if (to == cpu && ((vcpu_gic_open(gic, bank) | bank->active) >> i & 1)) {
        if (slot >= gic->lrs)
            return false;
        vcpu_gic_list(gic, cpu, n, i, slot);
        vcpu_gic_requeue(gic, cpu, n, i, false);
    } else {
        if (to != cpu) /* an SPI may have another target by now */
            vcpu_gic_touch(gic, cpu, n, 1u << i, news);
        if (!listed)
            return true;
    }
    gic->interface->write(gic, slot, cpu->lr[slot]);
    cpu->loaded |= 1u << slot;
    watch(gic, cpu);
    return true;
}

/* For an interrupt of the host the rest is left for the next vcpu_run, before the guest goes on. */
static bool postpone(const struct vcpu_gic *gic, struct gic_cpu *cpu)
{
    if (!vcpu_cpu_is_interrupted())
        return false;
    atomic_store_explicit(&cpu->dirty, true, memory_order_relaxed);
    vcpu_device_postpone(vcpu_vm_vcpu(gic->vm, cpu->index));
    return true;
}

void vcpu_gic_settle(struct vcpu_gic *gic, struct gic_cpu *cpu, struct gic_news *news)
{
    unsigned own = news->own;
    bool left = cpu->write.bits ||
                (own && (own == GIC_MANY ||
                         !vcpu_gic_present_one(gic, cpu, (own - 1) / 32, (own - 1) % 32, news)));

    if (left)
        atomic_store_explicit(&cpu->dirty, true, memory_order_relaxed);
    vcpu_gic_end(gic, news);
    if (left && !postpone(gic, cpu))
        vcpu_gic_update(gic, cpu, false);
}

bool vcpu_gic_is_behind(const struct vcpu_gic *gic, const struct gic_cpu *cpu)
{
    return atomic_load_explicit(&cpu->dirty, memory_order_relaxed) ||
           (cpu->armed && gic->interface->maintenance(gic));
}

void vcpu_gic_go_on_writing(struct vcpu_gic *gic, struct gic_cpu *cpu)
{
    struct gic_news news;

    vcpu_gic_begin(gic, &news, cpu);
    vcpu_gic_write_piece(gic, cpu, &news);
    if (news.own)
        atomic_store_explicit(&cpu->dirty, true, memory_order_relaxed);
    vcpu_gic_end(gic, &news);
}

void vcpu_gic_stop_writing(struct vcpu_gic *gic, struct gic_cpu *cpu)
{
    while (cpu->write.bits && cpu->write.offset <= GIC_WRITE_CHOOSE) {
        uint64_t daif = vcpu_cpu_mask();

        vcpu_gic_go_on_writing(gic, cpu);
        vcpu_cpu_restore(daif);
    }
    cpu->write.bits = 0;
}

/*
 * In steps, of which each makes progress, and between which an interrupt of the host goes first. ends:
 * this run ends anyway, or has not begun.
 */
static __attribute__((noinline)) void catch_up(struct vcpu_gic *gic, struct gic_cpu *cpu, bool ends)
{
    struct gic_news news;

    do {
        while (cpu->write.bits) {
            vcpu_gic_go_on_writing(gic, cpu);
            if (postpone(gic, cpu))
                return;
        }
        if (cpu->used | cpu->left) {
            vcpu_gic_fetch(gic, cpu);
            /* The maintenance interrupt has been heard, and is none of the host's. */
            gic->interface->write_hcr(gic, 0);
            vcpu_gic_begin(gic, &news, cpu);
            vcpu_gic_fold(gic, cpu, &news);
            vcpu_gic_end(gic, &news);
            if (!ends && postpone(gic, cpu))
                return;
        }
    } while (gic->share && gic->share->come(gic, cpu));
    vcpu_gic_begin(gic, &news, cpu);
    vcpu_gic_present(gic, cpu, &news);
}

void vcpu_gic_update(struct vcpu_gic *gic, struct gic_cpu *cpu, bool between_runs)
{
    if (vcpu_gic_is_behind(gic, cpu))
        catch_up(gic, cpu, between_runs && vcpu_cpu_is_interrupted());
    else
        watch(gic, cpu);
}
