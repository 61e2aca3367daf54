/* SPDX-License-Identifier: MIT */
/*
 * The sources of forwarded interrupts. A guest lowers one without an exit, and no interrupt tells,
 * because the physical one is active. So a source is asked where its interrupt is looked at or could
 * be delivered. Pure.
 *
 * Only what has been pending because of its source ends with it: `soft` has those that ISPENDR made
 * pending. A PPI's source is asked on the CPU where its vCPU is resident, which has the device.
 */
#include "gic/cpu.h"
#include "gic/lists/lr.h"

/* So many that wait for a list register are asked in one go, with the lock held. */
#define MAX_ASKED 8u

/* Those of these interrupts of a bank that have a level-sensitive source, and are low. */
static uint32_t low(const struct vcpu_gic *gic, const struct gic_bank *bank, uint32_t bits)
{
    uint32_t found = 0;

    for (bits &= bank->hw & ~bank->edge; bits; bits &= bits - 1)
        if (!gic->is_asserted(gic->host->ctx, bank->physical[__builtin_ctz(bits)]))
            found |= bits & -bits;
    return found;
}

/*
 * Those of these of bank n whose source has fallen are not pending any more, and their physical
 * interrupts become inactive, so that they can come again. Returns them. Does not call touch.
 */
static uint32_t withdraw(struct vcpu_gic *gic, struct gic_cpu *home, unsigned n, uint32_t bits)
{
    const struct gic_bank *bank = gic_bank(gic, home, n);
    uint32_t fallen =
        low(gic, bank, bits & (bank->latch | bank->latch_listed) & ~gic_by_software(bank));

    if (fallen)
        vcpu_gic_unlatch(gic, home, n, fallen);
    return fallen;
}

/* The same for those of these that are in no list register. */
static void withdraw_unlisted(struct vcpu_gic *gic, struct gic_cpu *home, unsigned n, uint32_t bits,
                              struct gic_news *news)
{
    uint32_t fallen = withdraw(gic, home, n, bits & ~gic_bank(gic, home, n)->listed);

    if (fallen)
        vcpu_gic_touch(gic, home, n, fallen, news);
}

/* The vCPU is resident elsewhere, or nowhere. What is pending and not listed is looked at there. */
static void leave_to_its_cpu(struct gic_cpu *home, struct gic_news *news)
{
    struct gic_bank *bank = &home->bank;

    bank->line &= ~bank->hw;
    if (!(bank->hw & bank->latch))
        return;
    if (!atomic_exchange_explicit(&home->dirty, true, memory_order_relaxed))
        news->vcpus[home->index / 64] |= BIT(home->index % 64);
}

/* Returns those of its sources that are low, but for what software made pending. */
static uint32_t read(struct vcpu_gic *gic, struct gic_cpu *home, unsigned n, struct gic_news *news)
{
    struct gic_bank *bank = gic_bank(gic, home, n);
    uint32_t fallen;

    if (n == 0 && !gic_is_here(home)) {
        leave_to_its_cpu(home, news);
        return 0;
    }
    withdraw_unlisted(gic, home, n, ~0u, news);
    fallen = low(gic, bank, ~0u);
    bank->line = (bank->line | bank->hw) & ~fallen;
    return fallen & ~gic_by_software(bank);
}

/* About those that are listed the fold asks. */
static void written(struct vcpu_gic *gic, struct gic_cpu *home, unsigned n, uint32_t bits,
                    struct gic_news *news)
{
    struct gic_bank *bank = gic_bank(gic, home, n);
    uint32_t listed = bits & bank->hw & bank->listed;

    if (n == 0 && !gic_is_here(home))
        leave_to_its_cpu(home, news);
    else
        withdraw_unlisted(gic, home, n, bits, news);
    if (listed)
        vcpu_gic_touch(gic, home, n, listed, news);
}

static void folded(struct vcpu_gic *gic, struct gic_cpu *cpu, uint64_t lr)
{
    uint32_t intid = lr_intid(lr);

    if (lr & ICH_LR_pending)
        withdraw(gic, cpu, intid / 32, 1u << intid % 32);
}

/* Of SPIs the first few that would be listed. */
static void queued(struct vcpu_gic *gic, struct gic_cpu *cpu, struct gic_news *news)
{
    unsigned asked = 0;

    withdraw_unlisted(gic, cpu, 0, ~0u, news);
    for (unsigned kind = 0; kind < GIC_ACTIVE; kind++)
        for (uint32_t levels = cpu->levels[kind]; levels; levels &= levels - 1) {
            uint16_t *head = &cpu->head[GIC_LEVELS * kind + (unsigned)__builtin_ctz(levels)];
            unsigned intid = *head, next;
            bool last = false;

            for (; !last && asked < MAX_ASKED; intid = next, asked++) {
                uint32_t bit = 1u << intid % 32;

                next = gic_bank(gic, cpu, intid / 32)->link[intid % 32].next;
                last = next == *head;
                if (intid >= GIC_PRIVATE && withdraw(gic, cpu, intid / 32, bit))
                    vcpu_gic_touch(gic, cpu, intid / 32, bit, news);
            }
        }
}

/*
 * The vCPU has a reason to go on then, once: its list registers are not up to date. Then it waits
 * without the interrupt.
 */
static void awaited(struct vcpu_gic *gic, struct gic_cpu *cpu)
{
    for (uint32_t slots = cpu->used; slots; slots &= slots - 1) {
        uint64_t lr = cpu->lr[__builtin_ctz(slots)];
        const struct gic_bank *bank = gic_bank(gic, cpu, lr_intid(lr) / 32);

        if ((lr & ICH_LR_pending) &&
            low(gic, bank, 1u << lr_intid(lr) % 32 & ~gic_by_software(bank))) {
            atomic_store_explicit(&cpu->dirty, true, memory_order_relaxed);
            /* Who finds `dirty` set later relies on it that notice was given. */
            vcpu_device_resync(vcpu_vm_vcpu(gic->vm, cpu->index));
        }
    }
}

int vcpu_gic_follow(struct vcpu_gic *gic, bool (*is_asserted)(void *ctx, uint16_t physical))
{
    static const struct gic_sources sources = {read, written, folded, queued, awaited};

    if (!gic || !is_asserted)
        return VCPU_ERR_INVALID;
    gic->is_asserted = is_asserted;
    gic->sources = &sources;
    return VCPU_OK;
}
