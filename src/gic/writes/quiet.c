/* SPDX-License-Identifier: MIT */
#include "gic/writes/quiet.h"

#include "gic/registers/registers.h"

/*
 * The rule: the interrupts of a bank on which something in a CPU depends, or would as soon as they
 * are enabled. They are pending, or active, or in a list register, or their input is high, whatever it
 * does as they are configured. All others are in no queue either, and ask nothing of a source.
 */
static uint32_t in_use(const struct gic_bank *bank)
{
    return bank->latch | bank->line | bank->message | bank->active | bank->listed;
}

/* Of interrupts of which none is in use. false: it is something else that is written. */
static inline bool write_bits(struct gic_bank *bank, uint32_t array, uint32_t value)
{
    if (array < GICD_ISENABLER)
        bank->group = value & bank->valid;
    else if (array < GICD_ICENABLER)
        bank->enabled |= value & bank->valid;
    else if (array < GICD_ISPENDR)
        bank->enabled &= ~value;
    else /* there is no state to be taken away */
        return BITS_CLEAR(array);
    return true;
}

/* The priority of one, as a byte, or the bits of a word. */
bool vcpu_gic_write_quiet(struct vcpu_gic *gic, const struct gic_access *access, uint64_t value)
{
    uint32_t offset = access->offset, written = (uint32_t)value, used;
    bool bits = offset < GICD_IPRIORITYR, done;
    unsigned n = bits ? BITS_NUMBER(offset) : offset / 32 % 32;
    struct gic_bank *bank;

    if (offset < GICD_IGROUPR || offset >= GICD_ITARGETSR || access->frame == GIC_REDISTRIBUTOR ||
        access->size != (bits ? 4 : 1) || (bits && offset % 4) || n >= gic->banks)
        return false;
    if (n == 0 ? !access->home : access->frame != GIC_DISTRIBUTOR)
        return false;
    if (!bits)
        written = 1u << offset % 32;
    else if (offset < GICD_ISENABLER)
        written = ~0u;
    n = gic_bank_number(gic, n);
    bank = gic_bank(gic, access->home, n);
    if (!gic_try_lock(&gic->lock))
        return false;
    used = in_use(bank);
    if (n == 0) /* SGIs that were sent are not in the bank yet. */
        used |= atomic_load_explicit(&access->home->mail, memory_order_relaxed);
    done = !(written & used);
    if (done && bits)
        done = write_bits(bank, offset, (uint32_t)value);
    else if (done && (written & bank->valid))
        bank->priority[offset % 32] = value & GIC_PRIORITIES;
    gic_unlock(&gic->lock);
    return done;
}
