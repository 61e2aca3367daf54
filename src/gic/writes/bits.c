/* SPDX-License-Identifier: MIT */
#include "gic/writes/bits.h"

/* These become active, without having been taken. */
static void begin_active(struct vcpu_gic *gic, struct gic_bank *bank, unsigned n, uint32_t bits)
{
    bank->forced |= bits & bank->listed;
    for (bits &= ~(bank->listed | bank->active); bits; bits &= bits - 1) {
        unsigned i = (unsigned)__builtin_ctz(bits);

        bank->taken[i] = bank->priority[i];
        if (n != 0)
            gic->spis[n - 1].owner[i] = gic->spis[n - 1].target[i];
    }
}

/* Those of other vCPUs that are listed can come a last time. */
static void unsettle(struct vcpu_gic *gic, const struct gic_access *access, unsigned n,
                     uint32_t disabled)
{
    for (disabled &= gic_bank(gic, access->home, n)->listed; disabled; disabled &= disabled - 1) {
        struct gic_cpu *cpu = gic_cpu_at(
            gic, vcpu_gic_whose(gic, access->home, n, (unsigned)__builtin_ctz(disabled)));

        if (cpu != access->cpu)
            vcpu_gic_unsettle(gic, cpu);
    }
}

/*
 * Changes those of these bits of bank n that change something, and returns them. The state of a
 * listed interrupt is not known here.
 */
static uint32_t change_bits(struct vcpu_gic *gic, const struct gic_access *access, unsigned n,
                            uint32_t bits, uint32_t value)
{
    struct gic_bank *bank = gic_bank(gic, access->home, n);
    bool state = access->offset >= GICD_ISPENDR, active = access->offset >= GICD_ISACTIVER;
    uint32_t *word = active ? &bank->active : state ? &bank->latch : &bank->enabled;
    uint32_t unknown = state ? bank->listed : 0;

    bits &= bank->valid;
    if (access->offset < GICD_ISENABLER) {
        bits &= value ^ bank->group;
        bank->group ^= bits;
        return bits;
    }
    bits &= value;
    /* Version 2 has SPENDSGIR and CPENDSGIR for SGIs. */
    if (gic->version == 2 && n == 0 && state && !active)
        bits &= ~((1u << GIC_SGIS) - 1);
    if (BITS_CLEAR(access->offset)) {
        bits &= *word | unknown;
        if (active)
            vcpu_gic_deactivate(gic, access->home, n, bits);
        else if (state)
            vcpu_gic_unlatch(gic, access->home, n, bits);
        else
            unsettle(gic, access, n, bits);
        *word &= ~bits;
    } else {
        /* With the latch, because the lock is freed between one four and the next. */
        if (state && !active)
            bank->soft |= bits & bank->hw;
        bits &= ~*word | unknown;
        if (active)
            begin_active(gic, bank, n, bits);
        *word |= bits;
    }
    return bits;
}

void vcpu_gic_write_bits(struct vcpu_gic *gic, const struct gic_access *access, unsigned n,
                         uint32_t value, struct gic_news *news)
{
    uint32_t rest = access->offset < GICD_ISENABLER ? ~0u : value;

    if (gic_bank(gic, access->home, n)->hw && gic->sources)
        gic->sources->written(gic, access->home, n, value, news);
    while (rest) {
        uint32_t changed = change_bits(gic, access, n, gic_four_of(&rest), value);

        if (!changed)
            continue;
        vcpu_gic_touch(gic, access->home, n, changed, news);
        if (rest)
            gic_let_in(gic, news);
    }
}
