/* SPDX-License-Identifier: MIT */
/*
 * What happens when: at an access of the guest, a line of the host, an entry, an exit. Pure: it
 * acts on the CPU through gic/cpu.h.
 *
 * The lock is held, and the vCPU is resident here, wherever list registers are moved.
 */
#include "gic/device.h"

#include <vcpu/sysreg.h>

#include "gic/lists.h"
#include "gic/registers.h"

#define ICC_SGI1R_EL1  VCPU_SYSREG(3, 0, 12, 11, 5)
#define ICC_ASGI1R_EL1 VCPU_SYSREG(3, 0, 12, 11, 6)
#define ICC_SGI0R_EL1  VCPU_SYSREG(3, 0, 12, 11, 7)
#define ICC_DIR_EL1    VCPU_SYSREG(3, 0, 12, 11, 1)

static struct gic_cpu *cpu_of(const struct vcpu_gic *gic, const struct vcpu *vcpu)
{
    return gic->cpu[vcpu_index(vcpu)];
}

static bool is_here(const struct gic_cpu *cpu)
{
    return atomic_load_explicit(&cpu->resident, memory_order_relaxed) == vcpu_gic_cpu_id();
}

static __attribute__((noinline)) void begin(struct vcpu_gic *gic, struct gic_news *news,
                                            const struct gic_cpu *self)
{
    for (unsigned i = 0; i < VCPU_VM_MAX_VCPUS / 64; i++)
        news->vcpus[i] = 0;
    news->count = 0;
    news->self = self;
    gic_lock(&gic->lock);
}

/* The hooks that what happened needs are called without the lock. */
static __attribute__((noinline)) void end(struct vcpu_gic *gic, const struct gic_news *news)
{
    gic_unlock(&gic->lock);
    for (unsigned i = 0; i < news->count; i++)
        gic->set_active(gic->host->ctx, (uint16_t)(news->physical[i] & ~NEWS_ACTIVE),
                        news->physical[i] & NEWS_ACTIVE);
    for (unsigned word = 0; word < VCPU_VM_MAX_VCPUS / 64; word++)
        for (uint64_t bits = news->vcpus[word]; bits; bits &= bits - 1) {
            struct vcpu *vcpu = vcpu_vm_vcpu(gic->vm, 64 * word + (unsigned)__builtin_ctzll(bits));

            if (vcpu)
                vcpu_device_notify(vcpu);
        }
}

/* The banks have all that the list registers had. */
static void recall(struct vcpu_gic *gic, struct gic_cpu *cpu, struct gic_news *news)
{
    if (!(cpu->used | cpu->left))
        return;
    gic->interface->fetch(gic, cpu);
    vcpu_gic_fold(gic, cpu, news);
}

/* A maintenance interrupt may come: the way out of the guest looks whether it was one. */
static void watch(const struct vcpu_gic *gic, const struct gic_cpu *cpu)
{
    if (cpu->armed)
        vcpu_device_watch(vcpu_vm_vcpu(gic->vm, cpu->index));
}

/* And the list registers what they should have. */
static void present(struct vcpu_gic *gic, struct gic_cpu *cpu, struct gic_news *news)
{
    atomic_store_explicit(&cpu->dirty, false, memory_order_relaxed);
    vcpu_gic_set_physical(gic, &cpu->bank, cpu->release & ~gic_held(cpu), false, news);
    cpu->release = 0;
    vcpu_gic_fill(gic, cpu);
    gic->interface->store(gic, cpu);
    watch(gic, cpu);
}

static void refresh(struct vcpu_gic *gic, struct gic_cpu *cpu, struct gic_news *news)
{
    recall(gic, cpu, news);
    present(gic, cpu, news);
}

/* The short way of refresh, if one interrupt of this vCPU changed. false: no other will do. */
static bool refresh_one(struct vcpu_gic *gic, struct gic_cpu *cpu, unsigned n, unsigned i,
                        struct gic_news *news)
{
    struct gic_bank *bank = gic_bank(gic, cpu, n);
    uint32_t bit = 1u << i;
    unsigned slot;

    /* Where some found no room it matters which ones are listed. */
    if (cpu->left | cpu->release)
        return false;
    if (bank->listed & bit) {
        slot = bank->slot[i];
        cpu->lr[slot] = gic->interface->read(gic, slot, cpu->lr[slot]);
        vcpu_gic_fold_slot(gic, cpu, slot, news);
        if (cpu->release)
            return false;
    } else {
        uint32_t free = ~cpu->used & ((1u << gic->lrs) - 1);

        if (!(gic_candidates(gic, bank) & bit))
            return true;
        if (!free)
            return false;
        slot = (unsigned)__builtin_ctz(free);
    }
    if (n != 0)
        gic->busy |= 1u << n;
    if (gic_candidates(gic, bank) & bit)
        vcpu_gic_list(gic, cpu, n, i, slot);
    gic->interface->write(gic, slot, cpu->lr[slot]);
    cpu->loaded |= 1u << slot;
    watch(gic, cpu);
    return true;
}

/*
 * The shortest way, for an SGI or PPI that has just come and is no level: it is pending in its own
 * list register, if that is empty again, or in a free one. false: there is more to it than that.
 */
static bool present_at_once(struct vcpu_gic *gic, struct gic_cpu *cpu, unsigned i)
{
    struct gic_bank *bank = &cpu->bank;
    uint32_t bit = 1u << i, free = ~cpu->used & ((1u << gic->lrs) - 1);
    unsigned slot = bank->slot[i];
    uint64_t lr = ICH_LR_pending | FIELD_PREP(ICH_LR_Priority, bank->priority[i]) | i;

    if (!(gic_open(gic, bank) & bit))
        return false;
    if (bank->listed & bit) {
        /* The one before was taken, and ended: this is of no lower priority than what waits. */
        if (gic->interface->read(gic, slot, cpu->lr[slot]) & ICH_LR_State)
            return false;
    } else {
        if (!free || (bank->active & bit))
            return false;
        slot = (unsigned)__builtin_ctz(free);
        bank->slot[i] = (uint8_t)slot;
        bank->listed |= bit;
        cpu->used |= 1u << slot;
        cpu->loaded |= 1u << slot;
    }
    if (bank->group & bit)
        lr |= ICH_LR_Group;
    if (bank->hw & bit)
        lr |= ICH_LR_HW | FIELD_PREP(ICH_LR_pINTID, bank->physical[i]);
    bank->latch &= ~bit;
    bank->latch_listed |= bit;
    cpu->lr[slot] = lr;
    gic->interface->write(gic, slot, lr);
    return true;
}

/* An access that concerns more than one word in memory. Apart, for the sake of those that do not. */
static __attribute__((noinline)) void
access_state(struct vcpu_gic *gic, const struct gic_access *access, bool write, uint64_t *data)
{
    struct gic_news news;

    begin(gic, &news, access->cpu);
    recall(gic, access->cpu, &news);
    if (write)
        vcpu_gic_write(gic, access, *data, &news);
    else
        *data = vcpu_gic_read(gic, access, &news);
    present(gic, access->cpu, &news);
    end(gic, &news);
}

static __attribute__((noinline)) bool access_any(struct vcpu_gic *gic, struct vcpu *vcpu,
                                                 vcpu_ipa_t ipa, unsigned size, bool write,
                                                 uint64_t *data)
{
    struct gic_cpu *cpu = cpu_of(gic, vcpu);
    struct gic_access access;

    if (!cpu || !vcpu_gic_locate(gic, cpu, ipa.value, size, &access))
        return false;
    if (write || vcpu_gic_reads_state(&access))
        access_state(gic, &access, write, data);
    else
        *data = vcpu_gic_read(gic, &access, NULL);
    return true;
}

static bool gic_mmio(void *ctx, struct vcpu *vcpu, vcpu_ipa_t ipa, unsigned size, bool write,
                     uint64_t *data)
{
    if (!write && size == 4 && vcpu_gic_read_plain(ctx, ipa.value, data))
        return true;
    return access_any(ctx, vcpu, ipa, size, write, data);
}

static __attribute__((noinline)) void send_sgi(struct vcpu_gic *gic, struct gic_cpu *cpu,
                                               uint64_t sgir, bool group1)
{
    unsigned sgi = (unsigned)FIELD_GET(SGIR_INTID, sgir);
    bool to_self = false;
    struct gic_news news;

    begin(gic, &news, cpu);
    for (unsigned i = 0; i < gic->max_vcpus; i++) {
        struct gic_cpu *to = gic->cpu[i];

        if (!to->present || !vcpu_gic_is_target(sgir, cpu, to) ||
            !vcpu_gic_send(gic, to, sgi, cpu->index, group1))
            continue;
        to_self |= to == cpu;
        vcpu_gic_touch(gic, to, 0, 1u << sgi, &news);
    }
    if (to_self && !refresh_one(gic, cpu, 0, sgi, &news))
        refresh(gic, cpu, &news);
    end(gic, &news);
}

/* An SGI of any group to itself, as is frequent. false: it is not, or there is more to it. */
static bool send_to_self(struct vcpu_gic *gic, struct gic_cpu *cpu, uint64_t sgir)
{
    bool done;

    if ((sgir & ~SGIR_INTID) != cpu->self_sgi)
        return false;
    gic_lock(&gic->lock);
    done = present_at_once(gic, cpu, (unsigned)FIELD_GET(SGIR_INTID, sgir));
    gic_unlock(&gic->lock);
    return done;
}

/* ICC_DIR_EL1, trapped because the hardware knows only what this vCPU has listed. */
static void deactivate(struct vcpu_gic *gic, struct gic_cpu *cpu, uint64_t dir)
{
    uint32_t intid = (uint32_t)FIELD_GET(DIR_INTID, dir);
    struct gic_news news;

    if (intid >= gic->intids)
        return;
    begin(gic, &news, cpu);
    recall(gic, cpu, &news);
    vcpu_gic_deactivate(gic, cpu, intid / 32, 1u << intid % 32, &news);
    vcpu_gic_touch(gic, cpu, intid / 32, 1u << intid % 32, &news);
    present(gic, cpu, &news);
    end(gic, &news);
}

static bool gic_sysreg(void *ctx, struct vcpu *vcpu, uint32_t encoding, bool write, uint64_t *value)
{
    struct vcpu_gic *gic = ctx;
    struct gic_cpu *cpu = cpu_of(gic, vcpu);

    /* They are write-only: a read is UNDEFINED. */
    if (!cpu || !write || gic->version != 3)
        return false;
    switch (encoding) {
    case ICC_SGI1R_EL1:
        if (!send_to_self(gic, cpu, *value))
            send_sgi(gic, cpu, *value, true);
        return true;
    case ICC_SGI0R_EL1:
    case ICC_ASGI1R_EL1: /* with one security state there is no alternative but group 0 */
        send_sgi(gic, cpu, *value, false);
        return true;
    case ICC_DIR_EL1:
        deactivate(gic, cpu, *value);
        return true;
    default:
        return false;
    }
}

static void gic_load(void *ctx, struct vcpu *vcpu)
{
    struct vcpu_gic *gic = ctx;
    struct gic_cpu *cpu = cpu_of(gic, vcpu);
    struct gic_news news;

    if (!cpu)
        return;
    begin(gic, &news, cpu);
    atomic_store_explicit(&cpu->resident, vcpu_gic_cpu_id(), memory_order_relaxed);
    atomic_store_explicit(&cpu->work, false, memory_order_relaxed);
    /* Another's may be in any of them. */
    cpu->loaded = (1u << gic->lrs) - 1;
    gic->interface->enter(gic, cpu);
    /* So that the guest's end of it ends the physical one, here. */
    vcpu_gic_set_physical(gic, &cpu->bank, gic_held(cpu), true, &news);
    cpu->release = 0;
    present(gic, cpu, &news);
    end(gic, &news);
}

static void gic_put(void *ctx, struct vcpu *vcpu)
{
    struct vcpu_gic *gic = ctx;
    struct gic_cpu *cpu = cpu_of(gic, vcpu);
    struct gic_news news;

    if (!cpu)
        return;
    begin(gic, &news, cpu);
    gic->interface->fetch(gic, cpu);
    gic->interface->fetch_apr(gic, cpu);
    gic->interface->leave(gic);
    /* Listed once more, only to see whether there is a reason to come back. */
    vcpu_gic_fold(gic, cpu, &news);
    vcpu_gic_fill(gic, cpu);
    atomic_store_explicit(&cpu->work, vcpu_gic_signals(gic, cpu), memory_order_relaxed);
    atomic_store_explicit(&cpu->dirty, false, memory_order_relaxed);
    vcpu_gic_fold(gic, cpu, &news);
    cpu->left = 0;
    /* Or the next vCPU's would never come here. */
    vcpu_gic_set_physical(gic, &cpu->bank, cpu->release | gic_held(cpu), false, &news);
    atomic_store_explicit(&cpu->resident, 0, memory_order_relaxed);
    end(gic, &news);
}

/* The CPU interface is reset; the redistributor keeps what it has, as when a CPU loses power. */
static void gic_reset(void *ctx, struct vcpu *vcpu)
{
    struct vcpu_gic *gic = ctx;
    struct gic_cpu *cpu = cpu_of(gic, vcpu);
    uint64_t daif;
    struct gic_news news;

    if (!cpu)
        return;
    daif = vcpu_gic_cpu_mask();
    begin(gic, &news, cpu);
    if (!cpu->present)
        vcpu_gic_meet(gic, cpu, vcpu_mpidr(vcpu));
    cpu->vmcr = 0;
    for (unsigned n = 0; n < 4; n++)
        cpu->apr[0][n] = cpu->apr[1][n] = 0;
    end(gic, &news);
    vcpu_gic_cpu_restore(daif);
}

/* Are the list registers behind what the guest, or somebody else, did? */
static bool needs_sync(const struct vcpu_gic *gic, const struct gic_cpu *cpu)
{
    return atomic_load_explicit(&cpu->dirty, memory_order_relaxed) ||
           (cpu->armed && gic->interface->maintenance(gic));
}

static void gic_sync(void *ctx, struct vcpu *vcpu)
{
    struct vcpu_gic *gic = ctx;
    struct gic_cpu *cpu = cpu_of(gic, vcpu);
    struct gic_news news;

    if (!cpu || !needs_sync(gic, cpu))
        return;
    begin(gic, &news, cpu);
    refresh(gic, cpu, &news);
    end(gic, &news);
}

static bool gic_has_work(void *ctx, const struct vcpu *vcpu)
{
    struct vcpu_gic *gic = ctx;
    struct gic_cpu *cpu = cpu_of(gic, vcpu);
    uint64_t daif;
    bool work;

    if (!cpu)
        return false;
    daif = vcpu_gic_cpu_mask();
    if (is_here(cpu)) {
        /* The hardware knows it best. */
        gic->interface->fetch(gic, cpu);
        gic->interface->fetch_apr(gic, cpu);
        work =
            vcpu_gic_signals(gic, cpu) || atomic_load_explicit(&cpu->dirty, memory_order_relaxed);
    } else {
        work = atomic_load_explicit(&cpu->work, memory_order_relaxed);
    }
    vcpu_gic_cpu_restore(daif);
    return work;
}

const struct vcpu_device_ops vcpu_gic_device = {
    .mmio = gic_mmio,
    .sysreg = gic_sysreg,
    .load = gic_load,
    .put = gic_put,
    .reset = gic_reset,
    .sync = gic_sync,
    .has_work = gic_has_work,
};

static void drive(struct vcpu_gic *gic, struct gic_cpu *home, uint32_t intid, bool level)
{
    uint64_t daif = vcpu_gic_cpu_mask();
    unsigned n = intid / 32, i = intid % 32;
    struct gic_bank *bank = gic_bank(gic, home, n);
    struct vcpu *woken = NULL;
    struct gic_news news;

    begin(gic, &news, NULL);
    if (vcpu_gic_drive(gic, home, n, 1u << i, level, &news)) {
        uint16_t whose = vcpu_gic_whose(gic, home, n, i);
        struct gic_cpu *cpu = whose < gic->max_vcpus ? gic->cpu[whose] : NULL;
        /* No level, and higher than before. */
        bool latched = n == 0 && level && ((bank->edge | bank->hw) >> i & 1);

        if (cpu && is_here(cpu) &&
            ((latched && present_at_once(gic, cpu, i)) || refresh_one(gic, cpu, n, i, &news))) {
            atomic_store_explicit(&cpu->work, true, memory_order_relaxed);
            woken = gic->host->wake ? vcpu_vm_vcpu(gic->vm, whose) : NULL;
        } else {
            vcpu_gic_touch(gic, home, n, 1u << i, &news);
        }
    }
    end(gic, &news);
    /* Its list registers have it, so there is no notice that would do it. */
    if (woken)
        gic->host->wake(gic->host->ctx, woken);
    vcpu_gic_cpu_restore(daif);
}

int vcpu_gic_set_line(struct vcpu_gic *gic, uint32_t intid, bool level)
{
    if (!gic || intid < GIC_PRIVATE || intid >= gic->intids)
        return VCPU_ERR_INVALID;
    drive(gic, NULL, intid, level);
    return VCPU_OK;
}

int vcpu_gic_set_ppi(struct vcpu_gic *gic, struct vcpu *vcpu, uint32_t intid, bool level)
{
    struct gic_cpu *cpu = gic && vcpu ? cpu_of(gic, vcpu) : NULL;

    if (!cpu || intid < GIC_SGIS || intid >= GIC_PRIVATE)
        return VCPU_ERR_INVALID;
    drive(gic, cpu, intid, level);
    return VCPU_OK;
}

int vcpu_gic_maintenance(struct vcpu_gic *gic, struct vcpu *vcpu)
{
    struct gic_cpu *cpu = gic && vcpu ? cpu_of(gic, vcpu) : NULL;
    uint64_t daif;

    if (!cpu)
        return VCPU_ERR_INVALID;
    daif = vcpu_gic_cpu_mask();
    if (is_here(cpu))
        gic_sync(gic, vcpu);
    vcpu_gic_cpu_restore(daif);
    return VCPU_OK;
}
